"""Texting: a number or boolean that a template gave becomes text where only text is taken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from runner.recipe.checking.keywords import resolve
from runner.recipe.template import as_text
from runner.recipe.templates.filling import OPEN

Nodes = tuple[Mapping[str, Any], ...]
"""The schemas that have a say at one place."""
_JOINED = ("allOf", "anyOf", "oneOf")
_NUMERIC = {"number", "integer", "boolean"}
_MOST = 64


def texted(value: Any, written: Any, schema: Mapping[str, Any]) -> Any:
    """Return a rendered value with text where text is wanted; `written` says what is a template's.

    What the recipe itself writes as a number stays one: that is a mistake, and told as such.
    """
    return _texted(value, written, (*_expanded(schema, schema),), schema)


def _texted(value: Any, written: Any, nodes: Nodes, root: Any) -> Any:
    if not nodes or not _is_open(written):
        return value
    is_filled = isinstance(written, str)
    if isinstance(value, Mapping):
        parts = dict.fromkeys(value, written) if is_filled else written
        return {
            key: _texted(item, parts.get(key), _fields(nodes, key, root), root)
            for key, item in value.items()
        }
    if isinstance(value, list) and (is_filled or len(written) == len(value)):
        origins, found = [written] * len(value) if is_filled else written, _items(nodes, root)
        return [_texted(*pair, found, root) for pair in zip(value, origins, strict=True)]
    is_number = is_filled and isinstance(value, int | float)
    return as_text(value) if is_number and _takes_text_alone(nodes) else value


def _is_open(written: Any) -> bool:
    """Whether a template has filled this in, or anything within it."""
    if isinstance(written, str):
        return OPEN.search(written) is not None
    if isinstance(written, Mapping):
        return any(map(_is_open, written.values()))
    return isinstance(written, list) and any(map(_is_open, written))


def _takes_text_alone(nodes: Nodes) -> bool:
    kinds: set[str] = set()
    for node in nodes:
        told = node.get("type", ())
        kinds |= {told} if isinstance(told, str) else {*told}
        listed = [one for one in node.get("enum", (node.get("const"),)) if one is not None]
        kinds |= {"string" if isinstance(one, str) else "number" for one in listed}
    return "string" in kinds and not kinds & _NUMERIC


def _expanded(schema: Any, root: Any, depth: int = 0) -> Iterator[Mapping[str, Any]]:
    """List a schema with those that it refers to and joins."""
    if not isinstance(schema, Mapping) or depth > _MOST:
        return
    yield schema
    if "$ref" in schema:
        yield from _expanded(resolve(schema["$ref"], root), root, depth + 1)
    for word in _JOINED:
        for one in schema.get(word, ()):
            yield from _expanded(one, root, depth + 1)
    for word in ("then", "else"):
        yield from _expanded(schema.get(word), root, depth + 1)


def _fields(nodes: Nodes, key: str, root: Any) -> Nodes:
    found = (
        node.get("properties", {}).get(key, node.get("additionalProperties")) for node in nodes
    )
    return tuple(one for schema in found for one in _expanded(schema, root))


def _items(nodes: Nodes, root: Any) -> Nodes:
    return tuple(one for node in nodes for one in _expanded(node.get("items"), root))
