"""Lines: results as JSON, a line for each run as it comes, by themselves or within one value."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from runner.report.changes import Changes
from runner.report.console import Lines
from runner.report.encoding import Hide, plain
from runner.report.records import SCHEMA_VERSION, result_record, totals_record
from runner.report.totals import Tally
from runner.results import RunResult

_LONGEST = 4_096


class JsonLines:
    """One line for each run, and nothing else."""

    def __init__(self, hide: Hide) -> None:
        self._hide = hide

    def take(self, result: RunResult, lines: Lines) -> str:  # noqa: ARG002  the face of Report
        """Tell a run."""
        return _line(result, self._hide) + "\n"

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
        return before + _line(result, self._hide)

    def _before(self) -> str:
        return ",\n" if self._count else f'{{"schema_version": {SCHEMA_VERSION},\n"runs": [\n'

    def end(self, changes: Changes | None = None) -> Iterator[str]:
        """Tell what all came to."""
        yield "" if self._count else self._before()
        yield f'\n],\n"totals": {encoded(totals_record(self._tally.whole), self._hide)}'
        if changes is not None:
            yield f',\n"baseline": {encoded(changes, self._hide)}'
        yield "}\n"


def _line(result: RunResult, hide: Hide) -> str:
    """Tell a run, less the pictures and sounds that are text in a reply's JSON."""
    record = result_record(result)
    for step in record["steps"]:
        if step["answer"] is not None:
            step["answer"]["json"] = light(step["answer"]["json"])
    return encoded(record, hide)


def light(value: Any) -> Any:
    """Count the characters of what is base64: it lies on disk as a file."""
    match value:
        case str() if len(value) > _LONGEST and _is_base64(value):
            return f"({len(value)} characters)"
        case Mapping():
            return {key: light(item) for key, item in value.items()}
        case list():
            return [light(item) for item in value]
    return value


def _is_base64(text: str) -> bool:
    return text.isascii() and not {*text[:_LONGEST]} & {*' \n{<"'}


def encoded(value: object, hide: Hide) -> str:
    """Return a value as one line of ASCII; secrets are hidden before anything is escaped."""
    return json.dumps(plain(value, hide), allow_nan=False)
