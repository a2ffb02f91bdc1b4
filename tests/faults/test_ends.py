"""Each fault ends in the right answer, or in one clear error within its time."""

import threading
import time

import pytest

from runner.errors import BadReplyError, ConnectionFailedError
from runner.exchange import Request, Timeout
from tests.faults.answers import ANSWER, BODY, DELTAS
from tests.faults.client import CHAT, KEY, QUICK, Heard, ask, http, parsed
from tests.faults.faults import FAULTS
from tests.faults.server import FaultServer, refused_url

WHOLE = [
    "none",
    "early-hints",
    "gzip",
    "gzip-members",
    "deflate",
    "deflate-bare",
    "redirect-same",
]


@pytest.mark.parametrize("fault", WHOLE)
def test_the_answer_is_whole(server, fault):
    reply = ask(server.base(fault))
    assert (reply.status, parsed(reply)) == (200, ANSWER)
    assert not reply.streamed


BROKEN = {
    "reset-unanswered": "reset the connection",
    "closed-unanswered": "closed the connection before it answered",
    "reset-in-head": "",
    "closed-in-head": "cut within its headers",
    "reset-in-body": "",
    "closed-in-body": f"the answer was cut: 50 of {len(BODY)} bytes",
    "closed-before-body": f"the answer was cut: 0 of {len(BODY)} bytes",
    "stalled-head": "sent no data for 0.3 s (idle time-out)",
    "dripped-head": "sent no data for 0.3 s (idle time-out)",
    "endless-head": "sent headers without end",
    "endless-interim": "sent interim answers without end",
    "stalled-body": "sent no data for 0.3 s (idle time-out)",
    "dripped-body": "no whole answer within 1.2 s (total time-out)",
    "length-too-long": "the answer was cut",
    "length-negative": "Content-Length is no length",
    "lengths-differ": "Content-Length is no length",
    "bad-chunk-size": "a size is no number",
    "bad-chunk-end": "does not end where it says",
    "endless-chunk-size": "the line of a size does not end",
    "no-last-chunk": "its last chunk never came",
    "cut-chunk": "its last chunk never came",
    "not-http": "did not answer in HTTP",
    "gzip-cut": "its packed body does not end",
}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_reply_is_a_connection_fault(server, fault):
    began = time.monotonic()
    with pytest.raises(ConnectionFailedError) as caught:
        ask(server.base(fault))
    assert time.monotonic() - began < QUICK.total + 1
    text = str(caught.value)
    assert text.startswith(f"127.0.0.1:{server.port}: ")
    assert BROKEN[fault] in text
    assert caught.value.sent
    assert KEY not in text


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("endless-body", "larger than 1,048,576 bytes"),
        ("huge-length", "larger than 1,048,576 bytes"),
        ("gzip-bomb", "larger than 1,048,576 bytes, unpacked"),
        ("gzip-damaged", "packed body is damaged"),
        ("packed-unasked", "packed as 'br'"),
        ("redirect-same-302", "a redirect to http://127.0.0.1"),
        ("redirect-elsewhere", "a redirect to http://127.0.0.1:9"),
        ("redirect-https", "a redirect to https://127.0.0.1\n"),
        ("redirect-file", "a redirect to file://"),
        ("redirect-loop", "redirected more than 5 times"),
        ("redirect-nowhere", "without saying where to"),
    ],
)
def test_a_reply_that_no_retry_mends_is_refused(server, fault, told):
    with pytest.raises(BadReplyError) as caught:
        ask(server.base(fault))
    assert told in str(caught.value)
    assert KEY not in str(caught.value)


@pytest.mark.parametrize(
    ("fault", "body"),
    [
        ("invalid-json", b"{'id': 1}"),
        ("truncated-json", BODY[: len(BODY) // 2]),
        ("deep-json", b"[" * 100_000),
        ("html-200", b"<html><h1>Welcome</h1></html>"),
        ("empty-200", b""),
        ("length-too-short", BODY[:-7]),
    ],
)
def test_what_is_no_json_passes_as_it_came(server, fault, body):
    assert ask(server.base(fault)).body == body


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422, 429, 500, 502, 503, 504])
def test_a_status_comes_back_with_its_body(server, status):
    fault = "limited" if status == 429 else f"status-{status}"
    reply = ask(server.base(fault))
    assert reply.status == status
    assert parsed(reply)["error"]["message"] == f"it went wrong: {status}"


@pytest.mark.parametrize(
    ("fault", "status", "size"),
    [("cut-500", 500, 16), ("empty-500", 500, 0), ("html-502", 502, 24)],
)
def test_a_broken_body_does_not_hide_the_status_of_an_error(server, fault, status, size):
    reply = ask(server.base(fault))
    assert (reply.status, len(reply.body)) == (status, size)


def test_no_more_than_the_limit_is_kept_of_an_error(server):
    reply = ask(server.base("huge-400"))
    assert reply.status == 400
    assert 0 < len(reply.body) <= 1 << 16
    assert set(reply.body) == set(b"x")


def test_an_accepted_error_must_be_whole(server):
    with pytest.raises(ConnectionFailedError, match="cut"):
        ask(server.base("cut-500"), accepts=(500,))


@pytest.mark.parametrize("fault", ["none", "sse-until-close", "sse-slow"])
def test_a_stream_is_handed_on_and_kept(server, fault):
    heard = Heard()
    reply = ask(server.base(fault), heard)
    assert reply.streamed
    assert b"".join(heard.chunks) == reply.body == b"".join(DELTAS)


def test_every_byte_is_handed_on_as_it_comes(server):
    heard = Heard()
    ask(server.base("sse-slow"), heard)
    assert len(heard.chunks) > len(b"".join(DELTAS)) / 2


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("sse-cut", "its last chunk never came"),
        ("sse-reset", "reset the connection"),
        ("sse-stalled", "sent no data for 0.3 s"),
        ("endless-comments", "sent no data for 0.3 s"),
    ],
)
def test_a_stream_that_breaks_is_an_error_after_what_came(server, fault, told):
    heard = Heard()
    began = time.monotonic()
    with pytest.raises(ConnectionFailedError, match=told):
        ask(server.base(fault), heard)
    assert time.monotonic() - began < 1
    assert heard.chunks[0].startswith(DELTAS[0])


def test_an_error_instead_of_a_stream_is_not_handed_on(server):
    heard = Heard()
    reply = ask(server.base("status-400"), heard)
    assert (reply.status, reply.streamed, heard.chunks) == (400, False, [])


def test_nobody_listening_means_no_connection():
    with pytest.raises(ConnectionFailedError, match="connection refused") as caught:
        ask(refused_url())
    assert not caught.value.sent
    assert "hint:" in str(caught.value)


def test_a_name_that_does_not_exist_is_told():
    with pytest.raises(ConnectionFailedError, match=r"nowhere\.invalid: ") as caught:
        ask("http://nowhere.invalid")
    assert not caught.value.sent


def test_the_key_goes_nowhere_else(server):
    with FaultServer(FAULTS) as other:
        server.elsewhere = other.url
        with pytest.raises(BadReplyError):
            ask(server.base("redirect-elsewhere"))
        assert not other.connections


def test_redirects_are_followed_with_the_body(server):
    server.log.clear()
    ask(server.base("redirect-same"))
    first, second = server.log
    assert second.path == "/fault/none/chat/completions"
    assert (second.method, second.body) == ("POST", first.body)
    assert second.headers["authorization"] == f"Bearer {KEY}"


def test_a_stream_begins_behind_its_redirect(server):
    heard = Heard()
    reply = ask(server.base("redirect-same"), heard)
    assert b"".join(heard.chunks) == reply.body == b"".join(DELTAS)


def test_a_get_follows_any_redirect_of_its_origin(server):
    reply = ask(server.base("redirect-same-302"), method="GET", body=None)
    assert parsed(reply) == ANSWER


def test_threads_share_the_transport_and_its_connections(server):
    before = server.connections
    transport = http(server.base("none"), concurrency=4)
    request = Request("POST", "/chat/completions", "", CHAT, timeout=Timeout())
    replies: list[object] = []

    def work():
        replies.extend(transport.send(request).body for _ in range(25))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    transport.close()
    assert replies == [BODY] * 200
    assert server.connections - before <= 4
