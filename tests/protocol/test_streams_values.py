"""A stream's values are the same whether they are read in place or line by line."""

import json

import pytest

from runner.errors import BadReplyError
from runner.protocol.streams.values import Text, Values, in_runs

CASES = [
    (b'data: {"a": 1}\n\ndata: {"a": 2}\n\n', [{"a": 1}, {"a": 2}]),
    (b'data:{"a": 1}\n\n', [{"a": 1}]),
    (b'event: x\ndata: {"a": 1}\n\n', [{"a": 1, "type": "x"}]),
    (b'event: x\ndata: {"type": "y"}\n\n', [{"type": "y"}]),
    (b'event: x\ndata: {}\n\ndata: {"b": 1}\n\n', [{"type": "x"}, {"b": 1}]),
    (b'event: error\ndata: {"type": "t"}\n\n', [{"type": "error", "error": {"type": "t"}}]),
    (b'event: x\nid: 1\ndata: {"type": "y"}\n\n', [{"type": "y"}]),
    (b"data: [1]\n\ndata: 2\n\n", [[1], 2]),
    (b'data: {"a":\ndata: 1}\n\n', [{"a": 1}]),
    (b'data: {"a": 1}\ndata: {"b": 2}\n\n', [{"a": 1}, {"b": 2}]),
    (b'data: {"a": "\xff"}\n\ndata: {"b": 1}\n\n', [{"a": "�"}, {"b": 1}]),
    (b'data: {"a": 1}\n\n\n\ndata: {"b": 1}\n\n', [{"a": 1}, {"b": 1}]),
    (b'data: {"a": 1} \n\n', [{"a": 1}]),
    (b'data: {"a": 1}\n\ndata: [DONE]\n\ndata: {"b": 1}\n\n', [{"a": 1}]),
    (b'data: {"a": 1}\n\ndata: {"b": 1', [{"a": 1}]),
    (b'data: {"a": 1}\n\ndata: {"b": 1}', [{"a": 1}, {"b": 1}]),
    (b'data: {"a": 1}\n\ndata: {oops}\n\ndata: {"b": 1}\n\n', [{"a": 1}]),
]


@pytest.mark.parametrize(("body", "values"), CASES)
@pytest.mark.parametrize("size", [1, 5, 17, 1000])
def test_values_are_the_same_at_every_split(body, values, size):
    stream = Values()
    found = []
    for at in range(0, len(body), size):
        found += stream.feed(body[at : at + size])
    assert found + stream.close() == values


@pytest.mark.parametrize("size", [1, 10, 1000])
def test_an_event_beyond_the_limit_is_a_fault_after_those_before_it(size):
    body = b'data: {"a": 1}\n\n' * 5 + b'data: {"a": "' + b"x" * 100 + b'"}\n\n'
    stream = Values(limit=60)
    found = []
    for at in range(0, len(body), size):
        found += stream.feed(body[at : at + size])
    assert found + stream.close() == [{"a": 1}] * 5
    assert isinstance(stream.fault, BadReplyError)


def test_a_large_block_of_small_events_is_within_the_limit():
    stream = Values(limit=60)
    assert stream.feed(b'data: {"a": 1}\n\n' * 50) == [{"a": 1}] * 50
    assert stream.fault is None


@pytest.mark.parametrize("depth", [199, 200])
def test_nesting_is_bounded_in_a_block_as_in_pieces(depth):
    body = b'data: {"a": ' + b"[" * depth + b"]" * depth + b"}\n\n"
    whole, pieces = Values(), Values()
    whole.feed(body)
    for at in range(len(body)):
        pieces.feed(body[at : at + 1])
    is_too_deep = depth == 200
    assert [bool(whole.fault), bool(pieces.fault)] == [is_too_deep] * 2


def test_half_a_pair_waits_for_the_other_and_shows_nothing_broken():
    text = Text()
    assert [text.add(piece) for piece in ("a\ud83d", "", "\ude00", "\ude00", "\ud83d", "b")] == [
        "a",
        "",
        "😀",
        "�",
        "",
        "�b",
    ]
    assert str(text) == "a😀��b"


def test_values_survive_json_of_every_kind():
    value = {"é\u2028": ["\x00\n\r\t", 1e-9, -0.0, None, True, {"data: ": "\n\ndata: {"}]}
    body = f"data: {json.dumps(value)}\n\ndata: {json.dumps(value, ensure_ascii=False)}\n\n"
    assert Values().feed(body.encode()) == [value, value]


def test_texts_in_a_row_are_said_as_one():
    told: list[str] = []

    def say(text: str) -> str:
        told.append(f"say {text}")
        return text

    def take(value: int) -> str:
        told.append(f"take {value}")
        return str(value)

    values = ["a", "b", 1, "", 2, 3, "c"]
    shown = in_runs(values, lambda value: value if isinstance(value, str) else None, say, take)
    assert shown == "ab123c"
    assert told == ["say ab", "take 1", "say ", "take 2", "take 3", "say c"]
