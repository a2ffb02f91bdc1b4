"""Refusals of responses: what is wrong with a body or its items, in the API's words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from runner.exchange import Json
from runner.protocol.simulated import refusals
from runner.protocol.simulated.refusals import missing, unsupported, wrong_type
from runner.protocol.simulated.service import Check, Refusal, World, has_model

FIELDS = {
    "model": "a string",
    "input": "",
    "background": "a boolean",
    "context_management": "",
    "conversation": "",
    "include": "an array",
    "instructions": "",
    "max_output_tokens": "an integer",
    "max_tool_calls": "an integer",
    "metadata": "an object",
    "moderation": "",
    "parallel_tool_calls": "a boolean",
    "previous_response_id": "a string",
    "prompt": "an object",
    "prompt_cache_key": "a string",
    "prompt_cache_options": "an object",
    "prompt_cache_retention": "a string",
    "reasoning": "an object",
    "safety_identifier": "a string",
    "service_tier": "a string",
    "store": "a boolean",
    "stream": "a boolean",
    "stream_options": "an object",
    "temperature": "a number",
    "text": "an object",
    "tool_choice": "",
    "tools": "an array",
    "top_logprobs": "an integer",
    "top_p": "a number",
    "truncation": "a string",
    "user": "a string",
    # Newer than the official document: the newest official client has them.
    "access_programs": "",
    "background_options": "",
    "image": "",
}
MOVED = {
    "messages": "input",
    "response_format": "text.format",
    "max_tokens": "max_output_tokens",
    "max_completion_tokens": "max_output_tokens",
    "reasoning_effort": "reasoning.effort",
    "verbosity": "text.verbosity",
}
ROLES = ("assistant", "system", "developer", "user")
PARTS = ("input_text", "input_image", "output_text", "refusal", "input_file")
FORMATS = ("json_object", "json_schema", "text")


def _moved(body: Mapping[str, Json]) -> Refusal | None:
    for name in body.keys() & MOVED.keys():
        message = (
            f"Unsupported parameter: '{name}'. In the Responses API, this parameter has moved to"
            f" '{MOVED[name]}'. Try again with the new parameter."
        )
        return Refusal(message, name, "unsupported_parameter")
    return None


def _required(body: Mapping[str, Json]) -> Refusal | None:
    if not body.keys() & {"input", "previous_response_id", "prompt", "conversation"}:
        return missing("input")
    return None if "model" in body or "prompt" in body else missing("model")


def _combined(body: Mapping[str, Json]) -> Refusal | None:
    if "previous_response_id" in body and "conversation" in body:
        message = "'previous_response_id' and 'conversation' cannot be used together."
        return Refusal(message, "previous_response_id", "mutually_exclusive_parameters")
    if body.get("background") and body.get("store") is False:
        return Refusal("Background responses need 'store' to be true.", "background")
    if body.get("tool_choice") == "required" and not body.get("tools"):
        return Refusal("Tool choice 'required' must be specified with 'tools'.", "tool_choice")
    return None


def _stored(body: Mapping[str, Json]) -> Refusal | None:
    """What an account holds, nobody has here."""
    if "conversation" in body:
        held = body["conversation"]
        name = held.get("id") if isinstance(held, dict) else held
        return Refusal(f"Conversation with id '{name}' not found.", "conversation", None, 404)
    if "prompt" in body:
        name = body["prompt"].get("id")
        return Refusal(f"Prompt with id '{name}' not found.", "prompt", "prompt_not_found", 404)
    return None


def _items(body: Mapping[str, Json]) -> Refusal | None:
    for name in ("input", "instructions"):
        told = body.get(name, "")
        if not isinstance(told, str | list):
            return wrong_type(name, "one of a string or array of input items", told)
        items = told if isinstance(told, list) else []
        found = (_item(one, f"{name}[{at}]") for at, one in enumerate(items))
        if refusal := next((refusal for refusal in found if refusal), None):
            return refusal
    return None


def _item(item: Json, where: str) -> Refusal | None:
    if not isinstance(item, dict):
        return wrong_type(where, "an object", item)
    match item.get("type", "message"):
        case "message":
            return next(_message(item, where), None)
        case "function_call":
            return _strings(item, ("call_id", "name", "arguments"), where)
        case "function_call_output":
            return _strings(item, ("call_id",), where) or _output(item, f"{where}.output")
    return None


def _output(item: Mapping[str, Json], where: str) -> Refusal | None:
    if "output" not in item:
        return missing(where)
    if isinstance(item["output"], str | list):
        return None
    return wrong_type(where, "one of a string or array of objects", item["output"])


def _strings(item: Mapping[str, Json], names: tuple[str, ...], where: str) -> Refusal | None:
    for name in names:
        if name not in item:
            return missing(f"{where}.{name}")
        if not isinstance(item[name], str):
            return wrong_type(f"{where}.{name}", "a string", item[name])
    return None


def _message(item: Mapping[str, Json], where: str) -> Iterator[Refusal]:
    for name in ("role", "content"):
        if name not in item:
            yield missing(f"{where}.{name}")
            return
    if item["role"] not in ROLES:
        yield unsupported(f"{where}.role", item["role"], ROLES)
    content = item["content"]
    if not isinstance(content, str | list):
        yield wrong_type(f"{where}.content", "one of a string or array of objects", content)
    for place, part in enumerate(content if isinstance(content, list) else ()):
        yield from _part(part, f"{where}.content[{place}]")


def _part(part: Json, where: str) -> Iterator[Refusal]:
    if not isinstance(part, dict):
        yield wrong_type(where, "an object", part)
        return
    kind = part.get("type")
    if kind not in PARTS:
        yield unsupported(f"{where}.type", kind, PARTS)
    if kind in ("input_text", "output_text") and not isinstance(part.get("text"), str):
        yield missing(f"{where}.text")
    if kind != "input_image":
        return
    address = part.get("image_url")
    if address is not None and not isinstance(address, str):
        yield wrong_type(f"{where}.image_url", "an image URL", address)
    if refusal := refusals.picture_is_sound(address, f"{where}.image_url"):
        yield refusal


def _format(body: Mapping[str, Json]) -> Refusal | None:
    form = body.get("text", {}).get("format")
    if form is None:
        return None
    kind = form.get("type") if isinstance(form, dict) else None
    if kind not in FORMATS:
        return unsupported("text.format.type", kind, FORMATS)
    if kind == "json_object" and "json" not in str(body.get("input")).lower():
        message = (
            "Response input messages must contain the word 'json' in some form to use"
            " 'text.format' of type 'json_object'."
        )
        return Refusal(message, "input")
    return refusals.format_is_sound(form, "text.format") if kind == "json_schema" else None


CHECKS: tuple[Check, ...] = (
    _moved,
    *refusals.fields(FIELDS),
    _required,
    has_model,
    _combined,
    _stored,
    partial(refusals.tools_are_sound, ""),
    partial(refusals.choice_is_there, ""),
    _items,
    _format,
)
"""In the order in which the service finds fault."""


def whole(items: list[Json], world: World) -> Refusal | None:
    """Each call has its result, each result its call, each call the reasoning it came with."""
    made = {item["call_id"]: item for item in items if item.get("type") == "function_call"}
    told = {item["call_id"] for item in items if item.get("type") == "function_call_output"}
    for name in told - made.keys():
        return Refusal(f"No tool call found for function call output with call_id {name}.", "input")
    for name in made.keys() - told:
        return Refusal(f"No tool output found for function call {name}.", "input")
    held = [item.get("id") for item in items]
    for item in made.values():
        thought = world.store.get(f"items/{item.get('id')}")
        if thought and thought not in held:
            message = (
                f"Item '{item['id']}' of type 'function_call' was provided without its required"
                f" 'reasoning' item: '{thought}'."
            )
            return Refusal(message, "input")
    return None
