"""Refusals: what the service answers with 400 whatever the model, as far as both dialects share it.

A check looks at a body and says why it is refused, or None.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial

from runner.exchange import Json
from runner.protocol.simulated import calls, media
from runner.protocol.simulated.schemas import is_kind, schema_fault
from runner.protocol.simulated.service import Check, Refusal

NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
FOUND = {str: "a string", int: "an integer", float: "a decimal", bool: "a boolean"}
FOUND |= {list: "an array", dict: "an object", type(None): "null"}

RANGES: dict[str, tuple[float, float]] = {
    "temperature": (0, 2),
    "top_p": (0, 1),
    "presence_penalty": (-2, 2),
    "frequency_penalty": (-2, 2),
    "n": (1, 128),
    "top_logprobs": (0, 20),
    "max_tokens": (1, float("inf")),
    "max_completion_tokens": (1, float("inf")),
    "max_output_tokens": (16, float("inf")),
}


def wrong_type(where: str, expected: str, found: Json) -> Refusal:
    """Word a value of the wrong type."""
    kind = FOUND.get(type(found), "something else")
    message = f"Invalid type for '{where}': expected {expected}, but got {kind} instead."
    return Refusal(message, where, "invalid_type")


def missing(where: str) -> Refusal:
    """Word a field that is not there."""
    return Refusal(f"Missing required parameter: '{where}'.", where, "missing_required_parameter")


def unknown(where: str) -> Refusal:
    """Word a field that the service does not know."""
    return Refusal(f"Unknown parameter: '{where}'.", where, "unknown_parameter")


def unsupported(where: str, found: Json, known: tuple[str, ...]) -> Refusal:
    """Word a value that is none of the few there are."""
    words = [f"'{word}'" for word in known]
    listed = ", ".join(words[:-1]) + (f", and {words[-1]}" if words[1:] else words[0])
    message = f"Invalid value: '{found}'. Supported values are: {listed}."
    return Refusal(message, where, "invalid_value")


def is_name(value: Json) -> bool:
    """Whether a value can name a function or a schema."""
    return isinstance(value, str) and NAME.fullmatch(value) is not None


def bad_name(where: str) -> Refusal:
    """Word a name with letters that no name has."""
    message = (
        f"Invalid '{where}': string does not match pattern. Expected a string that matches the"
        " pattern '^[a-zA-Z0-9_-]+$'."
    )
    return Refusal(message, where, "invalid_value")


def fields(known: Mapping[str, str]) -> tuple[Check, ...]:
    """Make the checks of the top-level fields: known, of their type, within their range."""
    return (partial(_known, known), partial(_typed, known), _ranged)


def _known(known: Mapping[str, str], body: Mapping[str, Json]) -> Refusal | None:
    return next((unknown(name) for name in body if name not in known), None)


def _typed(known: Mapping[str, str], body: Mapping[str, Json]) -> Refusal | None:
    for name, value in body.items():
        if known[name] and not is_kind(value, known[name]):
            return wrong_type(name, known[name], value)
    return None


def _ranged(body: Mapping[str, Json]) -> Refusal | None:
    for name in body.keys() & RANGES.keys():
        (low, high), value = RANGES[name], body[name]
        kind = "integer" if isinstance(value, int) else "decimal"
        if value < low:
            return _outside(name, kind, ("below minimum", f">= {low}"), value)
        if value > high:
            return _outside(name, kind, ("above maximum", f"<= {high}"), value)
    return None


def _outside(name: str, kind: str, words: tuple[str, str], value: float) -> Refusal:
    message = (
        f"Invalid '{name}': {kind} {words[0]} value."
        f" Expected a value {words[1]}, but got {value} instead."
    )
    return Refusal(message, name, f"{kind}_{words[0].replace(' ', '_')}_value")


def stop_is_sound(body: Mapping[str, Json]) -> Refusal | None:
    """What ends a text is a text, or at most four of them."""
    stop = body.get("stop")
    if isinstance(stop, list) and len(stop) > 4:
        message = (
            "Invalid 'stop': array too long. Expected an array with maximum length 4, but got an"
            f" array with length {len(stop)} instead."
        )
        return Refusal(message, "stop", "array_above_max_length")
    stops = stop if isinstance(stop, list) else [stop or ""]
    wrong = next((one for one in stops if not isinstance(one, str)), None)
    return None if wrong is None else wrong_type("stop", "a string or an array of strings", wrong)


def tools_are_given(body: Mapping[str, Json]) -> Refusal | None:
    """What is said about tools needs tools."""
    if body.get("tools"):
        return None
    for name in ("tool_choice", "parallel_tool_calls"):
        if name in body:
            message = f"'{name}' is only allowed when 'tools' are specified."
            return Refusal(f"Invalid value for '{name}': {message}", name)
    return None


def format_is_sound(form: Mapping[str, Json], where: str) -> Refusal | None:
    """A structured output has a name and a schema, and a strict schema leaves nothing open."""
    for field in ("name", "schema"):
        if field not in form:
            return missing(f"{where}.{field}")
    schema, name = form["schema"], form["name"]
    if not isinstance(schema, dict):
        return wrong_type(f"{where}.schema", "an object", schema)
    if not is_name(name):
        return bad_name(f"{where}.name")
    fault = schema_fault(schema, form.get("strict") is True)
    if not fault:
        return None
    return Refusal(
        f"Invalid schema for response_format '{name}': {fault}", where.partition(".json")[0]
    )


def tools_are_sound(key: str, body: Mapping[str, Json]) -> Refusal | None:
    """Function tools have a name and an object of parameters; `key` is where they are nested."""
    for place, tool in enumerate(body.get("tools") or ()):
        where = f"tools[{place}]"
        if not isinstance(tool, dict):
            return wrong_type(where, "an object", tool)
        if "type" not in tool:
            return missing(f"{where}.type")
        if tool["type"] != "function":
            continue
        if key and not isinstance(tool.get(key), dict):
            return missing(f"{where}.{key}")
        if refusal := _function(tool[key] if key else tool, where + (f".{key}" if key else "")):
            return refusal
    return None


def _function(form: Mapping[str, Json], where: str) -> Refusal | None:
    name = form.get("name")
    if name is None:
        return missing(f"{where}.name")
    if not is_name(name):
        return bad_name(f"{where}.name")
    fault = _parameters(form)
    if not fault:
        return None
    message = f"Invalid schema for function '{name}': {fault}"
    return Refusal(message, f"{where}.parameters", "invalid_function_parameters")


def _parameters(form: Mapping[str, Json]) -> str:
    schema = form.get("parameters")
    if not schema:
        return ""
    kind = schema.get("type") if isinstance(schema, dict) else None
    if kind != "object":
        return f"schema must be a JSON Schema of 'type: \"object\"', got 'type: \"{kind}\"'."
    return schema_fault(schema, form.get("strict") is True)


def choice_is_there(key: str, body: Mapping[str, Json]) -> Refusal | None:
    """A tool choice that names a function names one of the tools."""
    choice = body.get("tool_choice")
    if isinstance(choice, str) and choice not in CHOICES:
        return unsupported("tool_choice", choice, CHOICES)
    if choice is not None and not isinstance(choice, str) and not _is_choice(choice):
        return wrong_type("tool_choice", "one of a string or an object with a type", choice)
    name = calls.named(choice)
    if not name or name in {one.name for one in calls.functions(body.get("tools"), key)}:
        return None
    message = f"Tool choice 'function' not found in 'tools' parameter: there is no '{name}'."
    return Refusal(message, "tool_choice")


CHOICES = ("none", "auto", "required")


def _is_choice(choice: Json) -> bool:
    """Whether a choice that is no word names a function, a list of allowed tools, or a type."""
    if not isinstance(choice, dict) or not isinstance(choice.get("type"), str):
        return False
    if choice["type"] == "function":
        return bool(calls.named(choice))
    if choice["type"] != "allowed_tools":
        return True
    allowed = choice.get("allowed_tools", choice)
    tools = allowed.get("tools") if isinstance(allowed, dict) else None
    return isinstance(tools, list) and all(isinstance(tool, dict) for tool in tools)


def picture_is_sound(address: Json, where: str) -> Refusal | None:
    """A picture's data URI holds a picture of the kind it names."""
    found = media.inline(address) if isinstance(address, str) else None
    if found is None or media.is_picture(found):
        return None
    message = (
        "You uploaded an unsupported image. Please make sure your image is valid and has one of"
        f" the following formats: {sorted(kind[6:] for kind in media.PICTURES)}. (In {where}: it"
        f" claims to be {found.media_type or 'nothing'}.)"
    )
    return Refusal(message, where, "invalid_image_format")
