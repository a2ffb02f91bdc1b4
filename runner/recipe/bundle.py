"""Bundles: one schema file that holds those it refers to, for editors far from our folder."""

from __future__ import annotations

from collections.abc import Mapping
from posixpath import join, normpath
from typing import Any


def bundle(root: str, files: Mapping[str, Any]) -> dict[str, Any]:
    """Make one self-contained schema of a file and the files that it refers to.

    `files` maps paths below the schemas' folder ("recipe.json", "endpoints/models.json") to what
    they hold; references are relative to the file they stand in. KeyError where one is missing.
    """
    todo, done = [root], dict[str, Any]()
    while todo:
        name = todo.pop()
        if name not in done:
            done[name] = _moved(files[name], name, root, todo)
    whole = done.pop(root)
    moved = {_key(name): _without_dialect(body) for name, body in done.items()}
    return {**whole, "$defs": {**whole.get("$defs", {}), **moved}}


def _without_dialect(body: Mapping[str, Any]) -> dict[str, Any]:
    """A schema within another has the dialect of the whole."""
    return {key: value for key, value in body.items() if key != "$schema"}


def _moved(node: Any, name: str, root: str, seen: list[str]) -> Any:
    if isinstance(node, list):
        return [_moved(item, name, root, seen) for item in node]
    if not isinstance(node, dict):
        return node
    done = {key: _moved(item, name, root, seen) for key, item in node.items()}
    if isinstance(node.get("$ref"), str):
        done["$ref"] = _target(node["$ref"], name, root, seen)
    return done


def _target(reference: str, name: str, root: str, seen: list[str]) -> str:
    path, _, pointer = reference.partition("#")
    target = normpath(join(name, "..", path)) if path else name
    seen.append(target)
    return f"#{pointer}" if target == root else f"#/$defs/{_key(target)}{pointer}"


def _key(name: str) -> str:
    """Name a file in `$defs`, without the slash that would split a pointer."""
    return name.removesuffix(".json").replace("/", ".")
