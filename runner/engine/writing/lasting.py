"""Lasting: files get their final names, and outlast a loss of power; those of many rows together.

The order is that of every output: its bytes, then its name, then its folder. To make a file last
costs more than to write it: what comes while one group is made to last waits, and is the next.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

from runner.errors import OutputError

MANY = 8
"""From so many files on, the whole file system is made to last by one call."""


class Ready(NamedTuple):
    """A file that is whole: where it lies, its final name, and its handle while that is open.

    Without a handle its bytes last already.
    """

    lies: Path
    path: Path
    handle: int | None = None


class _Work:
    """The files of one who waits, in their order, and why they have no names yet."""

    def __init__(self, files: Sequence[Ready]) -> None:
        self.files = files
        self.done = False
        self.error: OutputError | None = OutputError("stopped before the files were named")


class Lasting:
    """Gives files their names. Threads share it: what they bring at once lasts by one effort."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._flushing = Lock()
        self._waiting: list[_Work] = []

    def settle(self, files: Sequence[Ready]) -> None:
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


def _flush(group: list[_Work]) -> None:
    handles = [file.handle for work in group for file in work.files if file.handle is not None]
    lasts = len(handles) >= MANY and _all_last(handles)
    for work in group:
        work.error = _named(work.files, lasts)
    for folder in {file.path.parent for work in group for file in work.files}:
        sync(folder)


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
            return OutputError(f"{path}: {(error.strerror or str(error)).lower()}")
    return None


def _move(lies: Path, path: Path) -> None:
    try:
        os.replace(lies, path)  # noqa: PTH105  it makes no Path of what it did
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        # Another disk is mounted below the folder of outputs.
        beside = path.with_name(f".{lies.name}")
        with lies.open("rb") as source, beside.open("xb") as target:
            shutil.copyfileobj(source, target)
            target.flush()
            os.fsync(target.fileno())
        beside.replace(path)
        lies.unlink()


def drop(files: Sequence[Ready]) -> None:
    """Leave nothing of files that were made for this; what lay on disk before stays."""
    for lies, _, handle in files:
        if handle is not None:
            with contextlib.suppress(OSError):
                os.close(handle)
            with contextlib.suppress(OSError):
                lies.unlink()


def _all_last(handles: list[int]) -> bool:
    """Make all files of a file system last at once; false where that is not to be had."""
    call = _syncfs()
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


def sync(folder: Path) -> None:
    """Make a new name last: some systems cannot open a folder, and need no such call."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
