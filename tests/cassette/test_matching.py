"""Each recording answers one request: its own if it is there, else one like it."""

import pytest

from runner.cassette import Recording
from runner.cassette.matching import ABSENT, Difference, Shelf, difference


def recording(run, ordinal, content, reply="x"):
    return Recording(run, ordinal, 0.0, {"path": "/chat", "json": content}, {"text": reply})


def taken(shelf, run, ordinal, content):
    found = shelf.take(run, ordinal, {"path": "/chat", "json": content})
    return found.reply["text"] if found else None


def test_equal_requests_are_told_apart_by_their_run_and_place():
    shelf = Shelf(
        [recording("a", 0, 1, "a0"), recording("b", 0, 1, "b0"), recording("b", 1, 1, "b1")]
    )
    assert taken(shelf, "b", 1, 1) == "b1"
    assert taken(shelf, "b", 0, 1) == "b0"
    assert taken(shelf, "a", 0, 1) == "a0"


def test_items_of_one_step_replay_in_their_order():
    shelf = Shelf([recording("a", 0, 1, "first"), recording("a", 0, 1, "second")])
    assert [taken(shelf, "a", 0, 1) for _ in range(3)] == ["first", "second", None]


def test_content_alone_finds_the_recording_of_a_run_that_was_renamed():
    assert (
        taken(Shelf([recording("old", 4, {"a": 1, "b": 2})]), "new", 0, {"b": 2, "a": 1.0}) == "x"
    )


@pytest.mark.parametrize("content", [2, "1", True, None, [1], {"a": 1}])
def test_other_content_is_never_answered(content):
    assert taken(Shelf([recording("a", 0, 1)]), "a", 0, content) is None


def test_the_nearest_is_most_alike_and_free():
    shelf = Shelf(
        [
            recording("a", 0, {"model": "m", "text": "one"}, "1"),
            recording("b", 0, {"model": "m", "text": "two"}, "2"),
            Recording("a", 0, 0.0, {"path": "/other", "json": {"model": "m"}}, {"text": "3"}),
        ]
    )
    near = shelf.nearest("c", 0, {"path": "/chat", "json": {"model": "n", "text": "two"}})
    assert near is not None
    assert near.reply["text"] == "2"
    taken(shelf, "a", 0, {"model": "m", "text": "one"})
    near = shelf.nearest("a", 0, {"path": "/chat", "json": {"model": "n", "text": "one"}})
    assert near is not None
    assert near.reply["text"] == "2"


@pytest.mark.parametrize(
    ("recorded", "found", "expected"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, None),
        ({"a": 1}, {"a": 1.0}, None),
        ({"a": 1}, {"a": True}, Difference("a", 1, True)),
        ({"a": [1, {"b": "x"}]}, {"a": [1, {"b": "y"}]}, Difference("a.1.b", "x", "y")),
        ({"a": [1]}, {"a": [1, 2]}, Difference("a.1", ABSENT, 2)),
        ({"a": 1, "b": 2}, {"a": 1}, Difference("b", 2, ABSENT)),
        ({"a": {}}, {"a": []}, Difference("a", {}, [])),
    ],
)
def test_the_first_difference_is_found(recorded, found, expected):
    assert difference(recorded, found) == expected


def test_a_difference_shows_long_texts_where_they_part():
    told = str(difference("x" * 500 + "left", "x" * 500 + "right", "p"))
    assert "left" in told
    assert "right" in told
    assert len(told) < 250
    assert str(Difference("p", ABSENT, {"a": 1})) == 'p: recorded nothing, asked {"a": 1}'
