"""What a service that works answers, endpoint by endpoint, and the pieces of HTTP it is made of."""

from __future__ import annotations

import base64
import json
import struct
import zlib
from typing import Any, NamedTuple

JSON = "application/json"
SSE = "text/event-stream"


class Body(NamedTuple):
    """A body and its media type."""

    kind: str
    data: bytes


def head(status: int = 200, kind: str = JSON, length: int | None = None, **more: object) -> bytes:
    """Write a reply's head; a name's `_` is a `-`, its `__` a `_`."""
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Type: {kind}"]
    lines += [f"Content-Length: {length}"] if length is not None else []
    names = [name.replace("__", "~").replace("_", "-").replace("~", "_") for name in more]
    lines += [f"{name}: {value}" for name, value in zip(names, more.values(), strict=True)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def event(value: Any) -> bytes:
    return b"data: " + json.dumps(value).encode() + b"\n\n"


def delta(text: str | None, end: str | None = None) -> bytes:
    choice = {"index": 0, "delta": {"content": text} if text else {}, "finish_reason": end}
    return event({"id": "chatcmpl-1", "object": "chat.completion.chunk", "choices": [choice]})


def chat(end: str = "stop", **message: Any) -> dict[str, Any]:
    choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": end}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "gpt-4.1",
        "choices": [choice],
        "usage": {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5},
    }


def calling(*calls: tuple[str, str, str]) -> dict[str, Any]:
    """A reply that calls tools: their ids, names and arguments."""
    made = [
        {"id": one, "type": "function", "function": {"name": name, "arguments": text}}
        for one, name, text in calls
    ]
    return chat("tool_calls", content=None, tool_calls=made)


def png(width: int = 8, height: int = 8) -> bytes:
    """A small picture, all grey."""

    def part(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    rows = zlib.compress((b"\0" + b"\x80" * width) * height)
    sizes = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", sizes) + part(b"IDAT", rows) + part(b"IEND", b"")


def wav(samples: int = 2400) -> bytes:
    """A tenth of a second of a saw tooth."""
    data = b"".join(struct.pack("<h", (n % 100) * 200) for n in range(samples))
    form = struct.pack("<HHIIHH", 1, 1, 24000, 48000, 2, 16)
    inner = b"WAVEfmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", len(data))
    return b"RIFF" + struct.pack("<I", len(inner) + len(data)) + inner + data


def pictures(*pieces: dict[str, Any]) -> dict[str, Any]:
    return {"created": 1, "output_format": "png", "data": list(pieces)}


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


ANSWER = chat(content="Hello there")
BODY = json.dumps(ANSWER).encode()
DELTAS = [delta("Hello"), delta(" there"), delta(None, "stop"), b"data: [DONE]\n\n"]
CALL = calling(("call_1", "get_time", '{"zone": "Paris"}'))
PICTURE = png()
SOUND = wav()
VECTORS = {
    "object": "list",
    "model": "text-embedding-3-small",
    "data": [{"object": "embedding", "index": 0, "embedding": [0.5, -0.5]}],
    "usage": {"prompt_tokens": 3, "total_tokens": 3},
}
FILE = {
    "id": "file-1",
    "object": "file",
    "bytes": 7,
    "created_at": 1,
    "filename": "a.txt",
    "purpose": "user_data",
}
BATCH = {
    "id": "batch_1",
    "object": "batch",
    "endpoint": "/v1/chat/completions",
    "input_file_id": "file-1",
    "completion_window": "24h",
    "status": "completed",
    "output_file_id": "file-2",
    "created_at": 1,
}
LINES = b'{"custom_id": "a", "response": {"status_code": 200}}\n'
_MESSAGE = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "status": "completed",
    "content": [{"type": "output_text", "text": "Hello there", "annotations": []}],
}
RESPONSE = {
    "id": "resp_1",
    "object": "response",
    "status": "completed",
    "model": "gpt-4.1",
    "output": [_MESSAGE],
    "usage": {"input_tokens": 3, "output_tokens": 2, "total_tokens": 5},
}


def said(kind: str, number: int, **more: Any) -> bytes:
    """An event of responses: its name stands before its data too."""
    value = {"type": kind, "sequence_number": number, **more}
    return f"event: {kind}\n".encode() + event(value)


_PLACE = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
EVENTS = [
    said("response.created", 0, response={**RESPONSE, "status": "in_progress", "output": []}),
    said("response.output_text.delta", 1, **_PLACE, delta="Hello"),
    said("response.output_text.delta", 2, **_PLACE, delta=" there"),
    said("response.completed", 3, response=RESPONSE),
]


def answer(tail: str, body: bytes, *, streamed: bool) -> Body:
    """Return what a service that works answers to a request."""
    if streamed:
        return Body(SSE, b"".join(EVENTS if tail == "/responses" else DELTAS))
    if b'"tools"' in body and b'"role":"tool"' not in body:
        return Body(JSON, json.dumps(CALL).encode())
    return ANSWERS.get(tail, Body(JSON, BODY))


def _json(value: Any) -> Body:
    return Body(JSON, json.dumps(value).encode())


ANSWERS = {
    "/responses": _json(RESPONSE),
    "/images/generations": _json(pictures({"b64_json": encoded(PICTURE)})),
    "/audio/speech": Body("audio/wav", SOUND),
    "/embeddings": _json(VECTORS),
    "/files": _json(FILE),
    "/files/file-2/content": Body("application/octet-stream", LINES),
    "/batches": _json({**BATCH, "status": "validating"}),
    "/batches/batch_1": _json(BATCH),
    "/audio/transcriptions": _json({"text": "Hello there", "usage": {"type": "duration"}}),
}
