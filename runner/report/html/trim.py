"""Trim: what is shown of a value is bounded, holds no secret, and says what was left out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import isfinite
from typing import Any

from runner.report.encoding import Hide

LONGEST = 12_000
DEEPEST = 40
ITEMS = 120
NUMBERS = 16
_LEAST = 160
_BLOB = re.compile(r"(?:data:[\w.+-]+/[\w.+-]+;base64,)?[\w+/=-]{400}", re.ASCII)


class Trimmer:
    """Trims the values of one case, which together have `room` characters.

    `pictures` gathers the data addresses that were met; `taken` tells whether one is kept aside.
    """

    def __init__(self, hide: Hide, room: int, longest: int = LONGEST) -> None:
        self.hide = hide
        self._room = room
        self._longest = longest
        self.was_cut = False

    def __call__(self, value: Any, depth: int = 0) -> Any:
        """Return what is shown of a value."""
        if hasattr(value, "_asdict"):
            value = value._asdict()
        match value:
            case str():
                return self.text(value)
            case Mapping():
                return self._mapping(value, depth)
            case list() | tuple():
                return self._items(value, depth)
            case float() if not isfinite(value):
                return str(value)
            case bytes() | bytearray():
                return f"({len(value):,} bytes)"
        return value if isinstance(value, int | float | None) else self.text(str(value))

    def text(self, text: str, longest: int | None = None) -> str:
        """Hide what is secret, then cut: what is cut in two is hidden by nobody."""
        text = self.hide(text)
        if len(text) <= min(longest or _LEAST, self._room):
            self._room -= len(text)
            return text
        if len(text) > 480 and _BLOB.match(text):
            return f"{text[:48]}… ({len(text):,} characters)"
        limit = min(longest or self._longest, max(self._room, _LEAST))
        self._room -= min(len(text), limit)
        if len(text) <= limit:
            return text
        self.was_cut = True
        return f"{text[:limit]} … ({len(text) - limit:,} more characters)"

    def address(self, address: str) -> str:
        """Return an address whole, or "" where it holds a secret: masked it would lead nowhere."""
        return address if self.hide(address) == address else ""

    def _mapping(self, value: Mapping[Any, Any], depth: int) -> Any:
        if depth > DEEPEST:
            return "…"
        names = list(value)[:ITEMS]
        told = {self.text(str(name), 200): self(value[name], depth + 1) for name in names}
        if len(value) > len(names):
            told["…"] = f"{len(value) - len(names):,} more fields"
        return told

    def _items(self, value: list[Any] | tuple[Any, ...], depth: int) -> Any:
        if depth > DEEPEST:
            return "…"
        numbers = all(isinstance(item, int | float) for item in value[:ITEMS])
        most = NUMBERS if numbers else ITEMS
        told = [self(item, depth + 1) for item in value[:most]]
        if len(value) > most:
            told.append(f"… {len(value) - most:,} more")
        self._room -= 4 * len(told)
        return told
