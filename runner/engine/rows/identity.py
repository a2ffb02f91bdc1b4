"""Identity: what the rows of a recipe are made from, so that a change can be named."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from runner.engine.plan_step import StepPlan
from runner.engine.prepare import Plan
from runner.engine.rows import rowwise
from runner.engine.turn import provider_of
from runner.engine.variables import declared
from runner.exchange import Json
from runner.recipe import lint, meaning, template


def identity(plans: list[Plan], hooks: Mapping[str, str]) -> dict[str, str]:
    """Return digests of what the rows of a recipe are made from, by what people call it."""
    first = plans[0]
    inputs = dict(first.files.digests)
    inputs.pop(first.recipe.file, None)
    datasets = sorted({plan.rows.digest() for plan in plans if plan.rows is not None})
    whole = [
        ["recipe", first.files.meaning],
        ["dataset", digest_of(datasets)],
        ["hooks", digest_of(dict(hooks))],
    ]
    values = [[plan.cell.label, _known(plan)] for plan in plans]
    found = dict(whole) | {f"file {name}": digest for name, digest in sorted(inputs.items())}
    return found | {"variables": digest_of(values)}


def _known(plan: Plan) -> dict[str, Any]:
    """Return the variables that a plan reads; of those that every row has anew, what is written."""
    read = _read(plan)
    values = {name: value for name, value in plan.values.values.items() if name in read}
    late = (rowwise.reading(plan.recipe, plan.settings) - {*plan.options.given}) & read
    if not (plan.varies and late):
        return values
    written = meaning.plain(declared(plan.recipe, plan.settings))
    known = {name: value for name, value in values.items() if name not in late}
    return known | {name: ["of each row", written[name]] for name in sorted(late)}


def _read(plan: Plan) -> set[str]:
    """Return the variables that a recipe reads, and those that these are made of."""
    trees = [plan.recipe.keys, plan.last, *(step.keys for step in plan.steps)]
    read = {*template.names([lint.opened(tree, expressions=True) for tree in trees])}
    own = declared(plan.recipe, plan.settings)
    before = -1
    while len(read) > before:
        before = len(read)
        read |= {other for name in own if name in read for other in template.names(own[name])}
    return read


SIMULATED = "offline:"
"""What the digest of the simulated service begins with."""


def provider_digest(plans: list[Plan]) -> str:
    """Return the digest of whom the rows of a recipe ask, wherever that is to be found today."""
    asked = [_asked(plan, step) for plan in plans for step in plan.steps]
    is_offline = all(isinstance(one, list) and one[1] == "offline" for one in asked)
    return SIMULATED * is_offline + digest_of(asked)


def is_simulated(provider: str) -> bool:
    """Whether the simulated service was asked, by the digest of whom rows ask or its beginning."""
    return provider.startswith(SIMULATED)


def is_other(told: str, now: str) -> bool:
    """Whether another service is asked now: that one is simulated alone makes nothing stale."""
    return told != now and is_simulated(told) == is_simulated(now)


def stands_for(told: str, now: str) -> bool:
    """Whether what one service answered needs no answer of another to go on: no simulated one."""
    return told == now or (is_simulated(now) and not is_simulated(told))


def _asked(plan: Plan, step: StepPlan) -> Json:
    written = step.keys.get("provider")
    late = rowwise.reading(plan.recipe, plan.settings) if plan.varies else set()
    if {*template.names(written)} & late:
        return str(written)
    found = provider_of(plan, step, plan.context)
    return [found.name, found.kind, dict(found.models)]


def digest_of(value: Json) -> str:
    """Return the SHA-256 of a value."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()
