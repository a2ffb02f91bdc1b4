"""Causes: why runs failed or missed, those alike together: how many, the first few, what one said.

What differs from one run to the next (numbers, ids in brackets, names in quotes) tells no causes
apart.
"""

from __future__ import annotations

import re

from runner.errors import ApiStatusError, RunnerError, StoppedError
from runner.protocol.wire import printable
from runner.record import Record
from runner.report.console import Style, plain
from runner.results import Check, RunResult

MOST = 200
"""The most causes that are told apart; what comes after them is one more."""
SHOWN = 20
NAMED = 3
"""So many runs of a cause are named."""
LONGEST = 300
_OTHERS = ("", "others")
_CHANGING = re.compile(r"\"[^\"]*\"|'[^']*'|“[^”]*”|\[[^\]]*\]|\b[\w.-]*\d[\w.-]*")


class Cause(Record):
    """Why runs failed or missed (`state`): how many, the first few, and what was said of one."""

    state: str
    message: str
    named: tuple[str, ...]
    runs: int = 1

    def plus(self, other: Cause) -> Cause:
        """Count one more run."""
        named = (*self.named, *other.named)[:NAMED]
        return self._replace(named=named, runs=self.runs + other.runs)


class Causes:
    """Groups runs that failed or missed, of each cause one message; `failed` counts the runs."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, ...], Cause] = {}
        self.failed = 0

    def take(self, result: RunResult) -> bool:
        """Learn of a run: each of its causes counts once. Return whether it failed as none did."""
        self.failed += result.exit_code > 1
        is_new = False
        for key, cause in dict(_causes(result)).items():
            place = key if key in self._found or len(self._found) < MOST else _OTHERS
            known = self._found.get(place)
            is_new |= known is None and cause.state == "failed"
            self._found[place] = cause if known is None else known.plus(cause)
        return is_new

    def told(self, style: Style = plain) -> str:
        """Say what went wrong, the most frequent first; "" where nothing did."""
        ordered = sorted(self._found.values(), key=lambda one: (one.state, -one.runs))
        rows = [_row(cause, style) for cause in ordered[:SHOWN]]
        more = len(ordered) - SHOWN
        return "\n".join([*rows, *([f"and {more} more causes"] if more > 0 else [])])


def _row(cause: Cause, style: Style) -> str:
    count = style(f"{cause.runs:>7,} {cause.state}", cause.state)
    text = " ".join(printable(cause.message).split())
    text = text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
    named = ", ".join([*map(printable, cause.named), *(["…"] if cause.runs > NAMED else [])])
    return f"{count}  {style(f'{named}:', 'quiet')} {text}"


def _causes(result: RunResult) -> list[tuple[tuple[str, ...], Cause]]:
    found = []
    for step in result.steps:
        if step.error is not None and not isinstance(step.error, StoppedError):
            message = _said(step.error)
            key = ("failed", step.step, *_alike(step.error, message))
            found.append((key, Cause("failed", message, (result.run_id,))))
        for check in step.checks:
            if not check.passed:
                found.append(_missed(check, result.run_id))
    return found


def _missed(check: Check, run_id: str) -> tuple[tuple[str, ...], Cause]:
    """A missed expectation is known by its place in the recipe."""
    mark = check.mark
    where = f"{mark.file}:{mark.line}: " if mark is not None else ""
    key = ("missed", where, check.name)
    return key, Cause("missed", f"{where}{check.name}: {check.message}", (run_id,))


def _said(error: Exception) -> str:
    first = str(error).strip().split("\n")[0]
    return first if isinstance(error, RunnerError) else f"a fault of ours: {first}"


def _alike(error: Exception, message: str) -> tuple[str, ...]:
    """Return what errors of one cause share."""
    code = f"{error.status} {error.code}" if isinstance(error, ApiStatusError) else ""
    return (type(error).__name__, code, alike(message))


def alike(message: str) -> str:
    """Return what messages of one cause share."""
    return _CHANGING.sub("#", message)
