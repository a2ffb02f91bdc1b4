"""Jobs: fine-tuning, new and old, and batches: made, listed, asked for, cancelled."""

from __future__ import annotations

from runner.exchange import Json
from runner.model import Answer, Ask, Flow
from runner.protocol import flow, paging, wire
from runner.protocol.endpoint import Endpoint, Parts, json_body, query_of, request
from runner.protocol.endpoints.files import object_of


def _path(ask: Ask) -> str:
    path = ENDPOINTS[ask.endpoint].path
    return path.replace("{id}", wire.segment(ask.id)) if "{id}" in path else path


def _create(ask: Ask) -> Flow:
    """Make a job; it is asked for again by the recipe's `poll`."""
    reply = yield from flow.send(request(ask, Parts("POST", _path(ask), json_body(ask))))
    return _unpriced(object_of(reply))


def _act(ask: Ask) -> Flow:
    """Ask for a job, or to cancel it: nothing goes into the body."""
    query = query_of({**ask.params, **ask.extra})
    parts = Parts(ENDPOINTS[ask.endpoint].method, _path(ask), query=query)
    reply = yield from flow.send(request(ask, parts))
    return _unpriced(object_of(reply, ends=parts.method != "GET"))


def _unpriced(answer: Answer) -> Answer:
    """Leave out what a price would be made of: what a job uses costs other than a request."""
    return answer._replace(rounds=())


def _list(ask: Ask) -> Flow:
    return paging.read_all(ask, _path(ask))


def _events(ask: Ask) -> Flow:
    return paging.read_all(ask, _path(ask), _message)


def _message(event: Json) -> str:
    """Tell an event by its message, in one line: its id says nothing to anybody."""
    message = event.get("message") if isinstance(event, dict) else None
    return " ".join(str(message or "").split())


def _made(name: str, summary: str, path: str, *keys: str) -> Endpoint:
    return Endpoint(name, summary, "POST", path, _create, keys, keys, gives=GIVES)


def _listed(name: str, summary: str, path: str) -> Endpoint:
    return Endpoint(name, summary, "GET", path, _list, gives=GIVES)


def _one(name: str, summary: str, method: str, path: str) -> Endpoint:
    return Endpoint(name, summary, method, path, _act, ("id",), ("id",), gives=GIVES)


GIVES = ("text", "json", "body")
TUNING = "/fine_tuning/jobs"
_ROWS = (
    _made("fine_tuning.jobs", "train a model on an uploaded file", TUNING, "model"),
    _listed("fine_tuning.jobs.list", "the fine-tuning jobs, every page", TUNING),
    _one("fine_tuning.jobs.retrieve", "a fine-tuning job", "GET", TUNING + "/{id}"),
    _one("fine_tuning.jobs.events", "what a job told", "GET", TUNING + "/{id}/events")._replace(
        flow=_events
    ),
    _one("fine_tuning.jobs.cancel", "stop a job", "POST", TUNING + "/{id}/cancel"),
    _made("fine-tunes", "train a model, as until 2024", "/fine-tunes")._replace(takes=("model",)),
    _listed("fine-tunes.list", "the old fine-tunes", "/fine-tunes"),
    _one("fine-tunes.retrieve", "an old fine-tune", "GET", "/fine-tunes/{id}"),
    _made("batches", "answer an uploaded file of requests", "/batches"),
    _listed("batches.list", "the batches, every page", "/batches"),
    _one("batches.retrieve", "a batch", "GET", "/batches/{id}"),
    _one("batches.cancel", "stop a batch", "POST", "/batches/{id}/cancel"),
)
ENDPOINTS = {row.name: row for row in _ROWS}
