"""Asking the simulated service, and the shapes that its replies must have."""

from __future__ import annotations

import json
from typing import Any

from jsonschema import Draft202012Validator

from runner.exchange import JsonBody, Request
from runner.protocol.simulated import simulate
from runner.protocol.simulated.service import Simulated, World

NOON = 1_800_000_000.0
PIXEL = (
    "data:image/png;base64,"
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
WEATHER_SCHEMA = {
    "type": "object",
    "properties": {"location": {"type": "string"}},
    "required": ["location"],
    "additionalProperties": False,
}
TIME_SCHEMA = {
    "type": "object",
    "properties": {"zone": {"type": "string"}},
    "required": ["zone"],
    "additionalProperties": False,
}
PERSON = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer", "minimum": 0}},
    "required": ["name", "age"],
    "additionalProperties": False,
}


def world() -> World:
    return World(lambda: NOON, {})


def request(endpoint: str, body: Any = None, path: str = "", method: str = "POST") -> Request:
    return Request(method, path, endpoint, JsonBody(body) if body is not None else None)


def value(simulated: Simulated) -> Any:
    return json.loads(b"".join(simulated.chunks))


def chat(content: Any = "Hello", here: World | None = None, **fields: Any) -> Simulated:
    body = {"model": "gpt-4.1", "messages": [{"role": "user", "content": content}]} | fields
    return simulate(request("chat.completions", body), here or world())


def respond(asked: Any = "Hello", here: World | None = None, **fields: Any) -> Simulated:
    body = {"model": "gpt-5.1", "input": asked} | fields
    return simulate(request("responses", body), here or world())


def said(simulated: Simulated) -> str:
    return str(value(simulated)["choices"][0]["message"]["content"])


def message(simulated: Simulated) -> Any:
    return value(simulated)["choices"][0]["message"]


def error(simulated: Simulated) -> tuple[int, str | None, str | None]:
    """Status, code and parameter of a refusal, which has the service's shape."""
    found = value(simulated)
    assert not shape_faults("error", found)
    return simulated.status, found["error"]["code"], found["error"]["param"]


def events(simulated: Simulated) -> list[Any]:
    """The JSON data of a stream, one event a chunk; `[DONE]` stays text."""
    assert dict(simulated.headers)["content-type"].startswith("text/event-stream")
    found: list[Any] = []
    for chunk in simulated.chunks:
        *named, data, empty, end = chunk.decode().split("\n")
        assert (empty, end) == ("", "")
        assert data.startswith("data: ")
        text = data.removeprefix("data: ")
        found.append(text if text == "[DONE]" else json.loads(text))
        assert named in ([], [f"event: {found[-1].get('type')}" if named else ""])
    return found


def weather(name: str = "get_weather", schema: Any = None) -> dict[str, Any]:
    """A function tool of chat completions."""
    parameters = schema or WEATHER_SCHEMA
    return {"type": "function", "function": {"name": name, "parameters": parameters}}


def flat(tool: dict[str, Any]) -> dict[str, Any]:
    """The same tool for responses."""
    return {"type": "function", **tool["function"]}


def _object(required: dict[str, Any], **optional: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {**required, **optional},
        "required": list(required),
        "additionalProperties": False,
    }


def _list(items: Any) -> dict[str, Any]:
    return {"type": "array", "items": items}


TEXT = {"type": "string"}
MAYBE_TEXT = {"type": ["string", "null"]}
NUMBER = {"type": "integer", "minimum": 0}
ANY: dict[str, Any] = {}
FINISH = {"enum": ["stop", "length", "tool_calls"]}
CALL = _object(
    {
        "id": TEXT,
        "type": {"const": "function"},
        "function": _object({"name": TEXT, "arguments": TEXT}),
    }
)
LOGPROBS = {
    "anyOf": [_object({"content": _list({"type": "object"}), "refusal": ANY}), {"type": "null"}]
}
CHAT_USAGE = _object(
    {
        "prompt_tokens": NUMBER,
        "completion_tokens": NUMBER,
        "total_tokens": NUMBER,
        "prompt_tokens_details": {"type": "object"},
        "completion_tokens_details": {"type": "object"},
    }
)
CHAT_HEAD = {
    "id": {"type": "string", "pattern": "^chatcmpl-offline-[0-9a-f]{24}$"},
    "created": {"const": int(NOON)},
    "model": TEXT,
    "service_tier": {"const": "default"},
    "system_fingerprint": {"const": "fp_offline"},
}
CHAT_MESSAGE = _object(
    {
        "role": {"const": "assistant"},
        "content": MAYBE_TEXT,
        "refusal": ANY,
        "annotations": _list(ANY),
    },
    tool_calls=_list(CALL),
)
DELTA = _object(
    {},
    role={"const": "assistant"},
    content=MAYBE_TEXT,
    refusal={"type": "null"},
    annotations=_list(ANY),
    tool_calls=_list(
        _object(
            {"index": NUMBER, "function": _object({"arguments": TEXT}, name=TEXT)},
            id=TEXT,
            type={"const": "function"},
        )
    ),
)
ITEMS = {
    "anyOf": [
        _object(
            {
                "id": TEXT,
                "type": {"const": "message"},
                "status": TEXT,
                "role": {"const": "assistant"},
                "content": _list(
                    _object(
                        {
                            "type": {"const": "output_text"},
                            "text": TEXT,
                            "annotations": _list(ANY),
                            "logprobs": _list(ANY),
                        }
                    )
                ),
            }
        ),
        _object(
            {
                "id": TEXT,
                "type": {"const": "function_call"},
                "status": TEXT,
                "call_id": TEXT,
                "name": TEXT,
                "arguments": TEXT,
            }
        ),
        _object(
            {"id": TEXT, "type": {"const": "reasoning"}, "summary": _list(ANY)},
            encrypted_content=TEXT,
        ),
        _object({"id": TEXT, "type": {"const": "web_search_call"}, "status": TEXT, "action": ANY}),
    ]
}
SHAPES = {
    "error": _object(
        {"error": _object({"message": TEXT, "type": TEXT, "param": MAYBE_TEXT, "code": MAYBE_TEXT})}
    ),
    "model": _object(
        {
            "id": TEXT,
            "object": {"const": "model"},
            "created": NUMBER,
            "owned_by": TEXT,
            "shutdown_date": MAYBE_TEXT,
        }
    ),
    "chat": _object(
        {
            **CHAT_HEAD,
            "object": {"const": "chat.completion"},
            "usage": CHAT_USAGE,
            "choices": _list(
                _object(
                    {
                        "index": NUMBER,
                        "message": CHAT_MESSAGE,
                        "finish_reason": FINISH,
                        "logprobs": LOGPROBS,
                    }
                )
            ),
        }
    ),
    "chunk": _object(
        {
            **CHAT_HEAD,
            "object": {"const": "chat.completion.chunk"},
            "choices": _list(
                _object(
                    {
                        "index": NUMBER,
                        "delta": DELTA,
                        "finish_reason": {"anyOf": [FINISH, {"type": "null"}]},
                        "logprobs": LOGPROBS,
                    }
                )
            ),
        },
        usage={"anyOf": [CHAT_USAGE, {"type": "null"}]},
    ),
    "response": {
        "type": "object",
        "properties": {
            "id": {"type": "string", "pattern": "^resp_offline_[0-9a-f]{24}$"},
            "object": {"const": "response"},
            "created_at": {"const": int(NOON)},
            "status": {"enum": ["completed", "incomplete", "queued", "in_progress", "cancelled"]},
            "output": _list(ITEMS),
            "usage": {"type": ["object", "null"]},
            "store": {"type": "boolean"},
        },
        "required": ["id", "object", "created_at", "status", "output", "usage", "store", "model"],
    },
}
VALIDATORS = {name: Draft202012Validator(shape) for name, shape in SHAPES.items()}


def shape_faults(name: str, found: Any) -> list[str]:
    """Say where a value breaks a shape of ours."""
    errors = VALIDATORS[name].iter_errors(found)
    return [f"{error.json_path}: {error.message}" for error in errors]
