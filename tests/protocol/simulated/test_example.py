"""Examples: each fits its schema, whatever the schema says, and takes what the text offers."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from runner.protocol.simulated.example import LARGEST, example, is_place

TREE = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "children": {"type": "array", "items": {"$ref": "#"}},
    },
    "required": ["name", "children"],
    "additionalProperties": False,
}
SCHEMAS: dict[str, Any] = {
    "string": {"type": "string"},
    "long string": {"type": "string", "minLength": 40, "maxLength": 45},
    "short string": {"type": "string", "maxLength": 3},
    "empty string": {"type": "string", "maxLength": 0},
    "integer": {"type": "integer"},
    "bounded": {"type": "integer", "minimum": 10, "maximum": 12},
    "exclusive": {"type": "integer", "exclusiveMinimum": 1, "exclusiveMaximum": 3},
    "fraction": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
    "negative": {"type": "number", "maximum": -5},
    "multiple": {"type": "integer", "multipleOf": 7, "minimum": 1},
    "boolean": {"type": "boolean"},
    "null": {"type": "null"},
    "nullable": {"type": ["string", "null"]},
    "enum": {"enum": ["a", "b", None]},
    "const": {"const": {"a": [1]}},
    "any of": {"anyOf": [{"type": "null"}, {"type": "integer"}]},
    "one of": {"oneOf": [{"type": "string", "maxLength": 2}, {"type": "integer"}]},
    "all of": {
        "allOf": [
            {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]},
            {"properties": {"b": {"type": "boolean"}}, "required": ["b"]},
        ]
    },
    "array": {"type": "array", "items": {"type": "integer"}, "minItems": 3, "maxItems": 4},
    "empty array": {"type": "array", "maxItems": 0},
    "unique": {"type": "array", "items": {"type": "string"}, "minItems": 3, "uniqueItems": True},
    "unique enum": {
        "type": "array",
        "items": {"enum": ["a", "b", "c"]},
        "minItems": 2,
        "uniqueItems": True,
    },
    "tuple": {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}]},
    "object": {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a", "b"]},
    "map": {"type": "object", "additionalProperties": {"type": "integer"}, "minProperties": 2},
    "definitions": {
        "type": "object",
        "properties": {"home": {"$ref": "#/$defs/place"}},
        "required": ["home"],
        "$defs": {
            "place": {
                "type": "object",
                "properties": {"zip": {"type": "integer"}},
                "required": ["zip"],
            }
        },
    },
    "tree": TREE,
    "no type": {"properties": {"a": {"minimum": 4}}, "required": ["a"]},
    "anything": True,
    "pattern": {"type": "string", "pattern": "^[A-Z]{2}-\\d{3,}$"},
    "short pattern": {"type": "string", "pattern": "^\\w+$", "maxLength": 1},
}
FORMATS = [
    "date-time",
    "date",
    "time",
    "email",
    "uri",
    "uuid",
    "ipv4",
    "ipv6",
    "hostname",
    "duration",
]


@pytest.mark.parametrize("seed", [0, 1, 5])
@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS)
def test_an_example_fits_its_schema(schema, seed):
    made = example(schema, "Weather in Oslo for 11 people", seed)
    Draft202012Validator(schema).validate(made)


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_is_kept(name):
    schema = {"type": "string", "format": name}
    checker = Draft202012Validator.FORMAT_CHECKER
    Draft202012Validator(schema, format_checker=checker).validate(example(schema))
    assert example(schema) != example({"type": "string"})


def test_every_declared_property_is_given():
    schema = {"type": "object", "properties": {"a": {}, "b": {"type": "boolean"}}}
    assert set(example(schema)) == {"a", "b"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("What is the weather like in Paris today?", "Paris"),
        ("Weather for Bogotá, Colombia please", "Bogotá, Colombia"),
        ("weather in New York", "New York"),
        ("Is it cold in The Hague?", "The Hague"),
        ("what about Oslo", "Oslo"),
        ("no place at all", "Paris"),
    ],
)
def test_a_place_comes_from_the_text(text, expected):
    schema = {"type": "object", "properties": {"location": {"type": "string"}}}
    assert example(schema, text) == {"location": expected}


def props(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


TEXT = {"type": "string"}
WHOLE = {"type": "integer"}


@pytest.mark.parametrize(
    ("schema", "text", "expected"),
    [
        (props(a=WHOLE, b=WHOLE), "What is 2 + 3?", {"a": 2, "b": 3}),
        (props(a=WHOLE | {"minimum": 5}), "Between 2 and 7", {"a": 7}),
        (props(x={"type": "number"}), "The root of 2.5", {"x": 2.5}),
        (props(unit={"enum": ["celsius", "fahrenheit"]}), "in Fahrenheit", {"unit": "fahrenheit"}),
        (props(unit={"enum": ["c", "metre"], "default": "metre"}), "", {"unit": "metre"}),
        (props(query=TEXT), "latest news", {"query": "latest news"}),
        (props(query=TEXT), 'Search for "blue cats"', {"query": "blue cats"}),
        (props(name=TEXT), "Say hello to Ada Lovelace", {"name": "Ada Lovelace"}),
        (props(zone=TEXT), "The time in Europe/Oslo", {"zone": "Europe/Oslo"}),
        (
            props(to=TEXT | {"format": "email"}),
            "Mail ada@example.org now",
            {"to": "ada@example.org"},
        ),
        (props(colour=TEXT), "Paint it", {"colour": "simulated colour"}),
        (props(unit=TEXT | {"default": "metre"}), "Measure", {"unit": "metre"}),
        (props(deep={"type": "boolean", "default": False}), "Dive", {"deep": False}),
    ],
)
def test_arguments_come_from_the_text_where_it_offers_them(schema, text, expected):
    assert example(schema, text) == expected


def test_a_seed_varies_what_nothing_settles():
    assert len({example({"enum": ["a", "b", "c"]}, "", seed) for seed in range(3)}) == 3
    assert example(WHOLE, "", 0) != example(WHOLE, "", 1)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "array", "minItems": 10**9, "items": {"type": "array", "minItems": 10**9}},
        {"type": "string", "minLength": 10**9},
        {"type": "string", "pattern": "((a{999}){999}){999}"},
        {"$ref": "#"},
        {"allOf": [{"$ref": "#"}, {"$ref": "#"}]},
        {"type": "object", "properties": {"a": {"$ref": "#"}}, "required": ["a"]},
        {"type": "integer", "minimum": 1e308, "multipleOf": 1e-300},
    ],
    ids=["items", "letters", "pattern", "loop", "loops", "endless", "numbers"],
)
def test_a_schema_that_asks_for_too_much_gets_a_little(schema):
    assert len(str(example(schema))) < 50 * LARGEST


@pytest.mark.parametrize(
    ("name", "expected"), [("cityName", True), ("location", True), ("unit", False)]
)
def test_some_names_want_a_place(name, expected):
    assert is_place(name) is expected
