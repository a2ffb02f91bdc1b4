"""Depth: how deep values and JSON text nest, told without recursion.

Text is measured before it is decoded: the decoder recurses, and near the limit of that whatever
Python calls by itself, as the finalizers of its garbage collection, fails into standard error.
"""

from __future__ import annotations

import re
from typing import Any

DEEPEST = 200
"""How deep JSON from outside may nest: far above any real reply, far below Python's own limit."""
TOO_DEEP = f"it nests deeper than {DEEPEST} levels"

_LONG = 10_000
_OTHERS = bytes(code for code in range(256) if chr(code) not in '"[]{}')
_ALIKE = bytes.maketrans(b"[{]}", b"(())")
_STRING = re.compile(rb'"[^"]*"?')


def nests(value: Any, most: int = DEEPEST) -> bool:
    """Tell whether a value nests deeper than so many levels."""
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(most):
        level = [
            child
            for parent in level
            for child in (parent.values() if isinstance(parent, dict) else parent)
            if isinstance(child, dict | list)
        ]
        if not level:
            return False
    return True


def text_nests(text: str, most: int = DEEPEST) -> bool:
    """Tell whether decoding JSON text would go deeper than so many levels, wrong text or right."""
    if not (has_many(text, "{", most // 2) or has_many(text, "[", most // 2)):
        return False
    left = _brackets(text)
    for passed in range(most):  # Each pass takes the innermost level away.
        rest = left.replace(b"()", b"")
        if len(rest) == len(left):
            return passed + left.count(b"(") > most
        left = rest
    return b"(" in left


def has_many(text: str, sign: str, many: int) -> bool:
    """Tell whether a text has so many of a sign."""
    if len(text) < _LONG:
        return text.count(sign) >= many
    # In long texts, which are mostly base64, `find` is twenty times as quick as `count`.
    at = -1
    for _ in range(many):
        at = text.find(sign, at + 1)
        if at < 0:
            return False
    return True


def _brackets(text: str) -> bytes:
    """Return the brackets that stand outside strings, all of one kind."""
    raw = text.encode("ascii", "replace")
    if b"\\" in raw:
        raw = raw.replace(b"\\\\", b"").replace(b'\\"', b"")
    # Two quotes side by side end and begin: without them no bracket changes sides.
    signs = raw.translate(None, _OTHERS).replace(b'""', b"")
    return _STRING.sub(b"", signs).translate(_ALIKE)
