import json
import math
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from types import ModuleType

import pytest
import requests
import responses

from runner.errors import BadReplyError, ConnectionFailedError, RecipeError, SettingsError
from runner.exchange import JsonBody, Multipart, Part, Reply, Request, Spool, Timeout, Transport
from runner.transport.http import Address, Http
from tests.faults.answers import ANSWER, BODY, head
from tests.faults.client import KEY, Heard, bearer
from tests.faults.faults import FAULTS
from tests.faults.server import FaultServer, Seen

CHAT = Request("POST", "/chat/completions", "chat.completions", JsonBody({"model": "m"}))
URL = "https://api.example.test/v1"


@pytest.fixture(scope="module")
def server() -> Iterator[FaultServer]:
    with FaultServer(FAULTS) as server:
        yield server


def over(base: str, headers: tuple[tuple[str, str], ...] = (), **options) -> Http:
    address = lambda request: Address(base + request.path, headers, bearer)  # noqa: E731
    return Http(address, **({"environ": {}} | options))


def sent(server: FaultServer, request: Request, headers: tuple = ()) -> Seen:
    server.log.clear()
    transport = over(server.base("none"), headers)
    assert transport.send(request).status == 200
    transport.close()
    return server.log[-1]


def test_it_is_a_transport():
    transport: Transport = over(URL)
    transport.close()


def test_json_is_sent_compact_and_in_utf8(server):
    seen = sent(server, CHAT._replace(body=JsonBody({"text": "çé 🎨", "n": [1, 2.5]})))
    assert seen.body == '{"text":"çé 🎨","n":[1,2.5]}'.encode()
    assert seen.headers["content-type"] == "application/json"
    assert seen.headers["content-length"] == str(len(seen.body))


def test_half_a_character_is_escaped(server):
    seen = sent(server, CHAT._replace(body=JsonBody({"text": "\ud83c"})))
    assert seen.body == b'{"text":"\\ud83c"}'


@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_a_number_that_json_lacks_is_refused(number):
    with pytest.raises(RecipeError, match="NaN or infinity"):
        over(URL).send(CHAT._replace(body=JsonBody({"n": number})))


def test_headers_come_from_provider_request_and_key(server):
    given = CHAT._replace(headers=(("X-Trace", "7"), ("accept", "text/plain")))
    headers = sent(server, given, (("OpenAI-Project", "p"), ("X-Trace", "0"))).headers
    assert headers["authorization"] == f"Bearer {KEY}"
    assert (headers["openai-project"], headers["x-trace"]) == ("p", "7")
    assert headers["accept"] == "text/plain"
    assert headers["host"] == f"127.0.0.1:{server.port}"
    assert headers["accept-encoding"] == "gzip, deflate"


def test_a_request_s_own_header_never_replaces_the_key(server):
    seen = sent(server, CHAT._replace(headers=(("AUTHORIZATION", "Bearer other"),)))
    assert seen.headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize("method", ["POST", "GET"])
@pytest.mark.parametrize("body", [JsonBody({}), None])
def test_no_header_that_is_ours_is_sent_twice(server, method, body):
    own = (("host", "other.test"), ("content-LENGTH", "5"))
    seen = sent(server, CHAT._replace(method=method, body=body), own)
    assert seen.headers["host"] == f"127.0.0.1:{server.port}"
    assert seen.headers.get("content-length", "0") == str(len(seen.body))


def test_what_another_thread_begins_to_read_is_no_mock(server, monkeypatch):
    for name in ("requests.adapters", "urllib3.exceptions"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    assert sent(server, CHAT).body == b'{"model":"m"}'
    with pytest.raises(ConnectionFailedError, match="closed the connection"):
        over(server.base("closed-unanswered")).send(CHAT)


def test_a_netrc_never_replaces_the_key(server, tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("default login thief password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    assert sent(server, CHAT).headers["authorization"] == f"Bearer {KEY}"


def test_a_netrc_gives_no_key_where_there_is_none(server, tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("default login thief password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    transport = Http(lambda request: Address(server.base("none") + request.path), environ={})
    assert transport.send(CHAT).status == 200
    transport.close()
    assert "authorization" not in server.log[-1].headers


def test_a_stream_is_asked_for_unpacked(server):
    assert sent(server, CHAT._replace(listens=True)).headers["accept-encoding"] == "identity"


def test_a_request_without_a_body_has_none(server):
    seen = sent(server, CHAT._replace(method="GET", body=None))
    assert (seen.method, seen.body) == ("GET", b"")
    assert "content-type" not in seen.headers
    assert "content-length" not in seen.headers


def test_a_post_without_a_body_says_so(server):
    assert sent(server, CHAT._replace(body=None)).headers["content-length"] == "0"


def test_raw_bytes_go_as_they_are(server):
    seen = sent(server, CHAT._replace(body=b"\x00\xff", headers=(("Content-Type", "x/y"),)))
    assert (seen.body, seen.headers["content-type"]) == (b"\x00\xff", "x/y")


def test_a_large_body_arrives_whole(server):
    body = bytes(range(256)) * 40_000
    assert sent(server, CHAT._replace(body=body)).body == body


def test_a_spool_and_a_form_are_streamed(server, tmp_path):
    body = bytes(range(256)) * 2000
    (tmp_path / "a").write_bytes(body)
    spool = Spool(str(tmp_path / "a"), len(body), "f" * 64)
    assert sent(server, CHAT._replace(body=spool)).body == body
    form = CHAT._replace(
        body=Multipart((Part("file", spool, "a.bin"),)), headers=(("Content-Type", "wrong"),)
    )
    seen = sent(server, form)
    assert seen.headers["content-type"].startswith("multipart/form-data; boundary=runner-")
    assert body in seen.body
    assert seen.headers["content-length"] == str(len(seen.body))


def test_a_reply_is_a_record(server):
    ticks = iter((100.0, *[100.5] * 50))
    transport = over(server.base("none"), clock=lambda: next(ticks))
    reply = transport.send(CHAT)
    assert reply == Reply(
        200,
        {"content-type": "application/json", "content-length": str(len(BODY))},
        BODY,
        elapsed=0.5,
    )
    transport.close()


def test_one_connection_serves_many_requests(server):
    before = server.connections
    transport = over(server.base("none"))
    for stream in (False, True, False, True):
        asked = CHAT._replace(body=JsonBody({"stream": stream}), listens=stream)
        transport.send(asked, Heard() if stream else None)
    transport.close()
    assert server.connections - before == 1


@pytest.mark.parametrize("fault", ["length-too-short", "sse-until-close", "gzip-damaged"])
def test_a_connection_in_doubt_is_not_used_again(server, fault):
    before = server.connections
    address = iter((server.base(fault), server.base("none")))
    transport = Http(lambda request: Address(next(address) + request.path), environ={})
    with suppress(BadReplyError):
        transport.send(CHAT)
    assert transport.send(CHAT).body == BODY
    transport.close()
    assert server.connections - before == 2


def test_what_a_listener_raises_is_its_own(server):
    class Broken(Heard):
        def chunk(self, data: bytes) -> None:
            raise BrokenPipeError

    transport = over(server.base("none"))
    asked = CHAT._replace(body=JsonBody({"stream": True}), listens=True)
    with pytest.raises(BrokenPipeError):
        transport.send(asked, Broken())
    assert transport.send(CHAT).body == BODY
    transport.close()


def test_cookies_are_neither_kept_nor_sent():
    with FaultServer({"none": lambda talk: talk.say(COOKIE)}) as server:
        transport = over(server.base("none"))
        transport.send(CHAT)
        transport.send(CHAT)
        transport.close()
        assert all("cookie" not in seen.headers for seen in server.log)


COOKIE = b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b; Path=/\r\nContent-Length: 0\r\n\r\n"


@pytest.mark.parametrize(
    "key", ["sk-sentinel\n", "sk-sentinel\r\nX-Evil: 1", "sk-séntinel", "“sk”"]
)
def test_a_key_that_no_header_can_carry_is_refused_unseen(key):
    transport = Http(
        lambda request: Address(URL, (), lambda: (("Authorization", f"Bearer {key}"),)), environ={}
    )
    with pytest.raises(SettingsError, match="header Authorization cannot carry") as caught:
        transport.send(CHAT)
    assert "sk" not in str(caught.value)


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "price: 5 €", " leading"])
def test_a_header_that_cannot_be_is_refused(value):
    with pytest.raises(SettingsError, match="headers Content-Type, X-A"):
        over(URL).send(CHAT._replace(headers=(("X-A", value),)))


@pytest.mark.parametrize("base", ["api.openai.com/v1", "", "ftp://host", "http://", "http://[::1"])
def test_an_address_that_is_none_is_a_wrong_setting(base):
    with pytest.raises(SettingsError, match="no address that can be called"):
        over(base).send(CHAT)


@responses.activate
def test_mocks_of_responses_are_in_force():
    responses.post(
        URL + "/chat/completions",
        json=ANSWER,
        headers={"X-Request-Id": "req_1"},
        match=[
            responses.matchers.header_matcher({"Authorization": f"Bearer {KEY}"}),
            responses.matchers.json_params_matcher({"model": "m"}),
        ],
    )
    reply = over(URL).send(CHAT)
    assert isinstance(reply.body, bytes)
    assert json.loads(reply.body) == ANSWER
    assert (reply.status, reply.headers["x-request-id"]) == (200, "req_1")


@responses.activate
def test_mocks_see_streams_forms_and_statuses():
    responses.post(URL + "/chat/completions", body=b"data: [DONE]\n\n")
    responses.post(
        URL + "/files",
        status=429,
        body="slow down",
        match=[responses.matchers.header_matcher({"Accept": "*/*"})],
    )
    heard = Heard()
    assert over(URL).send(CHAT._replace(listens=True), heard).streamed
    assert heard.chunks == [b"data: [DONE]\n\n"]
    form = CHAT._replace(path="/files", body=Multipart((Part("purpose", b"batch"),)))
    assert over(URL).send(form)[:3:2] == (429, b"slow down")
    form_body = responses.calls[1].request.body
    assert isinstance(form_body, bytes)
    assert b'name="purpose"\r\n\r\nbatch\r\n' in form_body


@responses.activate
@pytest.mark.parametrize(
    "fault",
    [requests.ConnectionError("sk-echo"), requests.ReadTimeout(), ConnectionResetError()],
)
def test_mocked_faults_are_connection_faults(fault):
    responses.post(URL + "/chat/completions", body=fault)
    with pytest.raises(ConnectionFailedError, match=r"api\.example\.test: ") as caught:
        over(URL).send(CHAT)
    assert "sk-echo" not in str(caught.value)


@responses.activate
def test_a_mock_that_is_not_there_connects_to_nothing():
    with pytest.raises(ConnectionFailedError):
        over(URL).send(CHAT)


@responses.activate
def test_mocks_let_pass_what_they_are_told_to(server):
    responses.add_passthru(server.url)
    assert over(server.base("none")).send(CHAT).body == BODY


@responses.activate
def test_a_redirect_that_echoes_the_key_does_not_show_it():
    responses.post(
        URL + "/chat/completions", status=307, headers={"Location": f"https://{KEY}.evil.test/"}
    )
    with pytest.raises(BadReplyError, match=r"https://\*\*\*\.evil\.test") as caught:
        over(URL).send(CHAT)
    assert KEY not in str(caught.value)


def test_requests_wait_for_a_connection_to_be_free(server):
    before = server.connections
    transport = over(server.base("none"), concurrency=2)
    slow = CHAT._replace(timeout=Timeout(5, 5, 5))
    threads = [threading.Thread(target=transport.send, args=(slow,)) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    transport.close()
    assert server.connections - before <= 2


@pytest.mark.parametrize("jump", [-86_400.0, 86_400.0], ids=["back", "ahead"])
def test_a_clock_that_is_set_ends_no_request(monkeypatch, jump):
    day = time.time

    def answer(talk):
        talk.say(head(length=len(BODY)))
        monkeypatch.setattr(time, "time", lambda: day() + jump)
        for piece in (BODY[:1], BODY[1:]):
            talk.say(piece)
            talk.pause(0.05)

    with FaultServer({"none": answer}) as server:
        transport = over(server.base("none"))
        assert transport.send(CHAT).body == BODY
        transport.close()
