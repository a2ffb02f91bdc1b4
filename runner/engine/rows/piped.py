"""Piped: the rows of standard input: they are read more than once, so they are kept in a file.

The file is removed when the command ends; one that a killed command left, by the next.
"""

from __future__ import annotations

import os
import sys
import tempfile
import weakref
from functools import partial
from pathlib import Path
from typing import Any

from runner.record import Record
from runner.transport import temporaries

_taken: weakref.WeakKeyDictionary[Any, Kept] = weakref.WeakKeyDictionary()


class Kept(Record):
    """Where the rows lie, and the first of their bytes that are no space."""

    path: Path
    first: bytes


def kept() -> Kept:
    """Keep standard input; the second time it is what it was, for every cell of a matrix."""
    source = sys.stdin.buffer
    if source not in _taken:
        path = Path(temporaries.beside(str(Path(tempfile.gettempdir(), "rows"))))
        weakref.finalize(source, partial(path.unlink, missing_ok=True))
        _taken[source] = Kept(path, _written(source, path))
    return _taken[source]


def _written(source: Any, path: Path) -> bytes:
    first = b""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        for block in iter(partial(source.read, 1 << 20), b""):
            first = first or block.lstrip()[:4]
            file.write(block)
    return first
