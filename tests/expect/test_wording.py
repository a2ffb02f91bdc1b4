"""Wording."""

from runner.expect.wording import bare, shown
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
