"""Server: a service on loopback whose answers are built beforehand, so that clients are measured.

Run as a program it prints its port and serves until it is ended; a plain answer takes as many
seconds as its argument says. A body that asks for a stream gets
as many deltas as its `max_tokens` says, each its own HTTP chunk, as services send them; one with a
voice gets a sound, one for a picture a picture.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import sys
import zlib
from base64 import b64encode
from collections.abc import Iterator

HEAD = b"HTTP/1.1 200 OK\r\nx-request-id: req_bench\r\n"
USAGE = {"prompt_tokens": 25, "completion_tokens": 5, "total_tokens": 30}
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
STREAM = re.compile(rb'"stream": *true')
TOKENS = re.compile(rb'"max_tokens": *(\d+)')
AT_ONCE = 256


def reply() -> bytes:
    """Build the answer to a plain request."""
    message = {"role": "assistant", "content": "Hello from the loopback.", "refusal": None}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    body = json.dumps(
        {
            "id": "chatcmpl-bench",
            "object": "chat.completion",
            "created": 1_760_000_000,
            "model": "gpt-4o-mini",
            "choices": [choice],
            "usage": USAGE,
        }
    ).encode()
    head = b"content-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body)
    return HEAD + head + body


def event(delta: dict[str, str], finish: str | None = None, usage: object = None) -> bytes:
    """Build one event of a stream, in an HTTP chunk of its own."""
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    value = {
        "id": "chatcmpl-bench",
        "object": "chat.completion.chunk",
        "created": 1_760_000_000,
        "model": "gpt-4o-mini",
        "system_fingerprint": "fp_bench",
        "choices": [] if usage else [choice],
        "usage": usage,
    }
    return chunk(b"data: " + json.dumps(value, separators=(",", ":")).encode() + b"\n\n")


def chunk(data: bytes) -> bytes:
    """Frame an HTTP chunk."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def stream(count: int) -> Iterator[bytes]:
    """Build a stream of so many deltas, a slab at a time."""
    yield HEAD + b"content-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
    yield event({"role": "assistant", "content": ""})
    slab = [event({"content": f" tk{number:03d}"}) for number in range(AT_ONCE)]
    for start in range(0, count, AT_ONCE):
        yield b"".join(slab[: count - start])
    yield event({}, "stop") + event({}, usage=USAGE) + chunk(b"data: [DONE]\n\n") + chunk(b"")


def sound() -> bytes:
    """Build the answer to a request for speech: 5 MiB in chunks of 16 KiB."""
    body = b"ID3\4" + bytes(range(256)) * (5 << 12)
    pieces = (body[at : at + (16 << 10)] for at in range(0, 5 << 20, 16 << 10))
    head = b"content-type: audio/mpeg\r\ntransfer-encoding: chunked\r\n\r\n"
    return HEAD + head + b"".join(map(chunk, pieces)) + chunk(b"")


def picture() -> bytes:
    """Build the answer to a request for a picture: a PNG of 1 MiB, as base64."""
    head = png_chunk(b"IHDR", (1024).to_bytes(4) * 2 + b"\x08\x02\0\0\0")
    pixels = png_chunk(b"IDAT", random.Random(7).randbytes(1 << 20))
    png = b"\x89PNG\r\n\x1a\n" + head + pixels + png_chunk(b"IEND", b"")
    row = {"b64_json": b64encode(png).decode()}
    value = {"created": 1_760_000_000, "data": [row], "output_format": "png", "usage": USAGE}
    body = json.dumps(value).encode()
    head = b"content-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body)
    return HEAD + head + body


def png_chunk(kind: bytes, content: bytes) -> bytes:
    """Frame a part of a PNG."""
    check = zlib.crc32(kind + content)
    return len(content).to_bytes(4) + kind + content + check.to_bytes(4)


LATENCY = float(sys.argv[1]) if __name__ == "__main__" and len(sys.argv) > 1 else 0.0
PLAIN = reply()
SOUND = sound()
PICTURE = picture()


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer the requests of one connection."""
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            length = LENGTH.search(head)
            body = await reader.readexactly(int(length[1]) if length else 0)
            await answer(body, writer)
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def answer(body: bytes, writer: asyncio.StreamWriter) -> None:
    """Answer one request."""
    for word, built in ((b'"voice"', SOUND), (b'"size"', PICTURE)):
        if word in body:
            writer.write(built)
            await writer.drain()
            return
    if LATENCY:
        await asyncio.sleep(LATENCY)
    if not STREAM.search(body):
        writer.write(PLAIN)
        return
    tokens = TOKENS.search(body)
    for part in stream(int(tokens[1]) if tokens else 100):
        writer.write(part)
        await writer.drain()


async def main() -> None:
    """Serve on a free port."""
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
