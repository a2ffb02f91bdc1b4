"""Outputs: writes what a run leaves on disk, whole or not at all, each with its provenance."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from runner.engine.files import real
from runner.errors import OutputError
from runner.exchange import Body, Json, Spool
from runner.results import Written
from runner.transport import temporaries

SIDECAR = ".run.json"
BLOCK = 1 << 20
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
    names = Path(path).parts
    bad = not names or Path(path).is_absolute() or ".." in names or path.endswith(("/", "\\"))
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
    full = out.joinpath(*names)
    if real(out) not in real(full).parents:
        message = f"the output path {path!r} leads out of {out}"
        raise OutputError(message, hint="a link in the folder of outputs points elsewhere")
    return full


def write(path: Path, body: bytes) -> None:
    """Write a file whole or not at all; OutputError where it cannot be."""
    _write(path, (body,))
    sync(path.parent)


def _write(path: Path, parts: Iterable[bytes]) -> tuple[str, int]:
    """Write a file of parts; return its digest and its size."""
    digest, size = hashlib.sha256(), 0
    temporary = temporaries.beside(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("xb") as file:
            for part in parts:
                file.write(part)
                digest.update(part)
                size += len(part)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        message = f"{path}: {(error.strerror or str(error)).lower()}"
        raise OutputError(message) from error
    return digest.hexdigest(), size


def sync(folder: Path) -> None:
    """Make the new name last: some systems cannot open a folder, and need no such call."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def save(
    found: list[Piece], out: Path, taken: set[Path], record: Callable[[Piece, str], Json]
) -> tuple[Written, ...]:
    """Write the pieces, each with its sidecar; two results never share a path."""
    places = [place(out, piece.path) for piece in found]
    with _TAKING:
        for one in places:
            if real(one) in taken:
                message = f"two results would be written to {one}"
                raise OutputError(message, hint="put a variable, or {{ run }}, into the path")
            taken.add(real(one))
    held = [piece._replace(stays=_stays(found, place)) for place, piece in enumerate(found)]
    return tuple(_put(piece, path, record) for piece, path in zip(held, places, strict=True))


def _stays(found: list[Piece], place: int) -> bool:
    """Whether a later piece is made of the same body on disk."""
    body = found[place].body
    return isinstance(body, Spool) and any(piece.body == body for piece in found[place + 1 :])


def _put(piece: Piece, path: Path, record: Callable[[Piece, str], Json]) -> Written:
    """Write one piece and its sidecar; what lies on disk already gets its name by a rename."""
    body = piece.body
    if isinstance(body, Spool) and not (piece.before or piece.stays):
        digest, size = body.sha256, body.size
        move(Path(body.path), path)
    else:
        digest, size = _write(path, chain((piece.before,), _blocks(body)))
    write(path.with_name(path.name + SIDECAR), pretty(record(piece, digest)))
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
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        spool.replace(path)
        sync(path.parent)
    except OSError as error:
        if error.errno == errno.EXDEV:  # another disk is mounted below the folder of outputs
            _write(path, _blocks(Spool(str(spool), 0, "")))
            return
        message = f"{path}: {(error.strerror or str(error)).lower()}"
        raise OutputError(message) from error


def pretty(value: Json) -> bytes:
    """Write a value as JSON that people read and diffs like."""
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()
