"""A loopback server that counts which rows it answered: a prompt names its row as `row=ID;`."""

from __future__ import annotations

import base64
import json
import random
import re
import socket
import struct
import threading
import time
import zlib
from collections import Counter
from collections.abc import Iterator
from typing import BinaryIO

ROW = re.compile(rb"row=([\w.-]+);")
PIXELS = 180
"""The side of a picture: noise of this size is too large to be kept in memory."""


class CountingServer:
    """Serve on a free port of 127.0.0.1 until the end of the `with` block.

    `asked` and `answered` count the requests of each row, `latest` has when each was answered last.
    `refuses` maps a row to the status it is to get. `limit` is how many are answered at all before
    the account has no money left. While the `gate` is not set nobody gets an answer; it closes by
    itself once `closes_at` rows were answered.
    """

    def __init__(self, latency: float = 0.004, seed: int = 0) -> None:
        self.latency = latency
        self.asked: Counter[str] = Counter()
        self.answered: Counter[str] = Counter()
        self.latest: dict[str, float] = {}
        self.refuses: dict[str, int] = {}
        self.limit: int | None = None
        self.closes_at: int | None = None
        self.gate = threading.Event()
        self.gate.set()
        self._random = random.Random(seed)
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/v1"

    def __enter__(self) -> CountingServer:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.gate.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    @property
    def total(self) -> int:
        return sum(self.answered.values())

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        try:
            with sock, sock.makefile("rb") as lines:
                for path, body in _requests(lines):
                    self._answer(sock, path, body)
        except OSError:
            pass

    def _answer(self, sock: socket.socket, path: bytes, body: bytes) -> None:
        found = ROW.search(body)
        row = found[1].decode() if found else ""
        with self._lock:
            self.asked[row] += 1
            count = self.asked[row]
            wait = self._random.random() * 2 * self.latency
            spent = self.limit is not None and sum(self.asked.values()) > self.limit
        time.sleep(wait)
        self.gate.wait()
        status = 429 if spent else self.refuses.get(row, 200)
        if status == 200:
            told = picture(row, count) if b"/images/" in path else text(row, count)
        else:
            told = {"error": {"message": "no", "code": "insufficient_quota" if spent else "no"}}
        content = json.dumps(told).encode()
        head = f"HTTP/1.1 {status} X\r\ncontent-type: application/json\r\n"
        sock.sendall(f"{head}content-length: {len(content)}\r\n\r\n".encode() + content)
        with self._lock:
            self.answered[row] += status == 200
            self.latest[row] = time.monotonic()
            if self.closes_at is not None and self.total >= self.closes_at:
                self.closes_at = None
                self.gate.clear()


def _requests(lines: BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    while first := lines.readline():
        size = 0
        while (line := lines.readline()) not in (b"\r\n", b""):
            name, _, value = line.partition(b":")
            size = int(value) if name.lower() == b"content-length" else size
        yield first.split()[1], lines.read(size)


def said(row: str, count: int) -> str:
    """What is answered to a row, the `count`-th time it is asked."""
    return f"answer {count} to {row}, " + "word " * 40


def text(row: str, count: int) -> object:
    message = {"role": "assistant", "content": said(row, count)}
    return {
        "id": "c",
        "object": "chat.completion",
        "created": 1,
        "model": "gpt-4.1-mini",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 9, "completion_tokens": 9, "total_tokens": 18},
    }


def picture(row: str, count: int) -> object:
    return {"created": 1, "data": [{"b64_json": base64.b64encode(png(f"{row} {count}")).decode()}]}


def png(seed: str) -> bytes:
    """Draw noise that is another for each seed."""
    noise = random.Random(seed)
    rows = b"".join(b"\0" + noise.randbytes(3 * PIXELS) for _ in range(PIXELS))
    head = struct.pack(">IIBBBBB", PIXELS, PIXELS, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(rows, 1)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in parts
    )
