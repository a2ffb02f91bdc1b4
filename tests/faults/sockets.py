"""The ways in which a session over a WebSocket can go wrong, by name."""

from __future__ import annotations

import base64
import hashlib
import json
import struct
import zlib
from collections.abc import Callable
from typing import Any

from tests.faults.server import Fault, Talk

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, BYTES, CLOSE, PING = 1, 2, 8, 9
DONE = {"type": "response.done", "response": {"status": "completed", "output": []}}


def delta(text: str) -> dict[str, Any]:
    return {"type": "response.output_text.delta", "delta": text}


WHOLE = [delta("Hello"), delta(" there"), DONE]


def shake(talk: Talk, key: bytes | None = None, extra: bytes = b"") -> None:
    """Open the session."""
    asked = talk.seen.headers["sec-websocket-key"].encode() if key is None else key
    accept = base64.b64encode(hashlib.sha1(asked + GUID).digest())
    lines = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    talk.say(lines + b"Sec-WebSocket-Accept: " + accept + b"\r\n" + extra + b"\r\n")


def frame(data: bytes, code: int = TEXT, *, last: bool = True, first: int = 0) -> bytes:
    size = len(data)
    short = size if size < 126 else 126 if size < 65536 else 127
    lengths = {126: struct.pack(">H", size % 65536), 127: struct.pack(">Q", size)}
    return bytes([(0x80 if last else 0) | first | code, short]) + lengths.get(short, b"") + data


def told(*events: Any) -> bytes:
    return b"".join(frame(json.dumps(one).encode()) for one in events)


def closing(code: int, reason: str = "") -> bytes:
    return frame(struct.pack(">H", code) + reason.encode(), CLOSE)


def heard(talk: Talk) -> tuple[int, bytes]:
    """Read a frame of the client's."""

    def exactly(size: int) -> bytes:
        data = b""
        while len(data) < size:
            piece = talk.sock.recv(size - len(data))
            if not piece:
                raise ConnectionAbortedError
            data += piece
        return data

    code, size = exactly(2)
    size &= 0x7F
    if size > 125:
        (size,) = struct.unpack(">H" if size == 126 else ">Q", exactly(2 if size == 126 else 8))
    mask, data = exactly(4), exactly(size)
    return code & 0xF, bytes(one ^ mask[n % 4] for n, one in enumerate(data))


def sound(
    talk: Talk, reply: Callable[[Talk], None], *, goodbye: bool = True, extra: bytes = b""
) -> None:
    """Hold a session in order; `reply` answers where a response is asked for."""
    shake(talk, extra=extra)
    talk.say(told({"type": "session.created", "session": {"id": "sess_1"}}))
    while True:
        code, data = heard(talk)
        if code == CLOSE and goodbye:
            talk.say(frame(data, CLOSE))
            talk.hang_up()
        kind = json.loads(data)["type"] if code == TEXT else ""
        if kind == "session.update":
            talk.say(told({"type": "session.updated"}))
        elif kind == "conversation.item.create":
            talk.say(told({"type": "conversation.item.added", "item": {"id": "item_1"}}))
        elif kind == "response.create":
            reply(talk)


def session(talk: Talk, extra: bytes = b"") -> None:
    sound(talk, lambda talk: talk.say(told(*WHOLE)), extra=extra)


def says(*frames: bytes, then: str = "") -> Fault:
    """Answer with these frames; then hang up, reset or stay."""

    def reply(talk: Talk) -> None:
        talk.say(*frames)
        if then:
            getattr(talk, then)()

    return lambda talk: sound(talk, reply)


def opens(*frames: bytes, **options: Any) -> Fault:
    """Open the session, say these frames first of all, then nothing for long."""

    def answer(talk: Talk) -> None:
        shake(talk, **options)
        talk.say(*frames)
        talk.pause(60)

    return answer


def repeats(data: bytes) -> Fault:
    def reply(talk: Talk) -> None:
        while True:
            talk.say(data)
            talk.pause(0.05)

    return lambda talk: sound(talk, reply)


def drips(data: bytes) -> Fault:
    def reply(talk: Talk) -> None:
        for place in range(len(data)):
            talk.say(data[place : place + 1])
            talk.pause(0.05)

    return lambda talk: sound(talk, reply)


def echoes(talk: Talk) -> None:
    """Tell the key that came in an error."""
    key = talk.seen.headers["authorization"]
    words = {"type": "error", "error": {"message": f"no such key: {key}", "code": "x"}}
    sound(talk, lambda talk: talk.say(told(words)))


def bomb(talk: Talk) -> None:
    """Send 200 MB of zeros, packed."""
    shake(talk, extra=b"Sec-WebSocket-Extensions: permessage-deflate\r\n")
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = b"".join(packer.compress(bytes(1 << 20)) for _ in range(200))
    talk.say(frame(data + packer.flush(zlib.Z_SYNC_FLUSH), first=0x40))
    talk.pause(60)


def called(*calls: tuple[str, str, str]) -> dict[str, Any]:
    """A response that calls tools: their ids, names and arguments."""
    made = [
        {"type": "function_call", "call_id": one, "name": name, "arguments": text}
        for one, name, text in calls
    ]
    return {"type": "response.done", "response": {"status": "completed", "output": made}}


def failed(code: str, text: str) -> bytes:
    details = {"error": {"code": code, "message": text}}
    return told(
        {"type": "response.done", "response": {"status": "failed", "status_details": details}}
    )


HALF = told(delta("Hello"))
WORDS = told(*WHOLE)
JSON_TEXT = json.dumps(WHOLE[0]).encode()
SOCKETS: dict[str, Fault] = {
    "ws-wrong-accept": opens(key=b"another"),
    "ws-silent": opens(),
    "ws-silent-later": says(HALF),
    "ws-pings": repeats(frame(b"", PING)),
    "ws-endless": repeats(told({"type": "rate_limits.updated"})),
    "ws-dripped": drips(told(delta("x" * 500))),
    "ws-cut": says(HALF, then="hang_up"),
    "ws-cut-in-frame": says(WORDS[:-20], then="hang_up"),
    "ws-reset": says(HALF, then="reset"),
    "ws-close-1000": says(HALF, closing(1000, "bye")),
    "ws-close-1001": says(HALF, closing(1001, "going away")),
    "ws-close-1008": says(closing(1008, "policy")),
    "ws-close-1011": says(HALF, closing(1011, "broke")),
    "ws-close-escapes": says(closing(4000, "\x1b[2J\u202eowned")),
    "ws-close-bad-code": says(frame(struct.pack(">H", 5), CLOSE)),
    "ws-bytes": says(frame(JSON_TEXT, BYTES)),
    "ws-bad-json": says(frame(b"{'type': 1}")),
    "ws-empty-message": says(frame(b"")),
    "ws-no-object": says(told([1])),
    "ws-deep-json": says(frame(b"[" * 100_000)),
    "ws-bad-utf8": says(frame(b'{"type": "\xff"}')),
    "ws-masked": says(bytes([0x81, 0x82, 0, 0, 0, 0]) + b"{}"),
    "ws-bad-code": says(frame(b"{}", 5)),
    "ws-lonely-part": says(frame(b"{}", 0)),
    "ws-huge-frame": says(b"\x81\x7f" + struct.pack(">Q", 1 << 40)),
    "ws-error": says(told({"type": "error", "error": {"message": "overloaded"}})),
    "ws-error-empty": says(told({"type": "error"})),
    "ws-quota": says(told({"type": "error", "error": {"code": "insufficient_quota"}})),
    "ws-echo": echoes,
    "ws-failed": says(failed("server_error", "it broke")),
    "ws-bad-sound": says(told({"type": "response.output_audio.delta", "delta": "%%%"}, DONE)),
    "ws-odd-events": says(told({"type": None}, {}, {"type": "x", "a": {}}, *WHOLE)),
    "ws-parts": says(frame(JSON_TEXT[:9], last=False), frame(JSON_TEXT[9:], 0), told(*WHOLE[1:])),
    "ws-no-goodbye": lambda talk: sound(talk, lambda talk: talk.say(WORDS), goodbye=False),
    "ws-bomb": bomb,
}
