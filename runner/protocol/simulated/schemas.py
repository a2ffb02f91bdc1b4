"""Schemas: what is wrong with a JSON Schema that a request brings, in the service's words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from runner.exchange import Json

KINDS: dict[str, tuple[type, ...]] = {
    "a string": (str,),
    "an integer": (int,),
    "a number": (int, float),
    "a boolean": (bool,),
    "an array": (list,),
    "an object": (dict,),
}
KEYWORDS: dict[str, tuple[type, ...]] = {
    "properties": (dict,),
    "$defs": (dict,),
    "definitions": (dict,),
    "enum": (list,),
    "examples": (list,),
    "anyOf": (list,),
    "oneOf": (list,),
    "allOf": (list,),
    "prefixItems": (list,),
    "type": (str, list),
    "pattern": (str,),
    "format": (str,),
    "$ref": (str,),
}
NUMBERS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
SIZES = ("minLength", "maxLength", "minItems", "maxItems", "minProperties")
LISTS = ("anyOf", "oneOf", "allOf", "prefixItems")
MAPS = ("properties", "$defs", "definitions")


def schema_fault(schema: Json, strict: bool) -> str:
    """Say what is wrong with a schema, or ""; a strict one leaves nothing open."""
    return next(_malformed(schema), "") or (next(_loose(schema), "") if strict else "")


def is_kind(value: Json, kind: str) -> bool:
    """Whether a value is of a kind; a boolean is no number."""
    return isinstance(value, KINDS[kind]) and (kind == "a boolean" or not isinstance(value, bool))


def _malformed(schema: Json) -> Iterator[str]:
    """Tell where a schema is no JSON Schema."""
    if isinstance(schema, bool):
        return
    if not isinstance(schema, dict):
        yield f"{schema!r} is not of type 'object', 'boolean'."
        return
    wrong = [key for key, value in schema.items() if not _fits(key, value)]
    if wrong:
        yield f"{schema[wrong[0]]!r} is not what '{wrong[0]}' takes."
        return
    for part in _parts(schema):
        yield from _malformed(part)


def _fits(key: str, value: Json) -> bool:
    if key in NUMBERS:
        return is_kind(value, "a number")
    if key in SIZES:
        return is_kind(value, "an integer") and value >= 0
    if key == "required":
        return isinstance(value, list) and all(isinstance(name, str) for name in value)
    return key not in KEYWORDS or isinstance(value, KEYWORDS[key])


def _parts(schema: Mapping[str, Json]) -> Iterator[Json]:
    yield from (schema[key] for key in ("items", "additionalProperties") if key in schema)
    for key in LISTS:
        yield from schema.get(key, ())
    for key in MAPS:
        yield from schema.get(key, {}).values()


def _loose(schema: Json, path: tuple[str, ...] = ()) -> Iterator[str]:
    """Tell where a strict schema leaves something open."""
    if isinstance(schema, list):
        for place, one in enumerate(schema):
            yield from _loose(one, (*path, str(place)))
    if not isinstance(schema, dict):
        return
    if schema.get("type") == "object" or "properties" in schema:
        yield from _open(schema, f"In context={path},")
    for key in ("items", "anyOf", "allOf"):
        yield from _loose(schema.get(key), (*path, key))
    for key in ("properties", "$defs", "definitions"):
        for name, one in (schema.get(key) or {}).items():
            yield from _loose(one, (*path, key, name))


def _open(schema: Mapping[str, Json], context: str) -> Iterator[str]:
    if schema.get("additionalProperties") is not False:
        yield f"{context} 'additionalProperties' is required to be supplied and to be false."
    required = set(schema.get("required", ()))
    lost = [name for name in schema.get("properties") or {} if name not in required]
    if lost:
        yield (
            f"{context} 'required' is required to be supplied and to be an array including every"
            f" key in properties. Missing '{lost[0]}'."
        )
