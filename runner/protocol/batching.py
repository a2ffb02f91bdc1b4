"""Batching: requests as the lines of a batch, and what came of each line, decided without sending.

A line's id is made of its run, its number within the run and all that it asks: whoever renders the
same request again finds its reply by that alone, whatever the order in which replies came.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping

from runner.errors import RecipeError
from runner.exchange import Json, JsonBody, Reply, Request
from runner.protocol import providers, wire
from runner.protocol.json_text import parse
from runner.protocol.providers import Provider
from runner.record import Record

BATCHED = (
    *("chat.completions", "responses", "completions", "embeddings", "moderations"),
    *("images.generations", "images.edits"),
)
"""The endpoints that services answer in batches."""
REASONS = {
    "audio.speech": "its reply is sound, and a batch holds JSON",
    "audio.transcriptions": "it takes a file, and a batch holds JSON",
    "audio.translations": "it takes a file, and a batch holds JSON",
    "realtime": "it is a conversation over a connection of its own",
    "raw": "what it asks is not known; name the endpoint",
}
OTHERWISE = "it acts on what the account holds, and a batch asks models alone"
MOST_LINES = 49_000
"""Services take 50,000."""
LARGEST = 190_000_000
"""Services take 200 MB."""
PICTURES = 500
"""Of pictures, whose replies have megabytes, so many make a batch."""
SMALLER = 24_000_000
"""What the simulated service is given at once: it holds all in memory."""
OVER = ("completed", "failed", "expired", "cancelled")
"""The states that a batch ends in."""
FULL = "token_limit_exceeded"
"""Why a batch failed that is to be made again when others have ended."""
CANCELLED = "batch_cancelled"
PASSING = (408, 409, 429)
_COMPACT = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode
_BREAKS = {ord(one): f"\\u{ord(one):04x}" for one in "\x85\u2028\u2029"}
"""What some take for the end of a line."""


class Line(Record):
    """A line of a batch. Those of one `url` and `model` may stand in one file."""

    id: str
    text: bytes
    url: str
    model: str


class Outcome(Record):
    """What came of a line: a status and a body, or an error's code and message."""

    id: str
    status: int = 0
    body: Json = None
    request_id: str = ""
    code: str = ""
    message: str = ""

    @property
    def is_final(self) -> bool:
        """Whether asking again would come to the same."""
        if not self.status:
            return self.code == CANCELLED
        if self.status < 400 or wire.stream_error(self.body).is_over_quota:
            return True
        return self.status not in PASSING and self.status < 500

    def reply(self, attempts: int) -> Reply:
        """Return the reply as if it had been asked for by itself."""
        headers = {"content-type": "application/json", "x-request-id": self.request_id}
        content = b"" if self.body is None else json.dumps(self.body).encode()
        return Reply(self.status, headers, content, attempts=attempts)


def refusal(endpoint: str) -> str:
    """Say why an endpoint cannot be batched; "" where it can."""
    return "" if endpoint in BATCHED else REASONS.get(endpoint, OTHERWISE)


def misfit(request: Request) -> str:
    """Say why a request cannot stand in a batch; "" where it can."""
    if request.method != "POST" or refusal(request.endpoint):
        return f"{request.endpoint}: {refusal(request.endpoint) or OTHERWISE}"
    if not isinstance(request.body, JsonBody) or not isinstance(request.body.value, dict):
        return f"{request.endpoint}: it sends files as a form, and a batch holds JSON"
    if request.body.value.get("stream"):
        return "a batch cannot stream"
    if request.headers:
        return "the lines of a batch have no headers of their own"
    return ""


def line(provider: Provider, request: Request, run: str, number: int) -> Line:
    """Write a request as a line; RecipeError where it cannot be one."""
    wrong = misfit(request)
    if wrong:
        raise RecipeError(wrong, hint="leave --via batch out to ask one by one")
    # On Azure's dated routes the path names the deployment; in a batch the body does.
    made = providers.outgoing(provider._replace(api_version=""), request)
    body = made.body.value if isinstance(made.body, JsonBody) else None
    url = address(provider, made.path)
    asked = _written(body)
    digest = hashlib.sha256("\n".join((run, str(number), url)).encode("utf-8", "replace") + asked)
    name = re.sub(r"[^A-Za-z0-9_.-]+", "-", run).strip("-")[:32]
    identity = "-".join(filter(None, (name, str(number), digest.hexdigest()[:24])))
    head = _COMPACT({"custom_id": identity, "method": "POST", "url": url}).encode()
    return Line(identity, head[:-1] + b',"body":' + asked + b"}\n", url, made.model)


def number_of(identity: str) -> int:
    """Return the number of a line within its run."""
    return int(identity.rsplit("-", 2)[-2])


def _written(body: Json) -> bytes:
    try:
        return _COMPACT(body).translate(_BREAKS).encode()
    except UnicodeEncodeError:
        return json.dumps(body, separators=(",", ":")).encode()


def address(provider: Provider, path: str) -> str:
    """Return the address that a batch's lines name: Azure's dated routes have no version in it."""
    is_bare = provider.kind == "azure" and providers.is_dated(provider)
    return path if is_bare else f"/v1{path}"


def room(provider: Provider, url: str) -> tuple[int, int]:
    """Return how many lines, and how many bytes, a batch may have."""
    lines = PICTURES if "/images/" in url else MOST_LINES
    return lines, SMALLER if provider.kind == "offline" else LARGEST


def outcome(raw: bytes) -> Outcome | None:
    """Read a line of an output or error file; None where it is no such line."""
    try:
        told = parse(raw.decode("utf-8", "replace"))
    except ValueError:
        return None
    if not isinstance(told, dict) or not isinstance(told.get("custom_id"), str):
        return None
    response, error = told.get("response"), told.get("error")
    if isinstance(response, dict) and isinstance(response.get("status_code"), int):
        request_id = str(response.get("request_id") or "")
        body = response.get("body")
        return Outcome(told["custom_id"], response["status_code"], body, request_id)
    found = error if isinstance(error, dict) else {}
    words = str(found.get("code") or ""), str(found.get("message") or "it was not answered")
    return Outcome(told["custom_id"], 0, None, "", *words)


class Complaint(Record):
    """Why a batch was not begun; `line` counts from 1, and is 0 where it is about all."""

    line: int
    code: str
    message: str


def complaints(batch: Mapping[str, Json]) -> tuple[Complaint, ...]:
    """List what a batch that failed says of itself."""
    errors = batch.get("errors")
    rows = errors.get("data") if isinstance(errors, dict) else None
    return tuple(
        Complaint(
            row["line"] if isinstance(row.get("line"), int) else 0,
            str(row.get("code") or ""),
            str(row.get("message") or "no reason was given"),
        )
        for row in rows or ()
        if isinstance(row, dict)
    )
