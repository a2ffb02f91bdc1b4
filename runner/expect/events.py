"""Event checks: the events of a stream came in an order; others may stand between."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from runner.expect import documents, text, values
from runner.expect.wording import misused, shown

NAMING = ("equals", "contains", "not_contains", "matches", "starts_with", "one_of")
"""Checks that, where they stand alone, judge the name of an event."""
_SHOWN = 12


def events(actual: Iterable[Mapping[str, Any]], expected: Any) -> str | None:
    """The stream had these events, in this order."""
    if not isinstance(expected, list | tuple) or not expected:
        raise misused(expected, "events", "a list of events")
    place, near, met = 0, "", _Met()
    for event in actual:
        met.count(str(event["type"]))
        told = _event(event, expected[place])
        if told is None:
            place, near = place + 1, ""
        elif not near and _is_of_type(event, expected[place]):
            near = told
        if place == len(expected):
            return None
    after = f" after {shown(expected[place - 1])}" if place else ""
    wanted = f"expected an event {shown(expected[place])}{after}"
    return f"{wanted}, the first of its type differs: {near}" if near else f"{wanted}, got {met}"


def is_naming(wanted: Any) -> bool:
    """Whether an item judges an event's name, rather than values in it."""
    return not isinstance(wanted, Mapping) or (bool(wanted) and set(wanted) <= set(NAMING))


def _event(event: Mapping[str, Any], wanted: Any) -> str | None:
    if is_naming(wanted):
        return values.judge(event["type"], wanted, text.CHECKS)
    return documents.document(event, wanted)


def _is_of_type(event: Mapping[str, Any], wanted: Any) -> bool:
    return not is_naming(wanted) and event["type"] == wanted.get("type")


class _Met:
    """The names of the events that came, those in a row counted."""

    def __init__(self) -> None:
        self.rows: list[list[Any]] = []
        self.total = 0

    def count(self, name: str) -> None:
        self.total += 1
        if self.rows and self.rows[-1][0] == name:
            self.rows[-1][1] += 1
        else:
            self.rows.append([name, 1])

    def __str__(self) -> str:
        if not self.total:
            return "none"
        told = [name if count == 1 else f"{name} ×{count:,}" for name, count in self.rows[:_SHOWN]]
        more = ", …" if len(self.rows) > _SHOWN else ""
        return f"{self.total:,}: {', '.join(told)}{more}"
