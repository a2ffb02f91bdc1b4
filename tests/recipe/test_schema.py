import json
import socket

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.errors import Mark
from runner.model import Ref
from runner.recipe.checking.validate import is_valid
from runner.recipe.schema import check, problems, schema_faults
from runner.recipe.source import merge, parse
from tests.ending import ends_within
from tests.recipe.checking.test_validate import WHOLE

RECIPE = {
    "type": "object",
    "properties": {
        "model": {"type": "string", "x-expected": "a model's name"},
        "stream": {"type": "boolean"},
        "params": {
            "type": "object",
            "properties": {
                "temperature": {"type": "number", "minimum": 0, "maximum": 2},
                "n": {"type": "integer", "minimum": 1},
                "stop": {"type": ["string", "array", "null"], "items": {"type": "string"}},
                "effort": {"enum": ["low", "medium", "high"]},
                "seed": {"type": ["integer", "null"]},
                "kind": {"const": "json"},
                "old": False,
                "gone": {"not": {}, "x-hint": "use stop"},
            },
            "additionalProperties": False,
        },
        "tags": {"type": "array", "items": {"type": "string"}, "minItems": 1, "uniqueItems": True},
        "timeout": {
            "anyOf": [{"type": "number"}, {"type": "string", "pattern": "^[0-9]+s$"}],
            "x-expected": "a duration such as 10s",
            "x-hint": "seconds, or a number with its unit",
        },
        "choice": {"anyOf": [{"enum": ["auto", "none"]}, {"type": "object", "required": ["name"]}]},
        "part": {
            "anyOf": [
                {"type": "string"},
                {
                    "type": "object",
                    "properties": {"type": {"const": "text"}, "text": {"type": "string"}},
                    "required": ["type", "text"],
                    "additionalProperties": False,
                },
                {
                    "type": "object",
                    "properties": {"type": {"const": "image"}, "url": {"type": "string"}},
                    "required": ["type", "url"],
                    "additionalProperties": False,
                },
            ]
        },
        "headers": {"type": "object", "propertyNames": {"pattern": "^[a-z-]+$"}},
        "one": {"type": "object", "minProperties": 1, "maxProperties": 1},
        "pair": {"dependentRequired": {"a": ["b"]}, "not": {"required": ["x", "y"]}},
        "size": {"multipleOf": 8, "exclusiveMinimum": 0, "exclusiveMaximum": 100},
        "name": {"type": "string", "minLength": 1, "maxLength": 5},
        "never": {"anyOf": [False]},
        "either": {"oneOf": [{"required": ["a"]}, {"required": ["b"]}]},
    },
    "patternProperties": {"^x-": {}},
    "required": ["model"],
    "additionalProperties": False,
}


def faults(text, **options):
    return check(parse(text, "a.yaml"), RECIPE, **options)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("params:\n  temprature: 1", (3, 3, 10)),
        ("params:\n  temperature: x", (3, 16, 1)),
        ("params:\n  old: 12", (3, 3, 3)),
        ("tags: [a, 3]", (2, 11, 1)),
        ("choice: {nam: x}", (2, 9, 8)),
        ("headers: {Accept: x}", (2, 11, 6)),
        ("pair: {a: 1}", (2, 8, 1)),
    ],
)
def test_a_fault_points_at_the_value_the_key_or_the_mapping(text, place):
    (fault,) = faults(f"model: m\n{text}\n")
    assert fault.mark == Mark("a.yaml", *place)


def test_all_faults_are_told_in_the_order_of_the_file():
    text = "tags: x\nstream: 1\nparams: {n: 0, b: 1, temperature: a}\nmodel: 3\n"
    assert [(fault.mark.line, fault.mark.column) for fault in faults(text) if fault.mark] == [
        (1, 7), (2, 9), (3, 13), (3, 16), (3, 35), (4, 8),
    ]  # fmt: skip


def test_keys_that_a_pattern_allows_are_known():
    assert faults("model: m\nx-any: 1\n") == []


@pytest.mark.parametrize(
    "text",
    [
        "model: '{{ m }}'",
        "model: 'gpt-{{ m }}'",
        "stream: '{{ s }}'",
        "params: {temperature: '{{ t }}', effort: '{{ e }}', n: ' {{ n }} '}",
        "params: {effort: 'h{{ e }}'}",
        "params: {include: params.yaml}",
        "tags: {file: tags.yaml}",
        "tags: ['{{ x }}', '{{ x }}']",
        "name: 'a{{ rather long }}'",
        "part: '{{ p }}'",
        "part: {type: '{{ p }}', url: x}",
        "timeout: '{{ t }}s'",
        "either: '{{ x }}'",
        "headers: {accept: '{{ x }}'}",
    ],
)
def test_templates_count_as_what_is_wanted(text):
    text = text if text.startswith("model") else f"model: m\n{text}"
    assert faults(text, templates=True) == []
    assert faults(text) != [] or text.startswith("model") or "accept" in text


def test_records_fit_anything():
    tree = parse("model: m\nparams: {}\n", "a.yaml")
    tree["params"] = Ref("file", "p.json", Mark("a.yaml", 2, 9))
    assert check(tree, RECIPE) == []


@settings(max_examples=150, deadline=None)
@given(WHOLE, st.recursive(
    st.sampled_from([1, "a", None, "{{ x }}", "a{{ x }}", True, 1.5]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner),
    max_leaves=5,
))  # fmt: skip
def test_what_does_not_fit_is_always_worded(schema, value):
    if not isinstance(schema, bool):
        fits = is_valid(value, schema, schema, templates=True)
        assert bool(check(value, schema, templates=True)) is not fits


def test_what_only_jsonschema_knows_is_left_to_it():
    schema = {"properties": {"a": {}}, "unevaluatedProperties": False, "contains": {"minimum": 3}}
    assert problems({"a": 1}, schema) == []
    (unexpected,) = problems({"a": 1, "bc": 2}, schema)
    assert "bc" in unexpected
    assert check({"a": 1}, schema) == []
    assert len(check({"a": 1, "bc": 2}, schema)) == 1
    assert len(check([1], schema)) == 1


def test_holes_are_left_open_where_jsonschema_judges():
    schema = {"unevaluatedProperties": False, "properties": {"a": {"type": "number"}}}
    assert check({"a": "{{ x }}"}, schema, templates=True) == []
    assert len(check({"a": "x{{ x }}"}, schema, templates=True)) == 1


def test_a_part_of_a_tree_is_told_with_its_place_in_the_whole():
    tree = parse("steps:\n  - params: {n: x}\n", "a.yaml")
    part = {"n": "rendered"}
    schema = RECIPE["properties"]["params"]  # type: ignore[index]
    (fault,) = check(part, schema, at=("steps", 0, "params"), marks=tree)
    assert fault.mark == Mark("a.yaml", 2, 17)
    assert fault.where == "n"
    (bare,) = check(part, schema, at=("steps", 0, "params"))
    assert bare.mark is None
    assert bare.where == "steps.0.params.n"


def test_a_fault_in_an_inherited_value_points_into_its_file():
    base = parse("params: {n: 0}\n", "base.yaml")
    tree = merge(base, parse("model: m\nparams: {effort: high}\n", "a.yaml"))
    (fault,) = check(tree, RECIPE)
    assert fault.mark == Mark("base.yaml", 1, 13)


PLACE = {
    "type": "object",
    "properties": {"location": {"type": "string"}, "days": {"type": "integer"}},
    "required": ["location"],
    "additionalProperties": False,
}


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"location": "Paris", "days": 2}, []),
        ({"location": 3}, ["location: expected text, got 3"]),
        ({}, ["the key 'location' is missing"]),
        ([], ["expected a mapping, got an empty list"]),
        ({"location": "x", "day": 1}, ["unknown key 'day'"]),
        ({"location": "{{ x }}", "days": "{{ x }}"},
         ["days: expected a whole number, got the text '{{ x }}'"]),
    ],
)  # fmt: skip
def test_problems_are_short(value, told):
    assert problems(value, PLACE) == told


def test_problems_name_the_path():
    schema = {"properties": {"a": {"items": {"properties": {"b": PLACE}}}}}
    value = {"a": [{}, {"b": {"location": "x", "zoo": 1}}]}
    assert problems(value, schema) == ["a.1.b: unknown key 'zoo'"]


def test_many_problems_are_cut_short():
    told = problems([1] * 100, {"items": {"type": "string"}})
    assert len(told) == 21
    assert told[-1] == "…"


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#/$defs/loop", "$defs": {"loop": {"$ref": "#/$defs/loop"}}},
        {"$ref": "https://example.com/schema.json"},
        {"$ref": "#/$defs/none"},
        {"type": "strin"},
        {"pattern": "("},
    ],
    ids=json.dumps,
)
def test_a_schema_that_cannot_be_used_is_one_problem(schema):
    (message,) = problems("a", schema)
    assert message.startswith("the schema cannot be used: ")


def test_a_schema_that_is_elsewhere_is_not_fetched():
    with socket.create_server(("127.0.0.1", 0)) as listener, ends_within(10):
        listener.setblocking(False)
        (message,) = problems(
            "a", {"$ref": f"http://127.0.0.1:{listener.getsockname()[1]}/s.json", "contains": {}}
        )
        assert message.startswith("the schema cannot be used: ")
        with pytest.raises(BlockingIOError):
            listener.accept()


def test_older_dialects_are_judged_by_their_own_rules():
    schema = {"$schema": "http://json-schema.org/draft-07/schema#", "items": [{"type": "string"}]}
    assert problems(["a", 1], schema) == []
    assert problems([1], schema) == ["0: expected text, got 1"]
    assert schema_faults(schema) == []
