"""Include: puts what `{include: PATH}` names in its place, within bounds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from runner.errors import Fault, Mark, RecipeError
from runner.recipe.source import MAX_SIZE, MAX_VALUES, Map, Seq, Words

Read = Callable[[str, Mark], Any]
"""Reads the file that a mark's file names by a path: a tree for YAML and JSON, else `Words`."""
Render = Callable[[Map], Any]

DEPTH = 16
FILES = 500
"""How many files one tree may name: includes of includes multiply."""


class Gap(str):
    """Stands for a value whose shape is wrong, while the rest of its recipe is checked."""

    __slots__ = ()


def included(
    tree: Any, read: Read, render: Render | None = None, broken: list[Fault] | None = None
) -> Any:
    """Put the content of every `{include: PATH}` in its place; a list within a list is spliced.

    `render` fills in the mapping whose path is a template; without it, it stays for later. With
    `broken`, one whose file cannot be read stays too, and that gets its faults.
    """
    found = _Includer(read, render, broken).whole(tree, 0)
    return str(found) if isinstance(found, Words) else found


def left_out(tree: Any) -> Any:
    """Return a tree without its gaps, and the includes that stayed in it."""
    if isinstance(tree, Map):
        done = Map(tree.mark)
        for key, value in tree.items():
            if not (is_include(value) or isinstance(value, Gap)):
                done.put(key, left_out(value), tree.marks[key])
        return done
    if isinstance(tree, Seq):
        items = Seq(tree.mark)
        for item, mark in zip(tree, tree.marks, strict=True):
            if not is_include(item):
                items.add(left_out(item), mark)
        return items
    return tree


def has_gaps(keys: Map) -> bool:
    """Whether keys, or those of a mapping below one, have gaps."""
    below = (value.values() if isinstance(value, Map) else [value] for value in keys.values())
    return any(isinstance(value, Gap) for values in below for value in values)


def is_include(tree: Any) -> bool:
    """Whether a mapping stands for what a file holds, which is rendered."""
    return isinstance(tree, Map) and len(tree) == 1 and isinstance(tree.get("include"), str)


class _Includer:
    """Walks through one tree, and counts what it becomes."""

    def __init__(self, read: Read, render: Render | None, broken: list[Fault] | None) -> None:
        self._read = read
        self._render = render
        self._broken = broken
        self._files = 0
        self._values = 0
        self._size = 0

    def whole(self, tree: Any, depth: int) -> Any:
        self._values += 1
        if isinstance(tree, Map):
            return self._mapping(tree, depth)
        return self._list(tree, depth) if isinstance(tree, Seq) else tree

    def _mapping(self, tree: Map, depth: int) -> Any:
        if is_include(tree):
            return self._content(tree, depth)
        done = Map(tree.mark)
        for key in tree:
            value, (own, mark) = self.whole(tree[key], depth), tree.marks[key]
            if isinstance(value, Words):
                mark, value = value.mark, str(value)
            done.put(key, value, (own, mark))
        return done

    def _list(self, tree: Seq, depth: int) -> Seq:
        spliced = Seq(tree.mark)
        for item, mark in zip(tree, tree.marks, strict=True):
            value = self.whole(item, depth)
            if isinstance(value, Seq) and isinstance(item, Map):
                spliced.extend(value)
                spliced.marks += value.marks
            else:
                place = value.mark if isinstance(value, Map | Seq | Words) else mark
                spliced.add(str(value) if isinstance(value, Words) else value, place)
        return spliced

    def _content(self, tree: Map, depth: int) -> Any:
        mark, path = tree.marks["include"][1], tree["include"]
        if self._render is None and ("{{" in path or "{%" in path):
            return tree
        self._files += 1
        if depth >= DEPTH:
            raise RecipeError.of(Fault(f"{path} includes itself", mark, "include"))
        try:
            content = self._read(str(self._render(tree)["include"]) if self._render else path, mark)
        except RecipeError as error:
            if self._broken is None:
                raise
            self._broken += error.faults
            return tree
        self._size += len(content) if isinstance(content, str) else 0
        done = self.whole(content, depth + 1)
        if self._files > FILES or self._values > MAX_VALUES or self._size > MAX_SIZE:
            message = f"too much is included: at most {FILES} files, {MAX_SIZE >> 20} MiB of text"
            raise RecipeError.of(Fault(message, mark, "include"))
        return done
