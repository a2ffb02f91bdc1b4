"""Play: a flow whose effects are answered by values: no transport, no clock, no hook."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from runner.exchange import Reply, Request
from runner.model import Answer, Effect, Flow, ToolCalls, ToolResult
from runner.protocol import wire


class Played(NamedTuple):
    """What a flow came to, and the effects that it asked for on the way."""

    answer: Answer
    effects: tuple[Effect, ...]

    @property
    def requests(self) -> list[Request]:
        """The requests among the effects."""
        return [effect for effect in self.effects if isinstance(effect, Request)]

    @property
    def bodies(self) -> list[Any]:
        """The JSON bodies of the requests."""
        return [body(request) for request in self.requests]

    @property
    def calls(self) -> list[list[tuple[str, ...]]]:
        """The calls of each round, as (id, name, arguments)."""
        return [[tuple(c) for c in e.calls] for e in self.effects if isinstance(e, ToolCalls)]


def play(flow: Flow, *results: Any) -> Played:
    """Run a flow, handing it the results one after the other.

    A reply answers a request; text, or one text for each, answers calls; an error is thrown in;
    a function is called with the effect. Every result must be used.
    """
    effects: list[Effect] = []
    waiting = list(results)
    step: Callable[[], Effect] = lambda: next(flow)  # noqa: E731  the next deed, as in the driver
    while True:
        try:
            effect = step()
        except StopIteration as end:
            assert not waiting, f"the flow ended before {waiting}"
            return Played(end.value, tuple(effects))
        effects.append(effect)
        assert waiting, f"the flow asks for {effect}"
        result = outcome(waiting.pop(0), effect)
        if isinstance(result, Exception):
            step = lambda error=result: flow.throw(error)  # type: ignore[misc]  # noqa: E731
        else:
            step = lambda value=result: flow.send(value)  # type: ignore[misc]  # noqa: E731


def outcome(result: Any, effect: Effect) -> Any:
    """Put what a test gives in the form that the effect is answered with."""
    if callable(result):
        result = result(effect)
    if isinstance(effect, ToolCalls) and not isinstance(result, Exception):
        texts = [result] * len(effect.calls) if isinstance(result, str) else result
        return tuple(
            ToolResult(call, wire.arguments(call.arguments), text)
            for call, text in zip(effect.calls, texts, strict=True)
        )
    return result


def body(request: Request) -> Any:
    """Return the JSON of a request's body."""
    return request.body.value  # type: ignore[union-attr]


def reply(value: Any, status: int = 200, **headers: str) -> Reply:
    """Make a reply of a JSON value."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    head = {"content-type": "application/json"} | named
    return Reply(status, head, json.dumps(value).encode())


def events(*values: Any, named: bool = False, done: bool = False) -> bytes:
    """Write server-sent events."""
    rows = [
        (f"event: {value['type']}\n" if named else "") + f"data: {json.dumps(value)}\n\n"
        for value in values
    ]
    return "".join([*rows, "data: [DONE]\n\n" if done else ""]).encode()


def streamed(stream: bytes) -> Callable[[Request], Reply]:
    """Answer a request by a stream, as the driver hears it."""

    def answer(request: Request) -> Reply:
        assert request.listens
        assembler = request.assembler()  # type: ignore[misc]
        assembler.feed(stream)
        kind = {"content-type": "text/event-stream"}
        return Reply(200, kind, stream, streamed=True, value=assembler.finish())

    return answer


def chat(message: Any = "", finish: str | None = "stop", **fields: Any) -> Reply:
    """Make a chat completion of one message, or of its text."""
    said = {"role": "assistant", "content": message} if isinstance(message, str) else message
    choice = {"index": 0, "message": said, "finish_reason": finish}
    return reply({"object": "chat.completion", "choices": [choice], **fields})


def chat_calls(*calls: tuple[str, str, str], **fields: Any) -> Reply:
    """Make a chat completion that calls functions: (id, name, arguments)."""
    made = [
        {"id": key, "type": "function", "function": {"name": name, "arguments": text}}
        for key, name, text in calls
    ]
    message = {"role": "assistant", "content": None, "tool_calls": made}
    return chat(message, "tool_calls", **fields)


def response(*output: Any, status: str = "completed", **fields: Any) -> Reply:
    """Make a response of its output items."""
    return reply({"object": "response", "status": status, "output": list(output), **fields})


def said(text: str, **part: Any) -> dict[str, Any]:
    """Make a message item of a response."""
    content = [{"type": "output_text", "text": text, "annotations": [], **part}]
    return {"id": "msg_1", "type": "message", "role": "assistant", "content": content}


def called(key: str, name: str, text: str) -> dict[str, Any]:
    """Make a function call item of a response."""
    return {
        "id": f"fc_{key}",
        "type": "function_call",
        "call_id": key,
        "name": name,
        "arguments": text,
    }
