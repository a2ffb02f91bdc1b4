"""Meant: where a key belongs that stands in a wrong place, or has a word that is not ours."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from runner.errors import Fault
from runner.recipe.source import Map, Seq

Shapes = Callable[[str], Mapping[str, Any] | None]
"""Gives the schema of an endpoint's params by the endpoint's name, None where there is none."""

ASKED = ("messages", "input", "prompt")
SAID = frozenset(("text", "content", "message", "question", "query", "words"))
"""Words that people say what is asked by, where an endpoint has another."""


def redirected(found: list[Fault], step: Any, params: Shapes) -> list[Fault]:
    """Point a body field among the recipe's own keys to `params`, and a strange word to ours."""
    wanted = params(str(step.get("endpoint"))) if isinstance(step, Map) else None
    if not found or wanted is None:
        return found
    fields = wanted.get("properties", {})
    asked = next((name for name in ASKED if name in wanted.get("x-required", ())), "")
    hints: dict[Any, str] = {}
    said = step.get("messages")
    beside = [item for item in said if isinstance(item, Map)] if isinstance(said, Seq) else []
    for key, (mark, _) in (pair for one in (step, *beside) for pair in one.marks.items()):
        if key in fields:
            hints[mark] = f"{key} is a field of the body: write it under params"
        elif key in SAID and asked and asked not in step:
            hints[mark] = f"did you mean {asked!r}?"
    return [
        fault._replace(hint=hints[fault.mark])
        if fault.mark in hints and fault.message.startswith("unknown key")
        else fault
        for fault in found
    ]
