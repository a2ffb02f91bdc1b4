"""Form: the fields of `-F` become attachments, and fields of the form."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from runner.importer.fields import Verbatim
from runner.importer.holes import Holes
from runner.importer.options import Field
from runner.importer.shell import Piece, Word, source_of

SETTING = re.compile(r";\s*(type|filename|encoder|headers)=([^;]*)")
FIRST = "file"
"""The field of a file that the command does not name; of images.edits it is `image`."""
PICTURES = ("image", "image[]")


class Form(NamedTuple):
    """What a form holds: its texts in order, and its files as (field, path).

    `is_garbled` says that a field was lost to a web page.
    """

    texts: tuple[tuple[str, str], ...]
    files: tuple[tuple[str, str], ...]
    is_garbled: bool = False


def form_of(fields: tuple[Field, ...], endpoint: str, holes: Holes) -> Form:
    """Read the fields of a form."""
    first = "image" if endpoint == "images.edits" else FIRST
    texts: list[tuple[str, str]] = []
    files: list[tuple[str, str]] = []
    is_garbled = False
    for field in fields:
        name, sign, value = _parted(field.word)
        if not sign:
            garbled = _is_garbled(source_of(field.word))
            if garbled:
                files.append((first, _guessed(first, holes)))
            else:
                holes.warn(f"-F {source_of(field.word)} is left out: expected NAME=VALUE")
            is_garbled |= garbled
        elif _begins(value, "@") and not field.literal:
            files.append((name, _path(_rest(value), holes)))
        elif _begins(value, "<") and not field.literal:
            files.append((name, _path(_rest(value), holes)))
            holes.warn(f"the field {name} is read from a file: it is sent as a file")
        else:
            texts.append((name, holes.fill(value if field.literal else _bare(value))))
    return Form(tuple(texts), tuple(files), is_garbled)


def _guessed(first: str, holes: Holes) -> str:
    """Stand in for a file whose name was lost, by a variable."""
    holes.values.setdefault(first, "image.png" if first == "image" else first)
    holes.warn(f"the name of the file is lost: give it with --file {first}=PATH")
    return f"{{{{ {first} }}}}"


def _is_garbled(text: str) -> bool:
    """Whether a web page that hides addresses of mail hid `image=@matrix.png` too."""
    return re.fullmatch(r"\[email\s*protected\]", text) is not None


def _parted(word: Word) -> tuple[str, str, Word]:
    """Part a field at its first `=`, which stands in text."""
    before: list[str] = []
    for place, piece in enumerate(word):
        name, sign, rest = piece.text.partition("=") if piece.kind == "text" else ("", "", "")
        if sign:
            after = (piece._replace(text=rest), *word[place + 1 :])
            return "".join([*before, name]), sign, tuple(p for p in after if p.text)
        before.append(piece.text)
    return "", "", ()


def _begins(value: Word, sign: str) -> bool:
    return bool(value) and value[0].kind == "text" and value[0].text.startswith(sign)


def _rest(value: Word) -> Word:
    return (value[0]._replace(text=value[0].text[1:]), *value[1:])


def _path(value: Word, holes: Holes) -> str:
    """Read the path of a file, less what curl is told of its type and its name."""
    made = tuple(
        piece._replace(text=SETTING.sub("", piece.text)) if piece.kind == "text" else piece
        for piece in value
    )
    told = dict(SETTING.findall(source_of(value)))
    path = source_of(made)
    if told.get("filename", "").strip('"') not in ("", PurePosixPath(path).name):
        holes.warn(f"filename={told['filename']} is left out: {path} is sent by its own name")
    return holes.path(tuple(_unquoted(piece) for piece in made if piece.text))


def _unquoted(piece: Piece) -> Piece:
    if piece.kind != "text" or not (piece.text.startswith('"') and piece.text.endswith('"')):
        return piece
    return piece._replace(text=re.sub(r"\\(.)", r"\1", piece.text[1:-1]))


def _bare(value: Word) -> Word:
    """Leave out what curl is told of a text's type."""
    last = value[-1:] and value[-1]
    if not last or last.kind != "text":
        return value
    return (*value[:-1], last._replace(text=re.sub(r";type=[^;]*$", "", last.text)))


def attachments(files: tuple[tuple[str, str], ...], endpoint: str) -> list[Any]:
    """Write files as attachments; the first field of the endpoint needs no name."""
    first = PICTURES if endpoint == "images.edits" else (FIRST,)
    return [
        Verbatim(path) if name in first else {"file": Verbatim(path), "as": name}
        for name, path in files
    ]
