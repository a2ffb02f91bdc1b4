"""Chat completions: the body of a request, and replies as servers send them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from runner.errors import ApiStatusError, BadReplyError
from runner.model import Ask, Citation, ResponseSchema, Tool
from runner.protocol.endpoints.chat import ask_chat, relaxed
from tests.protocol.play import chat, events, play, reply, streamed

USER = {"role": "user", "content": "Hi"}
ASK = Ask("chat.completions", model="m", messages=(USER,))


def sent(**fields):
    """The request's body."""
    return play(ask_chat(ASK._replace(**fields)), chat("x")).bodies[0]


def answered(received, **fields):
    """What a reply is read as."""
    return play(ask_chat(ASK._replace(**fields)), received).answer


def test_the_plainest_body_has_model_and_messages():
    done = play(ask_chat(ASK), chat("x"))
    assert done.bodies == [{"model": "m", "messages": [USER]}]
    assert (done.requests[0].method, done.requests[0].path) == ("POST", "/chat/completions")


def test_a_tool_is_nested_under_function():
    tools = (
        Tool("add", "Adds.", {"type": "object"}, strict=True),
        Tool("bare", schema={}),
        Tool("custom", raw={"type": "custom", "custom": {"name": "custom"}}),
    )
    assert sent(tools=tools)["tools"] == [
        {
            "type": "function",
            "function": {
                "name": "add",
                "description": "Adds.",
                "parameters": {"type": "object"},
                "strict": True,
            },
        },
        {"type": "function", "function": {"name": "bare", "parameters": {}}},
        {"type": "custom", "custom": {"name": "custom"}},
    ]


@pytest.mark.parametrize(
    ("choice", "form"),
    [
        ({"name": "add"}, {"type": "function", "function": {"name": "add"}}),
        ("required", "required"),
        ({"type": "custom", "custom": {"name": "x"}}, {"type": "custom", "custom": {"name": "x"}}),
    ],
)
def test_a_choice_is_in_the_dialect_s_form(choice, form):
    assert sent(tool_choice=choice)["tool_choice"] == form


def test_a_choice_relaxes_to_auto():
    assert relaxed({"type": "function", "name": "x"}) == "auto"
    assert relaxed("none") == "none"


def test_a_response_schema_is_a_response_format():
    shape = {"type": "object"}
    assert sent(response_schema=ResponseSchema("reply", shape, False))["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "reply", "schema": shape, "strict": False},
    }


@pytest.mark.parametrize(
    ("finish", "told"),
    [("stop", "stop"), ("length", "length"), ("content_filter", "content_filter"), (None, None)],
)
def test_finish_reasons_are_the_service_s(finish, told):
    assert answered(chat("x", finish)).finish_reason == told


@pytest.mark.parametrize("finish", ["stop", None, "tool_calls", "function_call"])
def test_calls_are_calls_whatever_the_finish_reason(finish):
    """With a forced choice, and on some servers always, calls come with `stop`."""
    call = {"id": "i", "type": "function", "function": {"name": "a", "arguments": "{}"}}
    message = {"role": "assistant", "content": None, "tool_calls": [call]}
    answer = answered(chat(message, finish), max_tool_rounds=0)
    assert answer.finish_reason == "tool_calls"
    assert answer.tool_calls[0].call.name == "a"


def test_a_cut_call_is_told_as_cut():
    call = {"id": "i", "type": "function", "function": {"name": "a", "arguments": '{"a'}}
    answer = answered(chat({"tool_calls": [call]}, "length"), max_tool_rounds=0)
    assert answer.finish_reason == "length"
    assert answer.tool_calls[0].arguments is None


def test_a_finish_reason_may_be_missing():
    received = reply({"choices": [{"message": {"content": "x"}}]})
    assert answered(received).finish_reason is None
    assert answered(received).text == "x"


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("Hi", "Hi"),
        ("", ""),
        (None, None),
        ([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}], "ab"),
        ([{"type": "thinking", "thinking": []}, {"type": "text", "text": "b"}, "junk"], "b"),
        (5, None),
    ],
)
def test_content_may_be_text_or_null_or_a_list(content, text):
    assert answered(chat({"role": "assistant", "content": content})).text == text


def test_all_choices_are_told_the_first_is_the_answer():
    rows = [{"message": {"content": text}, "finish_reason": "stop"} for text in ("a", "b", None)]
    answer = answered(reply({"choices": rows}))
    assert (answer.text, answer.texts) == ("a", ("a", "b", ""))


def test_a_refusal_is_told():
    answer = answered(chat({"role": "assistant", "content": None, "refusal": "No."}))
    assert (answer.text, answer.refusal) == (None, "No.")
    assert answered(chat({"role": "assistant", "content": "x", "refusal": None})).refusal is None


def test_citations_are_read():
    note = {
        "type": "url_citation",
        "url_citation": {"url": "https://a", "title": "A", "start_index": 3, "end_index": 9},
    }
    odd = {"type": "url_citation", "url_citation": {"url": None, "start_index": "x"}}
    message = {"content": "x", "annotations": [note, odd, None, {"type": "file"}]}
    assert answered(chat(message)).citations == (
        Citation("https://a", "A", 3, 9),
        Citation("", "", 0, 0),
    )


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ('{"a": 1}', {"a": 1}),
        ({"a": 1}, {"a": 1}),
        (None, None),
        ("", None),
        ('{"a": ', None),
    ],
)
def test_arguments_may_be_text_an_object_or_missing(written, read):
    call = {"id": "i", "function": {"name": "a", "arguments": written}}
    answer = answered(chat({"tool_calls": [call]}, "tool_calls"), max_tool_rounds=0)
    assert answer.tool_calls[0].arguments == read


def test_the_message_goes_back_as_it_came():
    function = {"name": "add", "arguments": {"a": 1}}
    message = {"content": None, "tool_calls": [{"function": function}], "reasoning_content": "hm"}
    ask = ASK._replace(tools=(Tool("add", runs=True),))
    done = play(ask_chat(ask), chat(message, "tool_calls"), "1", chat("end"))
    assert done.bodies[1]["messages"][1] == {
        "role": "assistant",
        "content": None,
        "reasoning_content": "hm",
        "tool_calls": [{"id": "call_0", "type": "function", "function": function}],
    }


def test_a_custom_tool_is_handed_back():
    raw = {"type": "custom", "custom": {"name": "shell"}}
    call = {"id": "i", "type": "custom", "custom": {"name": "shell", "input": "[1]"}}
    ask = ASK._replace(tools=(Tool("shell", raw=raw),))
    (result,) = play(ask_chat(ask), chat({"tool_calls": [call]})).answer.tool_calls
    assert (result.call.name, result.call.arguments, result.output) == ("shell", "[1]", None)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({}, r"no choices: '\{\}'"),
        ({"choices": []}, "no choices"),
        ({"choices": None}, "no choices"),
        ([], "no choices"),
        ("text", "no choices: 'text'"),
        ({"choices": [{}]}, "no message"),
        ({"choices": ["x"]}, "no message"),
        ({"choices": [{"message": {"tool_calls": [{"id": "x"}]}}]}, "names no function"),
        ({"choices": [{"message": {"tool_calls": ["x"]}}]}, "names no function"),
    ],
)
def test_a_reply_without_an_answer_is_told_clearly(value, message):
    with pytest.raises(BadReplyError, match=message):
        answered(reply(value))


def test_an_error_in_a_200_is_told_as_what_it_is():
    failure = {"error": {"message": "no such model", "code": "model_not_found"}}
    with pytest.raises(ApiStatusError, match="no such model") as caught:
        answered(reply(failure))
    assert caught.value.status == 404


def test_azure_filters_beside_the_answer_do_no_harm():
    safe = {"hate": {"filtered": False, "severity": "safe"}}
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": "x"},
        "finish_reason": "content_filter",
        "content_filter_results": safe,
    }
    filters = [{"prompt_index": 0, "content_filter_results": safe}]
    answer = answered(reply({"choices": [choice], "prompt_filter_results": filters}))
    assert (answer.text, answer.finish_reason) == ("x", "content_filter")


def test_an_azure_stream_begins_with_no_choices_and_ends_without_delta():
    rows = [
        {"id": "", "model": "", "object": "", "choices": [], "prompt_filter_results": []},
        {"model": "gpt-4", "choices": [{"index": 0, "delta": {"content": "Hi"}}]},
        {"model": "gpt-4", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
        {"model": "", "choices": [{"index": 0, "content_filter_offsets": {}}]},
    ]
    answer = answered(streamed(events(*rows, done=True)), stream=True)
    assert (answer.text, answer.finish_reason, answer.model) == ("Hi", "stop", "gpt-4")


def test_a_plain_reply_to_a_stream_is_an_answer():
    body = chat("Hi").body
    assert isinstance(body, bytes)
    assert answered(streamed(body), stream=True).text == "Hi"


def test_odd_fields_do_no_harm():
    body: dict[str, Any] = {"created": 1.5, "timings": {}, "model": "other", "id": "x" * 200}
    answer = answered(chat({"content": "x", "function_call": None, "reasoning": "y"}, **body))
    assert (answer.text, answer.model) == ("x", "other")
    assert json.dumps(answer.json)
