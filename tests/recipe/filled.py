"""Templates filled from one context, and the faults of those that cannot be."""

from __future__ import annotations

from typing import Any

import pytest

from runner.errors import RecipeTemplateError
from runner.recipe import template

CONTEXT: dict[str, Any] = {
    "n": 3,
    "half": 0.5,
    "yes": True,
    "no": False,
    "nothing": None,
    "text": "wörd",
    "items": [1, "é", None],
    "row": {"id": 7, "items": 5, "keys": "k", "copy": "c", "deep": {"er": [10, 20]}},
    "result": "mine",
    "blank": "",
}


def render(tree: Any, **more: Any) -> Any:
    return template.render(tree, {**CONTEXT, **more})


def faults(tree: Any, **more: Any) -> Any:
    with pytest.raises(RecipeTemplateError) as caught:
        render(tree, **more)
    return caught.value.faults


def fault(tree: Any, **more: Any) -> Any:
    (only,) = faults(tree, **more)
    return only
