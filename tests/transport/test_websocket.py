import json
import socket
import threading
import time

import pytest

from runner.errors import ApiStatusError, BadReplyError, ConnectionFailedError
from runner.exchange import Request, Timeout
from runner.transport.http import Address, Http
from tests.faults.server import FaultServer, Talk
from tests.faults.sockets import shake

pytest.importorskip("websockets", reason="websockets is not installed")
from websockets.sync.server import serve

SEEN: list[dict] = []


DEEDS = {
    "echo": lambda connection, text: connection.send(text),
    "wait": lambda connection, text: time.sleep(3),
    "bytes": lambda connection, text: connection.send(b"\x00"),
    "nonsense": lambda connection, text: connection.send("{"),
    "end": lambda connection, text: connection.close(1000),
    "refuse": lambda connection, text: connection.close(4000, "beta \x1b[31mshape"),
    "break": lambda connection, text: connection.socket.shutdown(socket.SHUT_RDWR),
}


def handler(connection):
    """Do what a message says."""
    for text in connection:
        DEEDS[json.loads(text)["do"]](connection, text)


def guard(connection, request):
    SEEN.append({"path": request.path, "key": request.headers.get("Authorization")})
    if "moved" in request.path:
        reply = connection.respond(307, "")
        reply.headers["Location"] = f"ws://localhost:{connection.local_address[1]}/realtime"
        return reply
    if "refused" in request.path:
        return connection.respond(404, '{"error": {"message": "no such model"}}')
    return None


@pytest.fixture(scope="module")
def base():
    with serve(handler, "127.0.0.1", 0, process_request=guard) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.socket.getsockname()[1]}"
        server.shutdown()
        thread.join()


@pytest.fixture
def opened(base):
    channels = []

    def dial(path="/realtime", **timeout):
        http = Http(
            lambda request: Address(
                base + request.path, (), lambda: (("Authorization", "Bearer k"),)
            ),
            environ={},
        )
        request = Request("GET", path, "realtime", timeout=Timeout(2, 2, 2)._replace(**timeout))
        channels.append(http.open(request))
        return channels[-1]

    yield dial
    for channel in channels:
        channel.close()


def test_messages_go_and_come_with_the_key(opened):
    channel = opened("/realtime?model=m")
    channel.say({"do": "echo", "text": "é"})
    assert channel.hear(2) == {"do": "echo", "text": "é"}
    assert SEEN[-1] == {"path": "/realtime?model=m", "key": "Bearer k"}


def test_an_orderly_end_is_none(opened):
    channel = opened()
    channel.say({"do": "end"})
    assert channel.hear(2) is None


@pytest.mark.parametrize(
    ("deed", "message"),
    [("refuse", r"closed the session \(4000\): beta \\x1b\[31mshape"), ("break", "broke|closed")],
)
def test_a_break_is_told(opened, deed, message):
    channel = opened()
    channel.say({"do": deed})
    with pytest.raises(ConnectionFailedError, match=message):
        channel.hear(2)


@pytest.mark.parametrize(("deed", "message"), [("bytes", "sent bytes"), ("nonsense", "no JSON")])
def test_what_is_no_message_is_told(opened, deed, message):
    channel = opened()
    channel.say({"do": deed})
    with pytest.raises(BadReplyError, match=message):
        channel.hear(2)


def test_silence_ends_at_its_deadline(opened):
    channel = opened()
    channel.say({"do": "wait"})
    start = time.monotonic()
    with pytest.raises(ConnectionFailedError, match=r"said nothing for 0\.2 s"):
        channel.hear(0.2)
    assert time.monotonic() - start < 1.2


def test_a_session_ends_at_its_total_deadline(opened):
    channel = opened(total=0.3)
    channel.say({"do": "wait"})
    start = time.monotonic()
    with pytest.raises(ConnectionFailedError, match=r"within 0\.3 s in all"):
        channel.hear(2)
    assert time.monotonic() - start < 1.2
    with pytest.raises(ConnectionFailedError, match="in all"):
        channel.hear(2)


def test_nothing_is_said_once_its_time_is_over(opened):
    channel = opened(total=0.1)
    time.sleep(0.15)
    with pytest.raises(ConnectionFailedError, match=r"within 0\.1 s in all"):
        channel.say({"do": "echo"})


def deaf(talk: Talk) -> None:
    """Open the session, and read nothing that is said in it."""
    talk.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    shake(talk)
    talk.pause(3)


def test_what_nobody_reads_ends_with_the_session_s_time():
    with FaultServer({"deaf": deaf}) as server:
        http = Http(lambda _: Address(server.base("deaf")), environ={})
        request = Request("GET", "/realtime", "realtime", timeout=Timeout(2, 2, 0.5))
        channel = http.open(request)
        start = time.monotonic()
        with pytest.raises(ConnectionFailedError, match=r"within 0\.5 s in all"):
            channel.say({"text": "x" * (12 << 20)})
        assert time.monotonic() - start < 1.5
        channel.close()


def test_a_status_instead_of_a_session_is_the_service_s_own_word(opened):
    with pytest.raises(ApiStatusError, match="no such model") as caught:
        opened("/refused")
    assert caught.value.status == 404


def test_nobody_there_is_a_connection_fault():
    http = Http(lambda _: Address("http://127.0.0.1:9", (), tuple), environ={})
    with pytest.raises(ConnectionFailedError, match="no session was opened"):
        http.open(Request("GET", "/realtime", "realtime", timeout=Timeout(2, 2, 2)))


def test_a_session_follows_no_redirect(opened):
    SEEN.clear()
    with pytest.raises(BadReplyError, match="a redirect to ws://localhost"):
        opened("/moved")
    assert [seen["path"] for seen in SEEN] == ["/moved"]
