"""The simulated service: what a simulation is given, what it gives back, and the shapes all share.

A simulation is a function of the request and the world (a clock, and what earlier requests of the
run left). It gives the status, the headers and the body in the chunks a stream would come in. Its
ids and times come from these alone, so the same run gives the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256
from typing import TypeAlias

from runner.exchange import Json, JsonBody, Request, RequestBody
from runner.protocol.json_text import laid_out, parse
from runner.record import Record

KEPT = 1000
"""How many objects a world holds; the oldest goes first, so that a long run stays small."""
GONE = "gone:"
"""Stands before the name of what was deleted."""

ABSENT_MODEL = "no-such-model"
"""The one model that the simulated service does not have: for trying out what happens then."""


class World(Record):
    """The clock (seconds since 1970) and what earlier requests left, by name.

    `families` says what each family of models refuses; where it is empty, none refuses anything.
    """

    now: Callable[[], float]
    store: dict[str, Json]
    families: Mapping[str, Json] = {}


class Simulated(Record):
    """A reply: of a stream one chunk an event, else one chunk."""

    status: int
    headers: tuple[tuple[str, str], ...]
    chunks: tuple[bytes, ...]


Simulate: TypeAlias = Callable[[Request, World], Simulated]


class Refusal(Record):
    """Why the service does not answer."""

    message: str
    param: str | None = None
    code: str | None = None
    status: int = 400


class RefusedError(Exception):
    """Ends a simulation with its refusal."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


Check: TypeAlias = Callable[[Mapping[str, Json]], Refusal | None]


def hold(checks: Iterable[Check], body: Mapping[str, Json]) -> None:
    """Raise the first refusal that a check has."""
    for check in checks:
        refusal = check(body)
        if refusal is not None:
            raise RefusedError(refusal)


def refuse(refusal: Refusal) -> Simulated:
    """Word a refusal as the service does."""
    message, param, code, status = refusal
    error = {"message": message, "type": "invalid_request_error", "param": param, "code": code}
    return answer({"error": error}, status)


def answer(value: Json, status: int = 200) -> Simulated:
    """Answer with a JSON body."""
    body = laid_out(value).encode()
    return Simulated(status, (("content-type", "application/json"),), (body + b"\n",))


def stream(events: Iterable[tuple[str, Json]]) -> Simulated:
    """Answer with server-sent events: (name or "", data)."""
    headers = (("content-type", "text/event-stream; charset=utf-8"),)
    return Simulated(200, headers, tuple(_event(name, data) for name, data in events))


def _event(name: str, data: Json) -> bytes:
    text = data if isinstance(data, str) else compact(data)
    return (f"event: {name}\n" if name else "").encode() + f"data: {text}\n\n".encode()


def compact(value: Json) -> str:
    """Write JSON in one line."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def read(request: Request) -> dict[str, Json]:
    """Decode a request's JSON body as the service would get it."""
    try:
        body = request.body
        text = body.decode() if isinstance(body, bytes) else json.dumps(_held(body))
        value = parse(text)
        if "\\u" in text:
            compact(value).encode()  # half a letter cannot be told back
    except (ValueError, RecursionError):
        value = None
    if isinstance(value, dict):
        return {name: field for name, field in value.items() if field is not None}
    message = (
        "We could not parse the JSON body of your request. The API expects a JSON payload: an"
        " object, sent with `Content-Type: application/json`."
    )
    raise RefusedError(Refusal(message))


def _held(body: RequestBody) -> Json:
    return body.value if isinstance(body, JsonBody) else None


def digest(*things: Json) -> str:
    """Make 24 hex digits that depend on these things alone."""
    text = json.dumps(things, sort_keys=True, default=str)
    return sha256(text.encode()).hexdigest()[:24]


def fresh(world: World, kind: str, start: str, *things: Json) -> str:
    """Name something new by these things; what was kept of the kind has other names."""
    count = len(world.store)
    while True:
        name = f"{start}{digest(*things, count)}"
        if world.store.keys().isdisjoint((f"{kind}:{name}", f"{GONE}{kind}:{name}")):
            return name
        count += 1  # Others were deleted meanwhile.


def keep(world: World, name: str, value: Json) -> None:
    """Leave something for later requests of the run."""
    world.store[name] = value
    while len(world.store) > KEPT:
        del world.store[next(iter(world.store))]


def has_model(body: Mapping[str, Json]) -> Refusal | None:
    """The service has the model."""
    return absent_model(body.get("model"))


def absent_model(name: Json) -> Refusal | None:
    """Word what a model that is not there is answered with."""
    if name != ABSENT_MODEL:
        return None
    message = f"The model `{name}` does not exist or you do not have access to it."
    return Refusal(message, None, "model_not_found", 404)
