"""Keys: what is wrong with the keys of a mapping: unknown, missing, or without their fellows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from runner.recipe.checking.problem import Problem, hint_of
from runner.recipe.checking.validate import extras
from runner.recipe.checking.words import MANY, nearest, shortened

MOST_MEANT = 20
"""So many wrong names of a mapping are held against the known ones, which takes a while."""


def unknown(error: Any) -> Iterator[Problem]:
    """Word keys that the mapping may not have, and what they are meant for."""
    schema, path = error.schema, tuple(error.absolute_path)
    known = [name for name in schema.get("properties", ()) if not name.startswith("$")]
    for place, name in enumerate(extras(error.instance, schema)):
        hint, near = _elsewhere(error, name), ""
        if not hint and place < MOST_MEANT and (near := nearest(name, known)):
            hint = f"did you mean {near!r}?"
        hint = hint or hint_of(error)
        if not hint and 0 < len(known) <= MANY:
            hint = f"known here: {', '.join(known)}"
        message = f"unknown key {shortened(name)}"
        yield Problem((*path, name), message, hint, key=True, told=True, near=near)


def _elsewhere(error: Any, name: str) -> str:
    """Say where a key belongs that the schema knows from another place."""
    told = error.schema.get("x-elsewhere", {}).get(name, "")
    keys = [*error.instance]
    above = keys[max(0, keys.index(name) - 1)]
    if told and above in error.schema["properties"] and error.instance[above] is None:
        return f"indent it, to stand below {above!r}"
    return f"{name} is {told}" if told.startswith("a ") else str(told)


def missing(error: Any) -> Iterator[Problem]:
    """Word keys that the mapping must have."""
    fields = error.schema.get("properties", {})
    for name in error.validator_value:
        if name in error.instance:
            continue
        field = fields.get(name)
        wanted = field.get("x-expected", "") if isinstance(field, Mapping) else ""
        hint = hint_of(error) or (f"{name} is {wanted}" if wanted else "")
        path = tuple(error.absolute_path)
        yield Problem(path, f"the key {shortened(name)} is missing", hint, missing=name)


def dependent(error: Any) -> Iterator[Problem]:
    """Word keys that others want beside them."""
    for name, others in error.validator_value.items():
        for other in others:
            if name in error.instance and other not in error.instance:
                message = f"the key {name!r} wants {other!r} beside it"
                path = (*error.absolute_path, name)
                yield Problem(path, message, hint_of(error), key=True, told=True)


def is_of_strangers(error: Any) -> bool:
    """Tell whether a mapping has too many keys for its unknown ones alone, which are told."""
    schema = error.schema
    names = extras(error.instance, schema) if schema.get("additionalProperties") is False else []
    return bool(names) and len(error.instance) - len(names) <= error.validator_value
