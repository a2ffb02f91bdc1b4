"""Form: the fields of `-F` become attachments, and fields of the form."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Any

from runner.importer.fields import Verbatim
from runner.importer.holes import Holes
from runner.importer.options import Field
from runner.importer.parameter import parameter
from runner.importer.shell import Word, source_of
from runner.record import Record

SETTING = re.compile(r"\s*(type|filename|encoder|headers)=(.*)", re.DOTALL)
FIRST = "file"
"""The field of a file that the command does not name; of images.edits it is `image`."""
PICTURES = ("image", "image[]")


class Form(Record):
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
            texts.append((name, holes.content(parameter(_rest(value)).word)))
        else:
            texts.append((name, holes.fill(value if field.literal else _bare(name, value, holes))))
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
    read = parameter(value)
    settings = [SETTING.fullmatch(text) for text in read.settings]
    told = {found[1]: found[2].strip().strip('"') for found in settings if found}
    path = source_of(read.word)
    if told.get("filename", "") not in ("", PurePosixPath(path).name):
        holes.warn(f"filename={told['filename']} is left out: {path} is sent by its own name")
    return holes.path(read.word)


def _bare(name: str, value: Word, holes: Holes) -> Word:
    """Read a text as curl does; a variable stays one where its value is sent as it is."""
    inlined = holes.inlined(value)
    read = parameter(inlined)
    lost = [text for text in read.settings if not SETTING.fullmatch(text)]
    if read.lost or lost:
        holes.warn(
            f"curl sends the field {name} only up to its first `;` outside of quotes:"
            f" {source_of(read.word)!r}"
        )
    if any(text.lstrip().startswith("filename=") for text in read.settings):
        holes.warn(f"the filename of the field {name} is left out: it is sent as plain text")
    return value if source_of(read.word) == source_of(inlined) else read.word


def attachments(files: tuple[tuple[str, str], ...], endpoint: str) -> list[Any]:
    """Write files as attachments; the first field of the endpoint needs no name."""
    first = PICTURES if endpoint == "images.edits" else (FIRST,)
    return [
        Verbatim(path) if name in first else {"file": Verbatim(path), "as": name}
        for name, path in files
    ]
