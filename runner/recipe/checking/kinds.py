"""Kinds: the types of JSON values and when two are equal, as JSON Schema has it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def equal(one: Any, other: Any) -> bool:
    """Tell whether two JSON values are equal: 1 is 1.0, and true is not 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(equal, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(equal(one[key], other[key]) for key in one)
    return bool(one == other)


def sign(value: Any) -> Any:
    """Return what stands for a JSON value in a set: the same for equal ones."""
    if isinstance(value, bool):
        return "is", value
    if isinstance(value, list):
        return "list", *map(sign, value)
    if isinstance(value, dict):
        return frozenset((key, sign(item)) for key, item in value.items())
    return value if value is None or isinstance(value, str | int | float) else ("it", id(value))


def is_type(value: Any, name: str) -> bool:
    """Tell whether a value is of a JSON Schema type."""
    if name not in _TYPES:
        raise LookupError(name)
    return _TYPES[name](value)


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_whole(value: Any) -> bool:
    return is_number(value) and (isinstance(value, int) or value.is_integer())


_TYPES: dict[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "number": is_number,
    "integer": _is_whole,
}


def is_multiple(value: Any, wanted: Any) -> bool:
    """Tell whether a number is a multiple of another."""
    if not isinstance(wanted, float):
        return bool(value % wanted == 0)
    return bool(int(value / wanted) == value / wanted)
