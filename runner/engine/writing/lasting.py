"""Lasting: files get their final names, and outlast a loss of power; those of many rows together.

The order is that of every output: its bytes, then its name, then its folder. To make a file last
costs more than to write it: what comes while one group is made to last waits, and is the next.
One thread does the deeds of a group: each of them lets others take the interpreter's lock.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, TypeAlias

from runner.errors import OutputError
from runner.record import Record
from runner.transport import temporaries

MANY = 8
"""From so many files on, the whole file system is made to last by one call."""
TOGETHER = 128
"""So many files are open at once, or those of one who waits."""
NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0)


class Ready(Record):
    """A file that is whole: where it lies, its final name, and its handle while that is open.

    Without a handle its bytes last already.
    """

    lies: str
    path: str
    handle: int | None = None


class Whole(Record):
    """A file that is whole in memory, and its final name."""

    path: str
    body: bytes


File: TypeAlias = Ready | Whole


class _Work:
    """The files of one who waits, in their order, and why they have no names yet."""

    def __init__(self, files: Sequence[File]) -> None:
        self.files = files
        self.ready: list[Ready] = []
        self.done = False
        self.error: OutputError | None = OutputError("stopped before the files were named")


class Lasting:
    """Gives files their names. Threads share it: what they bring at once lasts by one effort."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._flushing = Lock()
        self._waiting: list[_Work] = []

    def settle(self, files: Sequence[File]) -> None:
        """Give files their final names, in order; OutputError where one cannot have it."""
        own = _Work(files)
        with self._lock:
            self._waiting.append(own)
        with self._flushing:
            if not own.done:
                self._flush()
        if own.error is not None:
            raise own.error

    def _flush(self) -> None:
        with self._lock:
            group, self._waiting = self._waiting, []
        try:
            _flush(group)
        finally:
            for work in group:
                work.done = True


def settled(groups: Iterable[Sequence[File]]) -> list[OutputError | None]:
    """Give the files of each group their names, all by one effort; tell what each failed by."""
    works = [_Work(files) for files in groups]
    _flush([work for work in works if work.files])
    return [work.error if work.files else None for work in works]


def _flush(group: list[_Work]) -> None:
    some: list[_Work] = []
    for work in group:
        if some and sum(len(one.files) for one in some) + len(work.files) > TOGETHER:
            _flushed(some)
            some = []
        some.append(work)
    _flushed(some)


def _flushed(group: list[_Work]) -> None:
    try:
        for work in group:
            work.error = _laid(work)
        _settle(group)
    except BaseException:
        drop([file for work in group for file in work.ready])
        raise


def _settle(group: list[_Work]) -> None:
    fine = [work for work in group if work.error is None]
    files = [file for work in fine for file in work.ready]
    opened = [file for file in files if file.handle is not None]
    lasts = len(opened) >= MANY and _all_last(opened)
    for work in fine:
        work.error = _named(work.ready, lasts)
    for folder in {*map(_folder, files)}:
        sync(folder)


def _folder(file: Ready) -> str:
    return os.path.dirname(file.path) or os.curdir  # noqa: PTH120  a Path of each costs more


def _laid(work: _Work) -> OutputError | None:
    """Write what is in memory beside where it is to be; where that fails, leave nothing."""
    for place, file in enumerate(work.files):
        if isinstance(file, Ready):
            work.ready.append(file)
            continue
        try:
            temporary, handle = opened(file.path)
            work.ready.append(Ready(temporary, file.path, handle))
            put_out(handle, file.body)
        except OSError as error:
            drop((*work.ready, *work.files[place + 1 :]))
            return failed(file.path, error)
    return None


def put_out(handle: int, body: bytes) -> int:
    """Write all of some bytes; return how many they are."""
    left = memoryview(body)
    while left:
        left = left[os.write(handle, left) :]
    return len(body)


def opened(path: str) -> tuple[str, int]:
    """Begin what is to become a file; return where it lies, and its handle."""
    temporary = temporaries.beside(path)
    try:
        handle = os.open(temporary, NEW, 0o666)
    except FileNotFoundError:
        os.makedirs(os.path.dirname(temporary), exist_ok=True)  # noqa: PTH103, PTH120  a row each
        handle = os.open(temporary, NEW, 0o666)
    return temporary, handle


def failed(path: str, error: OSError) -> OutputError:
    """Say why a file cannot be written."""
    return OutputError(f"{path}: {(error.strerror or str(error)).lower()}")


def _named(files: Sequence[Ready], lasts: bool) -> OutputError | None:
    """Give files their names; where one fails, leave nothing of those behind it."""
    for place, (lies, path, handle) in enumerate(files):
        try:
            if handle is not None:
                if not lasts:
                    os.fsync(handle)
                os.close(handle)
            _move(lies, path)
        except OSError as error:
            drop(files[place:])
            return failed(path, error)
    return None


def _move(lies: str, path: str) -> None:
    try:
        os.replace(lies, path)  # noqa: PTH105  it makes no Path of what it did
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        import shutil

        # Another disk is mounted below the folder of outputs.
        target = Path(path)
        beside = target.with_name(f".{Path(lies).name}")
        with Path(lies).open("rb") as source, beside.open("xb") as copy:
            shutil.copyfileobj(source, copy)
            copy.flush()
            os.fsync(copy.fileno())
        beside.replace(target)
        Path(lies).unlink()


def drop(files: Sequence[File]) -> None:
    """Leave nothing of files that were made for this; what lay on disk before stays."""
    for file in files:
        if isinstance(file, Ready) and file.handle is not None:
            with contextlib.suppress(OSError):
                os.close(file.handle)
            with contextlib.suppress(OSError):
                Path(file.lies).unlink()


def _all_last(files: Sequence[Ready]) -> bool:
    """Make all files of a file system last at once; false where that is not to be had."""
    call, of_folders = _syncfs(), {_folder(file): file.handle for file in files}
    handles = [handle for handle in of_folders.values() if handle is not None]
    if call is None or len({os.fstat(handle).st_dev for handle in handles}) > 1:
        return False
    return bool(call(handles[0]) == 0)


@cache
def _syncfs() -> Any:
    """Find the system's call, of a Linux whose call tells of bytes that could not be written."""
    if sys.platform != "linux":
        return None
    release = os.uname().release.split(".")
    if not all(part.isdigit() for part in release[:2]) or [*map(int, release[:2])] < [5, 8]:
        return None
    import ctypes

    return getattr(ctypes.CDLL(None), "syncfs", None)


def sync(folder: str | Path) -> None:
    """Make a new name last: some systems cannot open a folder, and need no such call."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
