"""Spooling: bodies that go to disk as they come, hashed on the way; small ones stay in memory.

A spool lies in its run's own folder until it becomes an output by a rename. The folder's name says
which machine and process made it, so that what a killed run left can be told and swept.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import cache
from hashlib import sha256
from io import FileIO
from itertools import count
from pathlib import Path
from typing import TypeAlias

from runner.errors import OutputError
from runner.exchange import Body, Spool

SMALL = 1 << 16
"""A body of so many bytes is no burden: it may be an error, which people and flows must read."""
STALE = 86_400
"""Seconds after which a spool that another machine left is nobody's."""
MOST_AT_ONCE = 512
"""Systems take no more than some 1,024 pieces by one call."""
_numbers = count(1)
_birth = f"{time.time_ns():x}"
"""Tells this process from one before it that had its number: in a container all have the same."""
Piece: TypeAlias = bytes | memoryview


class Writer:
    """Takes a body piece by piece; `finish` or `abandon` it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: list[bytes] = []
        self._size = 0
        self._path: Path | None = None
        self._file: FileIO | None = None
        self._digest = sha256()

    def write(self, *pieces: Piece) -> None:
        """Take the next pieces; they may change once this is done."""
        self._size += sum(map(len, pieces))
        if self._file is None:
            self._held += map(bytes, pieces)
            if self._size > SMALL:
                self._spill()
            return
        for piece in pieces:
            self._digest.update(piece)
        try:
            _write(self._file.fileno(), pieces)
        except OSError as error:
            raise self._failed(error) from error

    def finish(self) -> Body:
        """Return the body, whole: as bytes, or as a file that outlasts a loss of power."""
        if self._file is None or self._path is None:
            return b"".join(self._held)
        try:
            os.fsync(self._file.fileno())
            self._file.close()
        except OSError as error:
            raise self._failed(error) from error
        return Spool(str(self._path), self._size, self._digest.hexdigest())

    def abandon(self) -> None:
        """Leave nothing behind."""
        if self._file is not None and self._path is not None:
            with suppress(OSError):
                self._file.close()
            self._path.unlink(missing_ok=True)

    def _spill(self) -> None:
        self._path = self._folder / f"{os.getpid()}-{next(_numbers)}"
        whole = b"".join(self._held)
        self._held.clear()
        self._digest.update(whole)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("xb", buffering=0)
            _write(self._file.fileno(), (whole,))
        except OSError as error:
            raise self._failed(error) from error

    def _failed(self, error: OSError) -> OutputError:
        self.abandon()
        return OutputError(f"{self._path}: {(error.strerror or str(error)).lower()}")


def _write(file: int, pieces: Sequence[Piece]) -> None:
    """Write pieces by one call, and what it left of them by more."""
    for start in range(0, len(pieces), MOST_AT_ONCE):
        some = pieces[start : start + MOST_AT_ONCE]
        written = os.writev(file, some)
        if written < sum(map(len, some)):
            rest = b"".join(some)[written:]
            while rest:
                rest = rest[os.write(file, rest) :]


def spooled(pieces: Iterable[Sequence[Piece]], folder: Path) -> Body:
    """Take a whole body; where it breaks, nothing of it is left."""
    writer = Writer(folder)
    try:
        for some in pieces:
            writer.write(*some)
        return writer.finish()
    except BaseException:
        writer.abandon()
        raise


def owned() -> str:
    """Make a name that tells its machine and process, and is no other's."""
    return f"{_machine()}-{os.getpid()}-{_birth}-{next(_numbers)}"


def is_left(path: Path) -> bool:
    """Whether what made a file or folder of such a name is no more."""
    machine, process, birth, _ = f"{path.name.lstrip('.')}---".split("-", 3)
    if machine == _machine() and process.isdecimal():
        is_own = int(process) == os.getpid()
        if birth != _birth if is_own else not _lives(int(process)):
            return True
    with suppress(OSError):
        return time.time() - path.stat().st_mtime > STALE
    return False


def room(folder: Path) -> Path:
    """Name a folder for the spools of one run, below that of all."""
    return folder / owned()


def sweep(folder: Path) -> None:
    """Remove what runs left that are no more."""
    for path in list(folder.iterdir()) if folder.is_dir() else ():
        if is_left(path):
            _removed(path)
    _leave(folder)


def clear(own: Path) -> None:
    """Remove what is left of a run's own spools."""
    if own.is_dir():
        _removed(own)
    _leave(own.parent)


def _leave(folder: Path) -> None:
    for empty in (folder, folder.parent):
        with suppress(OSError):
            empty.rmdir()


@cache
def _machine() -> str:
    return "".join(letter for letter in os.uname().nodename if letter.isalnum())[:40]


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    # One that has ended is there until it is asked for: in a container nobody may ask.
    with suppress(OSError):
        return Path(f"/proc/{process}/stat").read_bytes().rpartition(b")")[2].split()[0] != b"Z"
    return True


def _removed(folder: Path) -> None:
    from shutil import rmtree  # most runs make none

    rmtree(folder, ignore_errors=True)
