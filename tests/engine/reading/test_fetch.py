"""Fetches over a real socket: what is sent, where it may go, what comes back."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

import pytest

from runner.engine.reading import fetch as fetching
from runner.engine.reading.fetch import Fetch, fetch_for
from runner.engine.reading.fetching import Fetching
from runner.errors import AddressError, BadReplyError, ServiceError
from runner.model import Secret
from runner.protocol.providers import Provider
from runner.transport.reach import Hosts, hosts


class Asked(NamedTuple):
    """A request as it came."""

    path: str
    headers: Mapping[str, str]


class Web:
    """A server on loopback; redirects of a path to a status and a place are told to it."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.answers: dict[str, tuple[int, dict[str, str], bytes]] = {}
        web = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                web.asked.append(Asked(self.path, dict(self.headers)))
                status, headers, body = web.answers.get(self.path.partition("?")[0], (404, {}, b""))
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.at = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def web() -> Iterator[Web]:
    made = Web()
    thread = threading.Thread(target=made.server.serve_forever, args=(0.01,))
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join()


@pytest.fixture
def told() -> list[str]:
    return []


def over(known: Hosts, told: list[str], environ: dict[str, str] | None = None) -> Fetch:
    return fetch_for(known, told.append, environ or {})


def test_the_bytes_come_and_the_query_goes_letter_for_letter(web, told):
    web.answers["/a%2Fb.png"] = (200, {}, b"bytes")
    query = "st=2023-05-05T13%3A04%3A09Z&sig=a%2Bb%3d&x=%7e'()!&&y"
    fetch = over(hosts([], web.at), told)
    assert fetch(f"{web.at}/a%2Fb.png?{query}") == b"bytes"
    fetch.close()
    (asked,) = web.asked
    assert asked.path == f"/a%2Fb.png?{query}"
    assert "Authorization" not in asked.headers


def test_no_key_goes_along(web, told):
    web.answers["/a"] = (200, {}, b"x")
    made = Fetching(told.append, {})
    key = Secret("sk-sentinel")
    provider = Provider("p", "openai", f"{web.at}/v1", key, headers=(("X-Team", "t"),))
    assert made(provider)(f"{web.at}/a") == b"x"
    made.close()
    assert "sentinel" not in str(web.asked)
    assert "X-Team" not in web.asked[0].headers


def test_a_redirect_is_followed_to_a_host_that_may_be_reached(web, told):
    web.answers["/a"] = (302, {"Location": "/b?x=%2B"}, b"")
    web.answers["/b"] = (200, {}, b"there")
    fetch = over(hosts([], web.at), told)
    assert fetch(f"{web.at}/a") == b"there"
    fetch.close()
    assert [asked.path for asked in web.asked] == ["/a", "/b?x=%2B"]


@pytest.mark.parametrize(
    ("location", "said"),
    [
        ("http://169.254.169.254/latest", "169.254.169.254: nothing is fetched"),
        ("http://10.0.0.1/", "10.0.0.1: nothing is fetched"),
        ("http://localhost/x", r"localhost \(.*\): nothing is fetched from an address"),
        ("http://127.1/x", "nothing is fetched from an address"),
        ("http://2130706433/x", "nothing is fetched from an address"),
        ("file:///etc/passwd", "nothing is fetched from file:"),
        ("http://127.0.0.1:1/", "nothing is fetched from port 1"),
        ("https://user:secret@example.com/", "a user's name or password"),
    ],
)
def test_a_redirect_leads_nowhere_else(web, told, location, said):
    web.answers["/a"] = (307, {"Location": location}, b"")
    fetch = over(hosts([], web.at), told)
    with pytest.raises(AddressError, match=said):
        fetch(f"{web.at}/a")
    fetch.close()
    assert len(web.asked) == 1
    assert told == []


def test_redirects_end(web, told):
    web.answers["/a"] = (302, {"Location": "/a"}, b"")
    web.answers["/b"] = (302, {}, b"")
    fetch = over(hosts([], web.at), told)
    with pytest.raises(ServiceError, match="redirected more than 5 times"):
        fetch(f"{web.at}/a")
    assert len(web.asked) == fetching.MOST_REDIRECTS + 1
    with pytest.raises(ServiceError, match="a redirect to nowhere"):
        fetch(f"{web.at}/b")
    fetch.close()


@pytest.mark.parametrize("url", ["http://localhost/a", "http://127.1/a", "http://0x7f000001/a"])
def test_a_name_that_leads_to_a_private_place_is_not_connected_to(told, url):
    fetch = over(hosts([]), told)
    with pytest.raises(AddressError, match="not public"):
        fetch(url)
    fetch.close()
    assert told == []


def test_a_proxy_is_not_asked_for_what_we_know_to_be_private(web, told):
    fetch = over(hosts([]), told, {"http_proxy": web.at})
    with pytest.raises(AddressError, match="not public"):
        fetch("http://localhost/a")
    fetch.close()
    assert web.asked == []


def test_a_proxy_is_asked_for_what_it_alone_can_name(web, told):
    web.answers["http://files.invalid/a"] = (200, {}, b"by proxy")
    fetch = over(hosts([]), told, {"http_proxy": web.at})
    assert fetch("http://files.invalid/a") == b"by proxy"
    fetch.close()


def test_a_host_may_be_allowed(web, told):
    web.answers["/a"] = (200, {}, b"x")
    port = web.server.server_port
    made = Fetching(told.append, {})
    provider = Provider("p", "openai", "https://api.example.com/v1")
    with pytest.raises(AddressError, match=f"port {port}"):
        made(provider)(f"{web.at}/a")
    assert made(provider, (f"127.0.0.1:{port}",))(f"{web.at}/a") == b"x"
    assert made(provider, ("127.0.0.1",))(f"{web.at}/a") == b"x"
    made.close()


def test_what_is_too_large_is_not_held(web, told):
    web.answers["/a"] = (200, {"Content-Length": str(fetching.LARGEST + 1)}, b"x")
    fetch = over(hosts([], web.at), told)
    with pytest.raises(BadReplyError, match="larger than"):
        fetch(f"{web.at}/a")
    fetch.close()


def test_an_error_tells_the_address_but_not_its_signature(web, told):
    fetch = over(hosts([], web.at), told)
    with pytest.raises(ServiceError, match=f"^{web.at}/a: answered 404") as caught:
        fetch(f"{web.at}/a?sig=secret")
    fetch.close()
    assert "secret" not in str(caught.value)
    assert "an hour" in caught.value.hint


def test_a_data_address_needs_no_network(told):
    fetch = over(hosts([]), told)
    assert fetch("data:text/plain;base64,aGk=") == b"hi"
    fetch.close()


def test_offline_nothing_is_connected_to(web, told):
    made = Fetching(told.append, {})
    offline = Provider("offline", "offline", web.at)
    assert made(offline)(f"{web.at}/a.png").startswith(b"\x89PNG")
    made.close()
    assert web.asked == []
