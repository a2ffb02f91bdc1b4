"""Large replies go to disk whole or leave nothing; small ones stay in memory."""

import gzip
import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from runner.errors import BadReplyError, ConnectionFailedError, OutputError
from runner.exchange import JsonBody, Request, Spool, Timeout
from runner.transport import spooling
from runner.transport.http import Limits
from runner.transport.spooling import SMALL, Writer, spooled
from tests.faults.answers import chunk, head
from tests.faults.client import Heard, http
from tests.faults.server import FaultServer

BODY = bytes(range(256)) * 2000
PACKED = gzip.compress(BODY)
DIGEST = hashlib.sha256(BODY).hexdigest()
SPEECH = Request(
    "POST",
    "/audio/speech",
    "audio.speech",
    JsonBody({}),
    spools=True,
    timeout=Timeout(5, 0.5, 10),
)
CHUNKED = head(kind="audio/mpeg", Transfer_Encoding="chunked")
FAULTS = {
    "length": lambda talk: talk.say(head(kind="audio/mpeg", length=len(BODY)) + BODY),
    "chunks": lambda talk: talk.say(CHUNKED, *(chunk(p) for p in _cut(BODY, 1009)), chunk(b"")),
    "one chunk": lambda talk: talk.say(CHUNKED + chunk(BODY) + chunk(b"")),
    "close": lambda talk: (talk.say(head(kind="audio/mpeg") + BODY), talk.hang_up()),
    "packed": lambda talk: talk.say(
        head(length=len(PACKED), Content_Encoding="gzip") + PACKED,
    ),
    "small": lambda talk: talk.say(head(length=5) + b'{"a":'),
    "error": lambda talk: talk.say(head(500, length=len(BODY)) + BODY),
    "moved": lambda talk: talk.say(head(302, length=len(BODY)) + BODY),
    "cut": lambda talk: (talk.say(head(length=len(BODY)) + BODY[:-1]), talk.hang_up()),
    "cut chunks": lambda talk: (talk.say(CHUNKED + chunk(BODY)), talk.hang_up()),
    "no end": lambda talk: talk.say(CHUNKED + b"7d000\r\n" + BODY + b"!!" + chunk(b"")),
    "stalled": lambda talk: (talk.say(CHUNKED + chunk(BODY)), talk.pause(2)),
    "promise": lambda talk: talk.say(head(length=1 << 40)),
}


def _cut(body: bytes, size: int) -> list[bytes]:
    return [body[at : at + size] for at in range(0, len(body), size)]


@pytest.fixture(scope="module")
def server() -> Iterator[FaultServer]:
    with FaultServer(FAULTS) as server:
        yield server


def sent(server: FaultServer, fault: str, room: Path, request: Request = SPEECH, **options):
    transport = http(server.base(fault.replace(" ", "%20")), spool=room, **options)
    try:
        return transport.send(request, options.get("listener"))
    finally:
        transport.close()


@pytest.fixture(autouse=True)
def named(server, monkeypatch):
    """Let faults have names of several words."""
    for name, fault in list(FAULTS.items()):
        server._faults.setdefault(name.replace(" ", "%20"), fault)


def left(room: Path) -> list[Path]:
    return [path for path in room.rglob("*") if path.is_file()]


@pytest.mark.parametrize("fault", ["length", "chunks", "one chunk", "close", "packed"])
def test_a_large_body_lies_on_disk_with_its_digest(server, tmp_path, fault):
    body = sent(server, fault, tmp_path / "spool").body
    assert isinstance(body, Spool)
    assert (body.size, body.sha256) == (len(BODY), DIGEST)
    assert Path(body.path).read_bytes() == BODY
    assert left(tmp_path) == [Path(body.path)]


@pytest.mark.parametrize("fault", ["small", "error"])
def test_what_people_and_flows_must_read_stays_in_memory(server, tmp_path, fault):
    reply = sent(server, fault, tmp_path)
    assert isinstance(reply.body, bytes)
    assert left(tmp_path) == []


def test_a_redirect_leaves_nothing(server, tmp_path):
    with pytest.raises(BadReplyError):
        sent(server, "moved", tmp_path)
    assert left(tmp_path) == []


@pytest.mark.parametrize("fault", ["cut", "cut chunks", "no end", "stalled"])
def test_a_body_that_breaks_leaves_nothing(server, tmp_path, fault):
    with pytest.raises(ConnectionFailedError):
        sent(server, fault, tmp_path)
    assert left(tmp_path) == []


@pytest.mark.parametrize("fault", ["length", "chunks", "promise"])
def test_a_body_beyond_the_limit_leaves_nothing(server, tmp_path, fault):
    with pytest.raises(BadReplyError, match="larger than 100,000 bytes"):
        sent(server, fault, tmp_path, limits=Limits(spool=100_000))
    assert left(tmp_path) == []


def test_without_a_folder_it_stays_in_memory(server):
    transport = http(server.base("length"))
    assert transport.send(SPEECH).body == BODY
    transport.close()


def test_what_does_not_ask_for_it_stays_in_memory(server, tmp_path):
    assert sent(server, "length", tmp_path, SPEECH._replace(spools=False)).body == BODY


def test_the_events_of_a_stream_go_to_disk_too(server, tmp_path):
    listener = Heard()
    transport = http(server.base("chunks"), spool=tmp_path)
    reply = transport.send(SPEECH._replace(listens=True), listener)
    transport.close()
    assert reply.streamed
    assert b"".join(listener.chunks) == BODY
    assert isinstance(reply.body, Spool)
    assert reply.body.sha256 == DIGEST


@pytest.mark.parametrize("pieces", [[BODY], _cut(BODY, 7000), [b"", BODY[:1], BODY[1:]]])
def test_pieces_make_the_same_spool_however_they_are_cut(tmp_path, pieces):
    body = spooled([pieces], tmp_path)
    assert isinstance(body, Spool)
    assert body.sha256 == DIGEST
    assert Path(body.path).read_bytes() == BODY


def test_pieces_may_change_once_they_are_taken(tmp_path):
    buffer = bytearray(b"a" * 10)
    writer = Writer(tmp_path)
    writer.write(memoryview(buffer))
    buffer[:] = b"b" * 10
    assert writer.finish() == b"a" * 10


def test_a_spool_is_on_the_disk_before_anybody_is_told_of_it(tmp_path, monkeypatch):
    lasting: list[int] = []
    fsync = os.fsync

    def noted(handle):
        lasting.append(os.fstat(handle).st_size)
        fsync(handle)

    monkeypatch.setattr(os, "fsync", noted)
    spooled([[BODY]], tmp_path)
    assert lasting == [len(BODY)]


@pytest.mark.parametrize(("size", "kind"), [(SMALL, bytes), (SMALL + 1, Spool)])
def test_the_border_of_what_is_small(tmp_path, size, kind):
    assert isinstance(spooled([[bytes(size)]], tmp_path), kind)


def test_more_pieces_than_a_system_takes_at_once(tmp_path):
    pieces = [bytes([n % 256]) * 100 for n in range(5000)]
    body = spooled([[bytes(SMALL), b"!"], pieces], tmp_path)
    assert isinstance(body, Spool)
    assert Path(body.path).read_bytes() == bytes(SMALL) + b"!" + b"".join(pieces)


def test_a_folder_that_cannot_be_says_so(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="not a directory"):
        spooled([[BODY]], tmp_path / "file" / "spool")


def test_an_interrupt_leaves_nothing(tmp_path):
    def pieces():
        yield [BODY]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        spooled(pieces(), tmp_path)
    assert left(tmp_path) == []


def test_each_run_has_a_room_of_its_own_and_leaves_it_empty(tmp_path):
    folder = tmp_path / "out" / ".runner" / "spool"
    one, other = spooling.room(folder), spooling.room(folder)
    assert one != other
    spooled([[BODY]], one)
    kept = spooled([[BODY]], other)
    spooling.clear(one)
    assert not one.exists()
    assert isinstance(kept, Spool)
    assert Path(kept.path).is_file()
    spooling.clear(other)
    assert list((tmp_path / "out").iterdir()) == []


def test_what_killed_runs_left_is_swept_and_no_other(tmp_path):
    folder = tmp_path / ".runner" / "spool"
    own = spooling.room(folder)
    child = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"],
        capture_output=True,
        text=True,
        check=True,
    )
    machine = own.name.partition("-")[0]
    dead, elsewhere, old = (
        folder / f"{machine}-{child.stdout.strip()}-1",
        folder / "another-1-1",
        folder / "another-2-1",
    )
    for room in (own, dead, elsewhere, old):
        room.mkdir(parents=True)
        (room / "1").write_bytes(b"x")
    os.utime(old, (0, 0))
    spooling.sweep(folder)
    assert sorted(folder.iterdir()) == sorted([own, elsewhere])


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells of processes by files")
def test_what_a_process_left_that_only_waits_to_be_forgotten_is_left(tmp_path):
    with subprocess.Popen([sys.executable, "-c", ""], stdout=subprocess.PIPE) as ended:
        assert ended.stdout is not None
        ended.stdout.read()
        deadline = time.monotonic() + 5
        machine, _, birth, number = spooling.owned().split("-")
        path = tmp_path / f".{machine}-{ended.pid}-{birth}-{number}.tmp"
        path.touch()
        while not spooling.is_left(path) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert ended.returncode is None  # nobody has waited for it yet
        assert spooling.is_left(path)
