"""Strangers: what a request of a stranger's recipe may not ask of the service.

It may spend what it was given, and no more: it names nothing that the account holds, has nothing
fetched, and leaves nothing behind.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TypeAlias

from runner.exchange import Json
from runner.model import Ask
from runner.protocol.rules import Refusal

Path: TypeAlias = tuple[str | int, ...]

ENDPOINTS = frozenset(
    (
        *("models", "models.retrieve", "moderations", "embeddings", "completions"),
        *("chat.completions", "responses", "realtime", "images.generations", "images.edits"),
        *("audio.speech", "audio.transcriptions", "audio.translations"),
    )
)
"""The endpoints that neither list, read back nor delete what the account holds."""
HEADERS = frozenset(("accept", "accept-language", "user-agent", "x-client-request-id"))
"""Headers that choose nothing: a gateway may be told by others where to send the key."""
DATA = frozenset(("metadata", "schema", "parameters", "arguments"))
"""Keys below which names mean nothing to the service."""
OWN_IDS = frozenset(("call_id", "tool_call_id"))
"""Ids of what stands in the same request."""
HELD = {
    "previous_response_id": "a stored response",
    "conversation": "a stored conversation",
    "container": "a container of the service",
    "vector_store_ids": "files that the account holds",
    "web_search_options": "a search by the service",
    "connector_id": "a connector of the account",
    "server_url": "a server of its own choice",
}
"""Fields that name what is not the recipe's."""
LASTING = {
    "background": "goes on after the run",
    "store": "keeps what was said in the account",
    "tracing": "keeps what was said in the account",
}
"""Fields that, if true, leave something behind."""
ITEMS = frozenset(("message", "function_call", "function_call_output", "reasoning"))
"""What a conversation may hold; all else stands for something that the service keeps or does."""
TALKS = frozenset(("chat.completions", "responses", "realtime"))
ADDRESS = re.compile(r"\s*[A-Za-z][A-Za-z0-9+.-]*://\S*\s*\Z")
_FETCHED = "a stranger's recipe may not have fetched"


def refusals(ask: Ask) -> Iterator[Refusal]:
    """Find what a rendered step may not ask for; each with its place in the recipe, told once."""
    told: list[Path] = []
    for one in _refusals(ask):
        if not any(one.path[: len(path)] == path for path in told):
            told.append(one.path)
            yield one


def _refusals(ask: Ask) -> Iterator[Refusal]:
    if ask.endpoint not in ENDPOINTS:
        yield endpoint(ask.endpoint)
    if ask.extra:
        yield extra()
    if ask.endpoint in TALKS:
        yield from _talk(ask)
    for key in ("messages", "input", "params", "tool_choice"):
        yield from _searched(getattr(ask, key), (key,))
    for place, tool in enumerate(ask.tools):
        if tool.raw is not None:
            yield from _tool(tool.raw, ("tools", place))
    for name in (name for name, _ in ask.headers if name.lower() not in HEADERS):
        message = f"the header {name} may choose what is not the recipe's"
        yield Refusal(("headers", name), message, _LEAVE)


_LEAVE = "leave it out, or run the recipe without --untrusted once it was read"


def endpoint(name: str) -> Refusal:
    """Make the refusal of an endpoint."""
    message = f"{name} may list, read back, change or delete what the account holds"
    return Refusal(("endpoint",), message, f"--untrusted allows {', '.join(sorted(ENDPOINTS))}")


def extra() -> Refusal:
    """Make the refusal of `extra`; all that `params` takes is known, and judged field by field."""
    message = "a stranger's recipe may not send fields that nothing checks"
    return Refusal(("extra",), message, f"put fields of the API under params; else {_LEAVE}")


def _held(path: Path, what: str) -> Refusal:
    return Refusal(path, f"a stranger's recipe may not name {what}", _LEAVE)


def _talk(ask: Ask) -> Iterator[Refusal]:
    yield from _items(ask.messages, ("messages",))
    yield from _items(ask.input, ("input",))
    if isinstance(ask.prompt, Mapping):
        yield _held(("prompt",), "a stored prompt")


def _searched(value: Json, path: Path) -> Iterator[Refusal]:
    """Search a value, at whatever depth."""
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from _field(str(name), item, (*path, str(name)))
    elif isinstance(value, list | tuple):
        for place, item in enumerate(value):
            yield from _searched(item, (*path, place))
    elif isinstance(value, str) and path[0] == "params" and ADDRESS.match(value):
        yield Refusal(path, f"expected no address, which {_FETCHED}", _LEAVE)


def _field(name: str, item: Json, path: Path) -> Iterator[Refusal]:
    """Judge one field by its name, else by what it holds."""
    if item is None or item is False or name in DATA:
        return
    found = [one for rule in RULES if (one := rule(name, item, path)) is not None]
    if found:
        yield found[0]
    elif name == "tools" and path[-2:-1] != ("allowed_tools",):
        for place, tool in enumerate(item if isinstance(item, list) else [item]):
            yield from _tool(tool, (*path, place))
    else:
        yield from _searched(item, path)


def _is_held(name: str, item: Json, path: Path) -> Refusal | None:
    return _held(path, HELD[name]) if name in HELD and item is not None else None


def _lasts(name: str, item: Json, path: Path) -> Refusal | None:
    if name in LASTING and item and path[0] == "params":
        return Refusal(path, f"{name} {LASTING[name]}", _LEAVE)
    return None


def _leads_away(name: str, item: Json, path: Path) -> Refusal | None:
    leads = isinstance(item, str) and not item.startswith("data:")
    if leads and (name == "url" or name.endswith("_url")):
        hint = "put the file into the recipe's folder, and name it there"
        return Refusal(path, f"{name} is an address, which {_FETCHED}", hint)
    return None


def _is_stored(name: str, item: Json, path: Path) -> Refusal | None:
    stored = name == "prompt" and isinstance(item, Mapping)
    return _held(path, "a stored prompt") if stored else None


def _is_id(name: str, item: Json, path: Path) -> Refusal | None:
    told = name.endswith(("_id", "_ids")) and name not in OWN_IDS
    own = name == "id" and path[-3:-2] != ("tool_calls",)
    return (
        _held(path, f"what the account holds ({name})")
        if (told or own) and _is_text(item)
        else None
    )


RULES = (_is_held, _lasts, _leads_away, _is_stored, _is_id)


def _is_text(item: Json) -> bool:
    if isinstance(item, list):
        return any(_is_text(one) for one in item)
    return isinstance(item, str) and bool(item)


def _tool(tool: Json, path: Path) -> Iterator[Refusal]:
    kind = tool.get("type") if isinstance(tool, Mapping) else None
    if kind != "function":
        message = f"{kind} is a tool of the service; a stranger's recipe may have functions only"
        yield Refusal(path, message, _LEAVE)
    else:
        yield from _searched(tool, path)


def _items(value: Json, path: Path) -> Iterator[Refusal]:
    """Judge what a conversation is made of."""
    for place, item in enumerate(value if isinstance(value, list | tuple) else ()):
        if not isinstance(item, Mapping):
            continue
        kind = item.get("type")
        if kind not in ITEMS and not (kind is None and "role" in item):
            told = f"an item of the type {kind}" if kind else "an item by its id"
            yield _held((*path, place), told)
