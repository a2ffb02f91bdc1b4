"""Endpoints: what each one takes, the request that a step becomes, the answer that a reply is.

An endpoint is one `Endpoint` record in the table of `runner.protocol.endpoints`. Its `flow` turns a
rendered step (`Ask`) into effects and at last an `Answer`; its first effect is the first request.
`takes` are the recipe's keys it understands beside those every endpoint has, `needs` those it
cannot do without; of the keys of `one_of` it takes one at the most. `gives` are the
parts that an `output` may name.

`fields` are those of its form that a file may fill, the one first that `as` need not name.

`check` finds what is wrong with an ask before anything is sent; it is told whether the kinds, names
and sizes that the provider takes are known. `makes` tells the media type of the sound or picture
that is asked for, or ""; `kind_by` is the field of `params` that asks for another, with dots.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from runner.errors import BadReplyError, ServiceError
from runner.exchange import Assembler, Json, JsonBody, Reply, Request, RequestBody
from runner.model import Answer, Ask, Flow
from runner.protocol import flow, usage, wire
from runner.record import Record

if TYPE_CHECKING:
    from runner.protocol.rules import Refusal

EVENTS = (b"data:", b"event:", b":")
"""How a stream begins that does not say that it is one."""

CONVERSES = (
    *("continue", "tools", "tool_choice", "max_tool_rounds", "on_tool_error"),
    *("attachments", "stream", "response_schema"),
)
"""What an endpoint takes that holds a conversation."""


class Endpoint(Record):
    """One endpoint of the API. `path` may hold `{id}` and `{model}`."""

    name: str
    summary: str
    method: str
    path: str
    flow: Callable[[Ask], Flow]
    takes: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    gives: tuple[str, ...] = ("text", "json", "parsed", "citations", "body")
    check: Callable[[Ask, bool], Iterable[Refusal]] | None = None
    makes: Callable[[Ask], str] | None = None
    fields: tuple[str, ...] = ()
    kind_by: str = ""


class Parts(Record):
    """The parts of a request that its endpoint decides."""

    method: str
    path: str
    body: RequestBody = None
    query: tuple[tuple[str, str], ...] = ()
    assembler: Callable[[], Assembler] | None = None


def request(ask: Ask, parts: Parts, headers: tuple[tuple[str, str], ...] = ()) -> Request:
    """Make the request of a step."""
    return Request(
        method=parts.method,
        path=parts.path,
        endpoint=ask.endpoint,
        body=parts.body,
        query=parts.query,
        headers=ask.headers + headers,
        model=ask.model,
        listens=ask.stream is True,
        assembler=parts.assembler,
        accepts=ask.accepts,
        timeout=ask.timeout,
        retries=ask.retries,
        refusals=ask.refusals,
        run_id=ask.run_id,
    )


def json_body(ask: Ask, **fields: Json) -> JsonBody:
    """Make a JSON body: the model, the endpoint's own fields, `stream`, params, extra."""
    body: dict[str, Json] = {"model": ask.model} if ask.model else {}
    body |= fields
    if ask.stream is not None:
        body["stream"] = ask.stream
    return JsonBody(body | dict(ask.params) | dict(ask.extra))


def query_of(params: Mapping[str, Json]) -> tuple[tuple[str, str], ...]:
    """Write params as a query: lists as repeated `name[]`, mappings as `name[key]`, no nulls."""
    return tuple(pair for name, value in params.items() for pair in _pairs(name, value))


def _pairs(name: str, value: Json) -> list[tuple[str, str]]:
    match value:
        case None:
            return []
        case bool():
            return [(name, str(value).lower())]
        case list():
            return [pair for item in value for pair in _pairs(f"{name}[]", item)]
        case dict():
            return [pair for key, item in value.items() for pair in _pairs(f"{name}[{key}]", item)]
        case _:
            return [(name, str(value))]


def value_of(reply: Reply, assembler: Callable[[], Assembler] | None = None) -> Json:
    """Decode a reply: what its stream was assembled to, or the JSON of its body.

    A stream that nobody asked for (some servers send one) is assembled here. Where the status was
    accepted, the body may be anything.
    """
    if reply.streamed:
        return reply.value
    kind, body = reply.headers.get("content-type", ""), flow.body_of(reply)
    is_stream = kind.startswith("text/event-stream") or body.startswith(EVENTS)
    if assembler is not None and not reply.accepted and is_stream:
        stream = assembler()
        stream.feed(body)
        return stream.finish()
    try:
        return wire.decode_json(body, kind)
    except BadReplyError:
        if not reply.accepted:
            raise
        return None


def lacking(value: Json, part: str) -> ServiceError:
    """Make the error of a reply without its main part; some servers tell an error in a 200."""
    if isinstance(value, dict) and value.get("error"):
        return wire.stream_error(value)
    return BadReplyError(f"the reply has no {part}: {wire.excerpt(value)}")


def answer_of(reply: Reply, value: Json) -> Answer:
    """Read what every reply has: status, headers, times, usage, the model's own name."""
    body = value if isinstance(value, dict) else {}
    found = usage.read(body)
    used = usage.normal(found) if found else None
    model = body.get("model")
    mark = body.get("system_fingerprint")
    return Answer(
        status=reply.status,
        headers=reply.headers,
        json=value,
        body=reply.body,
        usage=used,
        rounds=(usage.of_round(used, body),) if used else (),
        latency=reply.elapsed,
        ttft=reply.first,
        model=model if isinstance(model, str) else "",
        fingerprint=mark if isinstance(mark, str) else "",
        request_id=wire.header(reply.headers, "x-request-id", "apim-request-id"),
        attempts=reply.attempts,
    )
