"""The peer of a stream: bare requests, its own dechunker and `json.loads` for each event."""

import json
import os
import sys
from collections.abc import Iterator
from typing import Any

import requests


def dechunked(read: Any) -> Iterator[bytes]:
    """Undo the chunks of all that one read brought."""
    buffer = b""
    while fresh := read(262_144):
        buffer += fresh
        found, start = [], 0
        while (end := buffer.find(b"\r\n", start)) >= 0:
            size = int(buffer[start:end], 16)
            if len(buffer) < end + size + 4:
                break
            found.append(buffer[end + 2 : end + 2 + size])
            start = end + size + 4
        buffer = buffer[start:]
        yield b"".join(found)
        if found and not found[-1]:
            return


def lines(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Cut pieces into lines."""
    tail = b""
    for piece in pieces:
        *whole, tail = (tail + piece).split(b"\n")
        yield from whole


with requests.Session() as session:
    reply = session.post(
        os.environ["OPENAI_BASE_URL"] + "/chat/completions",
        json={
            "model": "gpt-4o-mini",
            "messages": [{"role": "user", "content": "hi"}],
            "stream": True,
            "max_tokens": int(sys.argv[1]),
        },
        headers={"Authorization": "Bearer " + os.environ["OPENAI_API_KEY"]},
        stream=True,
        timeout=60,
    )
    text = []
    for line in lines(dechunked(reply.raw._fp.fp.read1)):  # type: ignore[union-attr]
        if not line.startswith(b"data: {"):
            continue
        for choice in json.loads(line[6:])["choices"]:
            text.append(choice["delta"].get("content", ""))
    print("".join(text))
