"""`runner run`: check the recipes, run them, print their data, say what it came to."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

import click

from runner.cli.faults import told_to_machines
from runner.cli.options import options, recipes, value_options
from runner.engine.run import gravest
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

    def __init__(self, *, raw: bool, quiet: int, single: bool) -> None:
        self.raw = raw
        self.quiet = quiet
        self.single = single

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
@click.option("--out", type=click.Path(path_type=Path), help="The folder of outputs (out/).")
@click.option("--dry-run", is_flag=True, help="Print the first request of each; send nothing.")
@click.option("--timeout", metavar="DURATION", help="A deadline for each attempt, such as 30s.")
@click.option(
    "--retries", metavar="N", type=click.IntRange(0), help="More tries after a fault (2)."
)
@click.option(
    "--events",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the messages of realtime sessions.",
)
@click.option("--fail-fast", is_flag=True, help="Stop after the first failure.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "github"]),
    default="text",
    help="How results are printed.",
)
@click.option("--json", "form", flag_value="json", help="The same as --format json.")
@click.option("--raw", is_flag=True, help="Print control characters as they are.")
@click.option("-q", "--quiet", count=True, help="Say less.")
@click.option("-v", "--verbose", count=True, help="Say more.")
def command(  # noqa: PLR0913, PLR0917  one argument for each flag
    paths: tuple[str, ...],
    out: Path | None,
    dry_run: bool,
    timeout: str | None,
    retries: int | None,
    fail_fast: bool,
    form: str,
    raw: bool,
    quiet: int,
    verbose: int,
    **values: Any,
) -> int:
    """Run recipes: files, or folders searched for *.recipe.yaml, or - for standard input.

    All are checked before the first request. Exit codes: 0 done, 1 an expectation was missed,
    2 wrong usage or recipe, 3 the service failed, 4 a hook failed, 5 stopped by a budget.
    """
    with told_to_machines(form):
        files = recipes(paths)
        screen = Screen(raw=raw, quiet=quiet, single=len(files) == 1)
        made = options(**values, out=out, timeout=timeout, retries=retries, raw=raw)
        suite = Suite(made, screen.note)
        if screen.single and form == "text":
            suite.show_with(screen.piece)
        try:
            if dry_run:
                return _dry(suite, files, screen)
            return _run(suite, files, screen, (form, fail_fast, verbose))
        finally:
            suite.close()


def _dry(suite: Suite, files: list[str], screen: Screen) -> int:
    from runner.engine.show import first_request

    for checked in suite.all_checked(files):
        screen.data(suite.masker.hide(first_request(checked)))
    return 0


def _run(suite: Suite, files: list[str], screen: Screen, how: tuple[str, bool, int]) -> int:
    form, fail_fast, verbose = how
    results: list[RunResult] = []
    for checked, result in suite.runs(files):
        results.append(result)
        if form == "text":
            _show(checked, result, suite, screen)
        if fail_fast and result.exit_code:
            break
    _end(results, suite, screen, form, verbose)
    return gravest([result.exit_code for result in results])


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
