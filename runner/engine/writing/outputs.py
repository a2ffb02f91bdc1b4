"""Outputs: writes what a run leaves on disk, whole or not at all, each with its provenance."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache, partial
from itertools import chain
from pathlib import Path
from threading import Lock

from runner.engine.reading.files import followed, real
from runner.engine.writing.lasting import (
    File,
    Lasting,
    Ready,
    Whole,
    drop,
    failed,
    opened,
    put_out,
    settled,
)
from runner.errors import OutputError
from runner.exchange import Body, Json, Spool
from runner.protocol import json_text
from runner.record import Record
from runner.results import Written

SIDECAR = ".run.json"
LONGEST = 255 - len(SIDECAR)
"""The longest name of an output, in bytes."""
SHORT = LONGEST // 4
"""A path of so many characters has no longer name, whatever they are."""
BLOCK = 1 << 20
LIGHT = 64 << 10
"""What has more bytes is written by whoever made it: much that waits would fill the memory."""
settle = Lasting().settle
_TAKING = Lock()
"""Runs that are made at once take their places one after the other."""
RESERVED = frozenset(
    ("con", "prn", "aux", "nul", *(f"com{i}" for i in range(10)), *(f"lpt{i}" for i in range(10)))
)


class Piece(Record):
    """Something to write: the part's name, where, and its bytes, in memory or on disk.

    `before` are bytes that stand before those. A body on disk that `stays` is needed once more.
    """

    part: str
    path: str
    body: Body
    before: bytes = b""
    stays: bool = False


class Draft(Record):
    """What a step is to write, whole in memory: its files with sidecars.

    `places` are the paths below `out` as they were given, each with the file that it means. Without
    files they were written already. `reply` is kept where what it gave cannot be written.
    """

    out: Path
    places: tuple[tuple[str, str], ...]
    files: list[File]
    reply: bytes = b""


def place(out: Path, path: str) -> Path:
    """Find the file below `out` that an output path means; OutputError where it leaves it."""
    full = out.joinpath(*fit(path))
    _within(out, path, str(full))
    return full


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


def _within(out: Path, path: str, full: str) -> str:
    """Return where a place lies when links are followed; OutputError where that is out."""
    here = os.getcwd()  # noqa: PTH109  a Path of it would cost ten times that
    known = followed(os.path.join(here, full))  # noqa: PTH118  as above
    if not known.startswith(_root(out, here)):
        message = f"the output path {path!r} leads out of {out}"
        raise OutputError(message, hint="a link in the folder of outputs points elsewhere")
    return known


@lru_cache(maxsize=64)
def _root(out: Path, here: str) -> str:  # noqa: ARG001  a path may start from here
    return os.path.join(real(out), "")  # noqa: PTH118  it is to end with a slash


def write(path: Path, body: bytes) -> None:
    """Write a file whole or not at all; OutputError where it cannot be."""
    settle([Whole(str(path), body)])


def _written(path: str, parts: Iterable[bytes]) -> tuple[Ready, str, int]:
    """Write what is to become a file of parts; return its digest and its size, too."""
    digest, size = hashlib.sha256(), 0
    try:
        temporary, handle = opened(path)
        ready = Ready(temporary, path, handle)
        try:
            for part in parts:
                digest.update(part)
                size += put_out(handle, part)
        except BaseException:
            drop((ready,))
            raise
    except OSError as error:
        raise failed(path, error) from error
    return ready, digest.hexdigest(), size


def save(
    found: list[Piece],
    out: Path,
    taken: set[str],
    record: Callable[[Piece, str], bytes],
    send: Callable[[Draft], None] | None = None,
) -> tuple[Written, ...]:
    """Write the pieces, each with its sidecar; two results never share a path.

    What is light is sent to who writes it, where that is someone else, who hears of all places.
    """
    places = tuple([(piece.path, str(out.joinpath(*fit(piece.path)))) for piece in found])
    is_sent = send is not None and _is_light(found)
    if not is_sent:
        _claim(out, places, taken)
    held = [piece._replace(stays=_stays(found, place)) for place, piece in enumerate(found)]
    files: list[File] = []
    try:
        pairs = zip(held, places, strict=True)
        told = tuple([_put(piece, full, record, files) for piece, (_, full) in pairs])
    except BaseException:
        drop(files)
        raise
    if not is_sent:
        settle(files)
    if send is not None:
        send(Draft(out, places, files if is_sent else []))
    return told


def _is_light(found: list[Piece]) -> bool:
    bodies = [piece.body for piece in found if isinstance(piece.body, bytes)]
    return len(bodies) == len(found) and sum(map(len, bodies)) <= LIGHT


def land(drafts: Sequence[Draft], taken: set[str]) -> list[OutputError | None]:
    """Write what others made, all by one effort; tell what each draft failed by."""
    wrong = [_unclaimed(draft, taken) for draft in drafts]
    pairs = zip(drafts, wrong, strict=True)
    failed = settled([[] if error else draft.files for draft, error in pairs])
    return [own or other for own, other in zip(wrong, failed, strict=True)]


def _unclaimed(draft: Draft, taken: set[str]) -> OutputError | None:
    try:
        _claim(draft.out, draft.places, taken)
    except OutputError as error:
        return error
    return None


def _claim(out: Path, places: Sequence[tuple[str, str]], taken: set[str]) -> None:
    """Take places for one result; OutputError where one is out of bounds, or another's."""
    known = [_within(out, path, full) for path, full in places]
    with _TAKING:
        for one, (_, full) in zip(known, places, strict=True):
            if one in taken:
                message = f"two results would be written to {full}"
                raise OutputError(message, hint="put a variable, or {{ run }}, into the path")
            taken.add(one)


def _stays(found: list[Piece], place: int) -> bool:
    """Whether a later piece is made of the same body on disk."""
    body = found[place].body
    return isinstance(body, Spool) and any(piece.body == body for piece in found[place + 1 :])


def _put(
    piece: Piece, path: str, record: Callable[[Piece, str], bytes], files: list[File]
) -> Written:
    """Make one piece and its sidecar; what lies on disk already gets its name by a rename."""
    body = piece.body
    if isinstance(body, bytes):
        body = piece.before + body
        digest, size = hashlib.sha256(body).hexdigest(), len(body)
        files.append(Whole(path, body))
    elif not (piece.before or piece.stays):
        digest, size = body.sha256, body.size
        _make(path)
        files.append(Ready(body.path, path))
    else:
        one, digest, size = _written(path, chain((piece.before,), _blocks(body)))
        files.append(one)
    files.append(Whole(path + SIDECAR, record(piece, digest)))
    return Written(path, piece.part, digest, size)


def _blocks(body: Spool) -> Iterator[bytes]:
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
    _make(str(path))
    settle([Ready(str(spool), str(path))])


def _make(path: str) -> None:
    try:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise failed(path, error) from error


def pretty(value: Json) -> bytes:
    """Write a value as JSON that people read and diffs like."""
    return (json_text.laid_out(value) + "\n").encode()
