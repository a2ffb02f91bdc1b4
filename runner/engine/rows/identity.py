"""Identity: what the rows of a recipe are made from, so that a change can be named."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from runner.engine.prepare import Plan
from runner.engine.rows import rowwise
from runner.exchange import Json


def identity(plans: list[Plan], hooks: Mapping[str, str]) -> dict[str, str]:
    """Return digests of what the rows of a recipe are made from, by what people call it."""
    first = plans[0]
    inputs = dict(first.files.digests)
    recipe = inputs.pop(first.recipe.file, "")
    datasets = sorted({plan.rows.digest() for plan in plans if plan.rows is not None})
    whole = [
        ["recipe", recipe],
        ["dataset", digest_of(datasets)],
        ["hooks", digest_of(dict(hooks))],
    ]
    values = [[plan.cell.label, _known(plan)] for plan in plans]
    found = dict(whole) | {f"file {name}": digest for name, digest in sorted(inputs.items())}
    return found | {"variables": digest_of(values)}


def _known(plan: Plan) -> dict[str, Any]:
    """Return the variables of a plan that are the same for every row."""
    late = (
        rowwise.reading(plan.recipe, plan.settings) - {*plan.options.given} if plan.varies else ()
    )
    return {name: value for name, value in plan.values.values.items() if name not in late}


def digest_of(value: Json) -> str:
    """Return the SHA-256 of a value."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()
