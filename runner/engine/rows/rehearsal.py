"""Rehearsal: what a row asks is made before anything is sent, where the row could make it wrong.

A text that a message says is text whatever a row fills into it. What is computed from a row, and
what a row puts anywhere else (paths, parameters, a model), is rendered and checked for every row.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from runner.engine import verify
from runner.engine.plan_step import StepPlan
from runner.engine.prepare import Plan
from runner.engine.reading import attach
from runner.engine.rows import rowwise
from runner.engine.rows.dataset import Row
from runner.engine.turns import reads, turns
from runner.engine.world import World
from runner.errors import Fault, RecipeError
from runner.recipe import template
from runner.recipe.lint import opened
from runner.recipe.source import Map, unfixed
from runner.recipe.templates.bounds import Meter
from runner.recipe.templates.filling import Fill, Text, filler, is_one, pieces_of, reads_of

LONGEST = 1 << 20
"""A longer value, in characters, is never let pass unseen: it may pass a bound of templates."""
_DEPENDS = ("if", "for_each", "vars")
_ASKED = ("input", "prompt")


class Rehearsal:
    """Finds what a row makes wrong with its requests, and with what is said of their replies."""

    def __init__(self, plan: Plan, world: World) -> None:
        self._world = world
        self._fields: dict[str, bool] = {}
        late = rowwise.reading(plan.recipe, plan.settings) if plan.varies else set()
        self._rowwise = rowwise.NAMES | late
        self._later = [*self._said_later(plan)]
        of_all = plan.varies or plan.options.untrusted or bool(self._later)
        self._is_due = of_all or not all(self._is_plain(plan, step) for step in plan.steps)

    def is_due(self, row: Row) -> bool:
        """Whether a row may make wrong what it asks."""
        if self._is_due:
            return True
        values = row.values
        for name, is_whole in self._fields.items():
            value = values.get(name)
            if isinstance(value, str):
                if len(value) > LONGEST:
                    return True
            elif is_whole or not isinstance(value, int | float):
                return True
        return False

    def faults(self, plan: Plan) -> list[Fault]:
        """Find what is wrong with the requests of a row, of which this is the plan."""
        found: list[Fault] = []
        for step in plan.steps:
            try:
                found += self._of_step(plan, step)
            except RecipeError as error:
                found += error.faults
        for fill in self._later:
            try:
                fill(plan.context, Meter())
            except RecipeError as error:
                found += error.faults
        return found

    def _of_step(self, plan: Plan, step: StepPlan) -> Iterator[Fault]:
        if "continue" in step.keys or not reads(step.request, self._known(plan, step)):
            context = verify.known(step, plan.context)
            yield from verify.missing_files(plan, step, context, self._world.out)
            return
        for turn in turns(plan, step):
            if turn.known and turn.sure and reads(step.request, turn.scope):
                yield from verify.foreseen(plan, step, turn.scope, self._world)[1]

    def _known(self, plan: Plan, step: StepPlan) -> dict[str, Any]:
        """Return the names that a step may read without a reply."""
        return dict.fromkeys((*plan.context, *step.keys.get("vars", ()), "item", "loop"))

    def _is_plain(self, plan: Plan, step: StepPlan) -> bool:
        """Whether what a row gives to a step is text within text alone; note the fields."""
        if "continue" in step.keys or not reads(step.request, self._known(plan, step)):
            # It is made of a reply, and no rehearsal makes it: files are looked for alone.
            paths = [ref.path for ref in attach.references(step.request)]
            return self._rowwise.isdisjoint(template.names(paths))
        for key in _DEPENDS:
            if self._rowwise & {*template.names(unfixed(step.keys.get(key)))}:
                return False
        texts = [one for one in template.texts(step.request) if self._reads_row(one)]
        return all(self._is_said(step, text) for text in texts)

    def _reads_row(self, text: Text) -> bool:
        return not self._rowwise.isdisjoint(reads_of(text.source).names)

    def _is_said(self, step: StepPlan, text: Text) -> bool:
        pieces = pieces_of(text.source)
        if pieces is None or step.endpoint.check is not None or not _is_words(text.at):
            return False
        for piece in pieces:
            match piece:
                case str() | ("row_id",):
                    continue
                case ("row", field):
                    self._fields[field] = self._fields.get(field, False) or is_one(pieces)
                case (name, *_) if name in self._rowwise:
                    return False
        return True

    def _said_later(self, plan: Plan) -> Iterator[Fill]:
        """List what expectations and lines compute of a row alone."""
        steps = [step for step in plan.steps if not {*_DEPENDS, "continue"} & {*step.keys}]
        trees = [(keys.get("expect"), "expect") for keys in (*(s.keys for s in steps), plan.last)]
        collected = plan.recipe.key("collect")
        if isinstance(collected, Map):
            trees.append((collected.get("fields"), "collect.fields"))
        told = [(opened(tree, expressions=True), (name,)) for tree, name in trees]
        for text in (one for tree, at in told for one in template.texts(tree, at)):
            is_known = reads(text.source, plan.context)
            if is_known and pieces_of(text.source) is None and self._reads_row(text):
                yield filler(text)


def _is_words(at: tuple[Any, ...]) -> bool:
    """Whether a place of a request holds words, which may be any."""
    if at[0] in _ASKED:
        return len(at) <= 2
    match at:
        case ("messages", _, "content") | ("messages", _, "content", _):
            return True
        case ("messages", _, "content", _, "text"):
            return True
    return False
