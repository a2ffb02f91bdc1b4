"""Flows: what to say next, decided without saying it.

A flow is a generator: it yields an effect (`Request`, `ToolCalls`, `Pause`, `Fetch`, `Spool`) and
receives what the effect came to (`Reply`, the results, None, bytes), until it returns an `Answer`.
It knows no transport, no clock and no hook. What fails is thrown into it, so that it can end its
own business.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from typing import Any

from runner.errors import BadReplyError, ToolLoopError
from runner.exchange import Body, Json, Reply, Request
from runner.model import (
    Answer,
    Ask,
    Conversation,
    Effect,
    Fetch,
    Flow,
    ToolCall,
    ToolCalls,
    ToolResult,
)
from runner.protocol import usage, wire
from runner.record import Record

MOST_CALLS = 10_000
"""No reply calls more tools at once."""


def send(request: Request) -> Generator[Effect, Any, Reply]:
    """Ask for a request to be sent; a status from 400 up that nobody accepts is an error."""
    reply: Reply = yield request
    if reply.status in request.accepts:
        return reply._replace(accepted=True)
    if reply.status >= 400:
        raise wire.api_error(reply.status, body_of(reply), reply.headers)
    return reply


def call_tools(calls: tuple[ToolCall, ...]) -> Generator[Effect, Any, tuple[ToolResult, ...]]:
    """Ask for the calls of one round to be run."""
    results: tuple[ToolResult, ...] = yield ToolCalls(calls)
    return results


def fetch(address: str) -> Generator[Effect, Any, bytes]:
    """Ask for the bytes at an address that a reply names."""
    content: bytes = yield Fetch(address)
    return content


def load(body: Body, most: int) -> Generator[Effect, Any, bytes | None]:
    """Ask for the bytes of a body that may lie on disk; None where they are more than wanted."""
    if isinstance(body, bytes):
        return body
    if body.size > most:
        return None
    content: bytes = yield body
    return content


def body_of(reply: Reply) -> bytes:
    """Return the bytes of a reply that is held in memory."""
    return reply.body if isinstance(reply.body, bytes) else b""


class Heard(Record):
    """One reply of a conversation: the answer, its calls, and what to send back as said."""

    answer: Answer
    calls: tuple[ToolCall, ...]
    items: tuple[Json, ...]
    messages: tuple[Json, ...]


class Dialect(Record):
    """How an endpoint holds a conversation.

    `opening` gives the items of the first request, `request` the request for the items so far
    (`forced` is false once a forced tool choice had its round), `read` understands a reply,
    `results` gives the items that tell the model what its calls came to.
    """

    name: str
    opening: Callable[[Ask], list[Json]]
    request: Callable[[Ask, list[Json], bool], Request]
    read: Callable[[Reply], Heard]
    results: Callable[[tuple[ToolResult, ...]], list[Json]]


def converse(ask: Ask, dialect: Dialect) -> Flow:
    """Ask, run the tools the model asks for, and ask again until it answers."""
    items = dialect.opening(ask)
    told = list((ask.history.messages if ask.history else ()) + (ask.messages or ()))
    past: Answer | None = None
    done: tuple[ToolResult, ...] = ()
    for turn in range(ask.max_tool_rounds + 1):
        reply = yield from send(numbered(dialect.request(ask, items, turn == 0), turn))
        answer, calls, heard, neutral = dialect.read(reply)
        past = joined(past, answer)
        items = [*items, *heard]
        told += neutral
        if not calls or hands_back(ask, calls):
            left = tuple(ToolResult(call, wire.arguments(call.arguments), None) for call in calls)
            return _ended(past, done + left, Conversation(dialect.name, tuple(items), tuple(told)))
        if turn == ask.max_tool_rounds:
            break
        results = yield from call_tools(calls)
        done += results
        items += dialect.results(results)
        told += tool_messages(results)
    raise endless(ask, calls)


def endless(ask: Ask, calls: tuple[ToolCall, ...]) -> ToolLoopError:
    """Make the error of a model that calls tools again and again."""
    rounds = f"{ask.max_tool_rounds} round{'s' * (ask.max_tool_rounds != 1)}"
    last = ", ".join(call.name for call in calls)
    message = f"the model still calls tools after {rounds} (last: {last})"
    return ToolLoopError(message, hint="raise max_tool_rounds, or tell the model when to stop")


def hands_back(ask: Ask, calls: tuple[ToolCall, ...]) -> bool:
    """Whether the calls are the recipe's answer: none may run, or one has nothing to run."""
    waiting = {tool.name for tool in ask.tools if not tool.runs}
    return ask.max_tool_rounds == 0 or any(call.name in waiting for call in calls)


def _ended(answer: Answer, results: tuple[ToolResult, ...], conversation: Conversation) -> Answer:
    return answer._replace(tool_calls=results, conversation=conversation)


def distinct(ids: Iterable[Json]) -> list[str]:
    """Return an id for each call: some servers leave ids out, or give one to several."""
    done: list[str] = []
    taken = {""}
    for place, key in enumerate(ids):
        if place >= MOST_CALLS:
            message = f"the reply calls tools more than {MOST_CALLS:,} times at once"
            raise BadReplyError(message)
        name = str(key or "")
        while name in taken:
            name = f"{name or 'call'}_{place}"
        taken.add(name)
        done.append(name)
    return done


def numbered(request: Request, ordinal: int) -> Request:
    """Give a request its place within its step."""
    return request._replace(ordinal=ordinal) if ordinal else request


def joined(past: Answer | None, answer: Answer) -> Answer:
    """Add what earlier rounds used to the last answer."""
    if past is None:
        return answer
    return answer._replace(
        usage=usage.add(past.usage, answer.usage),
        rounds=past.rounds + answer.rounds,
        latency=past.latency + answer.latency,
        requests=past.requests + answer.requests,
        attempts=past.attempts + answer.attempts,
        ttft=past.ttft if past.ttft is not None else answer.ttft,
    )


def said(text: str | None, calls: tuple[ToolCall, ...]) -> Json:
    """Tell an answer in the chat form."""
    message: dict[str, Json] = {"role": "assistant", "content": text}
    if calls:
        message["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            }
            for call in calls
        ]
    return message


def tool_messages(results: tuple[ToolResult, ...]) -> list[Json]:
    """Tell results in the chat form."""
    return [
        {"role": "tool", "tool_call_id": result.call.id, "content": result.output}
        for result in results
    ]
