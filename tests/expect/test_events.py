"""The events of a stream, in order."""

from typing import Any

import pytest

from runner.errors import RecipeError
from runner.expect import judge
from runner.expect.events import events

STREAM: list[dict[str, Any]] = [
    {"type": "response.created", "response": {"status": "in_progress"}},
    {"type": "response.output_text.delta", "delta": "Am"},
    {"type": "response.output_text.delta", "delta": "ster"},
    {"type": "response.output_text.delta", "delta": "dam"},
    {"type": "response.completed", "response": {"status": "completed", "output": [{"n": 1}]}},
]
DELTA = "response.output_text.delta"


@pytest.mark.parametrize(
    ("wanted", "holds"),
    [
        (["response.created", "response.completed"], True),
        (["response.completed", "response.created"], False),
        ([DELTA, DELTA, DELTA], True),
        ([DELTA] * 4, False),
        ([{"contains": "delta"}, {"starts_with": "response.c"}], True),
        ([{"matches": r"\.failed$"}], False),
        ([{"type": DELTA, "delta": {"contains": "ster"}}, DELTA], True),
        ([{"type": DELTA, "delta": "dam"}, DELTA], False),
        ([{"response.output.0.n": 1}], True),
        ([{"response.status": "completed", "response.output": {"length": 2}}], False),
        ([{"delta": {"exists": False}}, {"delta": {"exists": False}}], True),
    ],
)
def test_events_are_looked_for_in_order(wanted, holds):
    assert (events(STREAM, wanted) is None) is holds


def test_others_may_stand_between_but_one_event_is_not_met_twice():
    assert events(STREAM[:1], ["response.created", "response.created"]) is not None


def test_what_came_instead_is_told_those_in_a_row_counted():
    assert events(STREAM, ["response.created", "response.failed"]) == (
        "expected an event 'response.failed' after 'response.created', got 5: response.created,"
        " response.output_text.delta ×3, response.completed"
    )


def test_of_an_event_of_the_same_type_the_difference_is_told():
    assert events(STREAM, ["response.created", {"type": DELTA, "delta": "x"}]) == (
        'expected an event {"type": "response.output_text.delta", "delta": "x"} after'
        " 'response.created', the first of its type differs: delta: expected the text 'x', got 'Am'"
    )


def test_a_stream_of_many_kinds_is_told_in_short():
    told = events([{"type": f"t{number}"} for number in range(1000)], ["x"])
    assert told is not None
    assert "1000: t0, t1," in told.replace(",0", "0")
    assert len(told) < 150


def test_a_stream_is_read_no_further_than_needed():
    read = []

    def stream():
        for event in STREAM:
            read.append(event)
            yield event

    assert events(stream(), ["response.created"]) is None
    assert len(read) == 1


@pytest.mark.parametrize("wrong", ["x", [], {"type": "x"}])
def test_a_list_of_events_is_expected(wrong):
    with pytest.raises(RecipeError, match="a list of events"):
        events(STREAM, wrong)


def test_a_reply_without_events_holds_neither_way():
    for wanted in ({"events": ["x"]}, {"not": {"events": ["x"]}}):
        (check,) = judge([wanted], {"events": None})
        assert not check.passed
        assert "the reply was no stream" in check.message
