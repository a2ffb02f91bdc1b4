"""Lines: results as JSON, a line for each run as it comes, by themselves or within one value."""

from __future__ import annotations

import json
from collections.abc import Iterator

from runner.report.changes import Changes
from runner.report.console import Lines
from runner.report.encoding import Hide, plain
from runner.report.records import SCHEMA_VERSION, result_record, totals_record
from runner.report.totals import Tally
from runner.results import RunResult


class JsonLines:
    """One line for each run, and nothing else."""

    def __init__(self, hide: Hide) -> None:
        self._hide = hide

    def take(self, result: RunResult, lines: Lines) -> str:  # noqa: ARG002  the face of Report
        """Tell a run."""
        return encoded(result_record(result), self._hide) + "\n"

    def end(self, changes: Changes | None = None) -> Iterator[str]:  # noqa: ARG002  as above
        """Have no more to tell: who reads on as it grows knows each run by its line."""
        yield from ()


class JsonWhole:
    """One value: `runs`, each on a line of its own, then `totals`, and `baseline` where one is."""

    def __init__(self, hide: Hide) -> None:
        self._hide = hide
        self._tally = Tally()
        self._count = 0

    def take(self, result: RunResult, lines: Lines) -> str:  # noqa: ARG002  the face of Report
        """Tell a run, after what stands before it."""
        before = self._before()
        self._tally.take(result)
        self._count += 1
        return before + encoded(result_record(result), self._hide)

    def _before(self) -> str:
        return ",\n" if self._count else f'{{"schema_version": {SCHEMA_VERSION},\n"runs": [\n'

    def end(self, changes: Changes | None = None) -> Iterator[str]:
        """Tell what all came to."""
        yield "" if self._count else self._before()
        yield f'\n],\n"totals": {encoded(totals_record(self._tally.whole), self._hide)}'
        if changes is not None:
            yield f',\n"baseline": {encoded(changes, self._hide)}'
        yield "}\n"


def encoded(value: object, hide: Hide) -> str:
    """Return a value as one line of ASCII; secrets are hidden before anything is escaped."""
    return json.dumps(plain(value, hide), allow_nan=False)
