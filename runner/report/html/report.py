"""Report: takes runs one by one, keeps of each what is shown, and tells the page piece by piece.

A case is packed as it comes, so that memory holds text of bounded size and no results. What grows
with the number of runs has a limit of its own, and the page says what it left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from runner.record import Record
from runner.report.changes import Changes
from runner.report.console import Lines
from runner.report.encoding import Hide, unchanged
from runner.report.face import Shelf
from runner.report.html.case import Desk, Link, case
from runner.report.html.changed import changed
from runner.report.html.media import Media, Read
from runner.report.html.page import Page, block, listed, packed
from runner.report.html.rows import Names, Tables, row
from runner.report.html.trim import LONGEST, Trimmer
from runner.report.totals import Tally, Totals, state_of
from runner.results import RunResult

SCHEMA_VERSION = 1
_ROWS = (30_000, 40_000)


class Limits(Record):
    """How many characters the cases have. From `brief_from` on a case that passed is told short."""

    case: int = 60_000
    brief: int = 3_000
    brief_text: int = 700
    brief_from: int = 16 * 1024 * 1024
    all: int = 40 * 1024 * 1024


class Sources(Record):
    """What the outside hands in: the page's files, and how outputs are read and named."""

    page: Page
    read: Read
    link: Link
    hide: Hide = unchanged


class Html:
    """The report of one command. `title` names what was run, `made` is the time in seconds."""

    def __init__(
        self,
        sources: Sources,
        shelf: Shelf,
        title: str = "",
        made: float = 0.0,
        limits: Limits | None = None,
    ) -> None:
        self._sources = sources
        self._shelf = shelf
        self._title = sources.hide(title)
        self._made = made
        self._limits = limits or Limits()
        self._tables = Tables(Names(), Names(), Names())
        self._media = Media(sources.read, sources.hide)
        self._rows: list[int] = []
        self._cases: dict[int, int] = {}
        self._size = 0
        self._unlisted = 0
        self._tally = Tally()
        self._took = 0.0

    def take(self, result: RunResult, lines: Lines) -> str:
        """Take one run; nothing can be written before all are counted."""
        self._tally.take(result)
        self._took += result.took
        passed = state_of(result) == "passed"
        if len(self._rows) >= _ROWS[0 if passed else 1]:
            self._unlisted += 1
            return ""
        told = self._told(result, lines, passed=passed)
        number = len(self._rows)
        columns = row(result, self._tables, Trimmer(self._sources.hide, LONGEST))
        media = [_shown(file) for step in told["steps"] for file in step.get("files", ())]
        text = packed(told)
        fits = self._size + len(text) <= self._limits.all
        if fits:
            self._cases[number] = self._shelf.put(text)
            self._size += len(text)
        row_text = packed([*columns, [one for one in media if one], int(fits)])
        self._rows.append(self._shelf.put(row_text))
        return ""

    def _told(self, result: RunResult, lines: Lines, *, passed: bool) -> dict[str, Any]:
        limits, sources = self._limits, self._sources
        brief = self._size > limits.brief_from and (passed or self._size > limits.all * 3 // 4)
        room, longest = (limits.brief, limits.brief_text) if brief else (limits.case, LONGEST)
        trim = Trimmer(sources.hide, room, longest)
        return case(result, Desk(trim, self._media, lines, sources.link, brief))

    def end(self, changes: Changes | None = None) -> Iterator[str]:
        """Give the whole page; `changes` is what is other than in a baseline.

        The script stands above the cases, so that the page is there before they are read.
        """
        get = self._shelf.get
        page = self._sources.page
        yield page.head(self._named(), _words(self._tally.whole))
        yield from block("meta", [packed(self._meta(changes))])
        yield from block("rows", listed(map(get, self._rows)))
        yield f"<script>{page.script()}</script>\n"
        for number, place in self._cases.items():
            yield from block(f"case-{number}", [get(place)])
        for number, one in enumerate(self._media.embedded):
            yield from block(f"media-{number}", [packed(one.address)])
        yield page.foot()

    def _named(self) -> str:
        """Name what was run: one recipe by its file, several by their number."""
        recipes = self._tables.recipes.listed
        many = f"{len(recipes):,} recipes" if recipes else "runner"
        return self._title or (recipes[0] if len(recipes) == 1 else many)

    def _meta(self, changes: Changes | None) -> dict[str, Any]:
        trim = Trimmer(self._sources.hide, 400_000, 2_000)
        return {
            "schema_version": SCHEMA_VERSION,
            "title": self._named(),
            "made": self._made,
            "took": round(self._took, 3),
            "totals": self._tally.whole._asdict(),
            "recipes": self._tables.recipes.listed,
            "models": self._tables.models.listed,
            "tags": self._tables.tags.listed,
            "unlisted": self._unlisted,
            "baseline": changed(changes, trim),
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
