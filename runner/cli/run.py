"""`runner run`: check the recipes, run them, print their data, say what it came to."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any, TextIO

import click

from runner.cli.faults import told_to_machines
from runner.cli.flags import RUN, with_flags
from runner.cli.options import options, recipes, value_options
from runner.engine.groups import Verdict
from runner.engine.suite import Checked, Suite
from runner.protocol.wire import printable
from runner.results import RunResult

COLOURS = {"passed": "green", "missed": "yellow", "failed": "red"}


def colours(stream: TextIO) -> Callable[[str, str], str]:
    """Return how words are coloured: not at all where NO_COLOR is set or nobody looks."""
    if os.environ.get("NO_COLOR") or not stream.isatty():
        return lambda text, _: text
    return lambda text, kind: click.style(text, fg=COLOURS.get(kind), dim=kind == "quiet" or None)


class Screen:
    """Where a run is shown: data on standard output, all else on standard error."""

    def __init__(self, *, raw: bool, quiet: int) -> None:
        self.raw = raw
        self.quiet = quiet
        self.single = True

    def escaped(self, text: str) -> str:
        """Show control characters escaped, unless bytes are wanted."""
        return text if self.raw else printable(text)

    def data(self, text: str, end: str = "\n") -> None:
        """Write data."""
        sys.stdout.write(self.escaped(text) + end)
        sys.stdout.flush()

    def piece(self, text: str) -> None:
        """Write a piece of a stream as it arrives."""
        self.data(text, end="")

    def line(self, text: str) -> None:
        """Write a line of data; whoever words it has escaped it."""
        print(text, flush=True)

    def note(self, text: str) -> None:
        """Write what is not data; whoever words it has escaped it."""
        if self.quiet < 1 and text:
            print(text, file=sys.stderr, flush=True)

    def wrong(self, text: str) -> None:
        """Write what went wrong, however quiet."""
        print(text, file=sys.stderr)


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
        made = options(**flags)
        screen = Screen(raw=made.raw, quiet=flags["quiet"])
        suite = Suite(made, screen.note)
        try:
            if flags["dry_run"]:
                return _dry(suite, files, screen)
            return _run(suite, files, screen, form, flags["verbose"])
        finally:
            suite.close()


def _dry(suite: Suite, files: list[str], screen: Screen) -> int:
    from runner.engine.show import first_request

    for checked in suite.all_checked(files):
        screen.data(suite.masker.hide(first_request(checked)))
    return 0


def _run(suite: Suite, files: list[str], screen: Screen, form: str, verbose: int) -> int:
    results: list[RunResult] = []
    verdict = Verdict()
    ready_to_run = suite.all_checked(files)
    screen.single = len(ready_to_run) == 1
    if not ready_to_run:
        screen.note("nothing failed or missed when it ran last")
    if screen.single and form == "text":
        suite.show_with(screen.piece)
    try:
        for checked, result in suite.runs(ready_to_run):
            results.append(result)
            verdict.take(result)
            if form == "text":
                _show(checked, result, suite, screen)
    except KeyboardInterrupt as stop:
        verdict.stop(stop)
    results.sort(key=lambda result: result.place)
    _end(results, suite, screen, form, verbose)
    return verdict.code


def _show(checked: Checked, result: RunResult, suite: Suite, screen: Screen) -> None:
    """Print one run: its text where it is alone and writes no file, else a line."""
    from runner.report import console

    hide = suite.masker.hide
    if not screen.single:
        screen.line(hide(console.line(result, colours(sys.stdout))))
    elif suite.finish_showing(console.data(result)):
        screen.data("")
    elif not _wrote(checked, result):
        text = console.data(result)
        if text is not None:
            screen.data(hide(text))
    if screen.single:
        screen.note(hide(console.files(result, colours(sys.stderr))))
    told = console.problems(result, checked.plan.files.line, colours(sys.stderr))
    if told:
        screen.wrong(hide(told))
    if screen.single:
        screen.note(hide(console.kept(result)))


def _wrote(checked: Checked, result: RunResult) -> bool:
    """Whether a run wrote what an `output` asks for: its data is there, and not to be printed."""
    named = {step.name for step in checked.plan.steps if "output" in step.keys}
    return any(step.files for step in result.steps if step.step in named and step.state != "failed")


def _end(results: list[RunResult], suite: Suite, screen: Screen, form: str, verbose: int) -> None:
    from runner.report import console

    hide: Callable[[str], str] = suite.masker.hide
    style = colours(sys.stderr)
    if form == "json":
        from runner.report import records

        screen.data(records.as_json(results, hide))
    if form == "github":
        from runner.report import faults

        screen.data(faults.results_as_github(results, hide=hide))
    simulated = " (simulated)" if suite.options.offline and results else ""
    screen.note(hide(console.summary(results, style)) + simulated)
    if verbose:
        screen.note(hide(console.details(results, style)))
