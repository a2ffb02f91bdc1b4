"""The table of simulations: by name, by method and path, and never a crash."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.exchange import Request
from runner.protocol.endpoints import MODULES
from runner.protocol.simulated import SIMULATIONS, simulate
from tests.protocol.simulated.asking import (
    PIXEL,
    chat,
    error,
    request,
    shape_faults,
    value,
    weather,
    world,
)

BODY = {"model": "gpt-4.1", "messages": [{"role": "user", "content": "Hello"}]}


def test_every_endpoint_is_simulated():
    assert set(SIMULATIONS) == set(MODULES)


@pytest.mark.parametrize(
    ("method", "path", "body", "kind"),
    [
        ("POST", "/chat/completions", BODY, "chat.completion"),
        ("POST", "/responses", {"model": "gpt-5.1", "input": "Hello"}, "response"),
        ("GET", "/models", None, "list"),
        ("GET", "/models?limit=2", None, "list"),
        ("GET", "/models/gpt-4.1", None, "model"),
    ],
)
@pytest.mark.parametrize("endpoint", ["raw", "an.endpoint.of.tomorrow"])
def test_a_raw_request_is_answered_by_its_path(endpoint, method, path, body, kind):
    assert value(simulate(request(endpoint, body, path, method), world()))["object"] == kind


def test_a_raw_request_answers_like_the_endpoint():
    raw = simulate(request("raw", BODY, "/chat/completions"), world())
    assert value(raw) == value(chat())


def test_a_raw_text_body_is_read_as_json():
    asked = Request("POST", "/chat/completions", "raw", json.dumps(BODY).encode())
    assert value(simulate(asked, world())) == value(chat())


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/no/such/thing", (404, "unknown_url", None)),
        ("GET", "/", (404, "unknown_url", None)),
        ("POST", "/responses/resp_1/unknown", (404, "unknown_url", None)),
        ("GET", "/chat/completions", (405, "method_not_supported", None)),
        ("PUT", "/models/gpt-4.1", (405, "method_not_supported", None)),
        ("GET", "/responses/resp_1", (404, None, None)),
    ],
)
def test_what_is_not_there_is_refused_in_the_service_s_shape(method, path, expected):
    assert error(simulate(request("raw", None, path, method), world())) == expected


def test_every_reply_has_a_request_id_of_its_own():
    first, second = (dict(chat(text).headers)["x-request-id"] for text in ("Hello", "Hallo"))
    assert first.startswith("req_offline_")
    assert first != second
    assert first == dict(chat("Hello").headers)["x-request-id"]


JSON: Any = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 200)
    | st.floats()
    | st.sampled_from(["", "x", "auto", "user"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "role", "content", "text", "function", "name"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=6,
)
GOOD: dict[str, dict[str, Any]] = {
    "chat.completions": {
        "model": "gpt-4.1",
        "messages": [
            {"role": "user", "content": [{"type": "image_url", "image_url": {"url": PIXEL}}]},
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [
                    {
                        "id": "1",
                        "type": "function",
                        "function": {"name": "get_weather", "arguments": "{}"},
                    }
                ],
            },
            {"role": "tool", "tool_call_id": "1", "content": "14"},
        ],
        "tools": [weather()],
        "tool_choice": {"type": "function", "function": {"name": "get_weather"}},
        "response_format": {
            "type": "json_schema",
            "json_schema": {
                "name": "x",
                "schema": {"type": "array", "items": {"enum": [1]}, "minItems": 2},
            },
        },
        "stop": ["x"],
        "stream_options": {"include_usage": True},
        "logprobs": True,
        "stream": True,
    },
    "responses": {
        "model": "gpt-5.1",
        "input": [
            {"role": "user", "content": [{"type": "input_image", "image_url": PIXEL}]},
            {"type": "reasoning", "id": "rs_1", "summary": []},
            {
                "type": "function_call",
                "id": "fc_1",
                "call_id": "1",
                "name": "get_weather",
                "arguments": "{}",
            },
            {
                "type": "function_call_output",
                "call_id": "1",
                "output": [{"type": "input_text", "text": "14"}],
            },
        ],
        "instructions": [{"role": "developer", "content": "Be brief."}],
        "tools": [{"type": "function", **weather()["function"]}, {"type": "web_search"}],
        "tool_choice": {
            "type": "allowed_tools",
            "mode": "auto",
            "tools": [{"type": "function", "name": "x"}],
        },
        "reasoning": {"summary": "auto"},
        "include": ["message.output_text.logprobs"],
        "text": {"format": {"type": "json_schema", "name": "x", "schema": {"type": "object"}}},
        "background": False,
    },
}


def places(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place within a value."""
    inner = (
        node.items()
        if isinstance(node, dict)
        else enumerate(node)
        if isinstance(node, list)
        else ()
    )
    return [path, *(place for key, value in inner for place in places(value, (*path, key)))]


def put(node: Any, path: tuple[Any, ...], new: Any) -> Any:
    """Copy a value with something else at a place."""
    if not path:
        return new
    copy: Any = dict(node) if isinstance(node, dict) else list(node)
    copy[path[0]] = put(node[path[0]], path[1:], new)
    return copy


@pytest.mark.parametrize("endpoint", GOOD)
def test_the_good_body_is_good(endpoint):
    assert simulate(request(endpoint, GOOD[endpoint]), world()).status == 200


@pytest.mark.parametrize("endpoint", GOOD)
@settings(max_examples=150, deadline=None)
@given(drawn=st.data())
def test_a_body_that_is_wrong_anywhere_is_answered_or_refused(endpoint, drawn):
    body = GOOD[endpoint]
    wrong = put(body, drawn.draw(st.sampled_from(places(body)[1:])), drawn.draw(JSON))
    reply = simulate(request(endpoint, wrong), world())
    assert reply.status in (200, 400, 404)
    assert reply.status == 200 or shape_faults("error", value(reply)) == []
