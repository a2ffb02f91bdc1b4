"""Wording: what a schema's complaint means to the person who wrote the value."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any, NamedTuple

from runner.recipe.checking.validate import extras
from runner.recipe.checking.words import (
    MANY,
    bare,
    described,
    either,
    listed,
    nearest,
    shortened,
    type_words,
    types_of,
    way_out,
)

MOST_MEANT = 20
"""So many wrong names of a mapping are held against the known ones, which takes a while."""


class Problem(NamedTuple):
    """One thing wrong with a value: where, what, and the way out.

    `key` is true where the key is at fault, the last step of the path; `told` where the message
    names it. `missing` is a key that is wanted and not there, `near` the known name that a wrong
    one resembles.
    """

    path: tuple[str | int, ...]
    message: str
    hint: str = ""
    key: bool = False
    told: bool = False
    missing: str = ""
    near: str = ""


def problems(errors: Iterable[Any]) -> list[Problem]:
    """Word the errors that `jsonschema` found, without repeats and mere consequences."""
    found = list(dict.fromkeys(problem for error in errors for problem in _worded(error)))
    meant = {(problem.path[:-1], problem.near) for problem in found if problem.near}
    return [one for one in found if not one.missing or (one.path, one.missing) not in meant]


def _worded(error: Any) -> Iterator[Problem]:
    if _is_name(error):
        for inner in _of_value(error):
            yield inner._replace(path=(*inner.path, error.instance), key=True, told=True)
    else:
        yield from _of_value(error)


def _is_name(error: Any) -> bool:
    """Tell whether the value at fault is a key, under `propertyNames`."""
    path = ["", *error.absolute_schema_path]
    steps = pairwise(path)
    return any(step == "propertyNames" and before not in _FIELDS for before, step in steps)


_FIELDS = ("properties", "patternProperties", "$defs")


def _of_value(error: Any) -> Iterator[Problem]:
    rule = _RULES.get(error.validator)
    if rule is not None:
        yield from rule(error)
    elif error.validator in _EXPECTED:
        yield _missed(error, _EXPECTED[error.validator](error))
    else:
        yield Problem(tuple(error.absolute_path), str(error.message)[:200], _hint(error))


def _missed(error: Any, expected: str, hint: str = "") -> Problem:
    """Say what was expected and found; the schema's own words come first."""
    wanted = _said(error, "x-expected") or expected
    if wanted.startswith("no `"):
        path = tuple(error.absolute_path)
        return Problem(path, f"expected {wanted}", hint or _hint(error), key=True, told=True)
    got = "what is not shown here" if _said(error, "x-secret") else _found(error)
    message = f"expected {wanted}, got {got}"
    hint = hint or _hint(error) or way_out(error.instance, types_of(error.schema), wanted)
    return Problem(tuple(error.absolute_path), message, hint)


def _found(error: Any) -> str:
    """Name what was found; of a list whose size is wrong, its size."""
    if error.validator in COUNTED and error.instance:
        return str(len(error.instance))
    return described(error.instance)


def _said(error: Any, name: str) -> str:
    return str(error.schema.get(name, "")) if isinstance(error.schema, Mapping) else ""


def _hint(error: Any) -> str:
    return _said(error, "x-hint")


def _of_enum(error: Any) -> Iterator[Problem]:
    wanted = error.validator_value
    near = nearest(error.instance, wanted)
    expected = f"one of {listed(wanted)}" if len(wanted) > 1 else listed(wanted)
    yield _missed(error, expected, f"did you mean {near!r}?" if near else "")


def _of_unknown(error: Any) -> Iterator[Problem]:
    schema, path = error.schema, tuple(error.absolute_path)
    known = [name for name in schema.get("properties", ()) if not name.startswith("$")]
    for place, name in enumerate(extras(error.instance, schema)):
        near = nearest(name, known) if place < MOST_MEANT else ""
        hint = f"did you mean {near!r}?" if near else _hint(error)
        if not hint and 0 < len(known) <= MANY:
            hint = f"known here: {', '.join(known)}"
        message = f"unknown key {shortened(name)}"
        yield Problem((*path, name), message, hint, key=True, told=True, near=near)


def _of_missing(error: Any) -> Iterator[Problem]:
    fields = error.schema.get("properties", {})
    for name in error.validator_value:
        if name in error.instance:
            continue
        field = fields.get(name)
        wanted = field.get("x-expected", "") if isinstance(field, Mapping) else ""
        hint = _hint(error) or (f"{name} is {wanted}" if wanted else "")
        path = tuple(error.absolute_path)
        yield Problem(path, f"the key {shortened(name)} is missing", hint, missing=name)


def _of_dependent(error: Any) -> Iterator[Problem]:
    for name, others in error.validator_value.items():
        for other in others:
            if name in error.instance and other not in error.instance:
                message = f"the key {name!r} wants {other!r} beside it"
                path = (*error.absolute_path, name)
                yield Problem(path, message, _hint(error), key=True, told=True)


def _of_nothing(error: Any) -> Iterator[Problem]:
    """Word a schema that is `false`: the key may not be there at all."""
    yield Problem(
        tuple(error.absolute_path), "this key is not allowed here", _hint(error), key=True
    )


def _of_not(error: Any) -> Iterator[Problem]:
    expected, wanted = _said(error, "x-expected"), error.validator_value
    path = tuple(error.absolute_path)
    if expected:
        yield _missed(error, expected)
    elif isinstance(wanted, Mapping) and list(wanted) == ["required"]:
        names = either(repr(name) for name in wanted["required"]).replace(" or ", " and ")
        yield Problem(path, f"{names} cannot stand here together", _hint(error))
        return
    else:
        yield Problem(path, f"{described(error.instance)} is not allowed here", _hint(error))


def _of_choice(error: Any) -> Iterator[Problem]:
    """Word the branch that was most likely meant, never that none of them fits."""
    branches: dict[Any, list[Any]] = {}
    for inner in error.context:
        if inner.relative_schema_path:  # a branch that is `false` is nobody's meaning
            branches.setdefault(inner.relative_schema_path[0], []).append(inner)
    fitting = [errors for errors in branches.values() if not any(map(_is_other_kind, errors))]
    if error.context and not branches:
        yield from _of_nothing(error)
    elif not branches:
        yield _missed(error, "what fits one form only")
    elif not fitting or _is_flat(error, fitting):
        yield _missed(
            error, either(bare(_branch_words(errors) for errors in fitting or branches.values()))
        )
    else:
        yield from _meant(fitting)


def _is_other_kind(error: Any) -> bool:
    """Tell whether a branch is for values of another type."""
    if error.relative_path or error.validator not in ("type", "enum", "const"):
        return False
    if error.validator == "type":
        return True
    wanted = error.validator_value if error.validator == "enum" else [error.validator_value]
    return not any(isinstance(error.instance, type(value)) for value in wanted)


def _is_flat(error: Any, fitting: list[list[Any]]) -> bool:
    """Tell whether the schema has its own words, or several, for a value without parts."""
    flat = not isinstance(error.instance, dict | list)
    return flat and (bool(_said(error, "x-expected")) or len(fitting) > 1)


def _branch_words(errors: list[Any]) -> str:
    """Say what one branch wanted of the value itself."""
    own = next((error for error in errors if not error.relative_path), errors[0])
    rule = _EXPECTED.get(own.validator)
    if own.validator == "enum":
        return _said(own, "x-expected") or listed(own.validator_value)
    return _said(own, "x-expected") or (rule(own) if rule else "another form")


def _meant(branches: list[list[Any]]) -> Iterator[Problem]:
    """Choose by a field that names the form, such as `type`; else by the fewest faults."""
    tagged = [errors for errors in branches if any(map(_is_tag, errors))]
    if len(tagged) == len(branches) > 1 and (shared := _shared_tag(tagged)):
        yield shared
        return
    rest = [errors for errors in branches if not any(map(_is_tag, errors))] or branches
    best = min(rest, key=lambda errors: (sum(not e.relative_path for e in errors), len(errors)))
    yield from (problem for error in best for problem in _worded(error))


def _is_tag(error: Any) -> bool:
    return error.validator in ("const", "enum") and len(error.relative_path) == 1


def _shared_tag(branches: list[list[Any]]) -> Problem | None:
    """Word a field that in every form should have named it."""
    tags = [next(error for error in errors if _is_tag(error)) for errors in branches]
    first = tags[0]
    if any(tag.relative_path != first.relative_path for tag in tags):
        return None
    wanted: list[Any] = []
    for tag in tags:
        wanted += tag.validator_value if tag.validator == "enum" else [tag.validator_value]
    near = nearest(first.instance, wanted)
    hint = f"did you mean {near!r}?" if near else ""
    message = f"expected one of {listed(wanted)}, got {described(first.instance)}"
    return Problem(tuple(first.absolute_path), message, hint)


def _count(error: Any, unit: str, least: str, most: str) -> str:
    """Word the limits of a size, or of a number, both of them where there are two."""
    low, high = error.schema.get(least), error.schema.get(most)
    if low is not None and low == high:
        return f"exactly {low} {unit}".rstrip()
    if low is not None and high is not None:
        return f"from {low} to {high} {unit}".rstrip()
    return (f"at least {low} {unit}" if low is not None else f"at most {high} {unit}").rstrip()


def _size(unit: str, kind: str) -> Callable[[Any], str]:
    def words(error: Any) -> str:
        return _count(error, unit, f"min{kind}", f"max{kind}").replace(
            "1 " + unit, f"1 {unit[:-1]}"
        )

    return words


def _range(error: Any) -> str:
    told = _count(error, "", "minimum", "maximum")
    return f"a number {told}" if told.startswith("from") else told


_EXPECTED: Mapping[str, Callable[[Any], str]] = {
    "type": lambda error: type_words(types_of(error.schema)),
    "const": lambda error: listed([error.validator_value]),
    "pattern": lambda error: f"text that matches {shortened(error.validator_value)[1:-1]}",
    "minLength": _size("characters", "Length"),
    "maxLength": _size("characters", "Length"),
    "minItems": _size("items", "Items"),
    "maxItems": _size("items", "Items"),
    "minProperties": _size("keys", "Properties"),
    "maxProperties": _size("keys", "Properties"),
    "minimum": _range,
    "maximum": _range,
    "exclusiveMinimum": lambda error: f"more than {error.validator_value}",
    "exclusiveMaximum": lambda error: f"less than {error.validator_value}",
    "multipleOf": lambda error: f"a multiple of {error.validator_value}",
    "items": lambda error: f"at most {len(error.schema.get('prefixItems', ()))} items",
    "uniqueItems": lambda _: "no item twice",
}
COUNTED = ("minItems", "maxItems")
_RULES: Mapping[str | None, Callable[[Any], Iterator[Problem]]] = {
    "enum": _of_enum,
    "additionalProperties": _of_unknown,
    "required": _of_missing,
    "dependentRequired": _of_dependent,
    "not": _of_not,
    "anyOf": _of_choice,
    "oneOf": _of_choice,
    None: _of_nothing,
}
