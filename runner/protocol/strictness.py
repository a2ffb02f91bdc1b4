"""Strictness: what a schema leaves open that the service is to hold to: it refuses such a one.

Of every object all properties are required, and no others are let in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from runner.exchange import Json
from runner.protocol.rules import Path, Refusal
from runner.recipe.checking.words import MANY, listed
from runner.record import Record

WITHIN = ("items", "anyOf", "allOf")
NAMED = ("properties", "$defs", "definitions")
KEY = "response_schema"
"""The recipe's own word for the form of an answer."""


class Gap(Record):
    """An object of a schema that leaves something open: it lets others in, or has optional ones."""

    path: Path
    is_open: bool
    names: tuple[str, ...]
    optional: tuple[str, ...]


def gaps(schema: Json, path: Path = ()) -> Iterator[Gap]:
    """Find the objects of a schema that leave something open."""
    if isinstance(schema, list):
        for place, one in enumerate(schema):
            yield from gaps(one, (*path, place))
    if not isinstance(schema, Mapping):
        return
    if schema.get("type") == "object" or "properties" in schema:
        yield from _gap(schema, path)
    for key in WITHIN:
        yield from gaps(schema.get(key), (*path, key))
    for key in NAMED:
        named = schema.get(key)
        for name, one in named.items() if isinstance(named, Mapping) else ():
            yield from gaps(one, (*path, key, name))


def _gap(schema: Mapping[str, Json], path: Path) -> Iterator[Gap]:
    properties, required = schema.get("properties"), schema.get("required")
    names = tuple(properties) if isinstance(properties, Mapping) else ()
    known = required if isinstance(required, list) else ()
    found = Gap(
        path,
        schema.get("additionalProperties") is not False,
        names,
        tuple(name for name in names if name not in known),
    )
    if found.is_open or found.optional:
        yield found


def refusals(body: Mapping[str, Json], keyed: bool) -> list[Refusal]:
    """Find what the service refuses of the strict schemas in a body; paths are the body's.

    Where the form of the answer is `keyed`, it came from the recipe's `response_schema`.
    """
    found: list[Refusal] = []
    for path, form, name in _forms(body):
        if form.get("strict") is not True:
            continue
        own = keyed and path[0] != "tools"
        way = f"`{KEY}: {{file: PATH, strict: false}}`" if own else "`strict: false`"
        at = (KEY,) if own else (*path, name)
        found += [_refusal(gap, at, way) for gap in gaps(form.get(name))]
    return found


def _forms(body: Mapping[str, Json]) -> Iterator[tuple[Path, Mapping[str, Json], str]]:
    """List what may be strict: the form of the answer and the functions, of either dialect."""
    for path in (("response_format", "json_schema"), ("text", "format")):
        yield from _form(body, path, "schema")
    tools = body.get("tools")
    for place, tool in enumerate(tools if isinstance(tools, list) else ()):
        if isinstance(tool, Mapping):
            inner = ("function",) if "function" in tool else ()
            yield from _form(tool, inner, "parameters", ("tools", place))


def _form(
    found: Json, path: Path, name: str, before: Path = ()
) -> Iterator[tuple[Path, Mapping[str, Json], str]]:
    for key in path:
        found = found.get(key) if isinstance(found, Mapping) else None
    if isinstance(found, Mapping):
        yield (*before, *path), found, name


def _refusal(gap: Gap, at: Path, way: str) -> Refusal:
    told, add = [], []
    if gap.is_open:
        told.append("allows other properties")
        add.append("`additionalProperties: false`")
    if gap.optional:
        told.append(f"leaves {listed(gap.optional)} optional")
        whole = f"`required: [{', '.join(gap.names)}]`"
        few = len(gap.names) <= MANY
        add.append(f"{whole if few else 'all of them to `required`'} (null can stand for nothing)")
    message = f"the service refuses a strict schema whose object {' and '.join(told)}"
    return Refusal((*at, *gap.path), message, f"add {' and '.join(add)}, or say {way}")
