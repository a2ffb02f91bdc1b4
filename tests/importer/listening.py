"""Listening: a server that keeps what it is sent, as it was sent."""

from __future__ import annotations

import email
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

OURS = frozenset(
    (
        *("host", "user-agent", "accept", "accept-encoding", "connection", "expect"),
        *("content-length", "content-type", "authorization", "api-key", "x-client-request-id"),
    )
)
"""Headers that a client writes by itself, or that hold a key."""


class Heard(NamedTuple):
    """A request: its body is JSON, the sorted parts of a form, or text."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: tuple[tuple[str, str], ...]
    body: Any


class _Handler(BaseHTTPRequestHandler):
    """Keeps what it is asked, and answers with nothing."""

    got: list[Heard]

    def _answer(self) -> None:
        raw = self.rfile.read(int(self.headers.get("content-length") or 0))
        if self.headers.get("transfer-encoding"):
            raw = self._chunks()
        parts = urlsplit(self.path)
        headers = tuple(
            sorted((k.lower(), v) for k, v in self.headers.items() if k.lower() not in OURS)
        )
        query = tuple(sorted(parse_qsl(parts.query, keep_blank_values=True)))
        body = read(self.headers.get("content-type", ""), raw)
        self.got.append(Heard(self.command, unquote(parts.path), query, headers, body))
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"" if self.command == "HEAD" else b"{}")

    def _chunks(self) -> bytes:
        found = []
        while size := int(self.rfile.readline(), 16):
            found.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(found)

    do_GET = do_POST = do_DELETE = do_PUT = do_PATCH = do_HEAD = _answer  # noqa: N815

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


def read(kind: str, raw: bytes) -> Any:
    """Read a body by its content type."""
    if kind.startswith("multipart/form-data"):
        whole = email.message_from_bytes(
            f"Content-Type: {kind}\r\n\r\n".encode() + raw, policy=HTTP
        )
        return sorted(_part(part) for part in whole.iter_parts())
    if not raw:
        return None
    try:
        return json.loads(raw)
    except ValueError:
        return raw.decode("utf-8", "replace")


def _part(part: Any) -> tuple[str, str, bytes]:
    told = part["content-disposition"].params
    return told["name"], told.get("filename", ""), part.get_payload(decode=True)


@contextmanager
def listening() -> Iterator[tuple[str, list[Heard]]]:
    """Serve while the block runs; gives the server's origin, and what it hears."""
    got: list[Heard] = []
    handler = type("Own", (_Handler,), {"got": got})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", got
        server.shutdown()
