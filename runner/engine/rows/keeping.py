"""Keeping: who keeps what comes of a recipe's runs, beside the outputs of each."""

from __future__ import annotations

from collections.abc import Callable, Container
from pathlib import Path
from typing import TYPE_CHECKING

from runner.engine.prepare import Plan

if TYPE_CHECKING:
    from runner.engine.rows.batch import Batch
    from runner.engine.rows.lines import Lines
    from runner.engine.suite import Suite

Judge = Callable[[Plan, bool], bool | None]


def batch(suite: Suite, plans: list[Plan], is_stale: Judge, taken: Container[Path]) -> Batch | None:
    """Return who keeps the journal of a recipe's runs; None where none is kept."""
    first = plans[0]
    if first.rows is None and suite.options.via != "batch":
        return None
    from runner.engine.rows.batch import Batch

    hooks = suite.hooks(first.settings).digest()
    out, store = suite.out(first), suite.places.store(first)
    made = Batch(plans, out, hooks, is_stale, taken, suite.masker.hide, store)
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
