"""Include: puts what `{include: PATH}` names in its place, within bounds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from runner.errors import Fault, Mark, RecipeError
from runner.recipe.source import MAX_SIZE, MAX_VALUES, Map, Seq

Read = Callable[[str, Mark], Any]
"""Reads the file that a mark's file names by a path: a tree for YAML and JSON, else text."""
Render = Callable[[Map], Any]

DEPTH = 16
FILES = 500
"""How many files one tree may name: includes of includes multiply."""


def included(tree: Any, read: Read, render: Render | None = None) -> Any:
    """Put the content of every `{include: PATH}` in its place; a list within a list is spliced.

    `render` fills in the mapping whose path is a template; without it, it stays for later.
    """
    return _Includer(read, render).whole(tree, 0)


class _Includer:
    """Walks through one tree, and counts what it becomes."""

    def __init__(self, read: Read, render: Render | None) -> None:
        self._read = read
        self._render = render
        self._files = 0
        self._values = 0
        self._size = 0

    def whole(self, tree: Any, depth: int) -> Any:
        self._values += 1
        if isinstance(tree, Map):
            return self._mapping(tree, depth)
        return self._list(tree, depth) if isinstance(tree, Seq) else tree

    def _mapping(self, tree: Map, depth: int) -> Any:
        if len(tree) == 1 and isinstance(tree.get("include"), str):
            return self._content(tree, depth)
        done = Map(tree.mark)
        for key in tree:
            done.put(key, self.whole(tree[key], depth), tree.marks[key])
        return done

    def _list(self, tree: Seq, depth: int) -> Seq:
        spliced = Seq(tree.mark)
        for item, mark in zip(tree, tree.marks, strict=True):
            value = self.whole(item, depth)
            if isinstance(value, Seq) and isinstance(item, Map):
                spliced.extend(value)
                spliced.marks += value.marks
            else:
                spliced.add(value, value.mark if isinstance(value, Map | Seq) else mark)
        return spliced

    def _content(self, tree: Map, depth: int) -> Any:
        mark, path = tree.marks["include"][1], tree["include"]
        if self._render is None and ("{{" in path or "{%" in path):
            return tree
        path = str(self._render(tree)["include"]) if self._render else path
        self._files += 1
        if depth >= DEPTH:
            raise RecipeError.of(Fault(f"{path} includes itself", mark, "include"))
        content = self._read(path, mark)
        self._size += len(content) if isinstance(content, str) else 0
        done = self.whole(content, depth + 1)
        if self._files > FILES or self._values > MAX_VALUES or self._size > MAX_SIZE:
            message = f"too much is included: at most {FILES} files, {MAX_SIZE >> 20} MiB of text"
            raise RecipeError.of(Fault(message, mark, "include"))
        return done
