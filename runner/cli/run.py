"""`runner run`: check the recipes, run them, print their data, say what it came to."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, nullcontext
from typing import Any

import click

from runner.cli import WORDS
from runner.cli.faults import refused, shown
from runner.cli.flags import RUN, with_flags
from runner.cli.options import options, recipes, value_options
from runner.cli.rows import MORE, Rows, is_left, leaves_files
from runner.cli.screen import Screen, colours
from runner.cli.summary import Told, end
from runner.engine.groups import Verdict
from runner.engine.selection import nothing_left
from runner.engine.suite import Checked, Suite
from runner.engine.user.secrets import WEAK
from runner.engine.writing.reporting import Reporting, wanted
from runner.errors import RunnerError, SettingsError
from runner.protocol.wire import printable
from runner.report.totals import state_of
from runner.results import RunResult


@click.command("run", short_help="run recipes")
@click.argument("paths", nargs=-1, required=True)
@value_options
@with_flags(RUN)
def command(paths: tuple[str, ...], form: str, **flags: Any) -> int:
    """Run recipes: files, or folders searched for *.recipe.yaml, or - for standard input.

    All are checked before the first request. Exit codes: 0 done, 1 an expectation was missed,
    2 wrong usage or recipe, 3 the service failed, 4 a hook failed, 5 stopped by a budget.
    """
    try:
        return _begun(recipes(paths), form, flags)
    except RunnerError as error:
        return refused(error, form, "" if flags["quiet"] else ", nothing was sent")


def _begun(files: list[str], form: str, flags: Mapping[str, Any]) -> int:
    if flags["dry_run"]:
        _refuse_results(form, flags)
    asked = wanted(flags["reports"], flags["baseline"], flags["fail_on"], form, files)
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


def _refuse_results(form: str, flags: Mapping[str, Any]) -> None:
    """Refuse what is made of results, where there will be none."""
    unmade = {
        "--report": bool(flags["reports"]),
        "--baseline": flags["baseline"] is not None,
        "--events": flags["events"] is not None,
        "--format json": form == "json",
    }
    for name, is_there in unmade.items():
        if is_there:
            message = f"--dry-run and {name}: nothing is sent, so that there are no results"
            hint = "give one of them; the requests and the estimate are printed as text"
            raise SettingsError(message, hint=hint)


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
    screen.note("\n".join(f"provider {printable(n)}: {WEAK}" for n in suite.masker.weak))
    screen.single = len(ready_to_run) == 1 and ready_to_run[0].plan.rows is None
    if not ready_to_run:
        screen.note(nothing_left(suite.options))
    if screen.single and told.form == "text" and not screen.tames:
        suite.show_with(screen.piece)
    if told.form == "github":
        suite.warnings.heed = lambda fault: screen.command(told.annotations.of_faults([fault]))
    told.reporting.open()
    suite.earlier = told.earlier if told.reporting.is_asked else None
    words = click.get_current_context().meta[WORDS]
    rows = Rows(suite, ready_to_run, lambda: told.tally.whole, words)
    with _ending(verdict, told), progress(suite, rows, screen):
        for checked, result in _runs(suite, ready_to_run, screen):
            verdict.take(result)
            if is_left(checked, result):
                _stop(checked, result, told, screen, rows)
                continue
            told.take(checked, result)
            rows.take(checked, result)
            if told.form == "text":
                _show(checked, result, suite, screen, rows)
            elif told.form == "github":
                screen.command(told.annotations.of_run(result))
    verdict.recall(suite.before[1])
    changes = told.reporting.end()
    end(told, changes, rows, suite, screen)
    return told.reporting.code(verdict.code, changes)


def _runs(
    suite: Suite, ready_to_run: list[Checked], screen: Screen
) -> Iterator[tuple[Checked, RunResult]]:
    """Run everything; once standard output takes no more, nothing is begun that it would show."""
    for one in suite.runs(ready_to_run):
        yield one
        if screen.broken is not None:
            suite.stop()


def _stop(checked: Checked, result: RunResult, told: Told, screen: Screen, rows: Rows) -> None:
    """Say why a budget left rows unasked, once."""
    from runner.report import console

    if rows.stop(result):
        screen.wrong(
            console.problems(result, checked.plan.files.line, colours(sys.stderr), told.hide)
        )
        if told.form == "github":
            screen.command(told.annotations.of_run(result))


@contextmanager
def progress(suite: Suite, rows: Rows, screen: Screen) -> Iterator[None]:
    """Show how far many runs are, or whom a single one waits for."""
    if screen.quiet or (rows.total < 2 and not sys.stderr.isatty()):
        yield
        return
    from runner.cli.progress import Meter, Waiting, stays

    if rows.total < 2:
        if stays(sys.stderr):
            waiting = Waiting(sys.stderr, colours(sys.stderr), lambda: not screen.streams)
            suite.carrier.awaiting, screen.aside = waiting, waiting.aside
        yield
        return
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
    in_files, timed = leaves_files(checked), not suite.options.offline
    if in_files and not result.exit_code:
        return
    if screen.single:
        _show_data(checked, result, suite, screen)
    elif not in_files:
        screen.line(hide(console.line(result, colours(sys.stdout), timed=timed)))
    style = colours(sys.stderr)
    told = console.problems(result, checked.plan.files.line, style, hide)
    if told and rows.is_told:
        # A failure names its row by itself.
        is_named = not in_files or state_of(result) == "failed"
        name = "" if is_named else console.line(result, style, timed=timed) + "\n"
        screen.wrong(hide(name + told))
    elif told and rows.begins_to_count:
        screen.wrong(MORE.format(rows.word))
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
