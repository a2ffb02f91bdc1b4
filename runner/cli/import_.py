"""`runner import`: a recipe made of what others write."""

from __future__ import annotations

import time
from pathlib import Path

import click


@click.group("import", short_help="a curl command becomes a recipe")
def command() -> None:
    """Make a recipe of what others write: a curl command."""


@command.command("curl", short_help="a curl command becomes a recipe")
@click.argument("source", metavar="[COMMAND | FILE | -]", default="-")
@click.option("--out", metavar="NAME", help="Write NAME.recipe.yaml, not standard output.")
def curl(source: str, out: str | None) -> int:
    """Make a recipe of a curl command: given in single quotes, by a file, or on standard input.

    The recipe makes the same request. Keys never get into it. What is left out, and what the
    service wants otherwise today, is told on standard error.
    """
    from runner.cli.voice import say
    from runner.engine.commands import importing
    from runner.engine.writing.provenance import day

    folder = Path(out).parent if out else Path()
    made = importing.recipe(source, folder, day(time.time()))
    for warning in made.warnings:
        say(f"warning: {warning}")
    if out is None:
        click.echo(made.text, nl=False)
        return 0
    for path in importing.save(made.text, out):
        say(f"wrote {path}")
    return 0
