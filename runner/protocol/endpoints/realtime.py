"""Realtime: a conversation over one channel: a session, items, answers as they are spoken."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Generator, Iterator
from typing import Any

from runner.errors import BadReplyError, ConnectionFailedError
from runner.exchange import Json, Request
from runner.model import (
    Answer,
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
from runner.protocol import flow, wire
from runner.protocol.endpoint import Endpoint
from runner.protocol.endpoints import items
from runner.protocol.endpoints.chat import relaxed
from runner.protocol.realtime_answers import Spoken, answer_of, calls_of
from runner.protocol.realtime_items import results_of, said_of, unfit_sounds
from runner.protocol.rules import Refusal

PATH = "/realtime"
TEXT = ("response.output_text.delta", "response.output_audio_transcript.delta")
LINGERS = 0.25
"""Seconds that a session is listened to after its answer."""
TAKES = 5.0
"""Seconds that a session has to take what it is told, before it is asked: some never say so."""
TAKEN = ("conversation.item.added", "conversation.item.created")
"""How sessions say that they took an item; the second is the word of some servers alone."""
AUDIO = "response.output_audio.delta"


def ask_realtime(ask: Ask) -> Flow:
    """Open a session, say what the recipe says, and hear the answer, tool rounds included."""
    yield Open(request_of(ask))
    begun: Told = yield from _until("session.created", ask)
    session = _session(ask)
    if session:
        yield Say({"type": "session.update", "session": {"type": "realtime", **session}})
        yield from _until("session.updated", ask)
    said = [*_before(ask), *(ask.messages or ())]
    confirms = yield from _tell([said_of(item) for item in items.of(said)])
    answer = yield from _rounds(ask, said, confirms)
    yield from _rest()
    return answer._replace(request_id=str((begun.message.get("session") or {}).get("id") or ""))


def check(ask: Ask, limited: bool) -> Iterator[Refusal]:
    """Find the sounds that no session takes, before one is opened."""
    del limited
    yield from unfit_sounds(ask.messages or ())
    for refusal in unfit_sounds(_before(ask)):
        yield refusal._replace(path=("continue",))


def _before(ask: Ask) -> tuple[Json, ...]:
    return ask.history.messages if ask.history else ()


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


def _tell(told: list[Json], confirms: bool = True) -> Generator[Effect, Any, bool]:
    """Tell the session items, and wait until it took them: what it refuses is not paid for.

    A server that never confirms has had its time then: False, and it is waited for no more.
    """
    for item in told:
        yield Say({"type": "conversation.item.create", "item": item})
    taken: set[str] = set()
    since: float | None = None
    while confirms and len(taken) < len(told):
        try:
            heard: Told | None = yield Hear(TAKES)
        except ConnectionFailedError:
            return False
        heard = _event(heard)
        since = heard.at if since is None else since
        confirms = heard.at - since < TAKES
        if heard.message.get("type") in TAKEN:
            item = heard.message.get("item")
            name = item.get("id") if isinstance(item, dict) else None
            taken.add(str(name or len(taken)))
    return confirms


def _rounds(ask: Ask, said: list[Json], confirms: bool) -> Generator[Effect, Any, Answer]:
    """Ask for responses until one calls no tools."""
    past: Answer | None = None
    done: tuple[ToolResult, ...] = ()
    calls: tuple[ToolCall, ...] = ()
    since = 0.0
    for turn in range(ask.max_tool_rounds + 1):
        yield Say({"type": "response.create", **_relaxing(ask, turn)})
        spoken = yield from _response(ask, since)
        since += spoken.took
        calls = calls_of(spoken.response)
        past = flow.joined(past, answer_of(spoken))
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
        confirms = yield from _tell(results_of(results), confirms)
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
    heard: Told | None = yield Hear(ask.timeout.idle)
    return _event(heard)


def _event(heard: Told | None) -> Told:
    """Return an event that was heard; one that tells of an error ends the flow."""
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
    check=check,
)
ENDPOINTS = {REALTIME.name: REALTIME}
