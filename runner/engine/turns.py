"""Turns: how often a step has its turn, as far as that is known before anything is sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from runner.engine.plan_step import StepPlan
from runner.engine.prepare import Plan
from runner.recipe import template
from runner.recipe.source import unfixed
from runner.recipe.templates.filling import GLOBALS


class Turn(NamedTuple):
    """A turn of a step, with what it may read that no reply gives.

    It is `known` unless the list that the step is run for depends on replies: then one turn stands
    for all. It is `sure` unless whether it comes does.
    """

    scope: Mapping[str, Any]
    known: bool = True
    sure: bool = True


def reads(tree: Any, scope: Mapping[str, Any]) -> bool:
    """Whether all that a tree reads is known."""
    return set(template.names(tree)) <= {*scope, *GLOBALS}


def turns(plan: Plan, step: StepPlan) -> Iterator[Turn]:
    """List the turns of a step; those that its `if` refuses are none."""
    listed = step.keys.get("for_each")
    if listed is None:
        yield from _wanted(step, dict(plan.context))
        return
    items = template.render(listed, plan.context) if reads(listed, plan.context) else None
    if not isinstance(items, list):
        yield Turn(plan.context, known=False, sure=False)
        return
    for place, item in enumerate(items):
        loop = {"index": place + 1, "index0": place, "length": len(items)}
        yield from _wanted(step, {**plan.context, "item": item, "loop": loop})


def _wanted(step: StepPlan, scope: dict[str, Any]) -> Iterator[Turn]:
    for name, value in step.keys.get("vars", {}).items():
        if reads(value, scope):
            scope[name] = template.render(value, scope)
        else:
            scope.pop(name, None)
    asked = unfixed(step.keys.get("if"))
    if asked is not None and not reads(asked, scope):
        yield Turn(scope, sure=False)
    elif asked is None or template.truth(str(asked), scope, "if", step.keys.marks["if"][1]):
        yield Turn(scope)
