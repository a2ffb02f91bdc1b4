"""Outputs: writes what a run leaves on disk, whole or not at all, each with its provenance."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache, partial
from itertools import chain
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from runner.engine.reading.files import real
from runner.engine.writing.lasting import Lasting, Ready, drop
from runner.errors import OutputError
from runner.exchange import Body, Json, Spool
from runner.protocol import json_text
from runner.results import Written
from runner.transport import temporaries

SIDECAR = ".run.json"
LONGEST = 255 - len(SIDECAR)
"""The longest name of an output, in bytes."""
SHORT = LONGEST // 4
"""A path of so many characters has no longer name, whatever they are."""
BLOCK = 1 << 20
NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0)
_LASTING = Lasting()
_TAKING = Lock()
"""Runs that are made at once take their places one after the other."""
RESERVED = frozenset(
    ("con", "prn", "aux", "nul", *(f"com{i}" for i in range(10)), *(f"lpt{i}" for i in range(10)))
)


class Piece(NamedTuple):
    """Something to write: the part's name, where, and its bytes, in memory or on disk.

    `before` are bytes that stand before those. A body on disk that `stays` is needed once more.
    """

    part: str
    path: str
    body: Body
    before: bytes = b""
    stays: bool = False


def place(out: Path, path: str) -> Path:
    """Find the file below `out` that an output path means; OutputError where it leaves it."""
    return _place(out, path)[0]


def _place(out: Path, path: str) -> tuple[Path, Path]:
    return _placed(out, path, out.joinpath(*fit(path)))


def fit(path: str) -> tuple[str, ...]:
    """Return the names of an output path; OutputError where it can be none below any folder."""
    given = Path(path)
    names = given.parts
    bad = not names or given.is_absolute() or ".." in names or path.endswith(("/", "\\"))
    if bad or any(not name.isprintable() for name in names):
        message = f"the output path {path!r} leaves the folder of outputs, or is none"
        raise OutputError(message, hint="write a path below --out, such as answer.md")
    if any(name.startswith(".") for name in names):
        message = f"the output path {path!r} names a dot-file, which recipes may not write"
        raise OutputError(message, hint="write a path without a leading dot, such as answer.md")
    if any(n.partition(".")[0].lower() in RESERVED for n in names):
        message = f"the output path {path!r} has a name that is reserved"
        raise OutputError(message)
    if names[-1].endswith(SIDECAR):
        message = f"the output path {path!r} is that of a sidecar"
        raise OutputError(message)
    if len(path) > SHORT and max(len(os.fsencode(name)) for name in names) > LONGEST:
        message = f"the output path {path[:100]!r} has a name of more than {LONGEST} bytes"
        raise OutputError(message, hint=f"its sidecar's name adds {SIDECAR}, and a disk takes 255")
    return names


def _placed(out: Path, path: str, full: Path) -> tuple[Path, Path]:
    """Return a place, and where it lies when links are followed; OutputError where that is out."""
    known = real(full)
    root = _root(out, os.getcwd())  # noqa: PTH109  a Path of it would cost ten times that
    if not str(known).startswith(root):
        message = f"the output path {path!r} leads out of {out}"
        raise OutputError(message, hint="a link in the folder of outputs points elsewhere")
    return full, known


@lru_cache(maxsize=64)
def _root(out: Path, here: str) -> str:  # noqa: ARG001  a path may start from here
    return os.path.join(real(out), "")  # noqa: PTH118  it is to end with a slash


def write(path: Path, body: bytes) -> None:
    """Write a file whole or not at all; OutputError where it cannot be."""
    _LASTING.settle([_written(path, (body,))[0]])


def _written(path: Path, parts: Iterable[bytes]) -> tuple[Ready, str, int]:
    """Write what is to become a file of parts; return its digest and its size, too."""
    digest, size = hashlib.sha256(), 0
    temporary = temporaries.beside(path)
    try:
        handle = _opened(temporary)
        ready = Ready(temporary, path, handle)
        try:
            for part in parts:
                digest.update(part)
                size += _put_out(handle, part)
        except BaseException:
            drop((ready,))
            raise
    except OSError as error:
        message = f"{path}: {(error.strerror or str(error)).lower()}"
        raise OutputError(message) from error
    return ready, digest.hexdigest(), size


def _opened(temporary: Path) -> int:
    try:
        return os.open(temporary, NEW, 0o666)
    except FileNotFoundError:
        temporary.parent.mkdir(parents=True, exist_ok=True)
        return os.open(temporary, NEW, 0o666)


def _put_out(handle: int, part: bytes) -> int:
    left = memoryview(part)
    while left:
        left = left[os.write(handle, left) :]
    return len(part)


def save(
    found: list[Piece], out: Path, taken: set[Path], record: Callable[[Piece, str], bytes]
) -> tuple[Written, ...]:
    """Write the pieces, each with its sidecar; two results never share a path."""
    places = [_place(out, piece.path) for piece in found]
    with _TAKING:
        for one, known in places:
            if known in taken:
                message = f"two results would be written to {one}"
                raise OutputError(message, hint="put a variable, or {{ run }}, into the path")
            taken.add(known)
    held = [piece._replace(stays=_stays(found, place)) for place, piece in enumerate(found)]
    ready: list[Ready] = []
    try:
        pairs = zip(held, places, strict=True)
        told = tuple([_put(piece, path, record, ready) for piece, (path, _) in pairs])
    except BaseException:
        drop(ready)
        raise
    _LASTING.settle(ready)
    return told


def _stays(found: list[Piece], place: int) -> bool:
    """Whether a later piece is made of the same body on disk."""
    body = found[place].body
    return isinstance(body, Spool) and any(piece.body == body for piece in found[place + 1 :])


def _put(
    piece: Piece, path: Path, record: Callable[[Piece, str], bytes], ready: list[Ready]
) -> Written:
    """Write one piece and its sidecar; what lies on disk already gets its name by a rename."""
    body = piece.body
    if isinstance(body, Spool) and not (piece.before or piece.stays):
        digest, size = body.sha256, body.size
        _make(path.parent, path)
        ready.append(Ready(Path(body.path), path))
    else:
        one, digest, size = _written(path, chain((piece.before,), _blocks(body)))
        ready.append(one)
    beside = path.with_name(path.name + SIDECAR)
    ready.append(_written(beside, (record(piece, digest),))[0])
    return Written(str(path), piece.part, digest, size)


def _blocks(body: Body) -> Iterator[bytes]:
    if isinstance(body, bytes):
        yield body
        return
    with Path(body.path).open("rb") as file:
        yield from iter(partial(file.read, BLOCK), b"")


def head_of(body: Body, size: int = 64) -> bytes:
    """Return the first bytes of a body."""
    if isinstance(body, bytes):
        return body[:size]
    with Path(body.path).open("rb") as file:
        return file.read(size)


def move(spool: Path, path: Path) -> None:
    """Give a file its final name; OutputError where it cannot have it."""
    _make(path.parent, path)
    _LASTING.settle([Ready(spool, path)])


def _make(folder: Path, path: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"{path}: {(error.strerror or str(error)).lower()}"
        raise OutputError(message) from error


def pretty(value: Json) -> bytes:
    """Write a value as JSON that people read and diffs like."""
    return (json_text.laid_out(value) + "\n").encode()
