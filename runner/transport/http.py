"""HTTP: one request out, one whole reply back; redirects by hand and the key to its host alone."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner.errors import BadReplyError, RecipeError, SettingsError
from runner.exchange import Body as Content
from runner.exchange import (
    Channel,
    JsonBody,
    Listener,
    Multipart,
    Reply,
    Request,
    RequestBody,
    Spool,
)
from runner.record import Record
from runner.transport.adapter import Adapter, Came, HeaderError, Parcel
from runner.transport.attempt import CURRENT, Attempt
from runner.transport.failure import broken, explain
from runner.transport.redirect import Headers, host_of, next_address
from runner.transport.response import at_once
from runner.transport.routes import trust
from runner.transport.whole import check_whole

if TYPE_CHECKING:
    from runner.transport.arriving import Arriving

MOST_REDIRECTS = 5
MOST_SHAPES = 256
DEFAULTS = {
    "User-Agent": "recipe-runner",
    "Accept": "*/*",
    "Accept-Encoding": "gzip, deflate",
    "Connection": "keep-alive",
}
_compact = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode
_ascii = json.JSONEncoder(allow_nan=False, separators=(",", ":")).encode


class Address(Record):
    """Where a request goes. `authorize` gives the headers that hold the key, at the last moment.

    `guard` is shown each place that the host's name leads to, and raises where it may not be.
    """

    url: str
    headers: Headers = ()
    authorize: Callable[[], Headers] = tuple
    guard: Callable[[str], None] | None = None


class Limits(Record):
    """The largest bodies that are read, in unpacked bytes; of an error's the rest is left.

    `spool` is for those that go to disk.
    """

    reply: int = 64 << 20
    error: int = 1 << 20
    spool: int = 4 << 30


LIMITS = Limits()


class Http:
    """A transport over HTTP. Threads may share it.

    Replies that a request wants on disk go below `spool`; without it they stay in memory.
    """

    def __init__(  # noqa: PLR0913  one keyword for each thing of the world that it touches
        self,
        address: Callable[[Request], Address],
        *,
        limits: Limits = LIMITS,
        concurrency: int = 32,
        clock: Callable[[], float] = time.monotonic,
        environ: Mapping[str, str] = os.environ,
        spool: Path | None = None,
    ) -> None:
        self._address = address
        self._spool = spool
        self._limits = limits
        self._clock = clock
        self._environ = environ
        self._adapter = Adapter(concurrency, dict(environ))
        self._shapes: dict[tuple[str, str, Headers], Parcel] = {}

    def send(self, request: Request, listener: Listener | None = None) -> Reply:
        """Send one request, once, and return its reply whatever its status."""
        address = self._address(request)
        attempt = Attempt(host_of(address.url), request.timeout, self._clock)
        attempt.guard = address.guard
        for _ in range(MOST_REDIRECTS + 1):
            reply = self._exchange(request, address, attempt, listener)
            check_whole(reply, request, address.url)
            target = next_address(reply, request, address.url, address.authorize)
            if target is None:
                return reply
            address = address._replace(url=target)
        text = f"{attempt.host}: redirected more than {MOST_REDIRECTS} times"
        raise BadReplyError(text, hint="check the provider's base_url")

    def open(self, request: Request) -> Channel:
        """Open a WebSocket to the same address, with the same key and trust."""
        from runner.transport.websocket import connect

        address = self._address(request)
        url = f"ws{address.url.removeprefix('http')}"
        headers = [*address.headers, *request.headers, *address.authorize()]
        context = trust(self._environ) if url.startswith("wss:") else None
        return connect(url, headers, request.timeout, context, self._clock)

    def close(self) -> None:
        """Close the connections that are kept."""
        self._adapter.close()

    def _exchange(
        self, request: Request, address: Address, attempt: Attempt, listener: Listener | None
    ) -> Reply:
        body, size, content_type = _encoded(request.body)
        parcel = self._parcel(request, address, content_type)
        keys = address.authorize()
        for name, value in keys:
            _check_sendable(name, value)
        token = CURRENT.set(attempt)
        try:
            try:
                came = self._adapter.carry(parcel, body, size, keys)
            except broken() as error:
                raise explain(error, attempt) from error
            return self._read(came, request, attempt, listener)
        finally:
            CURRENT.reset(token)

    def _parcel(self, request: Request, address: Address, content_type: str) -> Parcel:
        """Return the request's shape, prepared once."""
        given = (("Content-Type", content_type),) if content_type else ()
        headers = given + address.headers + request.headers
        if isinstance(request.body, Multipart):
            headers += given  # the boundary is nobody else's to say
        if request.listens:
            headers += (("Accept-Encoding", "identity"),)  # packing holds tokens back
        return self._shape(request.method, address.url, headers)

    def _shape(self, method: str, url: str, headers: Headers) -> Parcel:
        key = (method, url, headers)
        shape = self._shapes.get(key)
        if shape is None:
            if len(self._shapes) >= MOST_SHAPES:
                self._shapes.clear()
            shape = self._shapes[key] = self._prepared(*key)
        return shape

    def _prepared(self, method: str, url: str, headers: Headers) -> Parcel:
        try:
            "".join(value for _, value in headers).encode("latin-1")
            return self._adapter.parcel(method, url, DEFAULTS | _merged(headers))
        except (HeaderError, UnicodeEncodeError):
            names = ", ".join(name for name, _ in headers)
            text = f"one of the headers {names} holds what a header cannot"
            raise SettingsError(text, hint="latin letters and signs, no line ends") from None
        except ValueError as error:
            text = f"{host_of(url) or 'the base URL'}: no address that can be called"
            raise SettingsError(text, hint="base_url reads https://host/v1") from error

    def _read(
        self, came: Came, request: Request, attempt: Attempt, listener: Listener | None
    ) -> Reply:
        status, headers = came.status, _lowered(came.headers)
        is_accepted = status in request.accepts
        is_final = status >= 400 and not is_accepted
        streamed = listener is not None and request.listens and status < 300 and not is_accepted
        folder = self._spool if request.spools and status < 300 else None
        attempt.read(judged=streamed)
        in_pieces = streamed or is_final or folder is not None
        if not in_pieces and (whole := at_once(came.raw, headers, self._limits.reply)) is not None:
            return Reply(status, headers, whole, elapsed=attempt.elapsed())
        from runner.transport.arriving import Arriving

        heard = listener if streamed else None
        with closing(Arriving(came.raw, headers, attempt, as_it_comes=in_pieces)) as body:
            content = self._content(body, attempt, heard, folder, is_final=is_final)
        return Reply(status, headers, content, streamed, elapsed=attempt.elapsed())

    def _content(
        self,
        body: Arriving,
        attempt: Attempt,
        listener: Listener | None,
        folder: Path | None,
        *,
        is_final: bool,
    ) -> Content:
        """Take a body in pieces: to the listener, to the disk, or to memory."""
        from runner.transport.arriving import what_came
        from runner.transport.body import handed_on
        from runner.transport.spooling import spooled

        if is_final:
            return what_came(body.pieces(self._limits.error))
        if folder is not None and listener is None and body.is_bare:
            return spooled(body.views(self._limits.spool), folder)
        pieces = body.pieces(self._limits.reply if folder is None else self._limits.spool)
        if listener is not None:
            pieces = handed_on(pieces, listener, attempt)
        if folder is None:
            return b"".join(pieces)
        return spooled(([piece] for piece in pieces), folder)


def _encoded(body: RequestBody) -> tuple[Any, int, str]:
    """Return what to hand to the connection, its size and its content type."""
    match body:
        case None:
            return None, 0, ""
        case JsonBody():
            raw = _json(body.value)
            return raw, len(raw), "application/json"
        case Multipart() | Spool():
            return _streamed(body)
    return body, len(body), "application/octet-stream"


def _streamed(body: Multipart | Spool) -> tuple[Any, int, str]:
    from runner.transport.multipart import Stream, encode

    if isinstance(body, Spool):
        return Stream((body,)), body.size, "application/octet-stream"
    form = encode(body)
    return Stream(form.segments), form.size, form.content_type


def _json(value: Any) -> bytes:
    try:
        return _compact(value).encode()
    except UnicodeEncodeError:
        return _ascii(value).encode()
    except ValueError as error:
        text = "the request holds a number that JSON has no form for (NaN or infinity)"
        raise RecipeError(text) from error


def _merged(headers: Headers) -> dict[str, str]:
    """Let the later header win over the earlier one, whatever the case of its name."""
    named = {name.lower(): (name, value) for name, value in headers}
    own = {name.lower(): name for name in DEFAULTS}
    return {own.get(key, name): value for key, (name, value) in named.items()}


def _check_sendable(name: str, value: str) -> None:
    if value.isascii() and value.isprintable():
        return
    text = f"the key holds characters that the header {name} cannot carry"
    hint = "was it pasted with a line end, or with quotes around it?"
    raise SettingsError(text, hint=hint, stops_all=True)


def _lowered(headers: Mapping[str, str]) -> Mapping[str, str]:
    # Those of our own connections are a dict of lower-case names already.
    return headers if type(headers) is dict else {k.lower(): v for k, v in headers.items()}
