"""Recorded: what a journal keeps of a run."""

from __future__ import annotations

import json

from runner.engine.rows.journal import Entry
from runner.report.encoding import Hide
from runner.report.totals import of_run, state_of
from runner.results import RunResult

LONGEST = 500
"""The most of a failure's words that are kept, in characters."""
LINE = json.JSONEncoder(ensure_ascii=False).encode


def entry_of(result: RunResult, place: int, digest: str, hide: Hide) -> Entry:
    """Make the record of a run; `digest` is that of its row."""
    whole = of_run(result)
    return Entry(
        result.suffix,
        place,
        digest,
        state_of(result),
        result.exit_code,
        None if result.line is None else LINE(result.line),
        hide(_told(result))[:LONGEST],
        whole.requests,
        whole.attempts,
        whole.input_tokens,
        whole.output_tokens,
        None if whole.unpriced else whole.cost,
        result.took,
        tuple(file.path for step in result.steps for file in step.files),
    )


def _told(result: RunResult) -> str:
    """Say why a run failed, or what it missed first, in a line."""
    error = next((step.error for step in result.steps if step.error is not None), None)
    if error is not None:
        return " ".join(str(error.args[0] if error.args else error).split())
    checks = (check for step in result.steps for check in step.checks if not check.passed)
    missed = next(checks, None)
    return "" if missed is None else " ".join(f"{missed.name}: {missed.message}".split())
