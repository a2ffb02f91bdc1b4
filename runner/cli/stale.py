"""`runner stale`: which outputs are no longer what the recipes would give, and why."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import click

from runner.cli import voice
from runner.cli.faults import refused
from runner.cli.flags import CHOOSE, OUT, with_flags
from runner.cli.options import options, recipes, unheard, value_options
from runner.engine.suite import Suite
from runner.engine.writing.stale import looked
from runner.errors import RunnerError
from runner.report import stale


@click.command("stale", short_help="outputs that are missing, or whose origin changed")
@click.argument("paths", nargs=-1)
@value_options
@with_flags((OUT, *CHOOSE))
@click.option("--json", "as_json", is_flag=True, help="As JSON, for machines.")
def command(paths: tuple[str, ...], as_json: bool, **flags: Any) -> int:
    """List outputs that are missing, or whose origin changed since they were made, and why.

    Nothing is sent and no hook is called. `runner run --stale` makes just those. Exit codes: 0
    where nothing is stale, 1 where anything is.
    """
    try:
        with closing(Suite(options(**flags), unheard)) as suite:
            done = suite.all_checked(recipes(paths or (str(Path()),)))
            rows = [*looked(done, suite.world)]
    except RunnerError as error:
        return refused(error, "json" if as_json else "text")
    found = [one for row in rows for one in row]
    without = sum(not row for row in rows)
    if as_json:
        print(stale.as_json(found, without, suite.masker.hide))
    for one in found if not as_json else ():
        if one.changes:
            voice.show(suite.masker.hide(stale.line(one)))
    voice.say(stale.summary(found, without))
    return 1 if any(one.changes for one in found) else 0
