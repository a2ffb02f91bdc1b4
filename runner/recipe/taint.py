"""Taint: values of the environment, kept out of addresses, paths and file names."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from runner.errors import Fault, Mark
from runner.model import Ref
from runner.recipe import template
from runner.recipe.source import Map, Seq, unfixed

ADDRESSED = ("id", "attachments")
"""Keys whose text enters an address or names files."""
CALLS = "tool_calls"
Place = tuple[Any, Mark | None]
"""A template, or a tree of them, and where it stands."""


def faults(keys: Map, steps: Iterable[Map], given: Collection[str]) -> list[Fault]:
    """Find the places that a value of `env` or `secrets` would enter; `given` values are others."""
    if "env" not in keys and "secrets" not in keys:
        return []
    cells = _of_matrix(keys.get("matrix"))
    ours = [(name, value) for name, value in _items(keys.get("vars")) if name not in cells]
    dirty = _spread({"env", *cells}, ours, given)
    found = [mark for text, mark in includes(keys) if dirty & set(template.names(text))]
    echoes = False
    for step in steps:
        own = _spread(dirty, _items(step.get("vars")), (), echoes)
        if _enters(step.get("for_each"), own, echoes):
            own = own | {"item"}
        if own & set(template.names(_returned(step))):
            own = own | {CALLS, "reply"}
            echoes = True
        found += [mark for text, mark in _places(step) if _enters(text, own, echoes)]
    return [_fault(mark) for mark in found]


def _returned(step: Map) -> list[Any]:
    """List what the tools of a step give back by themselves: it comes again in `tool_calls`."""
    tools = step.get("tools")
    rows = tools if isinstance(tools, Seq) else ()
    return [unfixed(row["returns"]) for row in rows if isinstance(row, Map) and "returns" in row]


def _enters(text: Any, dirty: Collection[str], echoes: bool) -> bool:
    """Whether a template reads what is dirty, or calls of steps whose tools gave it back."""
    names = set(template.names(text))
    return bool(names & set(dirty)) or (echoes and "steps" in names and CALLS in str(text))


def _fault(mark: Mark | None) -> Fault:
    message = "a value of the environment may enter no path or address"
    return Fault(message, mark, "", "write the value itself, or give it with --var")


def _spread(
    dirty: set[str],
    variables: Iterable[tuple[str, Any]],
    given: Collection[str],
    echoes: bool = False,
) -> set[str]:
    """Add the variables that read what is dirty, each of which sees those above."""
    found = set(dirty)
    for name, value in variables:
        if name in given or not _enters(value, found, echoes):
            found.discard(name)
        else:
            found.add(name)
    return found


def _items(tree: Any) -> Iterable[tuple[str, Any]]:
    return tree.items() if isinstance(tree, Map) else ()


def _of_matrix(written: Any) -> set[str]:
    """Name the variables whose values a matrix takes from the environment."""
    rows = [written, *(written.get("include") or ())] if isinstance(written, Map) else []
    pairs = [pair for row in rows for pair in _items(row)]
    return {name for name, value in pairs if "env" in template.names(value)}


def includes(tree: Any) -> Iterator[Place]:
    """List the paths of the files that a tree includes."""
    if isinstance(tree, Map):
        if len(tree) == 1 and isinstance(tree.get("include"), str):
            yield tree["include"], tree.marks["include"][1]
        for value in tree.values():
            yield from includes(value)
    elif isinstance(tree, Seq):
        for item in tree:
            yield from includes(item)


def _places(step: Map) -> Iterator[Place]:
    """List the paths and addresses of a step in normal form."""
    for key, value in step.items():
        mark = step.marks[key][1]
        if key in ADDRESSED and isinstance(value, str):
            yield value, mark
        elif key == "request" and isinstance(value, Map):
            yield from _fields(value, ("path", "query"))
        elif key == "output":
            yield from _outputs(value)
        elif key == "collect" and isinstance(value, Map):
            yield from _fields(value, ("file",))
        yield from _references(value)


def _fields(tree: Map, names: Collection[str]) -> Iterator[Place]:
    for name in names:
        if name in tree:
            yield tree[name], tree.marks[name][1]


def _outputs(value: Any) -> Iterator[Place]:
    rows = value if isinstance(value, Seq) else [value]
    for row in rows:
        if isinstance(row, Map):
            yield from _fields(row, [name for name in row if name != "content"])


def _references(tree: Any) -> Iterator[Place]:
    """List the files that a tree names, and the addresses that the service would fetch."""
    if isinstance(tree, Ref):
        yield tree.path, tree.mark
    elif isinstance(tree, Map):
        for name, value in tree.items():
            if isinstance(value, str) and (name == "url" or name.endswith("_url")):
                yield value, tree.marks[name][1]
            yield from _references(value)
    elif isinstance(tree, Seq):
        for item in tree:
            yield from _references(item)
