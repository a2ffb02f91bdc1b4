import json
import re
import sys
from subprocess import run

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from runner.errors import Mark
from runner.model import Ref
from runner.recipe.checking.holes import is_expression
from runner.recipe.checking.validate import Scope, fits, is_valid

REF = Ref("file", "a.json", Mark("a.yaml", 1, 1))

VALUES = [
    None, True, False, 0, 1, 1.0, 1.5, -3, 0.1, 0.3, 10**30, "", "a", "ab", "1", "aé", "😀",
    [], [1], [1, 1.0], [1, True], [[1], [True]], ["a", "b", "a"], [1, "a", None],
    {}, {"a": 1}, {"a": "1"}, {"b": 1}, {"a": 1, "b": True}, {"x-1": 1}, {"a": [{"a": 1}]},
]  # fmt: skip
DEFS = {"$defs": {"n/a": {"type": "number"}, "t~": {"items": {"$ref": "#/$defs/t~0"}}}}
SCHEMAS = [
    True, False, {}, {"description": "x", "default": 3, "x-any": {}},
    {"type": "integer"}, {"type": "number"}, {"type": "string"}, {"type": "boolean"},
    {"type": "null"}, {"type": "array"}, {"type": "object"}, {"type": ["string", "null"]},
    {"enum": [1]}, {"enum": [True]}, {"enum": [[1], "a", None]}, {"const": 1}, {"const": False},
    {"const": {"a": 1}}, {"const": [1, True]}, {"const": 1.5},
    {"uniqueItems": True}, {"uniqueItems": False}, {"minItems": 2}, {"maxItems": 1},
    {"minLength": 1}, {"maxLength": 1}, {"pattern": "^a"}, {"pattern": "b$"},
    {"minimum": 1}, {"maximum": 1}, {"exclusiveMinimum": 1}, {"exclusiveMaximum": 1},
    {"multipleOf": 3}, {"multipleOf": 0.1}, {"multipleOf": 0.5},
    {"properties": {"a": {"type": "integer"}, "b": False}}, {"required": ["a"]},
    {"required": ["a", "b"]}, {"dependentRequired": {"a": ["b"]}},
    {"patternProperties": {"^x-": {"type": "string"}}},
    {"properties": {"a": {}}, "additionalProperties": False},
    {"properties": {"a": {}}, "additionalProperties": {"type": "boolean"}},
    {"patternProperties": {"^x-": {}, "^a": {}}, "additionalProperties": False},
    {"propertyNames": {"pattern": "^a"}}, {"minProperties": 1}, {"maxProperties": 1},
    {"items": {"type": "integer"}}, {"items": False}, {"prefixItems": [{"type": "integer"}]},
    {"prefixItems": [{"type": "integer"}], "items": False},
    {"prefixItems": [{}], "items": {"type": "string"}},
    {"anyOf": [{"type": "string"}, {"minimum": 1}]}, {"allOf": [{"minimum": 1}, {"maximum": 1}]},
    {"oneOf": [{"type": "integer"}, {"minimum": 1}]}, {"oneOf": [{"type": "null"}]},
    {"not": {"type": "integer"}}, {"not": {}},
    {"if": {"type": "integer"}, "then": {"minimum": 1}, "else": {"type": "object"}},
    {"if": {"required": ["a"]}, "else": {"type": "array"}}, {"if": False, "then": False},
    {**DEFS, "$ref": "#/$defs/n~1a"}, {**DEFS, "$ref": "#/%24defs/t~0"}, {**DEFS, "type": "array"},
    {"properties": {"a": {"$ref": "#"}}, "type": "object"},
    {"$ref": "#/$defs/x", "$defs": {"x": {}}},
    {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "urn:x", "type": "string"},
    {"type": "string", "minLength": 2, "pattern": "b"}, {"$ref": "#/then", "then": {"minimum": 1}},
]  # fmt: skip


@pytest.mark.parametrize("schema", SCHEMAS, ids=json.dumps)
def test_it_agrees_with_jsonschema(schema):
    judge = Draft202012Validator(schema)
    told = [(value, is_valid(value, schema, schema)) for value in VALUES]
    assert told == [(value, judge.is_valid(value)) for value in VALUES]


LEAVES = st.sampled_from(
    [one for one in SCHEMAS if not {"$ref", "$id"} & set(re.findall(r"[$]\w+", json.dumps(one)))]
)
WHOLE = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.fixed_dictionaries({}, optional={"items": inner, "not": inner, "propertyNames": inner}),
        st.fixed_dictionaries({"if": inner}, optional={"then": inner, "else": inner}),
        st.fixed_dictionaries({}, optional={"anyOf": st.lists(inner, min_size=1, max_size=3)}),
        st.fixed_dictionaries({}, optional={"oneOf": st.lists(inner, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"properties": st.dictionaries(st.sampled_from("ab"), inner)}),
    ),
    max_leaves=8,
)
DEEP = st.recursive(
    st.sampled_from(VALUES),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None)
@given(WHOLE, DEEP)
def test_it_agrees_with_jsonschema_on_any_schema(schema, value):
    assert is_valid(value, schema, schema) == Draft202012Validator(schema).is_valid(value)


@pytest.mark.parametrize(
    "schema",
    [
        {"unevaluatedProperties": False},
        {"contains": {}},
        {"$dynamicRef": "#x"},
        {"$ref": "https://example.com/x"},
        {"$ref": "other.json"},
        {"$ref": "#anchor"},
        {"$ref": "#/$defs/none"},
        {"$ref": "#/$defs/loop", "$defs": {"loop": {"$ref": "#/$defs/loop"}}},
        {"$schema": "http://json-schema.org/draft-07/schema#"},
        {"items": {"$id": "urn:y"}},
        {"type": "strin"},
        {"items": {"pattern": "("}},
        {"items": {"minLength": "x"}},
        {"required": 3},
        {"typ": "string"},
        3,
    ],
    ids=json.dumps,
)
def test_it_does_not_judge_what_it_does_not_know(schema):
    value = {"a": 1} if "required" in str(schema) else ["a"]
    assert is_valid(value, schema, schema) is None


def verdict(value, schema):
    return fits(value, schema, Scope(schema, True))


HOLES = ["{{ x }}", " {{ x }} ", "{{ {'a': {'b': 1}} }}", "{{ '}}{{' }}", {"include": "a.yaml"},
         {"file": "{{ x }}"}, REF]  # fmt: skip


@pytest.mark.parametrize("hole", HOLES, ids=str)
@pytest.mark.parametrize(
    "schema",
    [{"type": "number"}, {"enum": [3]}, {"not": {}}, {"required": ["a"]}, {"minItems": 1}],
    ids=json.dumps,
)
def test_a_hole_may_become_anything(hole, schema):
    assert verdict(hole, schema) is None
    assert is_valid(hole, schema, schema, templates=True) is True
    assert verdict([hole], {"items": schema}) is None


@pytest.mark.parametrize("hole", HOLES, ids=str)
def test_a_hole_where_nothing_may_stand_is_wrong(hole):
    assert verdict({"a": hole}, {"properties": {"a": False}}) is False
    assert verdict({"a": hole}, {"additionalProperties": False}) is False


@pytest.mark.parametrize(
    ("schema", "fitting"),
    [
        ({"type": "string"}, True),
        ({"type": ["string", "null"]}, True),
        ({"type": "number"}, False),
        ({"type": "array"}, False),
        ({"enum": ["a"]}, None),
        ({"const": 3}, None),
        ({"pattern": "^a$"}, None),
        ({"maxLength": 1}, None),
        ({"type": "number", "enum": [3]}, False),
        ({"minimum": 3}, True),
        ({"anyOf": [{"type": "number"}, {"enum": ["a"]}]}, None),
    ],
)
@pytest.mark.parametrize("text", ["a {{ x }}", "{{ a }}{{ b }}", "{% if x %}3{% endif %}"])
def test_text_with_templates_is_text(text, schema, fitting):
    assert verdict(text, schema) is fitting
    assert is_valid(text, schema, schema) == Draft202012Validator(schema).is_valid(text)


@pytest.mark.parametrize(
    ("schema", "value", "fitting"),
    [
        ({"not": {"const": "a"}}, "{{ x }} b", None),
        ({"not": {"required": ["a"]}}, {"a": "{{ x }}"}, False),
        ({"not": {"properties": {"a": {"const": 1}}}}, {"a": "{{ x }}"}, None),
        ({"oneOf": [{"items": {"const": 1}}, {"items": {"const": 2}}]}, ["{{ x }}"], None),
        ({"oneOf": [{}, {"minItems": 0}, {"items": False}]}, ["{{ x }}"], None),
        ({"oneOf": [{}, {"type": "array"}]}, ["{{ x }}"], False),
        ({"if": {"properties": {"a": {"const": 1}}}, "then": False}, {"a": "{{ x }}"}, None),
        ({"if": {"properties": {"a": {"const": 1}}}, "then": False, "else": False},
         {"a": "{{ x }}"}, False),
        ({"if": {"properties": {"a": {"const": 1}}}, "then": {"required": ["b"]}},
         {"a": 1, "c": "{{ x }}"}, False),
        ({"minItems": 2}, ["{{ x }}"], None),
        ({"maxItems": 1}, [{"include": "a.yaml"}, 1], None),
        ({"uniqueItems": True}, ["{{ x }}", 1, 1], None),
        ({"prefixItems": [{"type": "string"}]}, [{"include": "a.yaml"}, 1], None),
        ({"type": "object", "required": ["a"]}, {"include": "a.yaml", "b": 1}, False),
        ({"required": ["a"]}, {"file": 3}, False),
        ({"anyOf": [{"required": ["b"]}, {"required": ["a"]}]}, {"a": "{{ x }}"}, True),
    ],
)  # fmt: skip
def test_what_a_hole_leaves_open_is_open(schema, value, fitting):
    assert verdict(value, schema) is fitting


def test_without_templates_only_records_are_holes():
    schema = {"items": {"type": "number"}}
    assert is_valid([REF], schema, schema) is True
    assert is_valid(["{{ x }}"], schema, schema) is False
    assert is_valid([{"include": "a"}], schema, schema) is False


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("{{ x }}", True),
        ("{{ x }}\n", True),
        ('{{ "{{ a }}" }}', True),
        ("{{ x }} {{ y }}", False),
        ("{{ x }}{% if y %}{{ z }}", False),
        ("{{ x", False),
        ("x }}", False),
        ("a {{ x }}", False),
        ("", False),
    ],
)
def test_a_whole_expression_keeps_its_type(text, whole):
    assert is_expression(text) is whole


def test_it_needs_no_jsonschema():
    code = (
        "import sys; from runner.recipe.schema import check, problems, schema_faults\n"
        "s = {'type': 'object', 'properties': {'a': {'type': 'string', 'pattern': 'a+'}}}\n"
        "assert check({'a': '{{ x }}'}, s, templates=True) == problems({'a': 'a'}, s) == []\n"
        "assert schema_faults(s) == []\n"
        "heavy = {'jsonschema', 'yaml', 'jinja2', 'difflib', 'referencing'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    done = run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr == ""
