"""Fitting: whether a file would be what the ending of its path says it is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from runner.engine.plan_step import rows_of
from runner.engine.writing.outputs import Piece, head_of
from runner.errors import BadReplyError, Fault, OutputError
from runner.exchange import Body
from runner.protocol import media, sounds
from runner.recipe.source import Map

BINARY = ("image", "audio")
"""Parts that are artifacts of the answer."""
TOLD = ("text", "json", "parsed", "citations", "to")
"""Parts that are text, or JSON; `to` is where a `content` goes."""
UNREADABLE = ("image/", "audio/", "application/pdf")
HEAD = 4096
FORMS = {kind: name for name, kind in reversed(sounds.FORMATS.items())} | {
    f"image/{name}": name for name in ("png", "jpeg", "webp")
}
"""What services call the kinds that can be asked of them."""


def fitted(piece: Piece, kind: str) -> Piece:
    """Make a piece what its path says, where it can be made so; OutputError where it cannot.

    Bare samples tell nothing of themselves: of them alone what they are said to be counts.
    """
    suffix = _suffix(piece.path)
    if kind == sounds.PCM:
        return _of_samples(piece, suffix)
    head, size = head_of(piece.body, HEAD), sounds.size_of(piece.body)
    if media.contradicts(suffix, head):
        raise _contradiction(piece, media.told(head))
    if sounds.is_cut(head, size):
        message = f"the sound of the reply was cut after {size:,} bytes"
        raise BadReplyError(message, hint="ask again")
    if kind.startswith("audio/") and head and media.media_type("", head) == "text/plain":
        raise _contradiction(piece, "text")
    return piece


def honest(piece: Piece) -> Piece:
    """Return a body as it came, unless its path says that it is another kind of file."""
    suffix, head = _suffix(piece.path), head_of(piece.body, HEAD)
    if media.contradicts(suffix, head):
        raise _contradiction(piece, media.told(head))
    is_binary = media.named(suffix).startswith(UNREADABLE) and suffix != ".svg"
    if head and is_binary and media.told(head) == "text/plain":
        raise _contradiction(piece, "text")
    return piece


def kind_of(body: Body, claimed: str) -> str:
    """Tell the media type of a body: by its bytes, where they tell."""
    found = media.told(head_of(body, HEAD)) if claimed != sounds.PCM else claimed
    return claimed if found in ("text/plain", "application/octet-stream") else found


def _of_samples(piece: Piece, suffix: str) -> Piece:
    """Give bare samples the head of a WAV file, where that is what is to be written."""
    if suffix == ".wav":
        return piece._replace(before=sounds.wav_header(sounds.size_of(piece.body)))
    if media.MEDIA.get(suffix, sounds.PCM) != sounds.PCM:
        raise _contradiction(piece, "bare samples")
    return piece


def _contradiction(piece: Piece, kind: str) -> OutputError:
    message = f"the output {piece.path} would hold {kind}"
    return OutputError(message, hint="give the path the ending of what the service sends")


def misnamed(output: Any, kind: str, form: str) -> list[Fault]:
    """Find outputs whose ending is not of the kind that is asked for; "" where none is known.

    `form` is the field of `params` that asks for another kind.
    """
    return [
        fault
        for row in rows_of(output)
        if kind and isinstance(row, Mapping)
        for part in BINARY
        if part in row
        for fault in _misnamed(row, part, kind, form)
    ]


def unreadable(output: Any) -> list[Fault]:
    """Find texts whose ending is that of a file that is no text; a drawing may be one."""
    return [
        Fault(
            f"{row[part]} would hold text",
            row.marks[part][1] if isinstance(row, Map) else None,
            f"output.{part}",
            "name it .md, .txt or .json; pictures and sounds are the parts image and audio",
        )
        for row in rows_of(output)
        if isinstance(row, Mapping)
        for part in TOLD
        if part in row and (suffix := _suffix(str(row[part]))) != ".svg"
        if media.named(suffix).startswith(UNREADABLE)
    ]


def _misnamed(row: Mapping[str, Any], part: str, kind: str, form: str) -> list[Fault]:
    suffix = _suffix(str(row[part]))
    named = media.named(suffix) or kind
    if named == kind or (kind == sounds.PCM and suffix == ".wav"):
        return []
    ending = next(one for one, known in media.ENDINGS.items() if known == kind)
    message = f"{row[part]} would hold {kind}, as the request stands"
    asking = _asking(form, FORMS.get(named, "")) if named.startswith(f"{part}/") else ""
    mark = row.marks[part][1] if isinstance(row, Map) else None
    return [Fault(message, mark, f"output.{part}", f"name it {ending}{asking}")]


def _asking(form: str, name: str) -> str:
    """Say how another form is asked for: `params: {audio: {format: wav}}`."""
    if not (form and name):
        return ""
    written = name
    for field in reversed(form.split(".")):
        written = f"{{{field}: {written}}}"
    return f", or ask for {name}: `params: {written}`"


def _suffix(path: str) -> str:
    return PurePosixPath(path).suffix.lower()
