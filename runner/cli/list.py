"""`runner list`: what there is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from runner.cli import voice
from runner.cli.flags import CHOOSE, with_flags
from runner.cli.options import options, recipes, unheard, value_options
from runner.engine.commands import listing
from runner.engine.costs import prospect
from runner.engine.suite import Suite

UNREGISTERED = """\
  hint: write @hook (from runner import hook) before a function, and name its file by --hooks FILE
  or under hooks: in runner.yaml"""


@click.command("list", short_help="what there is")
@click.argument("what", type=click.Choice(list(listing.KINDS)))
@click.argument("paths", nargs=-1)
@value_options
@with_flags(CHOOSE)
@click.option("-v", "--runs", is_flag=True, help="Of recipes, list every run too.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for machines.")
def command(what: str, paths: tuple[str, ...], runs: bool, as_json: bool, **values: Any) -> int:
    """List endpoints, tools, expectations, providers or recipes.

    Of recipes: how often each would run, in how many requests at least, at what highest cost.
    """
    suite = Suite(options(**values), unheard)
    files = recipes(paths or (str(Path()),)) if what == "recipes" else []
    rows = listing.KINDS[what](suite, files)
    if as_json:
        print(listing.as_json(rows))
    elif what == "recipes":
        voice.show(suite.masker.hide(prospect.as_text(rows, cases=runs)))
    else:
        voice.show(listing.as_text(rows))
        if what == "tools" and not rows:
            voice.say(UNREGISTERED)
    return 0
