"""`runner new`: a recipe to start from."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from runner.cli.options import shortened, suggested
from runner.errors import SettingsError, UnknownNameError
from runner.protocol import endpoints


@click.command("new", short_help="a recipe to start from")
@click.argument("name")
@click.option(
    "--endpoint",
    default="chat.completions",
    show_default=True,
    metavar="NAME",
    help="The call that it makes.",
)
def command(name: str, endpoint: str) -> int:
    """Write NAME.recipe.yaml to start from, and what it points at where that is not there."""
    from runner.cli.voice import say
    from runner.engine.commands import starter

    own = name.rpartition("/")[2]
    if not own or own.startswith("."):
        message = f"{shortened(name)}: expected a name for the recipe, such as hello"
        raise SettingsError(message)
    if endpoint not in endpoints.MODULES:
        message = f"no endpoint is named {endpoint!r}"
        raise UnknownNameError(message, hint=suggested(endpoint))
    made = starter.start(name, endpoint, Path())
    for path in made:
        say(f"wrote {path}")
    say(f"try it: {shlex.join(['runner', 'run', str(made[0]), '--offline'])}")
    return 0
