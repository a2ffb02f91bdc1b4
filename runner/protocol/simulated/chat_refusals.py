"""Refusals of chat completions: what is wrong with a body or a conversation, in the API's words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from runner.exchange import Json
from runner.protocol.simulated import refusals
from runner.protocol.simulated.refusals import missing, unknown, unsupported, wrong_type
from runner.protocol.simulated.schemas import is_kind
from runner.protocol.simulated.service import Check, Refusal, has_model

FIELDS = {
    "model": "a string",
    "messages": "an array",
    "audio": "an object",
    "frequency_penalty": "a number",
    "function_call": "",
    "functions": "an array",
    "logit_bias": "an object",
    "logprobs": "a boolean",
    "max_completion_tokens": "an integer",
    "max_tokens": "an integer",
    "metadata": "an object",
    "modalities": "an array",
    "moderation": "",
    "n": "an integer",
    "parallel_tool_calls": "a boolean",
    "prediction": "an object",
    "presence_penalty": "a number",
    "prompt_cache_key": "a string",
    "prompt_cache_options": "an object",
    "prompt_cache_retention": "a string",
    "reasoning_effort": "a string",
    "response_format": "an object",
    "safety_identifier": "a string",
    "seed": "an integer",
    "service_tier": "a string",
    "stop": "",
    "store": "a boolean",
    "stream": "a boolean",
    "stream_options": "an object",
    "temperature": "a number",
    "tool_choice": "",
    "tools": "an array",
    "top_logprobs": "an integer",
    "top_p": "a number",
    "user": "a string",
    "verbosity": "a string",
    "web_search_options": "an object",
}
ROLES = ("system", "assistant", "user", "function", "tool", "developer")
PARTS = ("text", "image_url", "input_audio", "refusal", "audio", "file")
MESSAGE = (
    "role",
    "content",
    "name",
    "tool_calls",
    "tool_call_id",
    "refusal",
    "annotations",
    "audio",
    "function_call",
)
VOICED = ("wav", "aac", "mp3", "flac", "opus", "pcm16")
FORMATS = ("json_object", "json_schema", "text")


def _required(body: Mapping[str, Json]) -> Refusal | None:
    if "model" not in body:
        return Refusal("you must provide a model parameter")
    return None if "messages" in body else missing("messages")


def _combined(body: Mapping[str, Json]) -> Refusal | None:
    if "max_tokens" in body and "max_completion_tokens" in body:
        message = (
            "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported."
        )
        return Refusal(message, "max_tokens", "invalid_parameter_combination")
    if "top_logprobs" in body and not body.get("logprobs"):
        message = "The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled."
        return Refusal(message, "top_logprobs")
    if "stream_options" in body and not body.get("stream"):
        message = "The 'stream_options' parameter is only allowed when 'stream' is enabled."
        return Refusal(message, "stream_options")
    return None


def _audio(body: Mapping[str, Json]) -> Refusal | None:
    if "audio" not in body.get("modalities", ()):
        return None
    form = body.get("audio")
    if form is None:
        return missing("audio")
    for name in ("voice", "format"):
        if name not in form:
            return missing(f"audio.{name}")
    known = ("pcm16",) if body.get("stream") else VOICED
    return None if form["format"] in known else unsupported("audio.format", form["format"], known)


def _messages(body: Mapping[str, Json]) -> Refusal | None:
    if not body["messages"]:
        message = (
            "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an"
            " empty array instead."
        )
        return Refusal(message, "messages", "empty_array")
    found = (_message(one, f"messages[{at}]") for at, one in enumerate(body["messages"]))
    return next((refusal for refusal in found if refusal), None)


def _message(message: Json, where: str) -> Refusal | None:
    if not isinstance(message, dict):
        return wrong_type(where, "an object", message)
    if "role" not in message:
        return missing(f"{where}.role")
    if message["role"] not in ROLES:
        return unsupported(f"{where}.role", message["role"], ROLES)
    strange = [name for name in message if name not in MESSAGE]
    if strange:
        return unknown(f"{where}.{strange[0]}")
    return next(_faults(message, where), None)


def _faults(message: Mapping[str, Json], where: str) -> Iterator[Refusal]:
    content, role = message.get("content"), message["role"]
    if content is None and role != "assistant":
        text = "Invalid value for 'content': expected a string, got null."
        yield Refusal(text, f"{where}.content")
    if content is not None and not isinstance(content, str | list):
        yield wrong_type(f"{where}.content", "one of a string or array of objects", content)
    if role == "tool" and "tool_call_id" not in message:
        yield missing(f"{where}.tool_call_id")
    yield from _named(message, where)
    yield from _calls(message.get("tool_calls") or [], f"{where}.tool_calls")
    for place, part in enumerate(content if isinstance(content, list) else ()):
        yield from _part(part, f"{where}.content[{place}]", role)


def _named(message: Mapping[str, Json], where: str) -> Iterator[Refusal]:
    for name in ("tool_call_id", "name"):
        if not isinstance(message.get(name) or "", str):
            yield wrong_type(f"{where}.{name}", "a string", message[name])


def _calls(made: Json, where: str) -> Iterator[Refusal]:
    if not isinstance(made, list):
        yield wrong_type(where, "an array", made)
        return
    for place, call in enumerate(made):
        yield from _call(call, f"{where}[{place}]")


def _call(call: Json, where: str) -> Iterator[Refusal]:
    if not isinstance(call, dict):
        yield wrong_type(where, "an object", call)
        return
    function = call.get("function") or call.get("custom")
    if not isinstance(call.get("id"), str):
        yield missing(f"{where}.id")
    if not isinstance(function, dict) or "name" not in function:
        yield missing(f"{where}.function")
    elif "arguments" in function and not isinstance(function["arguments"], str):
        yield wrong_type(f"{where}.function.arguments", "a string", function["arguments"])


def _part(part: Json, where: str, role: str) -> Iterator[Refusal]:
    if not isinstance(part, dict):
        yield wrong_type(where, "an object", part)
        return
    kind = part.get("type")
    if kind not in PARTS:
        yield (
            missing(f"{where}.type") if kind is None else unsupported(f"{where}.type", kind, PARTS)
        )
        return
    field = "text" if kind == "text" else str(kind)
    if field not in part:
        yield missing(f"{where}.{field}")
        return
    wanted = "a string" if kind in ("text", "refusal") else "an object"
    if not is_kind(part[field], wanted):
        yield wrong_type(f"{where}.{field}", wanted, part[field])
        return
    if kind == "image_url":
        yield from _image(part[field], where, role)


def _image(picture: Mapping[str, Json], where: str, role: str) -> Iterator[Refusal]:
    if role != "user":
        message = (
            f"Invalid '{where}': image URLs are only allowed for messages with role 'user', but"
            f" this message with role '{role}' contains an image URL."
        )
        yield Refusal(message, where, "invalid_value")
    if not isinstance(picture.get("url"), str):
        yield missing(f"{where}.image_url.url")
    if refusal := refusals.picture_is_sound(picture.get("url"), f"{where}.image_url.url"):
        yield refusal


def _answered(body: Mapping[str, Json]) -> Refusal | None:
    """Each call has its result at once, and each result its call."""
    waiting: list[str] = []
    after_calls = False
    for place, message in enumerate(body["messages"]):
        if message["role"] != "tool":
            if waiting:
                break
            waiting = [call["id"] for call in message.get("tool_calls") or ()]
            after_calls = bool(waiting)
            continue
        if not after_calls:
            return Refusal(ORPHAN, f"messages.[{place}].role")
        if message["tool_call_id"] not in waiting:
            text = (
                f"Invalid parameter: 'tool_call_id' of '{message['tool_call_id']}' not found in"
                " 'tool_calls' of previous message."
            )
            return Refusal(text, f"messages.[{place}].tool_call_id")
        waiting.remove(message["tool_call_id"])
    return Refusal(UNANSWERED + ", ".join(waiting), "messages") if waiting else None


ORPHAN = (
    "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with"
    " 'tool_calls'."
)
UNANSWERED = (
    "An assistant message with 'tool_calls' must be followed by tool messages responding to each"
    " 'tool_call_id'. The following tool_call_ids did not have response messages: "
)


def _format(body: Mapping[str, Json]) -> Refusal | None:
    form = body.get("response_format")
    if form is None:
        return None
    kind = form.get("type")
    if kind not in FORMATS:
        return unsupported("response_format.type", kind, FORMATS)
    if kind == "json_object" and "json" not in str(body["messages"]).lower():
        message = (
            "'messages' must contain the word 'json' in some form, to use 'response_format' of"
            " type 'json_object'."
        )
        return Refusal(message, "messages")
    if kind != "json_schema":
        return None
    if not isinstance(form.get("json_schema"), dict):
        return missing("response_format.json_schema")
    return refusals.format_is_sound(form["json_schema"], "response_format.json_schema")


CHECKS: tuple[Check, ...] = (
    _required,
    *refusals.fields(FIELDS),
    has_model,
    _combined,
    refusals.stop_is_sound,
    _audio,
    refusals.tools_are_given,
    partial(refusals.tools_are_sound, "function"),
    partial(refusals.choice_is_there, "function"),
    _messages,
    _answered,
    _format,
)
"""In the order in which the service finds fault."""
