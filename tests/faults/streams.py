"""The ways in which a stream of events can go wrong, by name."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Sequence
from typing import Any

from tests.faults.answers import BODY, DELTAS, EVENTS, JSON, SSE, delta, event, head, said
from tests.faults.faults import reply
from tests.faults.server import Fault, Talk


def events(*pieces: bytes) -> Fault:
    """Stream these events, whole."""
    data = b"".join(pieces)
    return lambda talk: reply(talk, 200, data, SSE)


def like(change: Callable[[list[bytes]], Sequence[bytes]]) -> Fault:
    """Stream the endpoint's own events, changed."""

    def answer(talk: Talk) -> None:
        own = [one + b"\n\n" for one in talk.whole.data.split(b"\n\n")[:-1]]
        reply(talk, 200, b"".join(change(own)), SSE)

    return answer


def lines(end: bytes) -> Fault:
    return like(lambda own: [one.replace(b"\n", end) for one in own])


def choice(**fields: Any) -> bytes:
    return event({"choices": [{"index": 0, **fields}]})


def split_pairs(talk: Talk) -> None:
    """Say each line end in two pieces."""
    data = talk.whole.data.replace(b"\n", b"\r\n")
    talk.say(head(kind=SSE, length=len(data)))
    for piece in data.replace(b"\r", b"\r\0").split(b"\0"):
        talk.say(piece)
        talk.pause(0.001)


def many(count: int) -> Fault:
    piece = delta("x")
    return events(piece * count, DELTAS[2], DELTAS[3])


def long_line(talk: Talk) -> None:
    """Say a line of 64 MiB and some."""
    talk.say(head(kind=SSE), b'data: {"a": "')
    for _ in range(66):
        talk.say(b"x" * (1 << 20))
    talk.hang_up()


HELLO = DELTAS[:2]
ERROR = {"error": {"message": "overloaded", "type": "server_error"}}
RATE = {"error": {"message": "slow down", "code": "rate_limit_exceeded"}}
SPLIT = b"data: " + json.dumps(json.loads(DELTAS[0][6:]), indent=1).encode().replace(
    b"\n", b"\ndata: "
)
STREAMS: dict[str, Fault] = {
    "sse-lf": like(lambda own: own),
    "sse-crlf": lines(b"\r\n"),
    "sse-cr": lines(b"\r"),
    "sse-bom": like(lambda own: [b"\xef\xbb\xbf", *own]),
    "sse-comments": like(lambda own: [b": ping\n\n", *own[:1], b":\n: again\n\n", *own[1:]]),
    "sse-many-lines": events(SPLIT + b"\n\n", *DELTAS[1:]),
    "sse-named": like(lambda own: [b"id: 7\nretry: 10\n" + one for one in own]),
    "sse-no-space": like(lambda own: [one.replace(b"data: ", b"data:") for one in own]),
    "sse-no-data": like(lambda own: [b"event: ping\n\n", b"data\n\n", b"data:\n\n", *own]),
    "sse-no-last-line": like(lambda own: [*own[:-1], own[-1].rstrip(b"\n")]),
    "sse-no-done": events(*DELTAS[:3]),
    "sse-no-finish": events(*HELLO, DELTAS[3]),
    "sse-done-only": events(DELTAS[3]),
    "sse-nothing": events(b""),
    "sse-comments-only": events(b": ping\n\n"),
    "sse-half": like(lambda own: own[:2]),
    "sse-half-event": like(lambda own: [*own[:1], own[1][:30]]),
    "sse-after-done": events(*DELTAS, delta(" more")),
    "sse-error-late": like(lambda own: [*own[:2], event(ERROR)]),
    "sse-error-named": like(lambda own: [*own[:2], b"event: error\n" + event(ERROR["error"])]),
    "sse-error-rate": events(event(RATE)),
    "sse-error-text": events(event({"error": "overloaded"})),
    "sse-bad-json": events(DELTAS[0], b"data: {'a': 1}\n\n", *DELTAS[1:]),
    "sse-cut-json": events(DELTAS[0], DELTAS[1][:40] + b"\n\n", *DELTAS[2:]),
    "sse-number": events(DELTAS[0], event(7), *DELTAS[1:]),
    "sse-list": events(DELTAS[0], event([1]), *DELTAS[1:]),
    "sse-null": events(DELTAS[0], event(None), *DELTAS[1:]),
    "sse-deep": events(DELTAS[0], b"data: " + b"[" * 100_000 + b"\n\n", *DELTAS[1:]),
    "sse-nan": events(*HELLO, b'data: {"a": NaN}\n\n', *DELTAS[2:]),
    "sse-bad-utf-8": events(DELTAS[0], b'data: {"a": "\xff"}\n\n', *DELTAS[1:]),
    "sse-no-choices": events(event({"choices": []}), event({"choices": None}), *DELTAS),
    "sse-null-delta": events(choice(delta=None), choice(), *DELTAS),
    "sse-choice-text": events(event({"choices": "Hello"}), *DELTAS),
    "sse-content-number": events(choice(delta={"content": 7}), *DELTAS[2:]),
    "sse-escapes": events(delta("\x1b[2J\u202e"), *DELTAS[2:]),
    "sse-calls-odd": events(choice(delta={"tool_calls": [None, {"index": "x"}]}), *DELTAS[2:]),
    "sse-json": lambda talk: reply(talk, 200, BODY),
    "sse-json-as-events": lambda talk: reply(talk, 200, BODY, SSE),
    "sse-html": lambda talk: reply(talk, 200, b"<html>Welcome</html>", SSE),
    "sse-html-plain": lambda talk: reply(talk, 200, b"<html>Welcome</html>", "text/html"),
    "sse-empty-json": lambda talk: reply(talk, 200, b"{}", JSON),
    "sse-gzip": lambda talk: reply(
        talk, 200, gzip.compress(talk.whole.data), SSE, Content_Encoding="gzip"
    ),
    "sse-gzip-cut": lambda talk: reply(
        talk, 200, gzip.compress(talk.whole.data)[:-12], SSE, Content_Encoding="gzip"
    ),
    "sse-split-ends": split_pairs,
    "sse-thousands": many(5000),
    "sse-hundred-thousand": many(100_000),
    "sse-long-line": long_line,
    "sse-failed": events(
        EVENTS[0], said("response.failed", 1, response={"status": "failed", **ERROR})
    ),
    "sse-incomplete": events(
        *EVENTS[:2],
        said(
            "response.incomplete",
            2,
            response={
                "id": "r",
                "object": "response",
                "status": "incomplete",
                "incomplete_details": {"reason": "max_output_tokens"},
                "output": [],
            },
        ),
    ),
    "sse-wrong-order": events(*EVENTS[1:3], EVENTS[0], EVENTS[3]),
    "sse-completed-null": events(*EVENTS[:3], said("response.completed", 3, response=None)),
}
