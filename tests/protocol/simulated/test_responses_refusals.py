"""What simulated responses refuse, each with the service's status, code and parameter."""

from __future__ import annotations

from typing import Any

import pytest

from runner.protocol.simulated import responses_refusals
from tests import openapi
from tests.protocol.simulated.asking import PIXEL, error, flat, respond, weather

USER = {"role": "user", "content": "Hello"}
CALL = {"type": "function_call", "call_id": "call_1", "name": "get_weather", "arguments": "{}"}
TOLD = {"type": "function_call_output", "call_id": "call_1", "output": "14"}
TOOL = flat(weather())


def part(**fields: Any) -> dict[str, Any]:
    return {"asked": [{"role": "user", "content": [fields]}]}


CASES: dict[str, tuple[dict[str, Any], tuple[int, str | None, str | None]]] = {
    "unknown field": ({"temprature": 1}, (400, "unknown_parameter", "temprature")),
    "messages": ({"messages": [USER]}, (400, "unsupported_parameter", "messages")),
    "chat's limit": ({"max_tokens": 20}, (400, "unsupported_parameter", "max_tokens")),
    "chat's format": ({"response_format": {}}, (400, "unsupported_parameter", "response_format")),
    "choices": ({"n": 2}, (400, "unknown_parameter", "n")),
    "no input": ({"asked": None}, (400, "missing_required_parameter", "input")),
    "no model": ({"model": None}, (400, "missing_required_parameter", "model")),
    "absent model": ({"model": "no-such-model"}, (404, "model_not_found", None)),
    "a number for input": ({"asked": 7}, (400, "invalid_type", "input")),
    "too small a limit": (
        {"max_output_tokens": 5},
        (400, "integer_below_minimum_value", "max_output_tokens"),
    ),
    "previous and conversation": (
        {"previous_response_id": "resp_1", "conversation": "conv_1"},
        (400, "mutually_exclusive_parameters", "previous_response_id"),
    ),
    "absent previous": (
        {"previous_response_id": "resp_1"},
        (400, "previous_response_not_found", "previous_response_id"),
    ),
    "absent conversation": ({"conversation": "conv_1"}, (404, None, "conversation")),
    "absent prompt": ({"prompt": {"id": "pmpt_1"}}, (404, "prompt_not_found", "prompt")),
    "background unstored": ({"background": True, "store": False}, (400, None, "background")),
    "required without tools": ({"tool_choice": "required"}, (400, None, "tool_choice")),
    "nested tool": (
        {"tools": [weather()]},
        (400, "missing_required_parameter", "tools[0].name"),
    ),
    "open strict tool": (
        {"tools": [TOOL | {"strict": True, "parameters": {"type": "object", "properties": {}}}]},
        (400, "invalid_function_parameters", "tools[0].parameters"),
    ),
    "choice of no tool": (
        {"tools": [TOOL], "tool_choice": {"type": "function", "name": "x"}},
        (400, None, "tool_choice"),
    ),
    "chat's text part": (
        part(type="text", text="x"),
        (400, "invalid_value", "input[0].content[0].type"),
    ),
    "chat's picture part": (
        part(type="image_url", image_url={"url": PIXEL}),
        (400, "invalid_value", "input[0].content[0].type"),
    ),
    "picture as object": (
        part(type="input_image", image_url={"url": PIXEL}),
        (400, "invalid_type", "input[0].content[0].image_url"),
    ),
    "picture of another kind": (
        part(type="input_image", image_url=PIXEL.replace("png", "gif")),
        (400, "invalid_image_format", "input[0].content[0].image_url"),
    ),
    "tool role": (
        {"asked": [{"role": "tool", "content": "14"}]},
        (400, "invalid_value", "input[0].role"),
    ),
    "no content": (
        {"asked": [{"role": "user"}]},
        (400, "missing_required_parameter", "input[0].content"),
    ),
    "output without id": (
        {"asked": [{"type": "function_call_output", "output": "14"}]},
        (400, "missing_required_parameter", "input[0].call_id"),
    ),
    "output no text": (
        {"asked": [USER, CALL, TOLD | {"output": {"celsius": 14}}]},
        (400, "invalid_type", "input[2].output"),
    ),
    "output without call": ({"asked": [USER, TOLD]}, (400, None, "input")),
    "call without output": ({"asked": [USER, CALL]}, (400, None, "input")),
    "no json in sight": ({"text": {"format": {"type": "json_object"}}}, (400, None, "input")),
    "nested format": (
        {"text": {"format": {"type": "json_schema", "json_schema": {}}}},
        (400, "missing_required_parameter", "text.format.name"),
    ),
    "unknown format": (
        {"text": {"format": {"type": "audio"}}},
        (400, "invalid_value", "text.format.type"),
    ),
}


@pytest.mark.parametrize(("fields", "expected"), CASES.values(), ids=CASES)
def test_what_the_service_refuses_is_refused(fields, expected):
    assert error(respond(**fields)) == expected


def test_a_call_with_its_output_is_fine():
    assert respond([USER, CALL, TOLD], tools=[TOOL]).status == 200


def test_auto_needs_no_tools():
    assert respond(tool_choice="auto", parallel_tool_calls=True).status == 200


@openapi.needs_openapi
def test_the_known_fields_are_the_official_ones_and_the_newer():
    official = openapi._fields({"$ref": "#/components/schemas/CreateResponse"})
    newer = {"access_programs", "background_options", "image"}
    assert set(responses_refusals.FIELDS) == official | newer
