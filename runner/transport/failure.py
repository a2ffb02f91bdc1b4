"""Failures: what went wrong on the network, in plain words that name the host and never a key."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from runner.errors import ConnectionFailedError
from runner.transport.attempt import Attempt
from runner.transport.head import BrokenReplyError

REACH = "check the address (base_url, OPENAI_BASE_URL), the network and the proxy settings"
TRUST = "if its authority is your own, name its certificate file in SSL_CERT_FILE"


def broken() -> tuple[type[BaseException], ...]:
    """What the network raises: of urllib3 too, once that is used. `requests` has errors of I/O."""
    kind = getattr(sys.modules.get("urllib3.exceptions"), "HTTPError", None)
    return (OSError, BrokenReplyError, *((kind,) if kind else ()))


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
    except broken() as error:
        raise explain(error, attempt) from error


def explain(error: BaseException, attempt: Attempt) -> ConnectionFailedError:
    """Say what broke an exchange."""
    import ssl

    by_proxy = _is_of_urllib3(error) and _by_proxy(error)
    root = _root(error)
    if isinstance(root, TimeoutError):
        return attempt.expired()
    text, hint = _words(root)
    told = f"through the proxy: {text}" if by_proxy else text
    failure = attempt.failure(told, hint=hint)
    failure.final = isinstance(root, ssl.SSLCertVerificationError)
    return failure


def _words(root: BaseException) -> tuple[str, str]:
    import http.client
    import ssl

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
        inner = _inner(error) if _is_of_urllib3(error) else None
        if inner is None:
            return error
        error = inner
    return error


def _is_of_urllib3(error: BaseException) -> bool:
    return type(error).__module__.startswith(("requests.", "urllib3."))


# Where an error is of theirs, they are read already.


def _inner(error: BaseException) -> BaseException | None:
    from requests import Timeout
    from urllib3 import exceptions

    if isinstance(error, exceptions.MaxRetryError) and error.reason is not None:
        return error.reason
    if isinstance(error, exceptions.NewConnectionError) and error.__cause__ is not None:
        return error.__cause__
    wrapped = [item for item in error.args if isinstance(item, BaseException)]
    is_late = isinstance(error, Timeout | exceptions.TimeoutError)
    return wrapped[-1] if wrapped else TimeoutError() if is_late else None


def _by_proxy(error: BaseException) -> bool:
    from urllib3.exceptions import ProxyError

    return isinstance(error, ProxyError) or any(isinstance(a, ProxyError) for a in error.args)
