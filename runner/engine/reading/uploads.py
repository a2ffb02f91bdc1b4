"""Uploads: files that go as they lie on disk: large ones are never held, lines are checked."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from runner.engine.reading import attach
from runner.engine.reading.files import Files, shown
from runner.engine.reading.listening import read
from runner.errors import Fault, Mark, RecipeError, RecipeSchemaError
from runner.exchange import Spool
from runner.model import Ask, File, Ref
from runner.protocol import lines, media, pictures, training, uploads

LARGE = 1 << 20
"""Files of more bytes stay on disk."""
BLOCK = 1 << 20
SHORT = 1 << 16


def file_of(ref: Ref, files: Files) -> File:
    """Make the file that an attachment names."""
    place = files.place(ref.path, ref.mark)
    try:
        if not place.is_file() or place.stat().st_size <= LARGE:
            return attach.file_of(ref, files.content(ref.path, ref.mark))
        spool, head = _spool(place)
        is_cut = _is_cut(place, spool.size, head)
    except OSError as error:
        message = f"{shown(place)} cannot be read: {(error.strerror or str(error)).lower()}"
        raise RecipeError.of(Fault(message, ref.mark)) from error
    files.digests[shown(place)] = spool.sha256
    name = PurePosixPath(ref.path.replace("\\", "/")).name
    kind, field = media.media_type(name, head), str(ref.options.get("as", ""))
    return File(name, kind, spool, field, _telling(head), is_cut)


def _is_cut(place: Path, size: int, head: bytes) -> bool:
    """Whether a picture lacks its end; of what is no picture that is not known."""
    found = pictures.look(head)
    if found is None:
        return False
    with place.open("rb") as file:
        return not pictures.ends(found.media_type, partial(read, file), size)


def _telling(head: bytes) -> bytes:
    """Keep of a file's first bytes those that tell what it is: rarely more than a few."""
    short = head[:SHORT]
    return short if pictures.look(short) == pictures.look(head) else head


def _spool(place: Path) -> tuple[Spool, bytes]:
    """Hash a file piece by piece; return its first piece too, which says what it is."""
    digest, size, head = hashlib.sha256(), 0, b""
    with place.open("rb") as file:
        while piece := file.read(BLOCK):
            head = head or piece
            digest.update(piece)
            size += len(piece)
    return Spool(str(place), size, digest.hexdigest()), head


def check(asked: Ask, refs: list[Ref], files: Files, mark: Mark | None, *, strict: bool) -> None:
    """Check an upload for its purpose; RecipeSchemaError with every fault.

    Where not `strict`, what the server takes in a batch is not known.
    """
    if len(asked.files) != 1:
        message = f"{asked.endpoint} takes one file, got {len(asked.files)}"
        hint = "upload several by a step with for_each"
        raise RecipeSchemaError.of(Fault(message, mark, "attachments", hint))
    [file], [ref] = asked.files, refs
    if "://" in ref.path:
        return
    size = len(file.body) if isinstance(file.body, bytes) else file.body.size
    name = shown(files.place(ref.path, ref.mark))
    with _opened(file) as stream:
        upload = uploads.Upload(name, ref.mark, size, _lines(stream), strict)
        faults = uploads.faults(asked.params.get("purpose"), upload)
    if faults:
        raise RecipeSchemaError.of(*faults)


def form(asked: Ask) -> str:
    """Tell the form of a training file, by its first line; "" where nothing can be told."""
    if asked.params.get("purpose") != "fine-tune" or len(asked.files) != 1:
        return ""
    [file] = asked.files
    if isinstance(file.body, Spool) and not file.body.sha256:
        return ""  # It is still to be fetched.
    with _opened(file) as stream:
        return training.form_of(_lines(stream))


def _opened(file: File) -> BinaryIO:
    if isinstance(file.body, bytes):
        return io.BytesIO(file.body)
    return Path(file.body.path).open("rb")


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    """Read lines, none of them longer than is let pass."""
    found: Iterable[bytes] = iter(partial(stream.readline, lines.LONGEST + 1), b"")
    yield from found
