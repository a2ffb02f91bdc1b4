"""Value checks: predicates of numbers and of JSON values."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

from runner.expect import text
from runner.expect.paths import MISSING
from runner.expect.text import NoTextError, Predicate
from runner.expect.wording import difference, figure, joined, misused, shown

TYPES: Mapping[str, Callable[[Any], bool]] = {
    "null": lambda value: value is None,
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: is_number(value) and value == value // 1,
    "number": lambda value: is_number(value),
    "string": lambda value: isinstance(value, str),
    "array": lambda value: isinstance(value, list | tuple),
    "object": lambda value: isinstance(value, Mapping),
}


def is_number(value: Any) -> bool:
    """Tell whether a value is a number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def same(actual: Any, expected: Any) -> bool:
    """Tell whether two JSON values are equal: 1 is 1.0, and true is no number."""
    if isinstance(actual, Mapping) and isinstance(expected, Mapping):
        alike = actual.keys() == expected.keys()
        return alike and all(same(actual[key], expected[key]) for key in expected)
    if isinstance(actual, list | tuple) and isinstance(expected, list | tuple):
        pairs = zip(actual, expected, strict=False)
        return len(actual) == len(expected) and all(same(*pair) for pair in pairs)
    if isinstance(actual, bool) or isinstance(expected, bool):
        return actual is expected
    return bool(actual == expected)


def equals(actual: Any, expected: Any) -> str | None:
    """The value is exactly the expected one."""
    if same(actual, expected):
        return None
    if isinstance(actual, str) and isinstance(expected, str):
        return difference(expected, actual)
    return f"expected {shown(expected)}, got {shown(actual)}"


def contains(actual: Any, expected: Any) -> str | None:
    """The text contains the part, or the list the item; of a list, each."""
    if not isinstance(actual, list | tuple):
        return text.contains(actual, expected)
    missing = [item for item in _items(expected) if not _holds(actual, item)]
    return f"expected a list with {shown(missing)}, got {shown(actual)}" if missing else None


def not_contains(actual: Any, expected: Any) -> str | None:
    """The text has no such part, or the list no such item; of a list, none."""
    if not isinstance(actual, list | tuple):
        return text.not_contains(actual, expected)
    found = [item for item in _items(expected) if _holds(actual, item)]
    return f"expected a list without {shown(found)}, got {shown(actual)}" if found else None


def one_of(actual: Any, expected: Any) -> str | None:
    """The value is one of a list."""
    if not isinstance(expected, list | tuple):
        raise misused(expected, "one_of", "a list")
    if _holds(expected, actual):
        return None
    return f"expected one of {shown(list(expected))}, got {shown(actual)}"


def at_most(actual: Any, expected: Any) -> str | None:
    """The number is not above the expected one."""
    return _bound(actual, expected, operator.le, "at most")


def at_least(actual: Any, expected: Any) -> str | None:
    """The number is not below the expected one."""
    return _bound(actual, expected, operator.ge, "at least")


def less_than(actual: Any, expected: Any) -> str | None:
    """The number is below the expected one."""
    return _bound(actual, expected, operator.lt, "less than")


def greater_than(actual: Any, expected: Any) -> str | None:
    """The number is above the expected one."""
    return _bound(actual, expected, operator.gt, "greater than")


def between(actual: Any, expected: Any) -> str | None:
    """The number lies between two, both ends in."""
    if not isinstance(expected, list | tuple) or len(expected) != 2:
        raise misused(expected, "between", "two numbers")
    low, high = expected
    if not at_least(actual, low) and not at_most(actual, high):
        return None
    found = figure(actual, lambda number: low <= number <= high)
    return f"expected a number from {low} to {high}, got {found}"


def exists(actual: Any, expected: Any) -> str | None:
    """There is such a field, even if it is null; or there is none."""
    if not isinstance(expected, bool):
        raise misused(expected, "exists", "true or false")
    if (actual is not MISSING) == expected:
        return None
    return "expected it to exist" if expected else f"expected no such field, got {shown(actual)}"


def length(actual: Any, expected: Any) -> str | None:
    """The text, list or mapping has so many characters, items or fields."""
    if not isinstance(actual, str | list | tuple | Mapping):
        return f"expected something with a length, got {shown(actual)}"
    missed = judge(len(actual), expected, AMOUNTS)
    return f"its length: {missed}: {shown(actual)}" if missed else None


def kind(actual: Any, expected: Any) -> str | None:
    """The value is of the JSON type, or of one of a list of types."""
    names = _items(expected)
    if any(name not in TYPES for name in names):
        raise misused(expected, "type", f"one of {', '.join(TYPES)}")
    if any(TYPES[name](actual) for name in names):
        return None
    found = next(name for name, holds in TYPES.items() if holds(actual))
    return f"expected the type {' or '.join(names)}, got {found}: {shown(actual)}"


def judge(actual: Any, expected: Any, checks: Mapping[str, Predicate]) -> str | None:
    """Judge a value by a mapping of checks; what is no mapping means equals."""
    wanted = expected if isinstance(expected, dict | Mapping) else {"equals": expected}
    if len(wanted) == 1:
        ((name, value),) = wanted.items()
        return _apply(name, actual, value, checks)
    return joined(_apply(name, actual, value, checks) for name, value in wanted.items())


def _apply(name: str, actual: Any, value: Any, checks: Mapping[str, Predicate]) -> str | None:
    if name not in checks:
        raise misused(value, str(name), f"one of the checks {', '.join(checks)}")
    try:
        return checks[name](actual, value)
    except NoTextError:
        return f"expected text for {name}, got {shown(actual)}"


def amount(actual: Any, expected: Any) -> str | None:
    """Judge a number."""
    return judge(actual, expected, AMOUNTS)


def words(actual: Any, expected: Any) -> str | None:
    """Judge a text."""
    return judge(actual, expected, text.CHECKS)


def _bound(
    actual: Any, expected: Any, holds: Callable[[Any, Any], bool], wording: str
) -> str | None:
    if not is_number(expected):
        raise misused(expected, wording.replace(" ", "_"), "a number")
    if is_number(actual) and holds(actual, expected):
        return None
    return f"expected {wording} {expected}, got {figure(actual, lambda n: holds(n, expected))}"


def _items(expected: Any) -> list[Any]:
    return list(expected) if isinstance(expected, list | tuple) else [expected]


def _holds(items: Any, wanted: Any) -> bool:
    return any(same(item, wanted) for item in items)


AMOUNTS: Mapping[str, Predicate] = {
    "equals": equals,
    "at_most": at_most,
    "at_least": at_least,
    "less_than": less_than,
    "greater_than": greater_than,
    "between": between,
}
VALUES: Mapping[str, Predicate] = {
    **text.CHECKS,
    **AMOUNTS,
    "contains": contains,
    "not_contains": not_contains,
    "one_of": one_of,
    "schema": text.satisfies,
    "exists": exists,
    "length": length,
    "type": kind,
}
