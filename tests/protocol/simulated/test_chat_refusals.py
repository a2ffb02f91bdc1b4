"""What simulated chat completions refuse, each with the service's status, code and parameter."""

from __future__ import annotations

import json
from typing import Any

import pytest

from runner.exchange import Request
from runner.protocol.simulated import chat_refusals, simulate
from tests import openapi
from tests.protocol.simulated.asking import PIXEL, chat, error, value, weather, world

JPEG = PIXEL.replace("image/png", "image/jpeg")
USER = {"role": "user", "content": "Hello"}


def call(name: str) -> dict[str, Any]:
    return {"id": name, "type": "function", "function": {"name": "get_weather", "arguments": "{}"}}


def calling(*names: str) -> dict[str, Any]:
    return {"role": "assistant", "content": None, "tool_calls": [call(name) for name in names]}


def told(name: str) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": name, "content": "14"}


def image(url: Any) -> dict[str, Any]:
    return {"content": [{"type": "image_url", "image_url": url}]}


def strict(schema: Any, **fields: Any) -> dict[str, Any]:
    form = {"name": "x", "strict": True, "schema": schema} | fields
    return {"response_format": {"type": "json_schema", "json_schema": form}}


OPEN = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
CASES: dict[str, tuple[dict[str, Any], tuple[int, str | None, str | None]]] = {
    "unknown field": ({"temprature": 1}, (400, "unknown_parameter", "temprature")),
    "no messages": ({"messages": None}, (400, "missing_required_parameter", "messages")),
    "empty messages": ({"messages": []}, (400, "empty_array", "messages")),
    "no model": ({"model": None}, (400, None, None)),
    "absent model": ({"model": "no-such-model"}, (404, "model_not_found", None)),
    "text for a number": ({"temperature": "0.2"}, (400, "invalid_type", "temperature")),
    "boolean for a number": ({"n": True}, (400, "invalid_type", "n")),
    "too hot": ({"temperature": 3}, (400, "integer_above_maximum_value", "temperature")),
    "too cold": ({"temperature": -0.1}, (400, "decimal_below_minimum_value", "temperature")),
    "both limits": (
        {"max_tokens": 5, "max_completion_tokens": 5},
        (400, "invalid_parameter_combination", "max_tokens"),
    ),
    "choice without tools": ({"tool_choice": "auto"}, (400, None, "tool_choice")),
    "parallel without tools": (
        {"parallel_tool_calls": False},
        (400, None, "parallel_tool_calls"),
    ),
    "choice of no tool": (
        {"tools": [weather()], "tool_choice": {"type": "function", "function": {"name": "x"}}},
        (400, None, "tool_choice"),
    ),
    "unknown choice": (
        {"tools": [weather()], "tool_choice": "maybe"},
        (400, "invalid_value", "tool_choice"),
    ),
    "bad tool name": (
        {"tools": [weather("get weather")]},
        (400, "invalid_value", "tools[0].function.name"),
    ),
    "flat tool": (
        {"tools": [{"type": "function", "name": "get_weather"}]},
        (400, "missing_required_parameter", "tools[0].function"),
    ),
    "parameters no object": (
        {"tools": [weather(schema={"type": "string"})]},
        (400, "invalid_function_parameters", "tools[0].function.parameters"),
    ),
    "parameters no schema": (
        {"tools": [weather(schema={"type": "object", "properties": []})]},
        (400, "invalid_function_parameters", "tools[0].function.parameters"),
    ),
    "logprobs left out": ({"top_logprobs": 2}, (400, None, "top_logprobs")),
    "stream left out": ({"stream_options": {}}, (400, None, "stream_options")),
    "five stops": ({"stop": list("abcde")}, (400, "array_above_max_length", "stop")),
    "spoken by nobody": (
        {"modalities": ["text", "audio"]},
        (400, "missing_required_parameter", "audio"),
    ),
    "spoken in no voice": (
        {"modalities": ["text", "audio"], "audio": {"format": "mp3"}},
        (400, "missing_required_parameter", "audio.voice"),
    ),
    "spoken in no form": (
        {"modalities": ["text", "audio"], "audio": {"voice": "nova", "format": "midi"}},
        (400, "invalid_value", "audio.format"),
    ),
    "unknown role": (
        {"messages": [{"role": "boss", "content": "x"}]},
        (400, "invalid_value", "messages[0].role"),
    ),
    "unknown message field": (
        {"messages": [USER | {"colour": "red"}]},
        (400, "unknown_parameter", "messages[0].colour"),
    ),
    "null content": (
        {"messages": [{"role": "user", "content": None}]},
        (400, None, "messages[0].content"),
    ),
    "unknown part": (
        {"content": [{"type": "input_text", "text": "x"}]},
        (400, "invalid_value", "messages[0].content[0].type"),
    ),
    "picture as text": (
        image("https://example.com/a.png"),
        (400, "invalid_type", "messages[0].content[0].image_url"),
    ),
    "picture of another kind": (
        image({"url": JPEG}),
        (400, "invalid_image_format", "messages[0].content[0].image_url.url"),
    ),
    "picture from the system": (
        {"messages": [{"role": "system", **image({"url": PIXEL})}]},
        (400, "invalid_value", "messages[0].content[0]"),
    ),
    "result without call": (
        {"messages": [USER, told("call_1")]},
        (400, None, "messages.[1].role"),
    ),
    "result of another call": (
        {"messages": [USER, calling("call_1"), told("call_2")]},
        (400, None, "messages.[2].tool_call_id"),
    ),
    "call without result": ({"messages": [USER, calling("call_1")]}, (400, None, "messages")),
    "one result of two": (
        {"messages": [USER, calling("call_1", "call_2"), told("call_1"), USER]},
        (400, None, "messages"),
    ),
    "no json in sight": (
        {"response_format": {"type": "json_object"}},
        (400, None, "messages"),
    ),
    "audio format": (
        {"response_format": "audio"},
        (400, "invalid_type", "response_format"),
    ),
    "unknown format": (
        {"response_format": {"type": "audio"}},
        (400, "invalid_value", "response_format.type"),
    ),
    "open strict schema": (strict(OPEN), (400, None, "response_format")),
    "optional strict field": (
        strict({**OPEN, "required": [], "additionalProperties": False}),
        (400, None, "response_format"),
    ),
    "open deep down": (
        strict({**OPEN, "additionalProperties": False, "properties": {"a": OPEN}}),
        (400, None, "response_format"),
    ),
    "format without schema": (
        {"response_format": {"type": "json_schema"}},
        (400, "missing_required_parameter", "response_format.json_schema"),
    ),
}


@pytest.mark.parametrize(("fields", "expected"), CASES.values(), ids=CASES)
def test_what_the_service_refuses_is_refused(fields, expected):
    assert error(chat(**fields)) == expected


STREAMED = {name: fields for name, (fields, _) in CASES.items() if "stream_options" not in fields}


@pytest.mark.parametrize("fields", STREAMED.values(), ids=STREAMED)
def test_a_refusal_of_a_stream_is_no_stream(fields):
    reply = chat(**fields, stream=True)
    assert dict(reply.headers)["content-type"] == "application/json"
    assert len(reply.chunks) == 1


def test_a_schema_that_is_not_strict_may_be_open():
    assert chat(**strict(OPEN, strict=False)).status == 200


def test_null_is_as_good_as_left_out():
    assert chat(stop=None, max_tokens=None, tools=None).status == 200


def test_results_may_come_in_any_order():
    messages = [USER, calling("call_1", "call_2"), told("call_2"), told("call_1"), USER]
    assert chat(messages=messages).status == 200


@pytest.mark.parametrize("body", [b"{", b"[]", b'"text"', None, b"[" * 100_000])
def test_a_body_that_is_no_object_is_refused(body):
    reply = simulate(Request("POST", "/chat/completions", "raw", body), world())
    assert error(reply)[0] == 400
    assert "JSON" in value(reply)["error"]["message"]


@pytest.mark.parametrize("depth", [2_000, 100_000])
def test_a_schema_that_is_nested_too_deeply_is_refused(depth):
    nested = '{"items": ' * depth + "{}" + "}" * depth
    tool = json.dumps(weather()).replace('{"type": "string"}', nested)
    body = f'{{"model": "x", "messages": [{json.dumps(USER)}], "tools": [{tool}]}}'
    asked = Request("POST", "/chat/completions", "raw", body.encode())
    assert error(simulate(asked, world()))[0] == 400


@openapi.needs_openapi
def test_the_known_fields_are_the_official_ones():
    official = openapi._fields({"$ref": "#/components/schemas/CreateChatCompletionRequest"})
    assert set(chat_refusals.FIELDS) == official
