"""`runner list`: what there is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from runner.cli.options import options, recipes, unheard, value_options
from runner.engine import listing
from runner.engine.suite import Suite
from runner.protocol.wire import printable


@click.command("list", short_help="what there is")
@click.argument("what", type=click.Choice(list(listing.KINDS)))
@click.argument("paths", nargs=-1)
@value_options
@click.option("--json", "as_json", is_flag=True, help="As JSON, for machines.")
def command(what: str, paths: tuple[str, ...], as_json: bool, **values: Any) -> int:
    """List endpoints, tools, expectations, providers or recipes."""
    suite = Suite(options(**values), unheard)
    files = recipes(paths or (str(Path()),)) if what == "recipes" else []
    rows = listing.KINDS[what](suite, files)
    print(listing.as_json(rows) if as_json else printable(listing.as_text(rows)))
    return 0
