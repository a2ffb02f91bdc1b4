"""Words: tokens join to their text, and limits hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.protocol.simulated import words
from runner.protocol.simulated.turns import Said


@given(st.text())
def test_tokens_join_to_the_text(text):
    assert "".join(words.tokens(text)) == text


@given(st.text(), st.integers(1, 9))
def test_groups_join_to_the_text(text, size):
    pieces = words.groups(text, size)
    assert "".join(pieces) == text
    assert all(pieces)


@given(st.text(), st.integers(0, 20))
def test_a_cut_text_has_at_most_so_many_tokens(text, limit):
    kept, lost = words.cut(text, limit)
    assert text.startswith(kept)
    assert lost is (kept != text)
    assert lost is (words.count(text) > limit)


def test_a_token_is_about_four_characters():
    text = "The quick brown fox jumps over the lazy dog, and then it sleeps until the evening. " * 9
    assert 3 < len(text) / words.count(text) < 6


def test_the_mark_costs_one_token():
    assert words.count(words.MARK + "Yes") == 2


@pytest.mark.parametrize(
    ("stops", "expected"),
    [((), "one two three"), (("two",), "one "), (("three", "one"), ""), (("",), "one two three")],
)
def test_the_first_stop_sequence_ends_the_text(stops, expected):
    assert words.stopped("one two three", stops) == expected


def test_a_topic_is_one_short_line():
    assert words.topic("a\n b\t c") == "a b c"
    assert words.topic("x" * 500) == "x" * 99 + "…"


def test_a_conversation_without_a_question_is_answered():
    assert words.say(Said()).startswith(words.MARK)
    told = words.say(Said(things=("a picture, image/png, 7 bytes",)))
    assert "I was given a picture, image/png, 7 bytes." in told


def test_a_huge_context_is_searched_only_in_part():
    late = "x. " * words.SEARCHED + "The password is swordfish."
    assert "swordfish" not in words.say(Said("Which password?", context=(late,)))
