"""Tool calls come out whole, whatever habit a server has of sending their deltas."""

import json
import time
from typing import Any

import pytest

from runner.protocol.streams.chat import ChatStream


def fn(name: object = None, arguments: object = None) -> dict:
    return {"name": name, "arguments": arguments}


def calls(*deltas: list) -> list[tuple]:
    stream = ChatStream()
    for delta in deltas:
        chunk = {"choices": [{"index": 0, "delta": {"tool_calls": delta}}]}
        stream.feed(f"data: {json.dumps(chunk)}\n\n".encode())
    stream.feed(b"data: [DONE]\n\n")
    found = stream.finish()["choices"][0]["message"]["tool_calls"]
    assert all(call["type"] == "function" for call in found)
    return [
        (call.get("id"), call["function"].get("name"), call["function"]["arguments"])
        for call in found
    ]


def one(index: object = None, identity: object = None, function: object = None) -> dict:
    delta = {"index": index, "id": identity, "type": "function", "function": function}
    return {key: value for key, value in delta.items() if value is not None}


AB = [("a", "f", '{"x":1}'), ("b", "g", "{}")]


@pytest.mark.parametrize(
    "deltas",
    [
        pytest.param(
            [
                [one(0, "a", fn("f", ""))],
                [one(0, None, {"arguments": '{"x"'})],
                [one(1, "b", fn("g", ""))],
                [one(0, None, {"arguments": ":1}"}), one(1, None, {"arguments": "{}"})],
            ],
            id="by the letter",
        ),
        pytest.param(
            [
                [one(0, "a", fn("f", '{"x"'))],
                [one(0, "a", fn("f", ":1}"))],
                [one(1, "b", fn("g", "{"))],
                [one(1, "b", fn("g", "}"))],
                [one(1, "b", fn("g", ""))],
            ],
            id="id and name repeated",
        ),
        pytest.param(
            [[one(0, "a", fn("f", '{"x":1}')), one(1, "b", fn("g", "{}"))]], id="whole at once"
        ),
        pytest.param(
            [[one(None, "a", fn("f", '{"x":1}')), one(None, "b", fn("g", "{}"))]],
            id="whole without index",
        ),
        pytest.param(
            [[one(0, "a", fn("f", '{"x":1}'))], [one(0, "b", fn("g", "{}"))]],
            id="one index for all",
        ),
        pytest.param(
            [
                [one(None, "a", fn("f", ""))],
                [one(None, "", fn(None, '{"x"'))],
                [one(None, None, fn("", ":1}"))],
                [one(None, "b", fn("g"))],
                [one(None, None, fn(None, "{}"))],
            ],
            id="pieces without index",
        ),
        pytest.param(
            [
                [one(None, "a", fn("f", '{"x"')), one(None, "b", fn("g", "{"))],
                [one(None, "a", fn(None, ":1}")), one(None, "b", fn(None, "}"))],
            ],
            id="pieces by id",
        ),
        pytest.param(
            [
                [one(0, "q", fn("f", '{"x"'))],
                [one(0, "a", fn("f", ":1}"))],
                [one(1, "b", fn("g", "{}"))],
            ],
            id="a new id with every piece",
        ),
    ],
)
def test_calls_are_the_same_in_every_form(deltas):
    assert calls(*deltas) == AB


def test_calls_without_ids_or_with_one_id_for_all_are_kept_apart():
    whole = [one(None, None, fn("f", "{}")), one(None, None, fn("f", "{}"))]
    assert calls(whole) == [(None, "f", "{}")] * 2
    doubled = [one(None, "a", fn("f", "{}")), one(None, "a", fn("f", "{}"))]
    assert calls(doubled) == [("a", "f", "{}")] * 2
    assert calls([one(0, "a", fn("f", "{}"))], [one(1, "a", fn("g", "{}"))]) == [
        ("a", "f", "{}"),
        ("a", "g", "{}"),
    ]


def test_arguments_may_be_an_object_or_cut():
    assert calls([one(0, "a", fn("f", {"x": "é"}))]) == [("a", "f", '{"x": "é"}')]
    assert calls([one(0, "a", fn("f", '{"x": '))]) == [("a", "f", '{"x": ')]
    assert calls([one(0, "a", fn("f"))]) == [("a", "f", "")]


def test_what_is_no_call_is_passed_over():
    assert calls(["x", None, one(0, "a", fn("f", "{}"))], [one(0, None, "x")]) == [("a", "f", "{}")]


def message(delta: dict) -> Any:
    stream = ChatStream()
    chunk = {"choices": [{"delta": delta, "finish_reason": "stop"}]}
    stream.feed(f"data: {json.dumps(chunk)}\n\n".encode())
    stream.feed(f"data: {json.dumps(chunk)}\n\n".encode())
    return stream.finish()["choices"][0]["message"]


def test_the_deprecated_function_call_is_joined():
    found = message({"function_call": {"name": "f", "arguments": "{}"}})
    assert found["function_call"] == {"name": "f", "arguments": "{}{}"}
    assert "tool_calls" not in found


def test_custom_tools_and_extra_fields_are_kept():
    call = {"index": 0, "id": "a", "type": "custom", "custom": {"name": "c", "input": "x"}}
    found = message({"tool_calls": [{**call, "extra_content": {"sig": 1}}]})
    assert found["tool_calls"] == [
        {
            "type": "custom",
            "id": "a",
            "extra_content": {"sig": 1},
            "custom": {"name": "c", "input": "xx"},
        }
    ]
    assert found["content"] is None


def test_many_calls_without_an_index_are_told_apart_quickly():
    found = calls(*[[one(None, f"c{n}", fn("f", "{}"))] for n in range(5_000)])
    assert [call[0] for call in found] == [f"c{n}" for n in range(5_000)]


def test_arguments_in_many_pieces_that_seem_to_end_are_joined_quickly():
    first = one(0, "a", fn("f", '{"x": "'))
    more = [one(0, f"a{n}", fn("f", "}" * 20)) for n in range(5_000)]
    started = time.process_time()
    (found,) = calls([first], *[[delta] for delta in more])
    assert found[2] == '{"x": "' + "}" * 100_000
    assert time.process_time() - started < 5
