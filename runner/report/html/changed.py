"""Changed: what is other than in a baseline, as the page tells it."""

from __future__ import annotations

from typing import Any

from runner.report import since
from runner.report.changes import Change, Changes
from runner.report.html.trim import Trimmer

_MOST = 1_000


def changed(changes: Changes | None, trim: Trimmer) -> dict[str, Any] | None:
    """Return what the page's `overview.js` shows of a baseline; None where there is none."""
    if changes is None:
        return None
    return {
        "since": trim.text(changes.since, 400),
        "headline": since.headline(changes),
        "counts": dict(changes.counts),
        "changes": [_change(change, trim) for change in changes.changes[:_MOST]],
    }


def _change(change: Change, trim: Trimmer) -> dict[str, Any]:
    told = {
        "case": trim.text(change.run_id, 400),
        "recipe": trim.text(change.recipe, 400),
        "kind": since.word(change.kind),
        "bad": change.kind in ("newly failing", "still failing"),
    }
    if change.kind == "text":
        return told | {"was": trim(change.was), "now": trim(change.now)}
    return told | {"between": trim.text(since.between(change), 400)}
