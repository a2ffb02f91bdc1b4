"""`runner doctor`: what is set up and what is missing."""

from __future__ import annotations

from typing import Any

import click

from runner.cli import voice
from runner.cli.options import options, unheard, value_options
from runner.engine.commands import doctor
from runner.engine.suite import Suite
from runner.report.encoding import encode


@click.command("doctor", short_help="what is set up and what is missing; safe to paste")
@value_options
@click.option("--json", "as_json", is_flag=True, help="As JSON, for machines.")
def command(as_json: bool, **values: Any) -> int:
    """Say what is set up and what is missing. Shows no key: safe to paste."""
    rows, good = doctor.report(Suite(options(**values), unheard))
    if as_json:
        found = [{"state": s, "what": what, "words": words} for s, what, words in rows]
        print(encode({"schema_version": 1, "rows": found}))
    else:
        width = max(len(what) for _, what, _ in rows)
        for state, what, words in rows:
            voice.show(f"{state:5}  {what:{width}}  {words}")
    return 0 if good else 2
