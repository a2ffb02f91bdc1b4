"""A validation takes a bounded number of steps, whatever the schema and the value."""

import time

import pytest

from runner.recipe.checking.steps import Steps, UndecidedError, weight
from runner.recipe.checking.validate import is_valid
from runner.recipe.schema import misfits, problems
from tests.ending import ends_within

STRING = {"type": ["string", "object"]}


def doubled(keyword, leaf, levels=30):
    """A schema whose every level asks the one below twice."""
    defs = {"d0": leaf}
    for level in range(1, levels):
        defs[f"d{level}"] = {keyword: [{"$ref": f"#/$defs/d{level - 1}"}] * 2}
    return {"$defs": defs, "$ref": f"#/$defs/d{levels - 1}"}


def misfits_in_time(value, schema):
    started = time.process_time()
    with ends_within(30):
        found = misfits(value, schema)
    assert time.process_time() - started < 10
    return found


TOP = {"$ref": "#/$defs/d29"}
LOOP = {
    "$defs": {
        "n": {
            "type": "object",
            "additionalProperties": {"anyOf": [{"$ref": "#/$defs/n"}, {"$ref": "#/$defs/n"}]},
        }
    },
    "$ref": "#/$defs/n",
}
DEEP: object = 7
for _ in range(40):
    DEEP = {"a": DEEP}
MAIL = {"items": {"pattern": "^[^@]+@[^@]+$"}}
MAILS = [f"user{n}@example.com" for n in range(2_000)]


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        (doubled("allOf", STRING), "x"),
        (doubled("anyOf", STRING), "x"),
        ({"uniqueItems": True}, [*range(20_000)]),
        ({"uniqueItems": True}, [{"a": n} for n in range(20_000)]),
        ({"uniqueItems": True}, [1, True, 0, False, "1", None, [1], [True], {"a": 1}]),
        ({"items": {"enum": ["a", "b"]}}, ["b"] * 20_000),
        ({"items": {"type": "object", "required": ["a"]}}, [{"a": 1}] * 20_000),
        (MAIL, MAILS),
    ],
)
def test_a_value_that_fits_is_found_to_fit(schema, value):
    assert misfits_in_time(value, schema) == []


@pytest.mark.parametrize(
    ("schema", "value", "told"),
    [
        (doubled("allOf", {"type": "null"}), "x", "expected null, got the text 'x'"),
        (doubled("anyOf", {"type": "null"}), "x", "to find out where takes too long"),
        (LOOP, DEEP, "to find out where takes too long"),
        ({"$defs": doubled("allOf", STRING)["$defs"], "allOf": [False, TOP]}, "x", "not allowed"),
        ({"uniqueItems": True}, [{"a": n} for n in range(9_000)] + [{"a": 1.0}], "no item twice"),
        ({"uniqueItems": True}, ["a", 1, "a"], "no item twice"),
        (MAIL, [*MAILS, "nobody"], "expected text that matches"),
        ({"anyOf": [{"type": "integer"}] * 10_000}, "x" * 1_000_000, "takes too long"),
        (
            {"anyOf": [{"properties": {"t": {"const": n}}} for n in range(5_000)]},
            {"t": -1},
            "t: expected one of 0",
        ),
    ],
)
def test_a_value_that_does_not_fit_is_told_as_such(schema, value, told):
    assert told in misfits_in_time(value, schema)[0]


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        (doubled("allOf", {"contains": {}}), ["x"]),
        ({"items": {"properties": {f"p{n}": {} for n in range(9_000)}}}, [{}] * 90_000),
        ({"items": {"enum": [{"a": [n] * 100} for n in range(400)]}}, [{"a": [399] * 100}] * 6_000),
        ({"items": {"pattern": ".*.*.*a"}}, ["a" * 100] * 90_000),
        ({"items": {"pattern": ".*x"}}, ["a" * 999 + "x"] * 4_000),
    ],
)
def test_what_takes_too_long_is_not_decided(schema, value):
    with pytest.raises(UndecidedError, match="takes too long"):
        misfits_in_time(value, schema)


def test_what_is_not_decided_is_told_where_nobody_can_ask_again():
    schema: dict = {"items": {"properties": {f"p{n}": {} for n in range(9_000)}}}
    assert "takes too long" in problems([{}] * 90_000, schema)[0]


def test_a_dialect_named_anew_below_brings_no_rules_without_bounds():
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "properties": {"a": {"$ref": "#"}},
        "additionalProperties": {"pattern": "^(a+)+$"},
    }
    value = {"a": {"b": "a" * 40 + "!"}}
    assert "a.b: expected text that matches" in misfits_in_time(value, schema)[0]


def test_steps_end():
    steps = Steps(2)
    steps.spend(2)
    with pytest.raises(UndecidedError):
        steps.spend(1)


@pytest.mark.parametrize(
    ("value", "count"), [(1, 1), ("a", 1), ("a" * 500, 6), ([], 1), ({"a": [1, 2], "b": 3}, 5)]
)
def test_a_value_weighs_what_it_holds(value, count):
    assert weight(value) == count


def test_each_value_that_is_judged_takes_a_step():
    with pytest.raises(UndecidedError):
        is_valid([1] * 9, {"items": {}}, {}, steps=Steps(5))
