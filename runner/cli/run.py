"""`runner run`: check the recipes, run them, print their data, say what it came to."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from functools import cached_property
from typing import TYPE_CHECKING, Any, TextIO

import click

from runner.cli import WORDS
from runner.cli.faults import shown, told_to_machines
from runner.cli.flags import RUN, with_flags
from runner.cli.options import options, recipes, value_options
from runner.cli.rows import MORE, Rows, leaves_files
from runner.engine.groups import Verdict
from runner.engine.selection import nothing_left
from runner.engine.suite import Checked, Suite
from runner.engine.writing.reporting import Reporting, in_repository, wanted
from runner.errors import RunnerError
from runner.protocol.wire import printable
from runner.report.encoding import Hide, tamed
from runner.report.totals import Tally, state_of
from runner.results import RunResult

if TYPE_CHECKING:
    from runner.report.annotations import Annotations
    from runner.report.changes import Changes

COLOURS = {"passed": "green", "missed": "yellow", "failed": "red"}


def colours(stream: TextIO) -> Callable[[str, str], str]:
    """Return how words are coloured: not at all where NO_COLOR is set or nobody looks."""
    if os.environ.get("NO_COLOR") or not stream.isatty():
        return lambda text, _: text
    return lambda text, kind: click.style(text, fg=COLOURS.get(kind), dim=kind == "quiet" or None)


class Screen:
    """Where a run is shown: data on standard output, all else on standard error.

    GitHub obeys commands in a log: unless bytes are wanted, no text of others is one.
    """

    def __init__(self, *, raw: bool, quiet: int) -> None:
        self.raw = raw
        self.quiet = quiet
        self.single = True
        self.aside: Callable[[], AbstractContextManager[None]] = nullcontext
        self.tames = os.environ.get("GITHUB_ACTIONS") == "true" and not raw

    def escaped(self, text: str) -> str:
        """Show control characters escaped, unless bytes are wanted."""
        return text if self.raw else self.tamed(printable(text))

    def tamed(self, text: str) -> str:
        """Show no commands to GitHub."""
        return tamed(text) if self.tames else text

    def data(self, text: str, end: str = "\n") -> None:
        """Write data."""
        with self.aside():
            sys.stdout.write(self.escaped(text) + end)
            sys.stdout.flush()

    def piece(self, text: str) -> None:
        """Write a piece of a stream as it arrives."""
        self.data(text, end="")

    def line(self, text: str) -> None:
        """Write a line of data; whoever words it has escaped it."""
        with self.aside():
            print(self.tamed(text), flush=True)

    def command(self, text: str) -> None:
        """Write what GitHub is to obey; whoever words it has escaped what others said."""
        if text:
            with self.aside():
                print(text, flush=True)

    def note(self, text: str) -> None:
        """Write what is not data; whoever words it has escaped it."""
        if self.quiet < 1 and text:
            with self.aside():
                print(self.tamed(text), file=sys.stderr, flush=True)

    def wrong(self, text: str) -> None:
        """Write what went wrong, however quiet."""
        with self.aside():
            print(self.tamed(text), file=sys.stderr)


@click.command("run", short_help="run recipes")
@click.argument("paths", nargs=-1, required=True)
@value_options
@with_flags(RUN)
def command(paths: tuple[str, ...], form: str, **flags: Any) -> int:
    """Run recipes: files, or folders searched for *.recipe.yaml, or - for standard input.

    All are checked before the first request. Exit codes: 0 done, 1 an expectation was missed,
    2 wrong usage or recipe, 3 the service failed, 4 a hook failed, 5 stopped by a budget.
    """
    with told_to_machines(form):
        files = recipes(paths)
        asked = wanted(flags["reports"], flags["baseline"], flags["fail_on"], form)
        made = options(**flags, keeps=asked.keeps)
        screen = Screen(raw=made.raw, quiet=flags["quiet"])
        suite = Suite(made, screen.note)
        try:
            if flags["dry_run"]:
                from runner.cli.dry import dry

                return dry(suite, files, screen)
            hide = suite.masker.hide
            with closing(Reporting(asked, hide, suite.places.located)) as reporting:
                told = Told(form, flags["verbose"], reporting, hide)
                return _run(suite, files, screen, told)
        finally:
            suite.close()


class Told:
    """What is told of the runs in the end, and what has to be kept of them for that."""

    def __init__(self, form: str, verbose: int, reporting: Reporting, hide: Hide) -> None:
        self.form = form
        self.verbose = verbose
        self.reporting = reporting
        self.tally = Tally()
        self.kept: list[RunResult] = []
        self._hide = hide

    @cached_property
    def annotations(self) -> Annotations:
        """What GitHub shows beside the lines of the recipes."""
        from runner.report.annotations import Annotations

        return Annotations(in_repository, self._hide)

    def take(self, checked: Checked, result: RunResult) -> None:
        """Take a run."""
        self.tally.take(result)
        self.reporting.take(result, checked.plan.files.line)
        if self.verbose or self.form == "json":
            self.kept.append(result)


@contextmanager
def _ending(verdict: Verdict, told: Told) -> Iterator[None]:
    """Let what ends all runs leave people with what was sent before."""
    try:
        yield
    except KeyboardInterrupt as stop:
        verdict.stop(stop)
    except RunnerError as error:
        if not told.tally.whole.requests:
            raise
        told.reporting.problems.append(shown(error))


def _run(suite: Suite, files: list[str], screen: Screen, told: Told) -> int:
    verdict = Verdict()
    ready_to_run = suite.all_checked(files)
    screen.single = len(ready_to_run) == 1 and ready_to_run[0].plan.rows is None
    if not ready_to_run:
        screen.note(nothing_left(suite.options))
    if screen.single and told.form == "text" and not screen.tames:
        suite.show_with(screen.piece)
    told.reporting.open()
    words = click.get_current_context().meta[WORDS]
    rows = Rows(suite, ready_to_run, lambda: told.tally.whole, words)
    with _ending(verdict, told), progress(suite, rows, screen):
        for checked, result in suite.runs(ready_to_run):
            verdict.take(result)
            told.take(checked, result)
            rows.take(checked, result)
            if told.form == "text":
                _show(checked, result, suite, screen, rows)
            elif told.form == "github":
                screen.command(told.annotations.of_run(result))
    verdict.recall(suite.before[1])
    _sum_up(rows, suite, screen)
    changes = told.reporting.end()
    _end(told, changes, suite, screen)
    screen.note(suite.masker.hide(rows.rest()))
    return told.reporting.code(verdict.code, changes)


def _sum_up(rows: Rows, suite: Suite, screen: Screen) -> None:
    """Say why rows failed and missed, and what was done before."""
    causes = suite.masker.hide(rows.causes(colours(sys.stderr)))
    if causes:
        screen.wrong(causes)
    done, missed = suite.before
    if done:
        before = f"{done:,} rows were done before"
        screen.note(before + f", {missed:,} of them missed" * bool(missed))


@contextmanager
def progress(suite: Suite, rows: Rows, screen: Screen) -> Iterator[None]:
    """Show how far many runs are."""
    if screen.single or screen.quiet or rows.total < 2:
        yield
        return
    from runner.cli.progress import Meter

    with closing(Meter(rows.look, screen.note)) as meter:
        suite.begun, screen.aside = meter.begin, meter.aside
        try:
            yield
        finally:
            suite.begun, screen.aside = None, nullcontext


def _show(checked: Checked, result: RunResult, suite: Suite, screen: Screen, rows: Rows) -> None:
    """Print one run: its text where it is alone and writes no file, else a line; a row neither."""
    from runner.report import console

    hide = suite.masker.hide
    in_files = leaves_files(checked)
    if in_files and not result.exit_code:
        return
    if screen.single:
        _show_data(checked, result, suite, screen)
    elif not in_files:
        screen.line(hide(console.line(result, colours(sys.stdout))))
    style = colours(sys.stderr)
    told = console.problems(result, checked.plan.files.line, style, hide)
    if told and rows.is_told(checked):
        # A failure names its row by itself.
        is_named = not in_files or state_of(result) == "failed"
        screen.wrong(hide(told if is_named else f"{console.line(result, style)}\n{told}"))
    elif told and rows.begins_to_count:
        screen.wrong(MORE)
    if screen.single:
        screen.note(hide(console.kept(result)))


def _show_data(checked: Checked, result: RunResult, suite: Suite, screen: Screen) -> None:
    """Print what a run alone gave, and name what it wrote."""
    from runner.report import console

    hide = suite.masker.hide
    if suite.finish_showing(console.data(result)):
        screen.data("")
    elif not _wrote(checked, result):
        text = console.data(result)
        if text is not None:
            screen.data(hide(text))
    screen.note(hide(console.files(result, colours(sys.stderr))))


def _wrote(checked: Checked, result: RunResult) -> bool:
    """Whether a run wrote what `output` or `collect` asks for: its data is there, not printed."""
    if result.line is not None:
        return True
    named = {step.name for step in checked.plan.steps if "output" in step.keys}
    return any(step.files for step in result.steps if step.step in named and step.state != "failed")


def _end(told: Told, changes: Changes | None, suite: Suite, screen: Screen) -> None:
    from runner.report import console

    hide: Callable[[str], str] = suite.masker.hide
    style = colours(sys.stderr)
    told.kept.sort(key=lambda result: result.place)
    if told.form == "json":
        from runner.report import records

        screen.data(records.as_json(told.kept, hide, changes))
    if told.form == "github":
        screen.command(told.annotations.rest())
    if changes is not None:
        from runner.report import since

        screen.note(hide(since.told(changes, style)))
    screen.note(hide(console.repeats(told.tally.missed, style)))
    whole = told.tally.whole
    ran = whole.passed + whole.missed + whole.failed
    replayed = suite.options.cassette == "replay"
    by = " (replayed)" if replayed else " (simulated)" if suite.options.offline else ""
    words = hide(console.summary_of(whole, style))
    screen.note(words + by if ran else words)
    if told.verbose:
        screen.note(hide(console.details(told.kept, style)))
    for problem in told.reporting.problems:
        screen.wrong(printable(hide(problem)))
