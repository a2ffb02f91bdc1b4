"""Documents: checks by path and by header."""

import pytest

from runner.expect.documents import document, headers

TREE = {"error": {"code": None, "schema": "v1"}, "schema": "v2", "n": [1, 2]}


@pytest.mark.parametrize(
    ("expected", "holds"),
    [
        ({"error.code": None}, True),
        ({"error.code": {"exists": True}}, True),
        ({"error.kind": {"exists": False}}, True),
        ({"error.kind": None}, False),
        ({"error.kind": {"not_contains": "x"}}, False),
        ({"schema": "v2"}, True),
        ({"schema": "v1"}, False),
        ({"schema": {"equals": "v2"}, "n.0": 1}, True),
        ({"n": {"length": 2, "contains": 2}}, True),
        ({"n": [1, 2]}, True),
        ({"n.0": 1, "n.1": 3}, False),
        ({}, True),
    ],
)
def test_paths_are_judged_together(expected, holds):
    assert (document(TREE, expected) is None) is holds


def test_every_path_that_is_missed_is_told():
    told = document(TREE, {"n.0": 9, "n.1": 9})
    assert told == "n.0: expected 9, got 1; n.1: expected 9, got 2"


def test_a_lone_schema_is_for_the_whole():
    assert document(TREE, {"schema": {"required": ["n"]}}) is None
    told = document(TREE, {"schema": {"required": ["m"]}})
    assert told is not None
    assert "'m'" in told
    assert document(TREE, {"n": {"schema": {"type": "array"}}}) is None
    assert document(TREE, {"n": {"schema": {"type": "object"}}}) is not None


@pytest.mark.parametrize(
    ("expected", "holds"),
    [
        ({"x-left": 5}, True),
        ({"X-Left": "5"}, True),
        ({"x-left": {"at_least": 5, "less_than": 5.5}}, True),
        ({"x-left": {"at_least": 6}}, False),
        ({"content-type": {"contains": "json"}}, True),
        ({"content-type": {"at_least": 1}}, False),
        ({"x-none": {"exists": False}}, True),
        ({"x-none": {"exists": True}}, False),
        ({"x-none": "5"}, False),
        ({"a.b": "dotted"}, True),
    ],
)
def test_headers_are_found_in_any_case_and_may_be_numbers(expected, holds):
    actual = {"X-Left": "5", "Content-Type": "application/json", "A.B": "dotted"}
    assert (headers(actual, expected) is None) is holds
