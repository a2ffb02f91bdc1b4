"""Items: messages of the chat form, told in the dialect of responses."""

from __future__ import annotations

from collections.abc import Iterable

from runner.exchange import Json
from runner.protocol.wire import argument_text

TEXT = {"assistant": "output_text"}


def of(messages: Iterable[Json]) -> list[Json]:
    """Turn chat messages into the items that the responses endpoint takes."""
    return [item for message in messages for item in _items(message)]


def _items(message: Json) -> list[Json]:
    if not isinstance(message, dict) or "role" not in message:
        return [message]
    role = message["role"]
    if role == "tool":
        return [_result(message)]
    calls = [_call(call) for call in message.get("tool_calls") or ()]
    content = message.get("content")
    if content is None and message.get("refusal"):
        content = [{"type": "refusal", "refusal": message["refusal"]}]
    if content is None or (content == "" and calls):
        return calls
    return [{**_rest(message), "role": role, "content": _content(role, content)}, *calls]


def _rest(message: Json) -> dict[str, Json]:
    """Keep what else the recipe said of the message, and not what a chat service did."""
    kept = ("type", "id", "status", "phase") if message["role"] == "assistant" else message
    own = ("role", "content")
    return {key: message[key] for key in kept if key in message and key not in own}


def _result(message: Json) -> Json:
    return {
        "type": "function_call_output",
        "call_id": message.get("tool_call_id"),
        "output": _content("tool", message.get("content") or ""),
    }


def _call(call: Json) -> Json:
    function = call.get("function") if isinstance(call, dict) else None
    if not isinstance(function, dict):
        return call
    return {
        "type": "function_call",
        "call_id": call.get("id"),
        "name": function.get("name"),
        "arguments": argument_text(function.get("arguments")),
    }


def _content(role: str, content: Json) -> Json:
    if isinstance(content, str):
        return content
    return [_part(role, part) for part in content] if isinstance(content, list) else content


def _part(role: str, part: Json) -> Json:
    if not isinstance(part, dict):
        return part
    match part.get("type"):
        case "text":
            return {"type": TEXT.get(role, "input_text"), "text": part["text"]}
        case "image_url" if isinstance(part.get("image_url"), dict):
            picture = {"image_url" if k == "url" else k: v for k, v in part["image_url"].items()}
            return {"type": "input_image", **picture}
        case "image_url":
            return {**part, "type": "input_image"}
        case "file" if isinstance(part.get("file"), dict):
            return {"type": "input_file", **part["file"]}
        case _:
            return part
