"""Reads: which names a template reads, found without rendering it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any

from jinja2 import meta, nodes

from runner.recipe.templates.filling import GLOBALS, Reads, pairs
from runner.recipe.templates.program import parse, path_of


@lru_cache(maxsize=4096)
def reads(source: str) -> Reads:
    """Find what a template reads."""
    tree = parse(source)
    free = frozenset(meta.find_undeclared_variables(tree))
    sure = [path for node in _certain(tree) if (path := path_of(node))]
    every = tree.find_all((nodes.Getattr, nodes.Getitem))
    called = {id(call.node) for call in tree.find_all(nodes.Call)}
    paths = [path for node in every if id(node) not in called and (path := path_of(node))]
    return Reads(
        free,
        frozenset(path[0] for path in sure if path[0] in free) - GLOBALS,
        pairs(paths, free),
        pairs(sure, free),
    )


def _certain(node: nodes.Node) -> Iterator[nodes.Node]:
    """Walk through what rendering evaluates in any case."""
    if isinstance(node, nodes.Getattr | nodes.Getitem) or _is_read(node):
        yield node
    for child in _children(node):
        yield from _certain(child)


def _is_read(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Name) and node.ctx == "load"


def _children(node: nodes.Node) -> Iterable[nodes.Node]:
    guards = (nodes.Test, ("defined", "undefined")), (nodes.Filter, ("default", "d"))
    if any(isinstance(node, kind) and node.name in names for kind, names in guards):
        return ()
    parts = _EVALUATED.get(type(node))
    return node.iter_child_nodes() if parts is None else parts(node)


def _of_call(call: nodes.Call) -> Iterator[nodes.Node]:
    # What is passed on may never be used; a method is no field.
    yield call.node.node if isinstance(call.node, nodes.Getattr) else call.node
    yield from (arg for arg in call.args if path_of(arg) is None)


def _of_assignment(node: nodes.Assign) -> Iterable[nodes.Node]:
    return () if path_of(node.node) else (node.node,)


_EVALUATED: dict[type[nodes.Node], Callable[[Any], Iterable[nodes.Node]]] = {
    nodes.And: lambda node: (node.left,),
    nodes.Or: lambda node: (node.left,),
    nodes.CondExpr: lambda node: (node.test,),
    nodes.If: lambda node: (node.test,),
    nodes.For: lambda node: (node.iter,),
    nodes.Macro: lambda _: (),
    nodes.CallBlock: lambda node: (node.call,),
    nodes.Compare: lambda node: (node.expr, node.ops[0].expr),
    nodes.Call: _of_call,
    nodes.Assign: _of_assignment,
}
"""The parts of a node that are evaluated in any case, where that is not all of them."""
