"""Passed: what was checked and found right, so that rows that are alike are not checked again."""

from __future__ import annotations

from typing import Any


class Passed:
    """The last value that passed under each name. Many threads may use it: a race costs a check."""

    def __init__(self) -> None:
        self._last: dict[Any, tuple[Any, Any]] = {}

    def found(self, name: Any, value: Any) -> Any:
        """Return what came of checking this value; None where it was another that was checked."""
        last = self._last.get(name)
        return last[1] if last is not None and (last[0] is value or last[0] == value) else None

    def last(self, name: Any) -> Any:
        """Return what came of the last check under a name, whatever it was that was checked."""
        last = self._last.get(name)
        return last[1] if last is not None else None

    def keep(self, name: Any, value: Any, found: Any) -> Any:
        """Keep what came of checking a value, and return it."""
        self._last[name] = value, found
        return found
