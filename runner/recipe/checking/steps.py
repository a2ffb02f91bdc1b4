"""Steps: what one validation may cost, counted as it goes on, so that no schema takes for ever."""

from __future__ import annotations

from math import inf
from typing import Any

MOST = 3_000_000
"""The steps of one validation, each about a microsecond: a few seconds in all."""
MATCHER = 1e8
"""What Python's matcher may do within one validation, as it is estimated: a second or so."""
_MOST_KEPT = 100_000


class UndecidedError(Exception):
    """Whether something holds is not known: neither it nor its opposite does."""


class Steps:
    """Counts the steps of one validation. `left` may be spent by hand, where that must be quick.

    `found` keeps what a reference came to for a value, so that none is followed twice.
    """

    __slots__ = ("found", "left", "matcher")

    def __init__(self, left: float = MOST, matcher: float = MATCHER) -> None:
        self.left = left
        self.matcher = matcher
        self.found: dict[tuple[str, int], bool | None] = {}

    def spend(self, count: float) -> None:
        """Take so many steps; raise `UndecidedError` where too many are gone."""
        self.left -= count
        if self.left < 0:
            self.end()

    def end(self) -> None:
        """Say that all steps are gone."""
        message = "it takes too long to find out whether the value fits the schema"
        raise UndecidedError(message)

    def keep(self, key: tuple[str, int], answer: bool | None) -> None:
        """Keep an answer, unless too many are kept."""
        if len(self.found) < _MOST_KEPT:
            self.found[key] = answer


FREE = Steps(inf, inf)
"""For schemas of our own, which take no more steps than the value has parts."""


def weight(value: Any) -> int:
    """Count the values within a value, itself too; long texts count as several."""
    if not isinstance(value, list | dict):
        return 1 + (len(value) // 100 if isinstance(value, str) else 0)
    count, waiting = 0, [value]
    while waiting:
        item = waiting.pop()
        count += 1
        if isinstance(item, str):
            count += len(item) // 100
        elif isinstance(item, dict):
            waiting += item.values()
        elif isinstance(item, list):
            waiting += item
    return count
