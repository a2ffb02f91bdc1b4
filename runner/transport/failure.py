"""Failures: what went wrong on the network, in plain words that name the host and never a key."""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from requests import RequestException
from requests import Timeout as RequestsTimeout
from urllib3.exceptions import HTTPError, MaxRetryError, NewConnectionError, ProxyError
from urllib3.exceptions import TimeoutError as Urllib3Timeout

from runner.errors import ConnectionFailedError
from runner.transport.attempt import Attempt
from runner.transport.head import BrokenReplyError

BROKEN = (RequestException, HTTPError, OSError, BrokenReplyError)
"""What the network raises."""
REACH = "check the address (base_url, OPENAI_BASE_URL), the network and the proxy settings"
TRUST = "if its authority is your own, name its certificate file in SSL_CERT_FILE"


def refusal(error: OSError | UnicodeError, who: str, attempt: Attempt) -> ConnectionFailedError:
    """Say why no connection could be made."""
    if isinstance(error, TimeoutError):
        return attempt.expired()
    if isinstance(error, socket.gaierror | UnicodeError):
        text = f"{who}: the name was not found"
    elif isinstance(error, ConnectionRefusedError):
        text = f"{who}: connection refused"
    else:
        text = f"{who}: no connection ({_reason(error)})"
    return ConnectionFailedError(text, hint=REACH, sent=False)


@contextmanager
def explained(attempt: Attempt) -> Iterator[None]:
    """Turn what the network raises within into the attempt's own error."""
    try:
        yield
    except BROKEN as error:
        raise explain(error, attempt) from error


def explain(error: BaseException, attempt: Attempt) -> ConnectionFailedError:
    """Say what broke an exchange."""
    root = _root(error)
    if isinstance(root, TimeoutError | Urllib3Timeout | RequestsTimeout):
        return attempt.expired()
    text, hint = _words(root)
    told = f"through the proxy: {text}" if _by_proxy(error) else text
    failure = attempt.failure(told, hint=hint)
    failure.final = isinstance(root, ssl.SSLCertVerificationError)
    return failure


def _words(root: BaseException) -> tuple[str, str]:
    match root:
        case BrokenReplyError():
            words = str(root), ""
        case ssl.SSLCertVerificationError():
            words = f"its certificate is not trusted ({root.verify_message})", TRUST
        case ssl.SSLError():
            words = (
                f"TLS failed ({getattr(root, 'reason', None) or 'closed'})",
                "check http:// against https://",
            )
        case http.client.RemoteDisconnected():
            words = "closed the connection before it answered", ""
        case ConnectionResetError() | BrokenPipeError() | ConnectionAbortedError():
            words = "reset the connection", ""
        case http.client.IncompleteRead():
            words = "the answer was cut", ""
        case http.client.HTTPException():
            words = "did not answer in HTTP", REACH
        case _:
            words = f"the connection failed ({_reason(root)})", ""
    return words


def _reason(error: BaseException) -> str:
    """Name the error without its arguments, unless they are the system's own words."""
    words = error.strerror if isinstance(error, OSError) and error.strerror else None
    if words or not str(error).startswith("Tunnel connection failed"):
        return words or type(error).__name__
    return str(error).encode("ascii", "replace").decode()[:100]


def _root(error: BaseException) -> BaseException:
    """Unwrap what requests and urllib3 wrapped."""
    for _ in range(8):
        inner = _inner(error)
        if inner is None:
            return error
        error = inner
    return error


def _inner(error: BaseException) -> BaseException | None:
    if isinstance(error, MaxRetryError) and error.reason is not None:
        return error.reason
    if isinstance(error, NewConnectionError) and error.__cause__ is not None:
        return error.__cause__
    wrapped = [item for item in error.args if isinstance(item, BaseException)]
    is_wrapper = isinstance(error, HTTPError) or type(error).__module__.startswith("requests.")
    return wrapped[-1] if wrapped and is_wrapper else None


def _by_proxy(error: BaseException) -> bool:
    return isinstance(error, ProxyError) or any(isinstance(a, ProxyError) for a in error.args)
