"""`runner show`: a recipe in normal form, and the request it would send."""

from __future__ import annotations

from typing import Any

import click

from runner.cli import voice
from runner.cli.options import options, recipes, value_options
from runner.engine.suite import Suite
from runner.errors import SettingsError


@click.command("show", short_help="a recipe in normal form, and the request it would send")
@click.argument("path")
@value_options
@click.option("--curl", "how", flag_value="curl", help="The request as a curl command that runs.")
@click.option("--python", "how", flag_value="python", help="The request as a Python script.")
@click.option("--origin", "how", flag_value="origin", help="Each value with its source.")
@click.option("--json", "how", flag_value="json", help="The same, as JSON.")
def command(path: str, how: str | None, **values: Any) -> int:
    """Show a recipe in normal form, and the request it would send; secrets are masked."""
    from runner.engine.commands import show

    suite = Suite(options(**values), voice.say)
    files = recipes((path,))
    if len(files) > 1:
        message = f"{path} holds {len(files)} recipes; show takes one"
        raise SettingsError(message)
    checked = suite.all_checked(files)[0]
    text = show.VIEWS[how or "normal"](checked)
    voice.show(suite.masker.hide(text))
    return 0
