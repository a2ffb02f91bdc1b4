"""Plain endpoints: one request, one reply, read by a row of this table."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qsl, quote

from runner.exchange import Json, JsonBody, Reply, RequestBody
from runner.model import Answer, Ask, Flow
from runner.protocol import flow, wire
from runner.protocol.endpoint import (
    Endpoint,
    Parts,
    answer_of,
    lacking,
    query_of,
    request,
    value_of,
)


def _models(value: Json) -> str:
    """Read the ids of a list of models, one a line; some servers hold it under `models`."""
    places = (value.get("data"), value.get("models")) if isinstance(value, dict) else (value,)
    rows = next((rows for rows in places if isinstance(rows, list)), None)
    if rows is None:
        raise lacking(value, "list of models")
    names = [_named(row) if isinstance(row, dict) else row for row in rows]
    return "\n".join(str(name) for name in names if name)


def _named(row: dict[str, Json]) -> Json:
    return row.get("id") or row.get("name") or row.get("model")


def _model(value: Json) -> str | None:
    return value.get("id") if isinstance(value, dict) else None


TEXTS: dict[str, Callable[[Json], str | None]] = {
    "models": _models,
    "models.retrieve": _model,
}


def read_plain(ask: Ask, reply: Reply) -> Answer:
    """Read a reply that is JSON."""
    value = value_of(reply)
    read = TEXTS.get(ask.endpoint)
    told = read(value) if read and not reply.accepted else None
    return answer_of(reply, value)._replace(text=told, texts=() if told is None else (told,))


def placed(path: str, ask: Ask) -> str:
    """Put the object's id, or the model's name, into a path."""
    if "{id}" in path:
        return path.replace("{id}", wire.segment(ask.id))
    return path.replace("{model}", wire.segment(ask.model)) if "{model}" in path else path


def _get(ask: Ask) -> Flow:
    """Ask for an object, or a list with `params` as the query."""
    ask = ask if ask.model else ask._replace(model=ask.id)
    path = placed(ENDPOINTS[ask.endpoint].path, ask)
    parts = Parts("GET", path, query=query_of({**ask.params, **ask.extra}))
    reply = yield from flow.send(request(ask, parts))
    return read_plain(ask, reply)


def read_any(reply: Reply) -> Answer:
    """Read a reply that may be JSON, text, nothing, or bytes of any other kind."""
    kind = reply.headers.get("content-type", "application/json")
    body = flow.body_of(reply)
    if body and ("json" in kind or "html" in kind):
        return answer_of(reply, value_of(reply))
    if not body or not kind.startswith("text/"):
        return answer_of(reply, None)
    text = body.decode("utf-8", "replace")
    return answer_of(reply, None)._replace(text=text, texts=(text,))


def _raw(ask: Ask) -> Flow:
    """Send what the recipe says, as it says it."""
    asked = ask.request
    body: RequestBody = None
    if "body" in asked:
        text = asked["body"]
        body = text.encode() if isinstance(text, str) else JsonBody(text)
    headers = tuple((str(k), str(v)) for k, v in asked.get("headers", {}).items())
    path, _, after = str(asked["path"]).lstrip("/").partition("?")
    query = (*parse_qsl(after, keep_blank_values=True), *query_of(asked.get("query", {})))
    method = str(asked.get("method", "GET" if body is None else "POST")).upper()
    parts = Parts(method, "/" + quote(path, safe="/:@!$&'()*+,;=~%"), body, query)
    reply = yield from flow.send(request(ask, parts, headers))
    return read_any(reply)


_ROWS = (
    Endpoint("models", "the models that the key may use", "GET", "/models", _get),
    Endpoint(
        "models.retrieve",
        "one model",
        "GET",
        "/models/{model}",
        _get,
        takes=("model", "id"),
        one_of=("model", "id"),
    ),
    Endpoint(
        "raw",
        "any other call: method, path, body, query and headers as they stand",
        "POST",
        "",
        _raw,
        takes=("request", "model"),
        needs=("request",),
    ),
)
ENDPOINTS = {row.name: row for row in _ROWS}
