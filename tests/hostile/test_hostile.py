"""Hostile input is refused with one short error that names the place, or does no harm."""

from __future__ import annotations

import gc
import os
import re
import resource
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command import KEY, Told, runner
from tests.ending import ends_within
from tests.hostile import paths, schemas, sides, templates, texts
from tests.hostile.case import SECRET, Hostile

TABLES = (texts, templates, paths, schemas, sides)
CASES = [case for table in TABLES for case in table.CASES]
RAW = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200e\u200f]")
SECONDS, KIBIBYTES, LONGEST = 10, 1 << 20, 4_096
DEEDS = {
    *("os.system", "os.exec", "os.posix_spawn", "os.fork", "subprocess.Popen", "os.startfile"),
    *("socket.connect", "socket.getaddrinfo", "socket.sendto", "ctypes.dlopen"),
}
CLOSED = ("/etc/passwd", "/proc/self/environ", "/dev/zero")
_watched: list[str] | None = None
_outside = ""


def _audit(event: str, args: tuple[Any, ...]) -> None:
    if _watched is None:
        return
    if event in DEEDS:
        _watched.append(f"{event} {args!r}"[:200])
    elif event == "open" and isinstance(args[0], str | bytes | os.PathLike):
        place = os.path.realpath(os.fsdecode(args[0]))
        if place in CLOSED or place.startswith(_outside):
            _watched.append(f"open {place}")


sys.addaudithook(_audit)


@contextmanager
def watched(outside: Path) -> Iterator[list[str]]:
    """Note every deed that a hostile input must not lead to."""
    global _watched, _outside
    found: list[str] = []
    _outside, _watched = str(outside), found
    try:
        yield found
    finally:
        _watched = None


class Port:
    """A port that counts who comes, and turns all away."""

    def __init__(self) -> None:
        self.count = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.number = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                caller, _ = self.listener.accept()
            except OSError:
                return
            self.count += 1
            caller.close()


@pytest.fixture(scope="module")
def port() -> Iterator[Port]:
    made = Port()
    yield made
    made.listener.shutdown(socket.SHUT_RDWR)
    made.listener.close()


@pytest.fixture
def bounded() -> Iterator[None]:
    """Ends a case that does not end by itself, so that it fails and holds up no other."""
    with ends_within(6 * SECONDS):
        yield


def filled(content: str | bytes, above: Path, port: int) -> str | bytes:
    if isinstance(content, bytes):
        return content
    return content.replace("@ABOVE@", str(above)).replace("@PORT@", str(port))


def built(case: Hostile, above: Path, port: int) -> None:
    """Write what the case is made of."""
    (above / "outside").mkdir()
    (above / "outside" / "secret.txt").write_text(SECRET)
    home = above / "project"
    home.mkdir()
    for name, content in {"runner.yaml": "{}\n", **case.files}.items():
        place, what = home / name, filled(content, above, port)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(
            what if isinstance(what, bytes) else what.encode("utf-8", "surrogateescape")
        )
    for name, target in case.links.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).symlink_to(str(filled(target, above, port)))
    os.mkfifo(home / "pipe")


def told_by(case: Hostile, above: Path, port: int) -> Told:
    """Call the command, as a shell would."""
    words = [str(filled(word, above, port)) for word in case.words]
    env = {
        "OPENAI_API_KEY": KEY,
        "OPENAI_BASE_URL": f"http://127.0.0.1:{port}/v1",
        "HOME": str(above / "outside"),
        **{name: str(filled(value, above, port)) for name, value in case.env.items()},
    }
    gc.freeze()  # as the command does: what lies about in this process is not its garbage
    try:
        return runner(*words, env=env, given=case.given)
    finally:
        gc.unfreeze()


def lying(above: Path) -> dict[str, bytes]:
    """Everything that lies there but for what may be written."""
    found = {}
    for place in sorted(above.rglob("*")):
        name = str(place.relative_to(above))
        own = name.startswith("project/out/") and not place.is_symlink()
        if place.is_file() and not own:
            found[name] = place.read_bytes()
    return found


def test_there_are_at_least_200():
    names = [case.name for case in CASES]
    assert len(names) > 200
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    "case", CASES, ids=lambda case: case.name[:70].encode("unicode_escape").decode()
)
def test_hostile_input(case, tmp_path, port, monkeypatch, bounded):
    number, count = port.number, port.count
    built(case, tmp_path, number)
    monkeypatch.chdir(tmp_path / "project")
    before = lying(tmp_path)
    started, memory = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with watched(tmp_path / "outside") as deeds:
        told = told_by(case, tmp_path, number)
    said = told.out + told.err
    assert told.code == case.code, said[:1_000]
    assert time.process_time() - started < SECONDS
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory < KIBIBYTES
    assert deeds == []
    assert port.count == count
    assert lying(tmp_path) == before
    assert not (tmp_path / "project" / "ran").exists()
    assert not RAW.search(said), said
    assert [word for word in (SECRET, KEY, "Traceback") if word in said] == []
    assert len(told.err.encode()) <= LONGEST
    assert case.says in told.err
