"""GitHub: runs as the summary of a step, in Markdown.

What models and servers said is shown as it is and steers nothing: it stands in `code` and `pre`.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator

from runner.protocol.usage import money
from runner.protocol.wire import printable
from runner.record import Record
from runner.report import entry
from runner.report.changes import Changes
from runner.report.console import Lines, figures, problems
from runner.report.encoding import Hide
from runner.report.since import between, case, headline, word
from runner.report.totals import Groups, Tally, of_run, state_of
from runner.results import RunResult

LIMIT = 900_000
"""How many bytes a summary has: GitHub takes one MiB of a step, and none of a longer one."""
_ROWS = 200
_FAILING = 100
_NAME = 300
_TEXT = 3_000
_CELLS = re.compile(r"[&<>\"'`*_~|\\\[\](){}#+!:@.$-]")
_SIGNS = {"passed": "✅", "missed": "❌", "failed": "⛔"}


def cell(text: str) -> str:
    """Return a text as code within a table; nothing in it is Markdown, HTML or a mention."""
    line = " ".join(printable(text).split())
    cut = line if len(line) <= _NAME else f"{line[:_NAME]} …"
    return f"<code>{_CELLS.sub(lambda found: f'&#{ord(found[0])};', cut)}</code>" if cut else ""


def block(text: str) -> str:
    """Return a text of several lines as it is."""
    return f"<pre>{html.escape(printable(text))}</pre>"


class Row(Record):
    """A run in the table, and what is told below it."""

    state: str
    cells: str
    name: str
    told: str = ""
    key: tuple[str, str] | None = None


class Summary:
    """The summary of a step: what failed first, then as much of the rest as there is room for."""

    def __init__(self, hide: Hide, limit: int = LIMIT) -> None:
        self._hide = hide
        self._limit = limit
        self._tally = Tally()
        self._groups = Groups()
        self._rows: dict[bool, list[Row]] = {True: [], False: []}

    def take(self, result: RunResult, lines: Lines) -> str:
        """Take a run; of what is left out in the end nothing is kept."""
        self._tally.take(result)
        self._groups.take(result)
        state = state_of(result)
        rows = self._rows[state == "passed"]
        if len(rows) < (_ROWS if state == "passed" else _FAILING):
            rows.append(self._row(result, state, lines))
        return ""

    def _row(self, result: RunResult, state: str, lines: Lines) -> Row:
        whole = of_run(result)
        tokens = whole.input_tokens + whole.output_tokens
        cells = [
            cell(self._hide(result.run_id)),
            f"{result.took:.1f} s",
            f"{tokens:,}" if whole.measured else "",
            "" if whole.unpriced else _plain(money(whole.cost)),
        ]
        told = entry.bounded(problems(result, lines, hide=self._hide), _TEXT)
        key = (result.recipe, result.case) if result.repeat else None
        return Row(state, " | ".join(cells), self._hide(result.run_id), told, key)

    def end(self, changes: Changes | None = None) -> Iterator[str]:
        """Give the Markdown."""
        whole = self._tally.whole
        states = [(state, getattr(whole, state)) for state in _SIGNS]
        title = " · ".join(f"{_SIGNS[state]} {n:,} {state}" for state, n in states if n)
        pieces = [f"### runner: {title or 'nothing ran'}\n\n{_plain(' · '.join(figures(whole)))}\n"]
        pieces += _since(changes, self._hide) if changes is not None else []
        pieces += self._table(whole.passed + whole.missed + whole.failed)
        yield from _fitting(pieces, self._limit)

    def _table(self, count: int) -> Iterator[str]:
        rows = [self._judged(row) for row in (*self._rows[False], *self._rows[True])]
        rows.sort(key=lambda row: row.state == "passed")
        if rows:
            yield "\n| | run | time | tokens | cost |\n|---|---|--:|--:|--:|\n"
        for row in rows:
            yield f"| {_SIGNS[row.state]} {row.state} | {row.cells} |\n"
        failing = [row for row in rows if row.state != "passed" and row.told]
        for row in failing:
            head = f"<summary>{_SIGNS[row.state]} {cell(row.name)}</summary>"
            yield f"\n<details>{head}\n\n{block(row.told)}\n\n</details>\n"
        if count > len(rows):
            yield f"\n… of {count:,} cases {len(rows):,} runs are shown\n"

    def _judged(self, row: Row) -> Row:
        """Show a miss that is tolerated as what its case came to."""
        group = self._groups.found[row.key] if row.key else None
        if group is None or row.state != "missed" or group.state != "passed":
            return row
        return row._replace(state="passed", cells=f"{row.cells} (a miss, tolerated)", told="")


def _plain(text: str) -> str:
    return _CELLS.sub(lambda found: f"&#{ord(found[0])};", printable(text))


def _since(changes: Changes, hide: Hide) -> Iterator[str]:
    yield f"\n**Since** {cell(hide(changes.since))}: {_plain(headline(changes))}\n"
    told = [change for change in changes.changes if change.kind != "text"][:_FAILING]
    if told:
        yield "\n| change | case | |\n|---|---|---|\n"
    for change in told:
        cells = (word(change.kind), cell(case(change)), cell(between(change)))
        yield f"| {' | '.join(cells)} |\n"


def _fitting(pieces: Iterable[str], limit: int) -> Iterator[str]:
    """Give as many pieces as there is room for, and say where some are missing."""
    missing = "\n… the rest does not fit into a summary\n"
    left = limit - len(missing.encode())
    for piece in pieces:
        left -= len(piece.encode())
        if left < 0:
            yield missing
            return
        yield piece
