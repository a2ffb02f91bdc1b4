"""What the service refuses of a schema that it is to hold to strictly."""

import pytest

from runner.protocol.strictness import gaps, refusals

TEXT = {"type": "string"}
OPEN = {"type": "object", "properties": {"a": TEXT}, "required": ["a"]}
SHUT = {**OPEN, "additionalProperties": False}
OPTIONAL = {"properties": {"a": TEXT, "b": TEXT}, "required": ["a"], "additionalProperties": False}


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        (SHUT, []),
        (TEXT, []),
        (True, []),
        (OPEN, [((), True, ())]),
        (OPTIONAL, [((), False, ("b",))]),
        ({**SHUT, "properties": {"a": OPEN}}, [(("properties", "a"), True, ())]),
        ({"type": "array", "items": OPEN}, [(("items",), True, ())]),
        ({"anyOf": [TEXT, OPEN]}, [(("anyOf", 1), True, ())]),
        ({**SHUT, "$defs": {"x": OPTIONAL}}, [(("$defs", "x"), False, ("b",))]),
        ({"type": "object", "properties": 1, "required": None}, [((), True, ())]),
    ],
)
def test_every_object_is_closed_and_requires_all_it_has(schema, expected):
    assert [(gap.path, gap.is_open, gap.optional) for gap in gaps(schema)] == expected


def form(schema, strict=True):
    return {"name": "x", "schema": schema, "strict": strict}


def function(schema, strict=True):
    return {"name": "f", "parameters": schema, "strict": strict}


@pytest.mark.parametrize(
    ("body", "keyed", "path"),
    [
        (
            {"response_format": {"type": "json_schema", "json_schema": form(OPEN)}},
            False,
            "response_format.json_schema.schema",
        ),
        ({"response_format": {"json_schema": form(OPEN)}}, True, "response_schema"),
        ({"text": {"format": form(OPEN)}}, False, "text.format.schema"),
        ({"text": {"format": form(OPEN)}}, True, "response_schema"),
        ({"tools": [{"function": function(OPEN)}]}, True, "tools.0.function.parameters"),
        ({"tools": [{"type": "x"}, function(OPEN)]}, False, "tools.1.parameters"),
    ],
)
def test_strict_schemas_of_either_dialect_are_looked_at(body, keyed, path):
    (found,) = refusals(body, keyed)
    assert ".".join(map(str, found.path)) == path
    assert (
        found.message == "the service refuses a strict schema whose object allows other properties"
    )


@pytest.mark.parametrize(
    "body",
    [
        {"response_format": {"json_schema": form(OPEN, strict=False)}},
        {"text": {"format": {"type": "text"}}, "tools": [{"function": function(OPEN, None)}]},
        {"response_format": "auto", "text": None, "tools": {"a": 1}},
        {"tools": ["x", {"function": None}]},
    ],
)
def test_what_is_not_strict_may_be_open(body):
    assert refusals(body, True) == []


def test_the_way_out_names_what_is_to_be_written():
    (found,) = refusals({"text": {"format": form(OPTIONAL)}}, True)
    assert found.message.endswith("whose object leaves b optional")
    assert found.hint == (
        "add `required: [a, b]` (null can stand for nothing),"
        " or say `response_schema: {file: PATH, strict: false}`"
    )
    many = {f"p{number}": TEXT for number in range(500)}
    (found,) = refusals({"text": {"format": form({"properties": many})}}, False)
    assert len(str(found)) < 600
    assert "all of them to `required`" in found.hint
