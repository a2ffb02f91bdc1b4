"""Seen: what an expression read, to say why it gave what it gave."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from jinja2 import nodes

from runner.recipe.templates.program import parse, path_of

ABSENT = object()


def seen(source: str, context: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Give each value that an expression spells, as `usage.total_tokens`, once and in its order."""
    told: set[tuple[str, ...]] = set()
    for path in _paths(parse(source)):
        value = _follow(context, path)
        if path not in told and value is not ABSENT:
            told.add(path)
            yield ".".join(path), value


def _paths(node: nodes.Node) -> Iterator[tuple[str, ...]]:
    path = path_of(node) if not isinstance(node, nodes.Name) or node.ctx == "load" else None
    if path is not None:
        yield path
        return
    for child in node.iter_child_nodes():
        yield from _paths(child)


def _follow(value: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        if isinstance(value, Mapping):
            value = value.get(key, ABSENT)
        elif isinstance(value, list | tuple) and key.isdecimal() and int(key) < len(value):
            value = value[int(key)]
        else:
            return ABSENT
    return value
