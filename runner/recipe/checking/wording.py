"""Wording: what a schema's complaint means to the person who wrote the value."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from runner.recipe.checking import keys
from runner.recipe.checking.problem import Problem, hint_of, said
from runner.recipe.checking.words import (
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
    if error.validator == "maxProperties" and keys.is_of_strangers(error):
        return
    if rule is not None:
        yield from rule(error)
    elif error.validator in _EXPECTED:
        yield _missed(error, _EXPECTED[error.validator](error))
    else:
        yield Problem(tuple(error.absolute_path), str(error.message)[:200], hint_of(error))


def _missed(error: Any, expected: str, hint: str = "") -> Problem:
    """Say what was expected and found; the schema's own words come first."""
    wanted = said(error, "x-expected") or expected
    if wanted.startswith("no `"):
        path = tuple(error.absolute_path)
        return Problem(path, f"expected {wanted}", hint or hint_of(error), key=True, told=True)
    got = "what is not shown here" if said(error, "x-secret") else _found(error)
    message = f"expected {wanted}, got {got}"
    hint = hint or hint_of(error) or way_out(error.instance, types_of(error.schema), wanted)
    return Problem(tuple(error.absolute_path), message, hint)


def _found(error: Any) -> str:
    """Name what was found; of a list whose size is wrong, its size, of a mapping its keys too."""
    if error.validator in COUNTED and error.instance:
        return str(len(error.instance))
    if error.validator == "maxProperties":
        return f"{len(error.instance)}: {listed([*error.instance])}"
    return described(error.instance)


def _of_enum(error: Any) -> Iterator[Problem]:
    wanted = error.validator_value
    near = nearest(error.instance, wanted)
    expected = f"one of {listed(wanted)}" if len(wanted) > 1 else listed(wanted)
    yield _missed(error, expected, f"did you mean {near!r}?" if near else "")


def _of_nothing(error: Any) -> Iterator[Problem]:
    """Word a schema that is `false`: the key may not be there at all."""
    yield Problem(
        tuple(error.absolute_path), "this key is not allowed here", hint_of(error), key=True
    )


def _of_not(error: Any) -> Iterator[Problem]:
    expected, wanted = said(error, "x-expected"), error.validator_value
    path = tuple(error.absolute_path)
    if expected:
        yield _missed(error, expected)
    elif isinstance(wanted, Mapping) and list(wanted) == ["required"]:
        names = either(repr(name) for name in wanted["required"]).replace(" or ", " and ")
        yield Problem(path, f"{names} cannot stand here together", hint_of(error))
        return
    else:
        yield Problem(path, f"{described(error.instance)} is not allowed here", hint_of(error))


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
    return flat and (bool(said(error, "x-expected")) or len(fitting) > 1)


def _branch_words(errors: list[Any]) -> str:
    """Say what one branch wanted of the value itself."""
    own = next((error for error in errors if not error.relative_path), errors[0])
    rule = _EXPECTED.get(own.validator)
    if own.validator == "enum":
        return said(own, "x-expected") or listed(own.validator_value)
    return said(own, "x-expected") or (rule(own) if rule else "another form")


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
    "additionalProperties": keys.unknown,
    "required": keys.missing,
    "dependentRequired": keys.dependent,
    "not": _of_not,
    "anyOf": _of_choice,
    "oneOf": _of_choice,
    None: _of_nothing,
}
