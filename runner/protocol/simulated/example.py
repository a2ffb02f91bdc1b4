"""Examples: a value that a JSON Schema accepts, filled from a text where the text offers one."""

from __future__ import annotations

import json
import math
from collections import Counter
from typing import Any

from runner.exchange import Json
from runner.protocol.simulated import hints, pattern
from runner.protocol.simulated.words import topic

DEEPEST = 24
LARGEST = 2_000
"""How many values one example may hold: a schema can ask for more than memory has."""

FORMATS = {
    "date-time": "2026-01-15T12:00:00Z",
    "date": "2026-01-15",
    "time": "12:00:00Z",
    "duration": "PT1H",
    "email": "simulated@example.com",
    "idn-email": "simulated@example.com",
    "hostname": "example.com",
    "idn-hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "https://example.com/simulated",
    "uri-reference": "/simulated",
    "iri": "https://example.com/simulated",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "json-pointer": "/simulated",
    "regex": "simulated",
}
PLACES = ("location", "place", "city", "cities", "country", "address", "destination", "region")
PEOPLE = ("name", "person", "author", "customer", "recipient", "player", "artist")
TEXTS = ("query", "question", "prompt", "topic", "search", "text", "message", "input", "expression")
SOMEWHERE = ("Paris", "Amsterdam", "Stockholm")
KINDS = {
    "object": ("properties", "required", "additionalProperties", "minProperties"),
    "array": ("items", "prefixItems", "minItems", "maxItems"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}


def example(schema: Json, text: str = "", seed: int = 0) -> Json:
    """Make a value for a schema; `seed` varies what nothing settles."""
    return _Maker(schema, hints.find(text), seed).make(schema, "", 0)


def is_place(name: str) -> bool:
    """Whether an argument of this name wants a place."""
    return any(word in name.lower() for word in PLACES)


class _Maker:
    """Makes one example; it uses each hint once, and counts how much it has made."""

    def __init__(self, root: Json, offered: hints.Hints, seed: int) -> None:
        self.root = root
        self.hints = offered
        self.seed = seed
        self.made = 0
        self.named: Counter[str] = Counter()

    def make(self, schema: Json, name: str, depth: int) -> Json:
        self.made += 1
        if self.made > LARGEST or depth > DEEPEST or schema is False:
            return None
        if not isinstance(schema, dict):
            return self._word(name, {})
        schema = self._plain(schema, depth)
        if "const" in schema:
            return schema["const"]
        if schema.get("enum"):
            return self._option(schema["enum"], schema.get("default"))
        kind = _kind(schema)
        if "default" in schema and kind != "string":
            return schema["default"]
        return self._of_kind(kind, schema, name, depth)

    def _of_kind(self, kind: str, schema: dict[str, Json], name: str, depth: int) -> Json:
        match kind:
            case "object":
                return self._object(schema, depth)
            case "array":
                return self._array(schema, name, depth)
            case "integer" | "number":
                return self._number(schema, kind == "integer")
            case "boolean":
                return self.seed % 2 == 0
            case "null":
                return None
        return self._word(name, schema)

    def _plain(self, schema: dict[str, Json], depth: int) -> dict[str, Json]:
        """Follow references, join `allOf` and settle on one branch of a choice."""
        for _ in range(DEEPEST):
            if isinstance(schema.get("$ref"), str):
                schema = _without(schema, "$ref") | self._target(schema["$ref"])
            elif isinstance(schema.get("allOf"), list):
                schema = _joined([_without(schema, "allOf"), *schema["allOf"]])
            elif key := next((key for key in ("anyOf", "oneOf") if schema.get(key)), ""):
                schema = _joined([_without(schema, key), _branch(schema[key], depth)])
            else:
                break
        return schema

    def _target(self, reference: str) -> dict[str, Json]:
        found: Json = self.root if reference.startswith("#") else None
        for step in reference.lstrip("#").split("/")[1:]:
            key = step.replace("~1", "/").replace("~0", "~")
            found = found.get(key) if isinstance(found, dict) else None
        return found if isinstance(found, dict) else {}

    def _option(self, options: list[Json], usual: Json) -> Json:
        text = self.hints.text.lower()
        named = [option for option in options if isinstance(option, str) and option]
        asked = [option for option in named if option.lower() in text]
        if asked or usual in named:
            return asked[0] if asked else usual
        return options[self.seed % len(options)]

    def _object(self, schema: dict[str, Json], depth: int) -> dict[str, Json]:
        properties = schema.get("properties") or {}
        required = schema.get("required") or []
        # A schema that refers to itself ends where only what is required is given.
        wanted = [name for name in properties if depth < 5 or name in required]
        value = {name: self.make(properties[name], name, depth + 1) for name in wanted}
        more = schema.get("additionalProperties")
        for name in required:
            if name not in value:
                value[name] = self.make(more, name, depth + 1)
        for place in range(len(value), min(int(schema.get("minProperties", 0)), LARGEST)):
            value[f"key{place + 1}"] = self.make(more, f"key{place + 1}", depth + 1)
        return value

    def _array(self, schema: dict[str, Json], name: str, depth: int) -> list[Json]:
        first = schema.get("prefixItems") or []
        least = max(int(schema.get("minItems", 0)), len(first))
        most = schema.get("maxItems", max(least, 2 if depth < 4 else 0))
        size = min(max(least, min(2, most)), LARGEST)
        value: list[Json] = []
        for place in range(size):
            item = first[place] if place < len(first) else schema.get("items", {})
            value.append(self.make(item, name, depth + 1))
        return _unique(value, schema) if schema.get("uniqueItems") else value

    def _number(self, schema: dict[str, Json], whole: bool) -> float:
        low, high = _bounds(schema, whole)
        step = schema.get("multipleOf") or 0
        for number in self.hints.numbers:
            if low <= number <= high and not (step and number % step):
                self.hints.numbers.remove(number)
                return int(number) if whole or number.is_integer() else number
        try:
            number = _between(low, high, self.seed + 1)
            number = math.ceil(number / step) * step if step else number
            return math.floor(number) if whole else number
        except (OverflowError, ValueError):
            # Bounds beyond what a float holds: nobody means them.
            return 0

    def _word(self, name: str, schema: dict[str, Json]) -> str:
        kind = schema.get("format", "")
        if found := hints.formatted(self.hints, kind):
            return found
        if kind in FORMATS:
            return FORMATS[kind]
        least, most = min(int(schema.get("minLength", 0)), 10_000), schema.get("maxLength")
        if isinstance(schema.get("pattern"), str):
            made = pattern.sample(schema["pattern"], least, most)
            return made if made is not None else _fit("simulated", least, most)
        return _fit(self._hinted(name) or self._settled(name, schema), least, most)

    def _hinted(self, name: str) -> str:
        """Take from the text what an argument of this name is likely to mean."""
        lower = name.lower()
        if "zone" in lower and (zone := hints.formatted(self.hints, "zone")):
            return zone
        if is_place(name) and self.hints.places:
            return self.hints.places.pop(0)
        if any(word in lower for word in PEOPLE) and self.hints.names:
            return self.hints.names.pop(0)
        if self.hints.quoted:
            return self.hints.quoted.pop(0)
        if any(word in lower for word in TEXTS):
            return topic(self.hints.text, 200)
        return ""

    def _settled(self, name: str, schema: dict[str, Json]) -> str:
        turn = self.named[name] + self.seed
        self.named[name] += 1
        offered = schema.get("examples") or [schema.get("default")]
        if isinstance(offered[turn % len(offered)], str):
            return str(offered[turn % len(offered)])
        if is_place(name):
            return SOMEWHERE[turn % len(SOMEWHERE)]
        words = f"simulated {name.replace('_', ' ')}".strip()
        return f"{words} {turn + 1}" if turn else words


def _without(schema: dict[str, Json], key: str) -> dict[str, Json]:
    return {name: value for name, value in schema.items() if name != key}


def _branch(branches: list[Json], depth: int) -> Json:
    """Choose the first branch that is not null; deep down, null where it may be."""
    null = [branch for branch in branches if branch == {"type": "null"}]
    other = [branch for branch in branches if branch != {"type": "null"}]
    return null[0] if null and (depth >= 5 or not other) else (other or [{}])[0]


def _joined(schemas: list[Json]) -> dict[str, Json]:
    joined: dict[str, Any] = {}
    for schema in (schema for schema in schemas if isinstance(schema, dict)):
        properties = {**joined.get("properties", {}), **schema.get("properties", {})}
        required = [*joined.get("required", []), *schema.get("required", [])]
        joined |= schema
        joined |= {"properties": properties} if properties else {}
        joined |= {"required": required} if required else {}
    return joined


def _kind(schema: dict[str, Json]) -> str:
    kind = schema.get("type")
    if isinstance(kind, list):
        return str(next((one for one in kind if one != "null"), "null"))
    if isinstance(kind, str):
        return kind
    return next((kind for kind, keys in KINDS.items() if schema.keys() & set(keys)), "string")


def _bounds(schema: dict[str, Json], whole: bool) -> tuple[float, float]:
    gap = 1.0 if whole else 1e-6
    lows = [schema.get("minimum", -math.inf), schema.get("exclusiveMinimum", -math.inf) + gap]
    highs = [schema.get("maximum", math.inf), schema.get("exclusiveMaximum", math.inf) - gap]
    return max(lows), min(highs)


def _between(low: float, high: float, turn: int) -> float:
    if math.isinf(low) and math.isinf(high):
        return turn
    if math.isinf(high):
        return low + turn
    if math.isinf(low):
        return high - turn
    return low + (high - low) * (turn % 11) / 11 if high > low else low


def _unique(value: list[Json], schema: dict[str, Json]) -> list[Json]:
    found = list({json.dumps(item, sort_keys=True): item for item in value}.values())
    least = int(schema.get("minItems", 0))
    options = (schema.get("items") or {}).get("enum", []) if len(found) < least else []
    return found + [option for option in options if option not in found][: least - len(found)]


def _fit(text: str, least: int, most: int | None) -> str:
    while len(text) < least:
        text += " simulated"
    return text if most is None else text[:most]
