"""Wording."""

import pytest

from runner.expect.wording import bare, brief, difference, figure, shown
from runner.model import Fixed


def test_values_are_shown_on_one_line_of_bounded_length():
    assert shown("a\nb") == "'a\\nb'"
    assert shown({"a": [1, None, True]}) == '{"a": [1, null, true]}'
    long = shown("x" * 10_000)
    assert len(long) < 250
    assert long.endswith("(10,000 characters)")
    assert shown({str(n): n for n in range(999)}).endswith("… (999 fields)")


def test_what_is_too_deep_is_not_shown():
    deep: list = []
    for _ in range(100_000):
        deep = [deep]
    assert "too deep" in shown(deep)


def test_fixed_values_are_taken_out_at_any_depth():
    assert bare([{"a": Fixed({"b": Fixed("c")})}]) == [{"a": {"b": "c"}}]


def test_a_difference_deep_in_a_long_text_is_told_by_its_lines():
    lines = [f"line {number}" for number in range(10_000)]
    other = [*lines[:7000], "another", *lines[7001:]]
    told = difference("\n".join(lines), "\n".join(other)).splitlines()
    assert "  | -line 7000" in told
    assert "  | +another" in told
    assert told[1] == "  | (6,998 lines before are the same)"
    assert len(told) < 12


def test_a_line_too_many_at_the_end_is_told():
    told = difference("a\nb", "a\nb\nc")
    assert "  | +c" in told


def test_a_cut_is_marked():
    long = "a" * 200
    assert "  | -" + "a" * 159 + "…" in difference(f"{long}\nb", "c\nb").splitlines()
    assert difference(f"{long}b", f"{long}c").count("'…a") == 2
    assert "a…' (202 characters; shown from 1)" in difference(f"b{long}c", "")


def test_a_long_difference_is_cut():
    told = difference("\n".join("a" * 90), "\n".join("b" * 90)).splitlines()
    assert len(told) == 42
    assert told[-1].endswith("lines more")


@pytest.mark.parametrize(
    ("value", "limit", "told"),
    [
        (0.0007503032684326172, 60, "0.0007503"),
        (6.2e-06, 1, "0.0000062"),
        (12.345678, 60, "12.35"),
        (0.30000000000000004, 0.3, "0.30000000000000004"),
        (5, 3, "5"),
        (1e300, 3, "1e+300"),
        ("5", 3, "'5'"),
    ],
)
def test_a_number_is_short_where_that_tells_the_same(value, limit, told):
    assert figure(value, lambda number: number > limit) == told


def test_what_has_many_parts_is_told_by_their_number():
    assert brief([1, 2]) == "[1, 2]"
    assert brief(["x" * 30] * 3) == "a list of 3"
    assert brief({"x" * 80: 1}) == "a mapping of 1 fields"
    assert brief("x" * 80) == repr("x" * 80)
