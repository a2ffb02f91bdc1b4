"""A client that meets the faults: it asks once, or as often as it may."""

from __future__ import annotations

import json
import time
from typing import Any

from runner.errors import ServiceError
from runner.exchange import JsonBody, Reply, Request, Timeout
from runner.transport.http import Address, Http, Limits
from runner.transport.retry import Retry

KEY = "sk-sentinel-0123456789"
CHAT = JsonBody({"model": "gpt-4.1", "messages": []})
STREAM = JsonBody({"model": "gpt-4.1", "messages": [], "stream": True})
QUICK = Timeout(connect=1, idle=0.3, total=1.2)
ROOMY = Timeout(connect=5, idle=8, total=10)


def timeout(fault: str) -> Timeout:
    is_timed = any(word in fault for word in ("stalled", "dripped", "comments"))
    return QUICK if is_timed else ROOMY


class Heard:
    """A listener that keeps what passes."""

    def __init__(self) -> None:
        self.started = False
        self.chunks: list[bytes] = []

    def chunk(self, data: bytes) -> None:
        self.started = True
        self.chunks.append(data)


def bearer() -> tuple[tuple[str, str], ...]:
    return (("Authorization", f"Bearer {KEY}"),)


def http(base: str, **options) -> Http:
    limits = Limits(reply=1 << 20, error=1 << 16)
    options = {"limits": limits, "environ": {}} | options
    return Http(lambda request: Address(base + request.path, (), bearer), **options)


def ask(base: str, listener: Heard | None = None, **changes) -> Reply:
    body = STREAM if listener else CHAT
    request = Request("POST", "/chat/completions", "chat.completions", body, timeout=timeout(base))
    transport = http(base)
    try:
        return transport.send(request._replace(listens=bool(listener), **changes), listener)
    finally:
        transport.close()


def persist(base: str, listener: Heard | None = None, **changes):
    waits: list[float] = []
    told: list[str] = []
    transport = Retry(
        http(base), sleep=waits.append, clock=time.time, jitter=lambda: 0.0, announce=told.append
    )
    request = Request(
        "POST", "/chat/completions", "", STREAM if listener else CHAT, timeout=timeout(base)
    )
    try:
        changes = {"listens": bool(listener)} | changes
        return transport.send(request._replace(**changes), listener), waits, told
    except ServiceError as error:
        return error, waits, told
    finally:
        transport.close()


def parsed(reply: Reply) -> Any:
    assert isinstance(reply.body, bytes)
    return json.loads(reply.body)
