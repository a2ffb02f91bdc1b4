import json

import pytest
from jsonschema import Draft202012Validator

from runner.recipe.schema import schema_faults
from runner.recipe.source import parse
from tests.recipe.checking.test_validate import SCHEMAS


@pytest.mark.parametrize(
    "schema", [one for one in SCHEMAS if one != {"$ref": "#/x"}], ids=json.dumps
)
def test_sound_schemas_have_no_faults(schema):
    Draft202012Validator.check_schema(schema)
    assert schema_faults(schema) == []


@pytest.mark.parametrize(
    ("text", "place", "message", "hint"),
    [
        ("type: strin", (1, 7), "type: expected one of array, boolean, integer, null, number, "
         "object, string, got the text 'strin'", "did you mean 'string'?"),
        ("properties: {a: {minLength: '3'}}", (1, 29), "minLength: expected a whole number, got "
         "the text '3'", "numbers need no quotes"),
        ("required: location", (1, 11), "required: expected a list, got the text 'location'", ""),
        ("properties: [a]", (1, 13), "properties: expected a mapping, got a list", ""),
        ("items: 3", (1, 8), "items: expected a mapping or true or false, got 3", ""),
        ("anyOf: []", (1, 8), "anyOf: expected at least 1 item, got an empty list", ""),
        ("$ref: https://example.com/x.json", (1, 7), "$ref: expected a reference within the "
         "schema, got the text", "nothing is fetched"),
        ("items: {$ref: other.json}", (1, 15), "$ref: expected a reference within the schema",
         "nothing is fetched"),
        ("$ref: '#/$defs/x'", (1, 7), "$ref: nothing stands at '#/$defs/x' in this schema", ""),
        ("pattern: '('", (1, 10), "pattern: expected a regular expression, got the text '('", ""),
        ("patternProperties: {'(': {}}", (1, 21), "(: expected a regular expression", ""),
        ("allOf: [{pattern: '(?>a+)+'}]", (1, 19), "pattern: expected a regular expression", ""),
    ],
)  # fmt: skip
def test_a_fault_of_a_schema_is_told_where_it_stands(text, place, message, hint):
    (fault,) = schema_faults(parse(text, "s.yaml"))
    assert f"{fault.where}: {fault.message}".startswith(message)
    assert fault.hint.startswith(hint)
    assert fault.mark is not None
    assert (fault.mark.line, fault.mark.column) == place


@pytest.mark.parametrize(
    "schema",
    [
        {"enum": [{"$ref": "x.json", "pattern": "("}], "default": {"$ref": "x.json"}},
        {"properties": {"$ref": {"type": "string"}, "pattern": {"type": "string"}}},
        {"$ref": "#here", "$defs": {"a": {"$anchor": "here"}}},
    ],
    ids=json.dumps,
)
def test_data_and_names_within_a_schema_are_no_keywords(schema):
    assert schema_faults(schema) == []


@pytest.mark.parametrize("schema", [3, "x", None, []])
def test_what_is_no_schema_is_told(schema):
    (fault,) = schema_faults(schema)
    assert fault.message.startswith("expected a mapping or true or false, got ")
