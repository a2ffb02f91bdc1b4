"""Items: messages of the chat form, told in the dialect of responses."""

from __future__ import annotations

from collections.abc import Iterable

from runner.exchange import Json

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
    if content is None or (content == "" and calls):
        return calls
    return [{**_rest(message), "role": role, "content": _content(role, content)}, *calls]


def _rest(message: Json) -> dict[str, Json]:
    """Keep what else the recipe said of the message."""
    own = ("role", "content", "tool_calls", "refusal", "annotations", "audio", "function_call")
    return {key: value for key, value in message.items() if key not in own}


def _result(message: Json) -> Json:
    return {
        "type": "function_call_output",
        "call_id": message.get("tool_call_id"),
        "output": message.get("content"),
    }


def _call(call: Json) -> Json:
    function = call["function"]
    return {
        "type": "function_call",
        "call_id": call["id"],
        "name": function["name"],
        "arguments": function["arguments"],
    }


def _content(role: str, content: Json) -> Json:
    if isinstance(content, str):
        return content
    return [_part(role, part) for part in content]


def _part(role: str, part: Json) -> Json:
    if not isinstance(part, dict):
        return part
    match part.get("type"):
        case "text":
            return {"type": TEXT.get(role, "input_text"), "text": part["text"]}
        case "image_url":
            picture = part["image_url"]
            detail = {"detail": picture["detail"]} if "detail" in picture else {}
            return {"type": "input_image", "image_url": picture["url"], **detail}
        case "file":
            return {"type": "input_file", **part["file"]}
        case _:
            return part
