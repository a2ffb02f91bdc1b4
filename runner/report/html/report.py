"""Report: takes runs one by one, keeps of each what is shown, and tells the page piece by piece.

A case is packed as it comes, so that memory holds text of bounded size and no results. What grows
with the number of runs has a limit of its own, and the page says what it left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from operator import add
from typing import Any, NamedTuple

from runner.report.console import Lines, no_lines
from runner.report.encoding import Hide, unchanged
from runner.report.html.case import Link, Shelf, case
from runner.report.html.media import Media, Read
from runner.report.html.page import Page, block, listed, packed
from runner.report.html.rows import Names, Tables, row
from runner.report.html.trim import LONGEST, Trimmer
from runner.report.totals import Totals, of_run, state_of
from runner.results import RunResult

SCHEMA_VERSION = 1
_ROWS = (30_000, 40_000)


class Limits(NamedTuple):
    """How many characters the cases have. From `brief_from` on a case that passed is told short."""

    case: int = 60_000
    brief: int = 3_000
    brief_text: int = 700
    brief_from: int = 16 * 1024 * 1024
    all: int = 40 * 1024 * 1024


class Sources(NamedTuple):
    """What the outside hands in: the page's files, and how outputs and recipes are read."""

    page: Page
    read: Read
    link: Link
    lines: Lines = no_lines
    hide: Hide = unchanged


class Html:
    """The report of one command. `title` names what was run, `made` is the time in seconds."""

    def __init__(
        self, sources: Sources, title: str = "", made: float = 0.0, limits: Limits | None = None
    ) -> None:
        self._sources = sources
        self._title = sources.hide(title) or "runner"
        self._made = made
        self._limits = limits or Limits()
        self._tables = Tables(Names(), Names(), Names())
        self._media = Media(sources.read, sources.hide)
        self._rows: list[str] = []
        self._cases: dict[int, str] = {}
        self._size = 0
        self._unlisted = 0
        self._whole = Totals()
        self._took = 0.0

    def take(self, result: RunResult) -> None:
        """Take one run; nothing of the record itself is kept."""
        self._whole = Totals(*map(add, self._whole, of_run(result)))
        self._took += result.took
        passed = state_of(result) == "passed"
        if len(self._rows) >= _ROWS[0 if passed else 1]:
            self._unlisted += 1
            return
        told = self._told(result, passed=passed)
        number = len(self._rows)
        columns = row(result, self._tables, Trimmer(self._sources.hide, LONGEST))
        media = [_shown(file) for step in told["steps"] for file in step.get("files", ())]
        text = packed(told)
        fits = self._size + len(text) <= self._limits.all
        if fits:
            self._cases[number] = text
            self._size += len(text)
        self._rows.append(packed([*columns, [one for one in media if one], int(fits)]))

    def _told(self, result: RunResult, *, passed: bool) -> dict[str, Any]:
        limits, sources = self._limits, self._sources
        brief = self._size > limits.brief_from and (passed or self._size > limits.all * 3 // 4)
        room, longest = (limits.brief, limits.brief_text) if brief else (limits.case, LONGEST)
        trim = Trimmer(sources.hide, room, longest)
        return case(result, Shelf(trim, self._media, sources.lines, sources.link, brief))

    def pieces(self, changes: Sequence[Mapping[str, Any]] = ()) -> Iterator[str]:
        """Yield the text of the page.

        `changes` are what is new against a baseline, each with `run_id`, `kind` and `message`.
        The script stands above the cases, so that the page is there before they are read.
        """
        page = self._sources.page
        yield page.head(self._title, _words(self._whole))
        yield from block("meta", [packed(self._meta(changes))])
        yield from block("rows", listed(self._rows))
        yield f"<script>{page.script()}</script>\n"
        for number, text in self._cases.items():
            yield from block(f"case-{number}", [text])
        for number, one in enumerate(self._media.embedded):
            yield from block(f"media-{number}", [packed(one.address)])
        yield page.foot()

    def _meta(self, changes: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        trim = Trimmer(self._sources.hide, 400_000, 2_000)
        return {
            "schema_version": SCHEMA_VERSION,
            "title": self._title,
            "made": self._made,
            "took": round(self._took, 3),
            "totals": self._whole._asdict(),
            "recipes": self._tables.recipes.listed,
            "models": self._tables.models.listed,
            "tags": self._tables.tags.listed,
            "unlisted": self._unlisted,
            "changes": [trim(change) for change in changes],
        }


def _shown(file: Mapping[str, Any]) -> list[Any] | None:
    """Return of a picture or sound what the contact sheet needs."""
    if "kind" not in file:
        return None
    return [file["kind"], file["media"], file["href"], file["path"]]


def _words(whole: Totals) -> str:
    counts = {name: getattr(whole, name) for name in ("passed", "missed", "failed")}
    told = " · ".join(f"{count:,} {name}" for name, count in counts.items() if count)
    return told or "nothing ran"
