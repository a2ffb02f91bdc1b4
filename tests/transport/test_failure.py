import http.client
import socket
import ssl
import time

import pytest
import requests
from urllib3.exceptions import MaxRetryError, NewConnectionError, ProtocolError, ProxyError

from runner.exchange import Timeout
from runner.transport.attempt import Attempt
from runner.transport.failure import explain, refusal
from runner.transport.head import BrokenReplyError


@pytest.fixture
def attempt() -> Attempt:
    return Attempt("host", Timeout(), time.monotonic)


def wrapped(error: Exception) -> Exception:
    return requests.ConnectionError(ProtocolError("Connection aborted.", error))


UNTRUSTED = ssl.SSLCertVerificationError(1, "[SSL] verify failed")
UNTRUSTED.verify_message = "self-signed certificate"


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ConnectionResetError(104, "x"), "host: reset the connection"),
        (BrokenPipeError(), "host: reset the connection"),
        (BrokenReplyError("the answer was cut"), "host: the answer was cut"),
        (UNTRUSTED, "host: its certificate is not trusted (self-signed certificate)\n"),
        (ssl.SSLError(1, "x"), "host: TLS failed ("),
        (http.client.RemoteDisconnected("x"), "host: closed the connection before it answered"),
        (http.client.BadStatusLine("x"), "host: did not answer in HTTP"),
        (OSError(113, "No route to host"), "host: the connection failed (No route to host)"),
        (RuntimeError("sk-key"), "host: the connection failed (RuntimeError)"),
    ],
)
@pytest.mark.parametrize("wrap", [lambda error: error, wrapped])
def test_faults_have_plain_words(attempt, error, text, wrap):
    assert str(explain(wrap(error), attempt)).startswith(text)


@pytest.mark.parametrize(
    ("error", "final"),
    [(UNTRUSTED, True), (ssl.SSLError(1, "x"), False), (BrokenPipeError(), False)],
)
def test_a_certificate_will_not_be_trusted_later_either(attempt, error, final):
    assert explain(wrapped(error), attempt).final is final


@pytest.mark.parametrize(
    "error",
    [
        TimeoutError(),
        requests.ReadTimeout(),
        requests.ConnectionError(MaxRetryError(None, "/", TimeoutError())),  # type: ignore[arg-type]
    ],
)
def test_time_outs_are_the_attempt_s_own(attempt, error):
    attempt.speak()
    attempt.wait()
    assert "(idle time-out)" in str(explain(error, attempt)) or "(total time-out)" in str(
        explain(error, attempt)
    )


def test_the_proxy_is_named_as_the_culprit(attempt):
    error = ProxyError("x", OSError("Tunnel connection failed: 407 Proxy Auth"))
    text = "host: through the proxy: the connection failed (Tunnel connection failed: 407"
    assert str(explain(requests.exceptions.ProxyError(error), attempt)).startswith(text)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (socket.gaierror(-2, "x"), "host: the name was not found"),
        (UnicodeError("label too long"), "host: the name was not found"),
        (ConnectionRefusedError(), "host: connection refused"),
        (OSError(101, "Network is unreachable"), "host: no connection (Network is unreachable)"),
    ],
)
def test_a_refusal_was_never_sent(attempt, error, text):
    found = refusal(error, "host", attempt)
    assert str(found).startswith(text)
    assert not found.sent
    assert found.hint


def test_a_new_connection_error_is_unwrapped(attempt):
    error = NewConnectionError(None, "x")  # type: ignore[arg-type]
    error.__cause__ = ConnectionResetError()
    assert "reset the connection" in str(explain(error, attempt))
