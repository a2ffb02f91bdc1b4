"""Names: the addresses of a host, looked up within a deadline: the system itself knows none."""

from __future__ import annotations

import socket
from ipaddress import ip_address
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

Place = tuple[Any, Any, int, str, tuple[Any, ...]]
"""Family, kind, protocol, name and address, as `socket.getaddrinfo` tells them."""


def looked_up(host: str, port: int | None, seconds: float) -> list[Place]:
    """Return the places of a host; OSError or UnicodeError where there are none.

    TimeoutError after so many seconds. The thread that still waits then ends with the look-up.
    """
    if _is_numeric(host):
        # As bytes it is no name that would be spelled as IDNA has it: that codec is slow to read.
        return _found(host.encode("ascii"), port)
    came: SimpleQueue[list[Place] | OSError | UnicodeError] = SimpleQueue()

    def look() -> None:
        try:
            came.put(_found(host, port))
        except (OSError, UnicodeError) as error:
            came.put(error)

    Thread(target=look, daemon=True).start()
    try:
        found = came.get(timeout=seconds)
    except Empty:
        raise TimeoutError from None
    if isinstance(found, list):
        return found
    raise found


def _found(host: str | bytes, port: int | None) -> list[Place]:
    return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)


def _is_numeric(host: str) -> bool:
    try:
        ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True
