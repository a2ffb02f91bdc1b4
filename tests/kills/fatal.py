"""Runs the command so that something befalls it at its n-th deed of a kind.

`python fatal.py HOW KIND N WORDS…`: HOW is `kill`, `full` (the disk, from then on), `sealed` (it
can only be read, from then on), `back` or `ahead` (the clock jumps by a day); KIND is `fsync`,
`rename`, `write`, `unlink` or `commit`. A deed that is fatal is done by halves or not at all. Each
process counts its own.
"""

from __future__ import annotations

import errno
import io
import itertools
import os
import signal
import sqlite3
import sys
import time
from typing import Any

HOW, KIND, NUMBER = "", "", 0
LASTING = {
    "full": (errno.ENOSPC, "database or disk is full"),
    "sealed": (errno.EROFS, "attempt to write a readonly database"),
}
"""What stays as it is once it has come, as the system says it, and SQLite."""
JUMPS = {"back": -86_400.0, "ahead": 86_400.0}
_counts = itertools.count(1)


def _due(kind: str) -> bool:
    """Count a deed; return whether it is the fatal one, or one after that where disks stay full."""
    if kind != KIND:
        return False
    count = next(_counts)
    if count == NUMBER and HOW in JUMPS:
        _jump(JUMPS[HOW])
        return False
    return count == NUMBER or (HOW in LASTING and count > NUMBER)


def _end() -> None:
    if HOW == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    number = LASTING[HOW][0]
    raise OSError(number, os.strerror(number))


def _jump(seconds: float) -> None:
    """Put the clock of the day forward or back; the one that only grows stays as it is."""
    now, nanoseconds = time.time, time.time_ns
    time.time = lambda: now() + seconds
    time.time_ns = lambda: nanoseconds() + int(seconds * 1e9)


def _before(kind: str, deed: Any) -> Any:
    def done(*args: Any, **named: Any) -> Any:
        if _due(kind):
            _end()
        return deed(*args, **named)

    return done


class File(io.FileIO):
    """A file of which the fatal write writes the half."""

    def write(self, content: Any) -> int:
        if _due("write"):
            super().write(bytes(content)[: len(content) // 2])
            _end()
        return super().write(content)


class Connection(sqlite3.Connection):
    """A connection whose fatal commit comes, or does not come, before the end."""

    def execute(self, sql: str, *args: Any) -> sqlite3.Cursor:
        if sql.lower().startswith("commit") and _due("commit"):
            if HOW in LASTING:
                raise sqlite3.OperationalError(LASTING[HOW][1])
            if NUMBER % 2:
                super().execute(sql, *args)
            _end()
        return super().execute(sql, *args)


def _opened(file: Any, mode: str = "r", buffering: int = -1, *args: Any, **named: Any) -> Any:
    if mode not in ("wb", "xb", "r+b"):
        return _open(file, mode, buffering, *args, **named)
    raw = File(file, mode)
    return raw if buffering == 0 else io.BufferedWriter(raw)


_open = io.open


def main() -> None:
    global HOW, KIND, NUMBER
    HOW, KIND, NUMBER = sys.argv[1], sys.argv[2], int(sys.argv[3])
    sys.argv[1:4] = []
    del sys.path[0]
    for kind, name in (
        ("fsync", "fsync"),
        ("rename", "replace"),
        ("rename", "rename"),
        ("unlink", "unlink"),
        ("write", "writev"),
    ):
        setattr(os, name, _before(kind, getattr(os, name)))
    io.open = _opened
    connect = sqlite3.connect
    sqlite3.connect = lambda *args, **named: connect(*args, factory=Connection, **named)  # type: ignore[assignment]
    from runner.__main__ import main as run

    run()


if __name__ == "__main__":
    main()
