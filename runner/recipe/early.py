"""Early: what is filled in before the first request, of values that are the same for every row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from runner.errors import Fault, Mark
from runner.recipe import taint, template
from runner.recipe.source import Map, Seq
from runner.recipe.templates.filling import mark_in
from runner.recipe.values import RESERVED

KEYS = ("endpoint", "provider", "tools")
LATE = frozenset(RESERVED) - {"env"}
"""The names that have no value yet, or another one each time."""
ROW = 'a variable may read the row, and this one the variable: `vars: {{name: "{{{{ {0} }}}}"}}`'
OTHERS = "it sees variables, the environment and the matrix alone"


def faults(steps: Iterable[Map]) -> list[Fault]:
    """Find the templates of endpoints, providers, tools and file names that come too early."""
    found = [
        _fault(name, mark_in(text, name=name), where)
        for step in steps
        for where, tree, mark in _trees(step)
        for text in template.texts(tree, (where,), mark)
        for name in sorted(LATE & {*template.names(text.source)})
    ]
    return [*dict.fromkeys(found)]


def _trees(step: Map) -> Iterator[tuple[str, Any, Mark | None]]:
    for key in KEYS:
        if key in step:
            yield key, _without_returns(step[key]), step.marks[key][1]
    for path, mark in taint.includes(step):
        yield "include", path, mark
    for path, mark in _files(step.get("expect")):
        yield "expect", path, mark


def _without_returns(tree: Any) -> Any:
    """Leave out what tools give back: that is filled in when they are called."""
    if isinstance(tree, Seq):
        items = Seq(tree.mark)
        for item, mark in zip(tree, tree.marks, strict=True):
            items.add(_without_returns(item), mark)
        return items
    if not isinstance(tree, Map) or "returns" not in tree:
        return tree
    done = Map(tree.mark)
    for key in tree:
        if key != "returns":
            done.put(key, tree[key], tree.marks[key])
    return done


def _files(tree: Any) -> Iterator[tuple[str, Mark]]:
    """List the files that expectations name: they are read before anything is sent."""
    if isinstance(tree, Map):
        if len(tree) == 1 and isinstance(tree.get("file"), str):
            yield tree["file"], tree.marks["file"][1]
        for value in tree.values():
            yield from _files(value)
    elif isinstance(tree, Seq):
        for item in tree:
            yield from _files(item)


def _fault(name: str, mark: Mark | None, where: str) -> Fault:
    message = f"the template reads {name!r}, and is filled in once, before the first request"
    read = "row.NAME" if name == "row" else name
    return Fault(message, mark, where, ROW.format(read) if name.startswith("row") else OTHERS)
