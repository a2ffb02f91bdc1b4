"""Withrow: a plan for each row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.engine.plan_step import steps_of
from runner.engine.prepare import Plan
from runner.engine.rows import rowwise
from runner.engine.variables import given_in, variables

if TYPE_CHECKING:
    from runner.engine.rows.dataset import Row


def with_row(plan: Plan, row: Row) -> Plan:
    """Return the plan for a row: its variables anew where they read it."""
    files = plan.files.copy()
    if not plan.varies:
        context = {**plan.context, **rowwise.seen(row)}
        return plan._replace(context=context, row=row, files=files)
    seen = {"env": plan.context["env"], **rowwise.seen(row)}
    given = given_in(plan.options, plan.cell, plan.recipe)
    values = variables(plan.recipe, plan.settings, given, files, seen, False)
    context = {**seen, "run": plan.context["run"], **values.values}
    steps = steps_of(plan.recipe, files, context)
    return plan._replace(context=context, row=row, files=files, values=values, steps=steps)
