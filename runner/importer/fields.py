"""Fields: what a body says becomes the keys of a recipe; what none of them takes is `extra`.

The order of trust: a key of the recipe's own where it gives the same body back, else `params` where
the endpoint's schema takes the value, else `extra`, which is sent as it stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runner.importer import messages
from runner.importer.holes import HOLE, Holes
from runner.protocol.endpoint import Endpoint
from runner.recipe import schema

LISTS = frozenset(("completions", "responses", "embeddings", "moderations"))
"""The endpoints that may be asked with a list."""


class Verbatim:
    """A value of the recipe that is no template."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


def keys_of(
    endpoint: Endpoint, body: Mapping[str, Any], shape: Mapping[str, Any], holes: Holes
) -> dict[str, Any]:
    """Write the fields of a JSON body as keys; `shape` is the schema of the endpoint's params."""
    keys: dict[str, Any] = {}
    rest = dict(body)
    for name in ("model", "messages", "input", "prompt", "tools", "tool_choice", "stream"):
        if name in rest and _taken(endpoint, name):
            found = _key(name, rest, endpoint.name, holes)
            if name == "tool_choice" and "tools" not in keys and not isinstance(rest[name], str):
                found = None  # a choice stays with its tools, wherever they are
            if found is not None:
                keys |= found
                del rest[name]
    return keys | placed(rest, shape)


def _taken(endpoint: Endpoint, name: str) -> bool:
    """Whether a field is a key; `stream` of speech is no field of its body."""
    return name in endpoint.takes and (name, endpoint.name) != ("stream", "audio.speech")


def _key(name: str, body: dict[str, Any], endpoint: str, holes: Holes) -> dict[str, Any] | None:
    value: Any = body[name]
    found: Any = None
    match name:
        case "messages":
            found = messages.messages(value, holes) if endpoint == "chat.completions" else None
        case "input":
            return _input(value, endpoint, holes)
        case "tools":
            return _tools(value, body.get("tool_choice"), endpoint, holes)
        case "tool_choice":
            found = messages.choice(value, _names(value, endpoint), endpoint)
            found = None if "tools" in body else found
        case "stream":
            found = value if isinstance(value, bool) else None
        case _:
            found = value if _is_asked(value, name, endpoint) else None
    return None if found is None else {name: found}


def _is_asked(value: Any, name: str, endpoint: str) -> bool:
    if isinstance(value, str):
        return name != "model" or bool(value)
    return name != "model" and isinstance(value, list) and bool(value) and endpoint in LISTS


def _input(value: Any, endpoint: str, holes: Holes) -> dict[str, Any] | None:
    """Items stay as they are, unless files stand in them, which messages can name."""
    if endpoint == "responses" and holes.has_files(value):
        found = messages.messages(messages.chat_form(value), holes)
        if found is not None:
            return {"messages": found}
    return {"input": value} if _is_asked(value, "input", endpoint) else None


def _tools(value: Any, choice: Any, endpoint: str, holes: Holes) -> dict[str, Any] | None:
    found = messages.tools(value, endpoint, holes)
    if found is None or (choice is not None and _chosen(choice, found, endpoint) is None):
        return None
    made = [
        {key: Verbatim(item) if key == "parameters" else item for key, item in tool.items()}
        if "type" not in tool
        else tool
        for tool in found
    ]
    ends = {} if all("type" in tool for tool in found) else {"max_tool_rounds": 0}
    return {"tools": made, **ends}


def _chosen(choice: Any, tools: list[Any], endpoint: str) -> Any:
    names = [tool["name"] for tool in tools if "type" not in tool]
    return messages.choice(choice, names, endpoint)


def _names(value: Any, endpoint: str) -> list[str]:
    inner = value.get("function") if isinstance(value, dict) and endpoint != "responses" else value
    name = inner.get("name") if isinstance(inner, dict) else None
    return [name] if isinstance(name, str) else []


def placed(fields: Mapping[str, Any], shape: Mapping[str, Any]) -> dict[str, Any]:
    """Part the fields that a schema takes from those that it does not.

    What is required and not there is the command's own business.
    """
    shape = {name: rule for name, rule in shape.items() if name != "required"}
    params = {name: value for name, value in fields.items() if _fits({name: value}, shape)}
    if not _fits(params, shape):
        params = {}
    extra = {name: value for name, value in fields.items() if name not in params}
    found: dict[str, Any] = {"params": params} if params else {}
    return found | ({"extra": extra} if extra else {})


def _fits(fields: Mapping[str, Any], shape: Mapping[str, Any]) -> bool:
    return not schema.check(_shown(fields), shape, templates=True)


def _shown(value: Any) -> Any:
    """Show a schema the templates that holes become."""
    if isinstance(value, Mapping):
        return {key: _shown(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_shown(item) for item in value]
    return HOLE.sub("{{ x }}", value) if isinstance(value, str) else value


def typed(pairs: list[tuple[str, str]], shape: Mapping[str, Any]) -> dict[str, Any]:
    """Read the fields of a form or a query: those of the API's types, as `name[]` and `name[key]`.

    What would not be written again letter for letter stays text.
    """
    made: dict[str, Any] = {}
    for name, text in pairs:
        bare, bracket, key = name.removesuffix("]").partition("[")
        rule = shape.get("properties", {}).get(bare, {})
        if not bracket:
            made[name] = _value(text, rule)
        elif not key:
            made.setdefault(bare, []).append(_value(text, rule.get("items", {})))
        else:
            made.setdefault(bare, {})[key] = _value(text, rule.get("properties", {}).get(key, {}))
    return made


def _value(text: str, rule: Any) -> Any:
    types = rule.get("type", ()) if isinstance(rule, Mapping) else ()
    types = (types,) if isinstance(types, str) else types
    if "boolean" in types and text in ("true", "false"):
        return text == "true"
    if "string" in types or not {"integer", "number"} & set(types):
        return text
    for kind in (int, float):
        try:
            value: float = kind(text)
        except ValueError:
            continue
        if str(value) == text:
            return value
    return text
