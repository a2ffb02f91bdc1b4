"""Reporting: the reports of a command: what cannot be written is found before the first request."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from runner.engine.groups import gravest
from runner.engine.reading.files import kind_of, real
from runner.engine.writing.landing import writable
from runner.errors import OutputError, SettingsError
from runner.record import Record
from runner.report.encoding import Hide
from runner.results import RunResult

if TYPE_CHECKING:
    from runner.engine.writing.sheet import Drawer, Sheet
    from runner.report.changes import Changes, Comparison
    from runner.report.console import Lines
    from runner.report.face import Report
    from runner.report.github import Summary

KINDS = ("junit", "html", "json", "jsonl")
ENDINGS = (".recipe.yaml", ".recipe.yml")


class Wanted(Record):
    """What is to be told of a command's runs: kinds with their paths, and since what."""

    reports: tuple[tuple[str, Path], ...] = ()
    baseline: Path | None = None
    fail_on: tuple[str, ...] = ()
    summary: Path | None = None

    @property
    def keeps(self) -> bool:
        """Whether a report shows what was sent, or the whole of a reply."""
        return any(kind != "junit" for kind, _ in self.reports)


def wanted(
    reports: Iterable[str],
    baseline: Path | None,
    fail_on: tuple[str, ...],
    form: str,
    recipes: Iterable[str] = (),
) -> Wanted:
    """Read the flags of reports; SettingsError where one is wrong or no file can be there.

    `recipes` are the files that are run: no report is written over one of them.
    """
    found = tuple(map(_pair, reports))
    taken = {real(Path(file)) for file in recipes}
    places = [place.absolute() for _, place in found]
    for (kind, place), whole in zip(found, places, strict=True):
        if places.count(whole) > 1:
            message = f"--report {kind}={place}: two reports would be written to this file"
            raise SettingsError(message)
        is_recipe = place.name.endswith(ENDINGS) or real(place) in taken
        why = "this is a recipe" if is_recipe else writable(place)
        if why:
            message = f"--report {kind}={place}: {why}"
            raise SettingsError(message)
    if fail_on and baseline is None:
        message = f"--fail-on {fail_on[0]}: there is nothing that anything changed since"
        raise SettingsError(message, hint="name the report of an earlier run by --baseline FILE")
    summary = os.environ.get("GITHUB_STEP_SUMMARY") if form == "github" else None
    return Wanted(found, baseline, fail_on, Path(summary) if summary else None)


def _pair(text: str) -> tuple[str, Path]:
    kind, _, path = text.partition("=")
    if kind not in KINDS or not path:
        message = f"--report {text[:100]}: expected KIND=PATH, with {', '.join(KINDS)} as KIND"
        raise SettingsError(message)
    if path == "-":
        message = f"--report {kind}=-: a report is a file"
        raise SettingsError(message, hint="--format json prints what ran on standard output")
    return kind, Path(path)


class Reporting:
    """Hands each run to the reports, and holds it against the baseline."""

    def __init__(self, asked: Wanted, hide: Hide, located: Callable[[str], str] = str) -> None:
        self._asked = asked
        self._located = located
        self._hide = hide
        self._sheets: list[Sheet] = []
        self._drawers: list[Drawer] = []
        self._comparison = _comparison(asked.baseline, hide)
        self._summary = _summary(asked.summary, hide) if asked.summary else None
        self._begun = False
        self.problems: list[str] = []
        self.written: list[Path] = []

    @property
    def is_asked(self) -> bool:
        """Whether anything is to be told of each run."""
        return bool(self._sheets or self._summary or self._comparison)

    def open(self) -> None:
        """Begin each report, so that what cannot be written is known."""
        for kind, place in self._asked.reports:
            from runner.engine.writing.sheet import Sheet

            report = self._report(kind, place)
            self._sheets.append(Sheet(f"--report {kind}={place}", place, report))

    def _report(self, kind: str, place: Path) -> Report:
        """Make a report; one that nobody asked for is not read, as start-up counts."""
        from runner.engine.writing.sheet import Drawer

        match kind:
            case "junit":
                from runner.report.junit import Junit

                self._drawers.append(Drawer())
                return Junit(self._hide, self._drawers[-1])
            case "html":
                from runner.engine.writing.page import sources
                from runner.report.html.report import Html

                self._drawers.append(Drawer())
                made = time.time()
                return Html(sources(place, self._hide, self._located), self._drawers[-1], made=made)
            case "json":
                from runner.report.lines import JsonWhole

                return JsonWhole(self._hide)
        from runner.report.lines import JsonLines

        return JsonLines(self._hide)

    def take(self, result: RunResult, lines: Lines) -> None:
        """Hand on a run. A report that fails now is left, and told in the end."""
        self._begun = True
        for sheet in list(self._sheets):
            try:
                sheet.take(result, lines)
            except OutputError as error:
                self._leave(sheet, error)
        if self._summary is not None:
            self._summary.take(result, lines)
        if self._comparison is not None:
            self._comparison.take(result)

    def _leave(self, sheet: Sheet, error: OutputError) -> None:
        sheet.discard()
        self._sheets = [other for other in self._sheets if other is not sheet]
        self.problems.append(str(error))

    def end(self) -> Changes | None:
        """Write the reports; return what changed since the baseline."""
        self._begun = False
        changes = self._comparison.end() if self._comparison is not None else None
        sheets, self._sheets = self._sheets, []
        for sheet in sheets:
            try:
                sheet.end(changes)
                self.written.append(sheet.place)
            except OutputError as error:
                self._leave(sheet, error)
        if self._summary is not None and self._asked.summary is not None:
            from runner.engine.writing.sheet import appended

            why = appended(self._asked.summary, self._summary.end(changes))
            self.problems += [f"GITHUB_STEP_SUMMARY: {why}"] if why else []
        return changes

    def close(self) -> None:
        """Leave nothing that is not whole; what ran before a fault of ours is told all the same."""
        if self._begun:
            self.end()
        for sheet in self._sheets:
            sheet.discard()
        for drawer in self._drawers:
            drawer.close()

    def why(self, changes: Changes | None) -> str:
        """Say what since the baseline fails the command; "" where nothing does."""
        if changes is None or not self._asked.fail_on:
            return ""
        from runner.report.since import failing

        return failing(changes, self._asked.fail_on)

    def code(self, code: int, changes: Changes | None) -> int:
        """Return the exit code: under `--fail-on regression` what was missed before is no news."""
        on = self._asked.fail_on
        if code == 1 and "regression" in on:
            code = 0
        if changes is not None and changes.failing(on):
            code = gravest([code, 1])
        return gravest([code, 3]) if self.problems else code


def _comparison(baseline: Path | None, hide: Hide) -> Comparison | None:
    if baseline is None:
        return None
    from runner.report.baseline import read
    from runner.report.changes import Comparison

    if kind_of(baseline) != "file":
        message = f"--baseline {str(baseline)[:200]}: no such file"
        raise SettingsError(message, hint="make one by --report json=PATH")
    try:
        with baseline.open(encoding="utf-8-sig") as file:
            return Comparison(read(file, str(baseline)), str(baseline), hide)
    except OSError as error:
        message = f"--baseline {baseline}: {(error.strerror or str(error)).lower()}"
        raise SettingsError(message, hint="make one by --report json=PATH") from error


def _summary(place: Path, hide: Hide) -> Summary:
    """Make a summary that fits behind what the step wrote before."""
    from runner.report.github import LIMIT, Summary

    taken = place.stat().st_size if kind_of(place) == "file" else 0
    return Summary(hide, max(0, LIMIT - taken))


def in_repository(file: str) -> str:
    """Name a file as GitHub does: from the root of the checkout, else from where we are."""
    whole = Path(os.path.abspath(file))  # noqa: PTH100  links stay as they are named
    for root in (os.environ.get("GITHUB_WORKSPACE"), os.getcwd()):  # noqa: PTH109  as above
        if root and whole.is_relative_to(root):
            return whole.relative_to(root).as_posix()
    return file
