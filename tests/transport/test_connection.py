"""Connections over a real socket: uploads that stall, TLS, proxies, addresses."""

import select
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which

import pytest

from runner.errors import ConnectionFailedError
from runner.exchange import JsonBody, Request, Timeout
from runner.transport.adapter import Adapter
from runner.transport.http import Address, Http
from tests.faults.answers import BODY
from tests.faults.client import KEY, bearer
from tests.faults.faults import FAULTS, drips, says
from tests.faults.server import FaultServer

CHAT = Request("POST", "/chat/completions", "chat.completions", JsonBody({}))
QUICK = Timeout(connect=0.4, idle=0.4, total=5)
openssl = pytest.mark.skipif(which("openssl") is None, reason="openssl makes the certificate")


@pytest.fixture(scope="module")
def server() -> Iterator[FaultServer]:
    with FaultServer(FAULTS) as server:
        yield server


def over(base: str, environ: dict[str, str] | None = None) -> Http:
    return Http(lambda request: Address(base + request.path, (), bearer), environ=environ or {})


def fails(
    base: str,
    request: Request = CHAT,
    environ: dict[str, str] | None = None,
    timeout: Timeout = QUICK,
):
    transport = over(base, environ)
    began = time.monotonic()
    with pytest.raises(ConnectionFailedError) as caught:
        transport.send(request._replace(timeout=timeout))
    transport.close()
    assert time.monotonic() - began < 1.4
    assert KEY not in str(caught.value)
    return caught.value


@pytest.fixture
def silent() -> Iterator[str]:
    """A server that takes connections and never reads."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"127.0.0.1:{listener.getsockname()[1]}"


def test_an_upload_that_nobody_takes_ends_on_time(silent):
    error = fails(
        f"http://{silent}", CHAT._replace(body=bytes(64 << 20)), timeout=Timeout(5, 0.4, 5)
    )
    assert "took nothing of the request for 0.4 s (idle time-out)" in str(error)
    assert error.sent


def test_a_host_that_takes_no_connection_ends_on_time():
    """A listener whose queue is full answers nobody who knocks."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        waiting = [socket.socket() for _ in range(3)]
        for sock in waiting:
            sock.setblocking(False)
            sock.connect_ex(listener.getsockname())
        error = fails(f"http://127.0.0.1:{listener.getsockname()[1]}")
        for sock in waiting:
            sock.close()
    assert "no connection within 0.4 s (connect time-out)" in str(error)
    assert not error.sent


def test_a_tls_handshake_that_nobody_answers_ends_on_time(silent):
    error = fails(f"https://{silent}")
    assert "no connection within 0.4 s (connect time-out)" in str(error)
    assert not error.sent


def test_a_proxy_that_never_answers_ends_on_time(silent):
    error = fails("https://api.example.test", environ={"HTTPS_PROXY": f"http://{silent}"})
    assert "no connection within 0.4 s (connect time-out)" in str(error)
    assert not error.sent


def test_a_proxy_that_drips_its_answer_ends_on_time():
    drip = drips(b"HTTP/1.1 200 Connection established\r\n" + b"X-More: 1\r\n" * 9)
    with FaultServer({"h.test:443": drip}) as proxy:
        error = fails("https://h.test", environ={"HTTPS_PROXY": proxy.url})
    assert "no connection within 0.4 s (connect time-out)" in str(error)


def test_plain_http_where_tls_is_meant_is_told(server):
    error = fails(f"https://127.0.0.1:{server.port}")
    assert "TLS failed" in str(error)
    assert not error.sent


def test_a_proxy_that_refuses_is_named_without_its_password():
    error = fails("https://h.test", environ={"HTTPS_PROXY": "http://user:hunter22@127.0.0.1:9"})
    assert "the proxy 127.0.0.1:9: connection refused" in str(error)
    assert "hunter22" not in str(error)
    assert not error.sent


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_may_be_an_address_of_ipv6(scheme):
    environ = {"ALL_PROXY": "http://[::1]:9"}
    error = fails(f"{scheme}://h.test", environ=environ)
    assert "the proxy ::1:9: " in str(error)
    assert "name" not in str(error)


def test_a_host_is_exempt_from_the_proxy_by_the_name_that_is_called():
    environ = {"HTTPS_PROXY": "http://px:1", "NO_PROXY": "xn--bcher-kva.example"}
    adapter = Adapter(1, environ)
    assert adapter.parcel("GET", "https://bücher.example/", {}).proxy is None
    assert adapter.parcel("GET", "https://other.example/", {}).proxy == "http://px:1"


def test_plain_requests_go_through_the_proxy_whole():
    with FaultServer({"http:": FAULTS["none"]}) as proxy:
        transport = over("http://api.example.test", {"HTTP_PROXY": proxy.url})
        assert transport.send(CHAT).body == BODY
        transport.close()
        assert proxy.log[0].path == "http://api.example.test/chat/completions"
        assert proxy.log[0].headers["host"] == "api.example.test"


def test_a_host_with_a_dead_address_is_reached_by_another(server):
    """`localhost` may be ::1 first, where this server does not listen."""
    assert over(f"http://localhost:{server.port}/fault/none").send(CHAT).body == BODY


def test_a_name_is_looked_up_once(server, monkeypatch):
    """What was judged is what is connected to: a second answer could be another."""
    asked: list[bytes] = []
    judged: list[str] = []
    real = socket.getaddrinfo

    def found(host, *more, **named):
        asked.append(host)
        return real(host, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", found)
    address = Address(f"http://127.0.0.1:{server.port}/fault/none/x", guard=judged.append)
    transport = Http(lambda _: address, environ={})
    assert transport.send(CHAT).body == BODY
    transport.close()
    assert (asked, judged) == ([b"127.0.0.1"], ["127.0.0.1"])


def test_a_name_that_nobody_tells_ends_in_time(monkeypatch):
    waiting = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: waiting.wait(10) or [])
    error = fails("http://slow.example.test")
    waiting.set()
    assert "no connection within 0.4 s (connect time-out)" in str(error)
    assert not error.sent


def test_a_name_that_is_none_is_told(monkeypatch):
    def none(*_, **__):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", none)
    error = fails("http://none.invalid")
    assert "none.invalid: the name was not found" in str(error)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory) -> Path:
    return certified(tmp_path_factory.mktemp("tls"), "-addext", "subjectAltName=DNS:localhost")


def certified(folder: Path, *names: str) -> Path:
    path = folder / "both.pem"
    words = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost"
    made = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    subprocess.run([*words.split(), *names, *made], check=True, capture_output=True)
    path.write_text((folder / "key.pem").read_text() + (folder / "cert.pem").read_text())
    return path


@pytest.fixture
def secure(certificate) -> Iterator[int]:
    with serving(certificate) as port:
        yield port


OK = (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",)


@contextmanager
def serving(certificate: Path, pieces: tuple[bytes, ...] = OK) -> Iterator[int]:
    """A TLS server that answers every request alike, on any number of connections."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        words = (listener, context, pieces)
        threading.Thread(target=_serve, args=words, daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)


def _serve(listener: socket.socket, context: ssl.SSLContext, pieces: tuple[bytes, ...]) -> None:
    while True:
        try:
            plain, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=_answer, args=(plain, context, pieces), daemon=True).start()


def _answer(plain: socket.socket, context: ssl.SSLContext, pieces: tuple[bytes, ...]) -> None:
    try:
        with context.wrap_socket(plain, server_side=True) as sock:
            while sock.recv(65536):
                for piece in pieces:
                    sock.sendall(piece)
                    time.sleep(0.02 * (len(pieces) > 1))
    except OSError:
        pass


@openssl
def test_a_certificate_that_is_not_trusted_ends_it_before_the_key_is_sent(secure):
    error = fails(f"https://localhost:{secure}")
    assert f"localhost:{secure}: its certificate is not trusted (self-signed" in str(error)
    assert "SSL_CERT_FILE" in str(error)
    assert not error.sent


@openssl
def test_a_certificate_of_another_name_is_not_trusted(secure, certificate):
    error = fails(f"https://127.0.0.1:{secure}", environ={"SSL_CERT_FILE": str(certificate)})
    assert "its certificate is not trusted" in str(error)
    assert not error.sent


@openssl
def test_a_certificate_names_its_host_where_names_belong(tmp_path):
    """A common name alone names no host."""
    own = certified(tmp_path)
    with serving(own) as port:
        error = fails(f"https://localhost:{port}", environ={"SSL_CERT_FILE": str(own)})
    assert "its certificate is not trusted" in str(error)
    assert not error.sent


@openssl
def test_what_comes_behind_a_reply_within_tls_is_nobody_s_answer(certificate):
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 8192\r\n\r\n"
    surplus = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nFAKE"
    with serving(certificate, (head, bytes(8192) + surplus)) as port:
        transport = over(f"https://localhost:{port}", {"SSL_CERT_FILE": str(certificate)})
        assert [transport.send(CHAT).body for _ in range(2)] == [bytes(8192)] * 2
        transport.close()


@openssl
@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"])
def test_the_user_s_own_authority_is_trusted(secure, certificate, name):
    transport = over(f"https://localhost:{secure}", {name: str(certificate)})
    assert [transport.send(CHAT).body for _ in range(3)] == [b"ok"] * 3
    transport.close()


@openssl
def test_tls_goes_through_a_proxy_s_tunnel(secure, certificate):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        asked: list[bytes] = []
        threading.Thread(target=_tunnel, args=(listener, secure, asked), daemon=True).start()
        proxy = f"http://user:pass@127.0.0.1:{listener.getsockname()[1]}"
        environ = {"HTTPS_PROXY": proxy, "SSL_CERT_FILE": str(certificate)}
        transport = over(f"https://localhost:{secure}", environ)
        assert transport.send(CHAT).body == b"ok"
        transport.close()
    assert asked[0].startswith(b"CONNECT localhost:")
    assert b"Proxy-Authorization: Basic" in asked[0]
    assert KEY.encode() not in asked[0]


@openssl
def test_a_certificate_is_judged_through_a_tunnel_too(secure):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_tunnel, args=(listener, secure, []), daemon=True).start()
        proxy = f"http://127.0.0.1:{listener.getsockname()[1]}"
        error = fails(f"https://localhost:{secure}", environ={"HTTPS_PROXY": proxy})
    assert "its certificate is not trusted (self-signed" in str(error)
    assert not error.sent


def _tunnel(listener: socket.socket, port: int, asked: list[bytes]) -> None:
    client, _ = listener.accept()
    with client, socket.create_connection(("127.0.0.1", port)) as target:
        asked.append(client.recv(65536))
        client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        back = threading.Thread(target=_copy, args=(target, client), daemon=True)
        back.start()
        _copy(client, target)
        back.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


PIECES = (b"HTTP/1.1 200 OK\r\nContent-Le", b"ngth: 2\r\n\r", b"\no", b"k")


@pytest.mark.parametrize("cut", range(len(PIECES)))
def test_a_reply_is_the_same_however_it_is_cut(cut):
    whole = b"".join(PIECES)
    at = sum(map(len, PIECES[:cut]))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_pieces, args=(listener, (whole[:at], whole[at:]))).start()
        transport = over(f"http://127.0.0.1:{listener.getsockname()[1]}")
        assert [transport.send(CHAT).body for _ in range(2)] == [b"ok"] * 2
        transport.close()


def _pieces(listener: socket.socket, pieces: tuple[bytes, ...]) -> None:
    """Answer every request of one connection alike."""
    client, _ = listener.accept()
    with client:
        while client.recv(65536):
            for piece in filter(None, pieces):
                client.sendall(piece)
                time.sleep(0.02)


def test_a_connection_that_was_closed_meanwhile_is_made_anew():
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    with FaultServer({"none": says(answer)}) as server:
        transport = over(server.base("none"))
        for number in (1, 2, 3):
            assert transport.send(CHAT).body == b"ok"
            assert (len(server.log), server.connections) == (number, number)
            server.parted()  # its goodbye is here
        transport.close()


def test_a_closed_connection_is_noticed_where_there_is_no_poll(monkeypatch):
    monkeypatch.delattr(select, "poll")
    test_a_connection_that_was_closed_meanwhile_is_made_anew()


def test_a_fault_gives_its_place_back(server):
    bases = iter(
        (
            server.base("closed-unanswered/a/chat/completions"),
            server.base("none/a/chat/completions"),
        )
    )
    transport = Http(lambda request: Address(next(bases)), concurrency=1, environ={})
    with pytest.raises(ConnectionFailedError):
        transport.send(CHAT)
    found: list[object] = []
    ask = threading.Thread(target=lambda: found.append(transport.send(CHAT).body), daemon=True)
    ask.start()
    ask.join(5)
    assert found == [BODY]
    transport.close()


def test_what_comes_behind_a_reply_is_nobody_s_answer():
    surplus = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n\r\nno"
    with FaultServer({"surplus": lambda talk: talk.say(surplus)}) as server:
        transport = over(server.base("surplus"))
        assert [transport.send(CHAT).body for _ in range(2)] == [b"ok"] * 2
        transport.close()
        assert server.connections == 2
