"""Reads: which names a template reads, found without rendering it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import lru_cache
from typing import Any

from jinja2 import TemplateSyntaxError, meta, nodes

from runner.recipe.templates.filling import GLOBALS, Reads, pairs
from runner.recipe.templates.program import SOURCE, parse, path_of
from runner.recipe.templates.sandbox import SANDBOX

_OPENINGS = ("variable_begin", "block_begin")
_CLOSED = ("comment", "comment_end")


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


def words(source: str) -> Iterator[tuple[int, str]]:
    """Walk through what opens templates, and the names that they read, each with its offset.

    Lines end with a line feed alone. Of a text that is no template, this tells what comes before
    the fault; of one too long to be read, nothing. A name is held until it is known to be no
    argument's, and `{#` until it is known to be closed.
    """
    held: tuple[int, str] | None = None
    before = ""
    for at, kind, word in _tokens(source) if len(source) <= SOURCE else ():
        if held and word != "=" and kind not in _CLOSED:
            yield held
        if kind in _OPENINGS:
            yield at, word
        is_held = kind == "comment_begin" or (kind == "name" and before not in (".", "|"))
        held, before = (at, word) if is_held else None, word
    if held:
        yield held


def _tokens(source: str) -> Iterator[tuple[int, str, str]]:
    at = 0
    with suppress(TemplateSyntaxError):
        for _, kind, word in SANDBOX.lex(source):
            at = source.index(word, at)  # white space that a `-` eats is no token
            if kind != "whitespace":
                yield at, kind, word
            at += len(word)


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
