"""Serve: the offline service as an OpenAI-compatible server on loopback; needs `aiohttp`.

HTTP, server-sent events, multipart and the WebSocket of realtime. One simulated world is shared by
all clients. With `faults`, a request may ask for a fault by its header `X-Fault`: `status=503`,
`quota`, `cut` (an answer that breaks off) or `slow`; the one that makes a batch by
`batch=expired` how it ends: also `failed`, `full`, `cancelled`.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
import time
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Any

from aiohttp import WSMsgType, web
from aiohttp.http_exceptions import BadHttpMessage

from runner.engine.user import settings
from runner.exchange import Json, Multipart, Part, Request, RequestBody
from runner.protocol.json_text import parse
from runner.protocol.simulated import simulate
from runner.protocol.simulated.batches import ASKABLE
from runner.protocol.simulated.realtime import Session
from runner.protocol.simulated.service import Simulated, World
from runner.record import Record

LARGEST_FORM = 256 << 20
LARGEST_JSON = 64 << 20
PACE = 0.005
SLOW = 0.2
LIMITED = 429
CLIENTS = 256
OURS = r"(127\.0\.0\.1|localhost|\[::1\])(:\d+)?"
"""How a client on this machine names it; a tunnel or a container's port leads here by these too."""
FAULT = re.compile(rf"status=[45]\d\d|quota|cut|slow|batch=({'|'.join(ASKABLE)})")
FAULTS = f"status=503 (or any from 400 on), quota, cut, slow, batch={'|'.join(ASKABLE)}"


class Service(Record):
    """What a server answers with: its world, the key it asks for, whether faults may be asked."""

    world: World
    key: str = ""
    faults: bool = False


def application(
    key: str = "", *, faults: bool = False, now: Callable[[], float] = time.time
) -> web.Application:
    """Make the server's application; an empty key lets everybody in."""
    service = Service(World(now, {}, settings.table("models.json")), key, faults)
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", _handler(service))
    return app


def _handler(service: Service) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def handle(http: web.Request) -> web.StreamResponse:
        if foreign := _foreign(http):
            message = "This server answers to 127.0.0.1 and localhost alone."
            return _refused(403, message, foreign)
        if service.key and not _has_key(http, service.key):
            return _refused(401, "Incorrect API key provided.", "invalid_api_key")
        path, model = place(http.path)
        query = tuple((name, value) for name, value in http.query.items())
        fault = http.headers.get("X-Fault", "") if service.faults else ""
        if fault and not FAULT.fullmatch(fault):
            message = f"X-Fault: there is no fault {fault!r}; there are {FAULTS}."
            return _refused(400, message, "unknown_fault")
        if fault.startswith("status=") or fault == "quota":
            return _faulty(fault)
        if path == "/realtime":
            return await _talk(http, service, fault)
        body = await _body(http, model)
        if fault.startswith("batch=") and (http.method, path) == ("POST", "/batches"):
            body = _ending(body, fault.removeprefix("batch="))
        request = Request(http.method, path, "", body, query, model=model)
        return await _tell(http, simulate(request, service.world), fault)

    return handle


def place(path: str) -> tuple[str, str]:
    """Return the path below the base URL, and the deployment that an Azure path names."""
    for start in ("/openai/v1", "/v1"):
        if path.startswith(f"{start}/"):
            return path.removeprefix(start), ""
    if path.startswith("/openai/deployments/"):
        model, _, rest = path.removeprefix("/openai/deployments/").partition("/")
        return f"/{rest}", model
    return path.removeprefix("/openai"), ""


def _foreign(http: web.Request) -> str:
    """Name what is another's, "" where nothing is: a host that was led here, the page that asks."""
    if not _is_ours(http.headers.get("Host", "")):
        return "wrong_host"
    pages = http.headers.getall("Origin", ())
    if not all(_is_ours(page.partition("://")[2]) for page in pages):
        return "wrong_origin"
    return ""


def _is_ours(host: str) -> bool:
    return re.fullmatch(OURS, host, re.IGNORECASE) is not None


def _has_key(http: web.Request, key: str) -> bool:
    return http.headers.get("Authorization") == f"Bearer {key}" or (
        http.headers.get("api-key") == key
    )


async def _body(http: web.Request, model: str) -> RequestBody:
    if http.content_type == "multipart/form-data":
        return await _form(http)
    body = await _within(LARGEST_JSON, http.content.iter_any())
    if not body:
        return None
    return _with_model(body, model) if model else body


def _with_model(body: bytes, model: str) -> bytes:
    """Put the deployment of an Azure path where the simulation looks for the model."""
    try:
        value = parse(body.decode())
    except ValueError:
        return body
    return json.dumps({"model": model, **value}).encode() if isinstance(value, dict) else body


def _ending(body: RequestBody, end: str) -> RequestBody:
    """Let a batch end as its maker's header says."""
    try:
        value = parse(body.decode()) if isinstance(body, bytes) else None
    except ValueError:
        return body
    if not isinstance(value, dict):
        return body
    told = value.get("metadata")
    asked = {**(told if isinstance(told, dict) else {}), "simulate": end}
    return json.dumps({**value, "metadata": asked}).encode()


async def _within(most: int, pieces: AsyncIterable[bytes]) -> bytes:
    """Read to the end, within a bound."""
    found, size = [], 0
    async for piece in pieces:
        found.append(piece)
        size += len(piece)
        if size > most:
            raise web.HTTPRequestEntityTooLarge(most, size)
    return b"".join(found)


async def _chunks(part: Any) -> AsyncIterator[bytes]:
    while piece := await part.read_chunk():
        yield piece


async def _form(http: web.Request) -> Multipart:
    parts, left = [], LARGEST_FORM
    reader = await http.multipart()
    while (part := await reader.next()) is not None:
        content = await _within(left, _chunks(part))
        left -= len(content)
        kind = part.headers.get("Content-Type", "")
        parts.append(Part(part.name or "", content, part.filename or "", kind))  # type: ignore[union-attr]
    return Multipart(tuple(parts))


async def _tell(http: web.Request, told: Simulated, fault: str) -> web.StreamResponse:
    """Answer, chunk by chunk where it is a stream; a cut answer stops half-way."""
    streams = ("content-type", "text/event-stream; charset=utf-8") in told.headers
    if not streams and not fault:
        return web.Response(body=b"".join(told.chunks), status=told.status, headers=told.headers)
    response = web.StreamResponse(status=told.status, headers=told.headers)
    await response.prepare(http)
    chunks = told.chunks if streams else _halves(b"".join(told.chunks))
    last = len(chunks) // 2 if fault == "cut" else len(chunks)
    with suppress(ConnectionResetError):  # The client has left, as clients may.
        for chunk in chunks[:last]:
            await asyncio.sleep(SLOW if fault == "slow" else PACE)
            await response.write(chunk)
    if fault == "cut":
        _cut(http)
    return response


def _cut(http: web.Request) -> None:
    if http.transport is not None:
        http.transport.abort()


def _halves(body: bytes) -> tuple[bytes, bytes]:
    middle = len(body) // 2
    return body[:middle], body[middle:]


def _faulty(fault: str) -> web.Response:
    if fault == "quota":
        message = "You exceeded your current quota."
        return _refused(429, message, "insufficient_quota", "insufficient_quota")
    status = int(fault.removeprefix("status="))
    message = f"A fault was asked for: {status}."
    if status != LIMITED:
        return _refused(status, message, "asked_for", "server_error")
    reply = _refused(status, message, "rate_limit_exceeded", "requests")
    reply.headers["Retry-After"] = "1"
    return reply


def _refused(
    status: int, message: str, code: str, kind: str = "invalid_request_error"
) -> web.Response:
    error = {"message": message, "type": kind, "param": None, "code": code}
    return web.json_response({"error": error}, status=status)


async def _talk(http: web.Request, service: Service, fault: str) -> web.StreamResponse:
    """Hold a realtime session: hear the client while it is told what is to say."""
    socket = web.WebSocketResponse(max_msg_size=LARGEST_JSON)
    await socket.prepare(http)
    model = http.query.get("model", "")
    session = Session(Request("GET", "/realtime", "realtime", model=model), service.world)
    news = asyncio.Event()
    news.set()
    telling = asyncio.create_task(_speak(session, socket, news, fault))
    telling.add_done_callback(lambda task: None if task.cancelled() else _cut(http))
    try:
        async for message in socket:
            session.say(_decoded(message.data) if message.type is WSMsgType.TEXT else None)
            news.set()
    finally:
        telling.cancel()
        with suppress(asyncio.CancelledError, ConnectionResetError):
            await telling  # The client has left, as clients may.
    return socket


def _decoded(text: str) -> Json:
    try:
        return parse(text)
    except ValueError:
        return None


async def _speak(
    session: Session, socket: web.WebSocketResponse, news: asyncio.Event, fault: str
) -> None:
    """Tell what is to be told, as it comes; what is to be cut ends after the first piece."""
    while await news.wait():
        news.clear()
        while (event := session.hear(0)) is not None:
            await socket.send_json(event)
            await asyncio.sleep(SLOW if fault == "slow" else PACE)
            if fault == "cut" and event["type"].endswith(".delta"):
                return


def serve(port: int, key: str, ready: Callable[[int], None], *, faults: bool = False) -> None:
    """Serve on loopback until interrupted; `ready` is told the port, once it listens."""
    asyncio.run(run(application(key, faults=faults), port, ready))


def _log() -> logging.Logger:
    """Return what tells of our own faults alone: what is no HTTP is answered, and no news."""
    log = logging.getLogger("runner.serve")
    log.filters[:] = [
        lambda told: not (told.exc_info and isinstance(told.exc_info[1], BadHttpMessage))
    ]
    return log


async def run(app: web.Application, port: int, ready: Callable[[int], None]) -> None:
    """Run an application on loopback until it is cancelled."""
    runner: Any = web.AppRunner(app, access_log=None, logger=_log())
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port, backlog=CLIENTS)
    try:
        await site.start()
        ready(runner.addresses[0][1])
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()
