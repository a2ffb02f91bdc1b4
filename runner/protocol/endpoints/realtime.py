"""Realtime: a conversation over one channel: a session, items, answers as they are spoken."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Generator
from typing import Any, NamedTuple

from runner.errors import BadReplyError, ConnectionFailedError, ServiceError
from runner.exchange import Json, Request
from runner.model import (
    Answer,
    Artifact,
    Ask,
    Conversation,
    Effect,
    Flow,
    Hear,
    Open,
    Say,
    Tell,
    Told,
    ToolCall,
    ToolResult,
)
from runner.protocol import flow, usage, wire
from runner.protocol.endpoint import Endpoint
from runner.protocol.endpoints import items
from runner.protocol.endpoints.chat import relaxed
from runner.protocol.realtime_items import results_of, said_of

PATH = "/realtime"
TEXT = ("response.output_text.delta", "response.output_audio_transcript.delta")
LINGERS = 0.25
"""Seconds that a session is listened to after its answer."""
AUDIO = "response.output_audio.delta"


class Spoken(NamedTuple):
    """One response of the model: its texts and sounds as they came, its last event, seconds."""

    text: str
    audio: bytes
    response: dict[str, Json]
    took: float
    first: float | None


def ask_realtime(ask: Ask) -> Flow:
    """Open a session, say what the recipe says, and hear the answer, tool rounds included."""
    yield Open(request_of(ask))
    begun: Told = yield from _until("session.created", ask)
    session = _session(ask)
    if session:
        yield Say({"type": "session.update", "session": {"type": "realtime", **session}})
        yield from _until("session.updated", ask)
    before = ask.history.messages if ask.history else ()
    told = items.of((*before, *(ask.messages or ())))
    for item in told:
        yield Say({"type": "conversation.item.create", "item": said_of(item)})
    answer = yield from _rounds(ask, [*before, *(ask.messages or ())])
    yield from _rest()
    return answer._replace(request_id=str((begun.message.get("session") or {}).get("id") or ""))


def request_of(ask: Ask) -> Request:
    """Make the request that opens the channel."""
    return Request(
        "GET",
        PATH,
        ask.endpoint,
        query=(("model", ask.model),),
        headers=ask.headers,
        model=ask.model,
        timeout=ask.timeout,
        retries=ask.retries,
        run_id=ask.run_id,
    )


def _session(ask: Ask) -> dict[str, Json]:
    session = dict(ask.params) | dict(ask.extra)
    if ask.tools:
        session["tools"] = [_tool(tool) for tool in ask.tools]
    if ask.tool_choice is not None:
        session["tool_choice"] = _choice(ask.tool_choice)
    return session


def _tool(tool: Any) -> Json:
    if tool.raw is not None:
        return tool.raw
    form = {"type": "function", "name": tool.name, "parameters": tool.schema}
    return form | ({"description": tool.description} if tool.description else {})


def _choice(choice: Json) -> Json:
    if isinstance(choice, dict) and set(choice) == {"name"}:
        return {"type": "function", "name": choice["name"]}
    return choice


def _rounds(ask: Ask, said: list[Json]) -> Generator[Effect, Any, Answer]:
    """Ask for responses until one calls no tools."""
    past: Answer | None = None
    done: tuple[ToolResult, ...] = ()
    calls: tuple[ToolCall, ...] = ()
    since = 0.0
    for turn in range(ask.max_tool_rounds + 1):
        yield Say({"type": "response.create", **_relaxing(ask, turn)})
        spoken = yield from _response(ask, since)
        since += spoken.took
        calls = _calls(spoken.response)
        past = flow.joined(past, _answer(spoken))
        said = [*said, flow.said(past.text, calls)]
        if not calls or flow.hands_back(ask, calls):
            left = tuple(ToolResult(call, wire.arguments(call.arguments), None) for call in calls)
            talk = Conversation("realtime", (), tuple(said))
            return past._replace(tool_calls=done + left, conversation=talk)
        if turn == ask.max_tool_rounds:
            break
        results = yield from flow.call_tools(calls)
        done += results
        said = [*said, *flow.tool_messages(results)]
        for item in results_of(results):
            yield Say({"type": "conversation.item.create", "item": item})
    raise flow.endless(ask, calls)


def _relaxing(ask: Ask, turn: int) -> dict[str, Json]:
    """Let the model answer once a forced tool choice had its round."""
    if turn == 0 or ask.tool_choice is None:
        return {}
    return {"response": {"tool_choice": relaxed(ask.tool_choice)}}


def _rest() -> Generator[Effect, Any, None]:
    """Hear what the service still says after an answer: as a rule, its limits."""
    try:
        while (heard := (yield Hear(LINGERS))) is not None:
            if heard.message.get("type") == "rate_limits.updated":
                return
    except ConnectionFailedError:
        return


def _next(ask: Ask) -> Generator[Effect, Any, Told]:
    """Hear the next event; an error event ends the flow."""
    heard: Told | None = yield Hear(ask.timeout.idle)
    if heard is None:
        msg = "the session was closed before the answer was whole"
        raise ConnectionFailedError(msg)
    if not isinstance(heard.message, dict):
        msg = f"expected an event, got {wire.excerpt(heard.message)}"
        raise BadReplyError(msg)
    if heard.message.get("type") == "error":
        raise wire.stream_error(heard.message)
    return heard


def _until(kind: str, ask: Ask) -> Generator[Effect, Any, Told]:
    while True:
        heard = yield from _next(ask)
        if heard.message.get("type") == kind:
            return heard


def _response(ask: Ask, since: float) -> Generator[Effect, Any, Spoken]:
    """Hear one response to its end; every event is read, unknown ones are passed over."""
    texts: list[str] = []
    sounds: list[bytes] = []
    first: float | None = None
    while True:
        heard = yield from _next(ask)
        event = heard.message
        kind = event.get("type")
        if kind in TEXT:
            texts.append(str(event.get("delta") or ""))
            first = heard.at if first is None else first
            yield Tell(texts[-1])
        elif kind == AUDIO:
            sounds.append(_decoded(event.get("delta")))
            first = heard.at if first is None else first
        elif kind == "response.done":
            response = event.get("response")
            whole = response if isinstance(response, dict) else {}
            took = heard.at - since
            return Spoken("".join(texts), b"".join(sounds), whole, took, first)


def _decoded(delta: Json) -> bytes:
    try:
        return base64.b64decode(delta or "", validate=True)
    except (TypeError, binascii.Error) as error:
        msg = "a piece of sound is no base64"
        raise BadReplyError(msg) from error


def _calls(response: dict[str, Json]) -> tuple[ToolCall, ...]:
    found = [item for item in response.get("output") or () if isinstance(item, dict)]
    return tuple(
        ToolCall(
            str(item.get("call_id") or item.get("id") or ""),
            str(item.get("name")),
            wire.argument_text(item.get("arguments")),
        )
        for item in found
        if item.get("type") == "function_call"
    )


def _answer(spoken: Spoken) -> Answer:
    response = spoken.response
    status = response.get("status")
    if status == "failed":
        raise _failure(response)
    text = spoken.text or None
    used = usage.read(response)
    counted = usage.normal(used) if used else None
    sound = (Artifact("audio", "audio/pcm", spoken.audio),) if spoken.audio else ()
    return Answer(
        status=101,
        json=response,
        text=text,
        texts=(text,) if text else (),
        usage=counted,
        rounds=(counted,) if counted else (),
        finish_reason=_finish(response, bool(_calls(response))),
        artifacts=sound,
        latency=spoken.took,
        ttft=spoken.first,
    )


def _finish(response: dict[str, Json], calls: bool) -> str | None:
    details = response.get("status_details") or {}
    if response.get("status") == "incomplete":
        reason = details.get("reason")
        return "length" if reason == "max_output_tokens" else str(reason)
    return "tool_calls" if calls else "stop"


def _failure(response: dict[str, Json]) -> ServiceError:
    details = response.get("status_details") or {}
    return wire.stream_error({"error": details.get("error") or {"message": "the response failed"}})


REALTIME = Endpoint(
    "realtime",
    "a spoken or written conversation over a WebSocket; session fields under params",
    "GET",
    PATH,
    ask_realtime,
    takes=(
        *("model", "messages", "continue", "tools", "tool_choice", "max_tool_rounds"),
        *("on_tool_error", "attachments"),
    ),
    needs=("model", "messages"),
    gives=("text", "audio", "json", "parsed", "body"),
)
ENDPOINTS = {REALTIME.name: REALTIME}
