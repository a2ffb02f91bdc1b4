"""`runner check`: validate recipes; send nothing, call nothing."""

from __future__ import annotations

from typing import Any

import click

from runner.cli.faults import LIMIT
from runner.cli.options import options, recipes, unheard, value_options
from runner.cli.voice import say
from runner.engine.selection import Selection
from runner.engine.suite import Checked, Suite
from runner.errors import Fault, RecipeError
from runner.report.faults import hidden


@click.command("check", short_help="validate recipes; sends nothing, calls nothing")
@click.argument("paths", nargs=-1, required=True)
@value_options
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "github"]),
    default="text",
    help="How faults are printed.",
)
@click.option("--json", "form", flag_value="json", help="The same as --format json.")
def command(paths: tuple[str, ...], form: str, **values: Any) -> int:
    """Validate recipes: files, folders or -. Sends nothing, calls nothing.

    Every fault is named with file, line and column, what was expected, and the way out.
    """
    files = recipes(paths)
    suite = Suite(options(**values), unheard)
    found: list[Fault] = []
    done: list[Checked] = []
    for file in files:
        try:
            done += suite.cases(file, Selection(), check=True)
        except RecipeError as error:
            found += error.faults
    found += suite.together(done) if not found else []
    found += dict.fromkeys(warning for one in done for warning in one.warnings)
    found = [hidden(fault, suite.masker.hide) for fault in found]
    _print(found, form)
    _summary(found, len({one.plan.recipe.file for one in done}), len(files), form)
    return 2 if any(fault.severity == "error" for fault in found) else 0


def _print(found: list[Fault], form: str) -> None:
    from runner.report import faults

    if form == "json":
        print(faults.as_json(found))
    elif found and form == "github":
        from runner.engine.writing.reporting import in_repository
        from runner.report.annotations import as_github

        print(as_github(found, in_repository))
    elif found:
        say(faults.as_text(found, LIMIT))


def _summary(found: list[Fault], good: int, count: int, form: str) -> None:
    if form == "json":
        return
    warnings = sum(1 for fault in found if fault.severity == "warning")
    bad = len(found) - warnings
    parts = [f"{good} of {count} recipes are good"] if count > 1 else ["good"][: not bad]
    parts += [f"{bad} fault{'s' * (bad != 1)}"] if bad else []
    parts += [f"{warnings} warning{'s' * (warnings != 1)}"] if warnings else []
    say(" · ".join(parts))
