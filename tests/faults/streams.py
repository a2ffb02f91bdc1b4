"""The ways in which a stream of events can go wrong, by name."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from tests.faults.answers import DELTAS, EVENTS, JSON, SSE, answer, delta, event, head, said
from tests.faults.faults import reply, streamed
from tests.faults.server import Fault, Talk


def events(*pieces: bytes) -> Fault:
    """Stream these events, whole."""
    data = b"".join(pieces)
    return lambda talk: reply(talk, 200, data, SSE)


def like(change: Callable[[list[bytes]], Sequence[bytes]]) -> Fault:
    """Stream the endpoint's own events, changed."""

    def answer(talk: Talk) -> None:
        reply(talk, 200, b"".join(change(streamed(talk))), SSE)

    return answer


def within(*pieces: bytes) -> Fault:
    """Stream the endpoint's own events, with these after the first."""
    return like(lambda own: [own[0], *pieces, *own[1:]])


def lines(end: bytes) -> Fault:
    return like(lambda own: [one.replace(b"\n", end) for one in own])


def in_lines(one: bytes) -> bytes:
    """Write the data of an event as many lines."""
    named, _, data = one.partition(b"data: ")
    text = json.dumps(json.loads(data), indent=1).encode()
    return named + b"data: " + text.replace(b"\n", b"\ndata: ") + b"\n\n"


def choice(**fields: Any) -> bytes:
    return event({"choices": [{"index": 0, **fields}]})


def split_pairs(talk: Talk) -> None:
    """Say each line end in two pieces."""
    data = talk.whole.data.replace(b"\n", b"\r\n")
    talk.say(head(kind=SSE, length=len(data)))
    for piece in data.replace(b"\r", b"\r\0").split(b"\0"):
        talk.say(piece)
        talk.pause(0.001)


def plain(talk: Talk) -> bytes:
    """What is answered where no stream is asked for."""
    return answer(talk.tail, talk.seen.body, streamed=False).data


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
STREAMS: dict[str, Fault] = {
    "sse-lf": like(lambda own: own),
    "sse-crlf": lines(b"\r\n"),
    "sse-cr": lines(b"\r"),
    "sse-bom": like(lambda own: [b"\xef\xbb\xbf", *own]),
    "sse-comments": like(lambda own: [b": ping\n\n", *own[:1], b":\n: again\n\n", *own[1:]]),
    "sse-many-lines": like(lambda own: [*map(in_lines, own[:-1]), own[-1]]),
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
    "sse-after-done": like(lambda own: [*own, own[1]]),
    "sse-error-late": like(lambda own: [*own[:2], event(ERROR)]),
    "sse-error-named": like(lambda own: [*own[:2], b"event: error\n" + event(ERROR["error"])]),
    "sse-error-rate": events(event(RATE)),
    "sse-error-text": events(event({"error": "overloaded"})),
    "sse-bad-json": within(b"data: {'a': 1}\n\n"),
    "sse-cut-json": like(lambda own: [own[0], own[1][:-30] + b"\n\n", *own[2:]]),
    "sse-number": within(event(7)),
    "sse-list": within(event([1])),
    "sse-null": within(event(None)),
    "sse-deep": within(b"data: " + b"[" * 100_000 + b"\n\n"),
    "sse-nan": within(b'data: {"a": NaN}\n\n'),
    "sse-bad-utf-8": within(b'data: {"a": "\xff"}\n\n'),
    "sse-no-choices": events(event({"choices": []}), event({"choices": None}), *DELTAS),
    "sse-null-delta": events(choice(delta=None), choice(), *DELTAS),
    "sse-choice-text": events(event({"choices": "Hello"}), *DELTAS),
    "sse-content-number": events(choice(delta={"content": 7}), *DELTAS[2:]),
    "sse-escapes": events(delta("\x1b[2J\u202e"), *DELTAS[2:]),
    "sse-calls-odd": events(choice(delta={"tool_calls": [None, {"index": "x"}]}), *DELTAS[2:]),
    "sse-json": lambda talk: reply(talk, 200, plain(talk)),
    "sse-json-as-events": lambda talk: reply(talk, 200, plain(talk), SSE),
    "sse-html": lambda talk: reply(talk, 200, b"<html>Welcome</html>", SSE),
    "sse-html-plain": lambda talk: reply(talk, 200, b"<html>Welcome</html>", "text/html"),
    "sse-empty-json": lambda talk: reply(talk, 200, b"{}", JSON),
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
