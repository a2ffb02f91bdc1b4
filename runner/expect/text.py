"""Text checks: predicates `(actual, expected)` that give None, or say why not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from runner.expect import asking
from runner.expect.wording import difference, misused, shown
from runner.recipe.checking.steps import UndecidedError

Predicate = Callable[[Any, Any], str | None]

_LARGEST_PRODUCT = 5 * 10**10  # of two lengths: about two seconds


class NoTextError(Exception):
    """A check of text met a value that is none."""


def as_text(value: Any, what: str) -> str:
    """Return what stands for a text: a number or boolean becomes one."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
    raise misused(value, what, "text")


def equals(actual: str, expected: Any) -> str | None:
    """The text is exactly the expected one."""
    wanted = as_text(expected, "equals")
    return None if actual == wanted else difference(wanted, actual)


def contains(actual: Any, expected: Any) -> str | None:
    """The text contains the expected part, or each of a list of parts."""
    missing = [part for part in _parts(expected, "contains") if part not in _text(actual)]
    if not missing:
        return None
    return f"expected text containing {' and '.join(map(repr, missing))}, got {shown(actual)}"


def not_contains(actual: Any, expected: Any) -> str | None:
    """The text does not contain the part, nor any of a list of parts."""
    found = [part for part in _parts(expected, "not_contains") if part in _text(actual)]
    if not found:
        return None
    return f"expected text without {' and '.join(map(repr, found))}, got {shown(actual)}"


def matches(actual: Any, expected: Any) -> str | None:
    """The regular expression is found in the text."""
    from runner.recipe.checking.patterns import PatternError, search

    try:
        if search(as_text(expected, "matches"), _text(actual)):
            return None
    except PatternError as error:
        raise misused(expected, "matches", f"a regular expression ({error})") from error
    return f"expected text matching {expected!r}, got {shown(actual)}"


def starts_with(actual: Any, expected: Any) -> str | None:
    """The text begins with the expected one."""
    if _text(actual).startswith(as_text(expected, "starts_with")):
        return None
    return f"expected text starting with {as_text(expected, '')!r}, got {shown(actual)}"


def one_of(actual: str, expected: Any) -> str | None:
    """The text is one of a list."""
    if not isinstance(expected, list | tuple):
        raise misused(expected, "one_of", "a list")
    if actual in [as_text(item, "one_of") for item in expected]:
        return None
    return f"expected one of {shown(list(expected))}, got {shown(actual)}"


def min_length(actual: Any, expected: Any) -> str | None:
    """The text has at least so many characters."""
    length = len(_text(actual))
    if length >= _count(expected, "min_length"):
        return None
    return f"expected at least {expected} characters, got {length}: {shown(actual)}"


def max_length(actual: Any, expected: Any) -> str | None:
    """The text has at most so many characters."""
    length = len(_text(actual))
    if length <= _count(expected, "max_length"):
        return None
    return f"expected at most {expected} characters, got {length}: {shown(actual)}"


def is_json(actual: Any, expected: Any) -> str | None:
    """The whole text is JSON, or is none."""
    if not isinstance(expected, bool):
        raise misused(expected, "is_json", "true or false")
    _, why = _decoded(_text(actual))
    if bool(why) != expected:
        return None
    wanted = f"JSON ({why})" if expected else "no JSON"
    return f"expected {wanted}, got {shown(actual)}"


def schema(actual: str, expected: Any) -> str | None:
    """The whole text is JSON that satisfies the schema."""
    value, why = _decoded(actual)
    if why and isinstance(expected, Mapping):
        return f"expected JSON ({why}), got {shown(actual)}"
    return satisfies(value, expected)


def satisfies(value: Any, expected: Any) -> str | None:
    """The value satisfies the JSON Schema."""
    if not isinstance(expected, Mapping):
        raise misused(expected, "schema", "a JSON Schema")
    from runner.recipe.schema import misfits

    told = misfits(value, expected)
    if not told:
        return None
    more = f"; and {len(told) - 5} more" if len(told) > 5 else ""
    return f"expected a value that satisfies the schema: {'; '.join(told[:5])}{more}"


def similar_to(actual: Any, expected: Any) -> str | None:
    """The text is like another, by their letters or by a model's embeddings."""
    wanted = expected if isinstance(expected, Mapping) else {"text": expected}
    least = asking.share(wanted.get("at_least", 0.8), "similar_to")
    text = as_text(wanted.get("text"), "similar_to")
    if "model" in wanted and not isinstance(wanted, asking.Put):
        raise misused(wanted["model"], "similar_to", "no model where nobody can ask it")
    found = _text(actual)
    if isinstance(wanted, asking.Put):
        ratio = asking.cosine(found, text, wanted)
    else:
        ratio = likeness(found, text)
    if ratio >= least:
        return None
    return f"expected text at least {least} like {shown(text)}, got {ratio:.2f}: {shown(actual)}"


def likeness(one: str, other: str) -> float:
    """Return how alike two texts are: twice their common letters in order, over all letters."""
    if one == other:
        return 1.0
    if len(one) * len(other) > _LARGEST_PRODUCT:
        message = f"texts of {len(one):,} and {len(other):,} characters are too long to compare"
        raise UndecidedError(message)
    from rapidfuzz.distance import Indel

    return Indel.normalized_similarity(one, other)


def _text(actual: Any) -> str:
    """Return the text; raise `NoTextError` where the value is none."""
    if isinstance(actual, str):
        return actual
    raise NoTextError


def _parts(expected: Any, what: str) -> list[str]:
    parts = expected if isinstance(expected, list | tuple) else [expected]
    return [as_text(part, what) for part in parts]


def _count(expected: Any, what: str) -> int:
    if isinstance(expected, bool) or not isinstance(expected, int):
        raise misused(expected, what, "a whole number")
    return expected


def _decoded(text: str) -> tuple[Any, str]:
    """Decode JSON; return the value, and why there is none."""
    from runner.protocol.json_text import parse

    try:
        return parse(text), ""
    except ValueError as error:
        return None, str(error)


CHECKS: Mapping[str, Predicate] = {
    "equals": equals,
    "contains": contains,
    "not_contains": not_contains,
    "matches": matches,
    "starts_with": starts_with,
    "one_of": one_of,
    "min_length": min_length,
    "max_length": max_length,
    "is_json": is_json,
    "schema": schema,
    "similar_to": similar_to,
}
