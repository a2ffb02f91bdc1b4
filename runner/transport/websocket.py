"""WebSocket: a channel of JSON messages over one connection; needs `websockets`, read when used."""

from __future__ import annotations

import json
import logging
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from threading import Timer
from typing import Any, cast

from runner.errors import BadReplyError, ConnectionFailedError, ServiceError, SettingsError
from runner.exchange import Json, Timeout
from runner.protocol import wire
from runner.protocol.json_text import parse
from runner.transport.redirect import host_of, origin_of

LIMIT = 64 * 1024 * 1024
GOODBYE = 0.5
"""Seconds that a close may take: the answer is there, or the time is over."""
HELD = 16 * 1024
"""What a message may be long that is sent at once, whether it is read or not."""
QUIET = logging.getLogger("runner.websocket")
QUIET.disabled = True  # what goes wrong is told by errors: the library's own log holds tracebacks


class Socket:
    """One open connection. Deadlines: `hear` waits as long as it is told, `total` ends all."""

    def __init__(
        self, connection: Any, open_things: ExitStack, total: float, clock: Callable[[], float]
    ) -> None:
        self._connection = connection
        self._open_things = open_things
        self._clock = clock
        self._end = clock() + total
        self._total = total

    def say(self, message: Json) -> None:
        """Send one message, unless all time is over."""
        from websockets.exceptions import ConnectionClosed

        if self._clock() >= self._end:
            raise _silent(self._total, "in all")
        text = json.dumps(message, ensure_ascii=False, allow_nan=False)
        try:
            with self._watched(len(text)):
                self._connection.send(text)
        except ConnectionClosed as error:
            if self._clock() >= self._end:
                raise _silent(self._total, "in all") from error
            raise _closed(error) from error

    @contextmanager
    def _watched(self, size: int) -> Iterator[None]:
        """Break the connection where nobody reads what is sent until all time is over."""
        if size <= HELD:
            yield
            return
        watch = Timer(max(0.0, self._end - self._clock()), self._break)
        watch.daemon = True
        watch.start()
        try:
            yield
        finally:
            watch.cancel()

    def _break(self) -> None:
        with suppress(OSError):
            self._connection.socket.shutdown(socket.SHUT_RDWR)

    def hear(self, timeout: float) -> Json:
        """Return the next message, or None where the other side has closed in order."""
        from websockets.exceptions import ConnectionClosedError, ConnectionClosedOK

        left = self._end - self._clock()
        if left <= 0:
            raise _silent(self._total, "in all")
        try:
            text = self._connection.recv(timeout=min(timeout, left))
        except TimeoutError as error:
            whole = timeout >= left
            raise _silent(self._total if whole else timeout, "in all" if whole else "") from error
        except ConnectionClosedOK:
            return None
        except ConnectionClosedError as error:
            raise _closed(error) from error
        return _message(text)

    def close(self) -> None:
        """Say goodbye."""
        self._open_things.close()


def _message(text: str | bytes) -> Json:
    if isinstance(text, bytes):
        message = "the session sent bytes where a JSON message was expected"
        raise BadReplyError(message)
    try:
        return parse(text)
    except ValueError as error:
        message = f"the session sent what is no JSON: {wire.excerpt(text)}"
        raise BadReplyError(message) from error


def _silent(seconds: float, how: str) -> ConnectionFailedError:
    message = f"the session said nothing for {seconds:g} s"
    if how:
        message = f"the session did not end within {seconds:g} s {how}"
    return ConnectionFailedError(message, hint="raise timeout")


def _closed(error: Any) -> ConnectionFailedError:
    close = error.rcvd
    if close is None:
        return ConnectionFailedError("the connection broke within the session")
    reason = wire.shortened(close.reason, 300) or "no reason given"
    told = f"the service closed the session ({close.code}): {reason}"
    return ConnectionFailedError(told)


def connect(
    url: str,
    headers: list[tuple[str, str]],
    timeout: Timeout,
    context: ssl.SSLContext | None,
    clock: Callable[[], float],
) -> Socket:
    """Open a connection; ApiStatusError where the service answers with a status instead."""
    try:
        from websockets.exceptions import InvalidHandshake
        from websockets.sync.client import connect as dial
    except ImportError as error:
        message = "realtime needs the package websockets"
        raise SettingsError(message, hint="pip install websockets") from error
    things, straight = ExitStack(), cast(Any, _straight)
    try:
        connection = things.enter_context(
            dial(
                url,
                additional_headers=headers,
                open_timeout=timeout.connect,
                close_timeout=GOODBYE,
                max_size=LIMIT,
                user_agent_header="recipe-runner",
                ssl=context,
                logger=QUIET,
                create_connection=straight,
            )
        )
    except (OSError, TimeoutError, InvalidHandshake) as error:
        host = url.split("/")[2]
        message = f"{host}: no session was opened: {wire.shortened(str(error), 200)}"
        raise ConnectionFailedError(message, sent=False) from error
    return Socket(connection, things, timeout.total, clock)


def _straight(*given: Any, **named: Any) -> Any:
    """Make a connection that no redirect leads elsewhere: the library follows them with the key."""
    from websockets.exceptions import InvalidStatus
    from websockets.sync.client import ClientConnection

    class Straight(ClientConnection):
        def handshake(self, *given: Any, **named: Any) -> None:
            try:
                super().handshake(*given, **named)
            except InvalidStatus as error:
                raise _refused(error) from error

    return Straight(*given, **named)


def _refused(error: Any) -> ServiceError:
    reply = error.response
    headers = {name.lower(): value for name, value in reply.headers.raw_items()}
    status, body = reply.status_code, bytes(reply.body or b"")
    if status >= 400:
        return wire.api_error(status, body, headers)
    message = f"the service answered {status} instead of opening a session"
    if "location" in headers:
        scheme, host = origin_of(headers["location"])[0], host_of(headers["location"])
        message += f", a redirect to {ascii(f'{scheme}://{host}')[1:-1]}"
    return BadReplyError(message, hint="check the provider's base_url")
