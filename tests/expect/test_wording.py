"""Wording."""

from runner.expect.wording import bare, difference, shown
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


def test_a_long_difference_is_cut():
    told = difference("\n".join("a" * 90), "\n".join("b" * 90)).splitlines()
    assert len(told) == 42
    assert told[-1].endswith("lines more")
