"""Keeping: who keeps what comes of a recipe's runs, beside the outputs of each."""

from __future__ import annotations

from collections.abc import Container
from pathlib import Path
from typing import TYPE_CHECKING

from runner.engine.prepare import Plan

if TYPE_CHECKING:
    from runner.engine.rows.batch import Batch
    from runner.engine.rows.lines import Lines
    from runner.engine.suite import Suite
    from runner.engine.writing.stale import Judge, Judged


class Judging:
    """Judges rows by their outputs; what that takes is read once the first is judged."""

    def __init__(self, suite: Suite) -> None:
        self._suite = suite
        self._judge: Judge | None = None

    def __call__(self, plan: Plan, forgives: bool = False) -> Judged | None:
        """Judge one row."""
        if self._judge is None:
            from runner.engine.writing.stale import Judge

            self._judge = Judge(self._suite.world, self._suite.why)
        return self._judge(plan, forgives)


def batch(suite: Suite, plans: list[Plan], taken: Container[Path]) -> Batch | None:
    """Return who keeps the journal of a recipe's runs; None where none is kept."""
    first = plans[0]
    if first.rows is None and suite.options.via != "batch":
        return None
    from runner.engine.rows.batch import Batch

    hooks = suite.hooks(first.settings).digest()
    out, store = suite.out(first), suite.places.store(first)
    made = Batch(plans, out, hooks, Judging(suite), taken, suite.masker.hide, store)
    if made.left:
        suite.tell(made.left)
    return made


def lines(suite: Suite, plans: list[Plan]) -> Lines | None:
    """Return who collects the lines of runs without a journal; None where none are collected."""
    first = plans[0]
    if "collect" not in first.recipe.keys:
        return None
    from runner.engine.rows.lines import Lines

    hooks = suite.hooks(first.settings).digest()
    return Lines(plans, suite.out(first), hooks, suite.places.store(first), suite.tell)
