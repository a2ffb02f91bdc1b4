"""Scalars: what a word of YAML 1.2 is worth, by its core schema."""

from __future__ import annotations

import re
from math import isfinite
from typing import Any

MAX_DIGITS = 400
"""Longer integers are beyond a double's range, and soon beyond Python's own limit."""

_WORDS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"[-+]?[0-9]+")
_OTHER_BASE = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_NUMERIC = frozenset("-+.0123456789")
_PREFIX = "tag:yaml.org,2002:"


def plain(text: str) -> Any:
    """Return the value of a scalar without quotes; a `ValueError` says why it has none."""
    if text[:1] in _NUMERIC:
        return number(text)
    return _WORDS.get(text, text)


def number(text: str) -> Any:
    """Return the number that a text is, else the text."""
    if _INTEGER.fullmatch(text):
        return integer(text)
    if _FLOAT.fullmatch(text):
        return real(text)
    if _OTHER_BASE.fullmatch(text):
        return integer(text, 0)
    if _NOT_FINITE.fullmatch(text):
        message = f"{text} is no number that JSON can hold"
        raise ValueError(message)
    return text


def integer(text: str, radix: int = 10) -> int:
    """Return a whole number of bearable length."""
    if len(text) > MAX_DIGITS:
        message = f"a number of {len(text):,} digits is too long; at most {MAX_DIGITS} are kept"
        raise ValueError(message)
    return int(text, radix)


def real(text: str) -> float:
    """Return a number with a fraction or an exponent, within a double's range."""
    value = float(text)
    if not isfinite(value):
        message = f"the number {text[:20]} is too large"
        raise ValueError(message)
    return value


def tagged(text: str, tag: str) -> Any:
    """Return what a scalar with this tag is worth.

    Raises `LookupError` for a tag that is not known, `ValueError` where the text does not fit.
    """
    kind = _KINDS[tag.removeprefix(_PREFIX) if tag.startswith(_PREFIX) else "!"]
    if kind is str:
        return text
    value = plain(text)
    if kind is float and type(value) is int:
        value = float(value)
    if type(value) is not kind:
        message = f"{text[:60]!r} is not what its tag {shown(tag)} says"
        raise ValueError(message)
    return value


def shown(tag: str) -> str:
    """Return a tag as people write it."""
    return "!!" + tag.removeprefix(_PREFIX) if tag.startswith(_PREFIX) else tag


_KINDS: dict[str, type] = {
    "str": str,
    "int": int,
    "float": float,
    "bool": bool,
    "null": type(None),
}
