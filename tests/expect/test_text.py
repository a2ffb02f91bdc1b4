"""Text checks."""

import time

import pytest

from runner.expect import text
from runner.expect.text import CHECKS, likeness
from runner.recipe.checking.steps import UndecidedError


@pytest.mark.parametrize(
    ("name", "actual", "expected"),
    [
        ("equals", "42", 42),
        ("equals", "true", True),
        ("equals", "", ""),
        ("contains", "a canal", "canal"),
        ("contains", "a canal, a bridge", ["canal", "bridge"]),
        ("contains", "route 66", 66),
        ("not_contains", "a canal", ["tram", "bus"]),
        ("matches", "a canal", "can.l$"),
        ("starts_with", "a canal", "a "),
        ("one_of", "stop", ["length", "stop"]),
        ("one_of", "5", [4, 5]),
        ("min_length", "abc", 3),
        ("max_length", "abc", 3),
        ("is_json", '{"a": 1}', True),
        ("is_json", "{", False),
        ("is_json", "NaN", False),
        ("is_json", '```json\n{"a": 1}\n```', False),
        ("similar_to", "abcd", {"text": "abxcd", "at_least": 0.88}),
        ("similar_to", "abcdefgh", "abcdefgx"),
    ],
)
def test_a_check_holds(name, actual, expected):
    assert CHECKS[name](actual, expected) is None


@pytest.mark.parametrize(
    ("name", "actual", "expected", "message"),
    [
        ("equals", "A", "a", "expected the text 'a', got 'A'"),
        ("equals", "a ", "a", "expected the text 'a', got 'a '"),
        (
            "contains",
            "a canal",
            ["canal", "tram", "bus"],
            "expected text containing 'tram' and 'bus', got 'a canal'",
        ),
        ("contains", "A Canal", "canal", "expected text containing 'canal', got 'A Canal'"),
        (
            "not_contains",
            "a canal",
            ["tram", "canal"],
            "expected text without 'canal', got 'a canal'",
        ),
        ("matches", "a canal", "^can", "expected text matching '^can', got 'a canal'"),
        ("starts_with", "a canal", "can", "expected text starting with 'can', got 'a canal'"),
        ("one_of", "stop", ["length"], "expected one of [\"length\"], got 'stop'"),
        ("min_length", "abc", 4, "expected at least 4 characters, got 3: 'abc'"),
        ("max_length", "abc", 2, "expected at most 2 characters, got 3: 'abc'"),
        ("is_json", "{}", False, "expected no JSON, got '{}'"),
        ("is_json", "{", True, "expected JSON (it breaks off after 1 characters), got '{'"),
        (
            "similar_to",
            "abcd",
            {"text": "abxcd", "at_least": 0.9},
            "expected text at least 0.9 like 'abxcd', got 0.89: 'abcd'",
        ),
    ],
)
def test_a_check_says_why_not(name, actual, expected, message):
    assert CHECKS[name](actual, expected) == message


def test_texts_of_several_lines_are_told_apart_by_lines():
    told = text.equals("one\ntwo\n::error::x", "one\n2\nthree")
    assert told is not None
    assert "  | -2\n" in told
    assert "  | +two\n" in told
    lines = told.splitlines()
    assert all(line.startswith("  | ") for line in lines[1:])


def test_texts_that_differ_in_their_line_ends_alone_say_so():
    told = text.equals("a\nb", "a\nb\n")
    assert told is not None
    assert "line ends" in told


def test_long_texts_are_shown_where_they_differ():
    told = text.equals("a" * 5000 + "x" + "a" * 5000, "a" * 5000 + "y" + "a" * 5000)
    assert told is not None
    assert "x" in told.split("got")[1]
    assert "y" in told.split("got")[0].removeprefix("expected the text")
    assert len(told) < 500


def test_texts_of_many_lines_are_not_compared_line_by_line():
    started = time.perf_counter()
    told = text.equals("a\nb\n" * 50_000, "b\na\n" * 50_000)
    assert told is not None
    assert len(told) < 1000
    assert time.perf_counter() - started < 5


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("", "", 1.0),
        ("abc", "", 0.0),
        ("abc", "abc", 1.0),
        ("abcd", "abxcd", 8 / 9),
        ("abc", "cba", 1 / 3),
        ("kitten", "sitting", 8 / 13),
        ("ab" * 100, "ba" * 100, 398 / 400),
    ],
)
def test_likeness_counts_the_common_letters_in_order(one, other, ratio):
    assert likeness(one, other) == pytest.approx(ratio)
    assert likeness(other, one) == pytest.approx(ratio)


def test_likeness_of_long_texts_ends():
    started = time.perf_counter()
    assert likeness("ab" * 10_000, "ba" * 10_000) > 0.99
    assert time.perf_counter() - started < 5
    with pytest.raises(UndecidedError, match="too long to compare"):
        likeness("a" * 300_000, "b" * 300_000)


def test_the_text_is_json_that_satisfies_a_schema():
    schema = {"type": "object", "required": ["a"]}
    assert text.schema('{"a": 1}', schema) is None
    told = text.schema("{}", schema)
    assert told is not None
    assert "'a'" in told


def test_a_text_that_is_no_json_satisfies_no_schema():
    told = text.schema("hello", {})
    assert told is not None
    assert told.startswith("expected JSON (")
