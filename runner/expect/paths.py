"""Paths: `data.0.id` leads to a value within JSON; a key with dots stands in quotes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from runner.errors import RecipeError
from runner.expect.wording import shown

MISSING: Final = object()
"""What a path leads to where there is nothing, which is not null."""

_PART = re.compile(r"""(?:'((?:[^']|'')+)'|"((?:[^"]|"")+)"|([^.'"][^.]*))(?:\.(?!$)|$)""")
_INDEX = re.compile(r"0|[1-9][0-9]{0,8}", re.ASCII)


def split(path: str) -> tuple[str, ...]:
    """Return the keys of a dotted path; raise `RecipeError` where it is none."""
    keys: list[str] = []
    place = 0
    while place < len(path) or not keys:
        part = _PART.match(path, place)
        if part is None:
            message = f"expected a path such as data.0.id, got {path!r}"
            raise RecipeError(message, hint="a key with dots stands in quotes: a.'gpt-4.1'.b")
        single, double, plain = part.groups()
        keys.append(plain or (single or "").replace("''", "'") or double.replace('""', '"'))
        place = part.end()
    return tuple(keys)


def look(value: Any, path: str) -> Any:
    """Return what the path leads to, or `MISSING`."""
    return follow(value, split(path))


def follow(value: Any, keys: Sequence[str]) -> Any:
    """Return what the keys lead to, or `MISSING`."""
    for key in keys:
        value = _step(value, key)
        if value is MISSING:
            break
    return value


def _step(value: Any, key: str) -> Any:
    if isinstance(value, Mapping):
        return value.get(key, MISSING)
    if isinstance(value, list | tuple) and _INDEX.fullmatch(key) and int(key) < len(value):
        return value[int(key)]
    return MISSING


def absence(value: Any, path: str) -> str:
    """Say where the path ends too soon, and what is there instead."""
    keys, seen = split(path), value
    for place, key in enumerate(keys):
        after = _step(seen, key)
        if after is MISSING:
            return f"there is no {key!r} in {'.'.join(keys[:place]) or 'it'}, {_inventory(seen)}"
        seen = after
    return ""


def _inventory(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"which has the fields {shown(', '.join(map(str, value)))}"
    if isinstance(value, list | tuple):
        return f"which is a list of {len(value)}"
    return f"which is {shown(value)}"
