"""Remaining: the rows that a run would still ask, found without a trace."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from runner.engine.prepare import Plan
from runner.engine.rows import journals
from runner.engine.rows.batch import Batch
from runner.engine.rows.keeping import Judging

if TYPE_CHECKING:
    from runner.engine.suite import Suite


def goes_on(plan: Plan) -> bool:
    """Whether a run of these rows is to leave out what one before it did."""
    options = plan.options
    return plan.rows is not None and (options.resume or options.stale or options.last_failed)


def remaining(suite: Suite, plans: list[Plan]) -> Iterator[Plan]:
    """List the runs of a recipe that are still to be made."""
    first = plans[0]
    out, store = suite.out(first), suite.places.store(first)
    hooks, hide = suite.hooks(first.settings).digest(), suite.masker.hide
    with TemporaryDirectory(prefix="runner-") as folder:
        copy = journals.copied(out, first, Path(folder))
        batch = Batch(plans, out, hooks, Judging(suite), (), hide, store, copy)
        try:
            for task in batch.tasks():
                yield task.plan
        finally:
            suite.why.end()
            copy.close()
