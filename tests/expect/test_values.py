"""Value checks."""

import pytest

from runner.expect.paths import MISSING
from runner.expect.values import AMOUNTS, VALUES, judge, same


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        (1, 1.0, True),
        (True, 1, False),
        (0, False, False),
        (False, False, True),
        (None, None, True),
        (None, 0, False),
        ("1", 1, False),
        ([1, 2], [1, 2.0], True),
        ([1, 2], [2, 1], False),
        ([1], [1, 2], False),
        ([True], [1], False),
        ({"a": 1, "b": [2]}, {"b": [2.0], "a": 1}, True),
        ({"a": 1}, {"a": True}, False),
        ({"a": 1}, {"a": 1, "b": 2}, False),
        ({}, [], False),
    ],
)
def test_values_are_the_same_by_the_rules_of_json(one, other, alike):
    assert same(one, other) is alike
    assert same(other, one) is alike


@pytest.mark.parametrize(
    ("name", "actual", "expected", "holds"),
    [
        ("at_most", 5, 5, True),
        ("at_most", 5.1, 5, False),
        ("at_least", 5, 5, True),
        ("at_least", 4.9, 5, False),
        ("less_than", 5, 5, False),
        ("less_than", 4.9, 5, True),
        ("greater_than", 5, 5, False),
        ("greater_than", 5.1, 5, True),
        ("between", 1, [1, 2], True),
        ("between", 2, [1, 2], True),
        ("between", 2.1, [1, 2], False),
        ("between", 0.9, [1, 2], False),
        ("at_most", "3", 5, False),
        ("at_least", True, 0, False),
        ("at_most", float("nan"), 5, False),
        ("at_least", None, 0, False),
        ("contains", [1, "b"], "b", True),
        ("contains", [1, "b"], ["b", 1], True),
        ("contains", [1, "b"], ["b", 2], False),
        ("contains", [True], 1, False),
        ("contains", "abc", "b", True),
        ("contains", 5, "5", False),
        ("not_contains", [1, 2], [3, 4], True),
        ("not_contains", [1, 2], [3, 2], False),
        ("not_contains", 5, "6", False),
        ("one_of", 5, [4, 5.0], True),
        ("one_of", 1, [True], False),
        ("one_of", "5", [5], False),
        ("exists", None, True, True),
        ("exists", 0, False, False),
        ("exists", MISSING, False, True),
        ("exists", MISSING, True, False),
        ("length", [1, 2], 2, True),
        ("length", "abc", {"between": [1, 3]}, True),
        ("length", {"a": 1}, {"at_least": 2}, False),
        ("length", 5, 1, False),
        ("type", 1, "integer", True),
        ("type", 1.0, "integer", True),
        ("type", 1.5, "integer", False),
        ("type", 1, "number", True),
        ("type", True, "number", False),
        ("type", True, "boolean", True),
        ("type", None, ["string", "null"], True),
        ("type", [], "array", True),
        ("type", {}, "object", True),
        ("type", {}, "array", False),
        ("type", "a", "string", True),
    ],
)
def test_a_value_is_judged(name, actual, expected, holds):
    told = (
        VALUES[name](actual, expected)
        if actual is MISSING
        else judge(actual, {name: expected}, VALUES)
    )
    assert (told is None) is holds


@pytest.mark.parametrize(
    ("actual", "checks", "message"),
    [
        ("5", 5, "expected 5, got '5'"),
        (5, {"at_most": 4, "at_least": 6}, "expected at most 4, got 5; expected at least 6, got 5"),
        (5, {"between": [6, 7]}, "expected a number from 6 to 7, got 5"),
        (5, {"starts_with": "5"}, "expected text for starts_with, got 5"),
        ([1], {"length": {"at_least": 2}}, "its length: expected at least 2, got 1: [1]"),
        (1.5, {"type": "integer"}, "expected the type integer, got number: 1.5"),
        (None, {"exists": False}, "expected no such field, got null"),
        ([1], {"contains": 2}, "expected a list with [2], got [1]"),
    ],
)
def test_a_value_check_says_why_not(actual, checks, message):
    assert judge(actual, checks, VALUES) == message


def test_a_long_value_is_cut_and_counted():
    told = judge(list(range(1000)), 1, VALUES)
    assert told is not None
    assert told.endswith("… (1,000 items)")
    assert len(told) < 250


def test_numbers_have_no_checks_of_text():
    assert not {"contains", "schema", "exists"} & set(AMOUNTS)
