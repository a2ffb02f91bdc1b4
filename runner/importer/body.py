"""Body: the data of a curl command becomes JSON with holes."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from runner.errors import Fault, Mark, RecipeError
from runner.importer.holes import HOLE, Holes
from runner.importer.options import Curl, Data
from runner.importer.script import file_read
from runner.importer.shell import Piece, Word, text_of

Read = Callable[[str], bytes]
"""Reads a file that the command names; RecipeError where it cannot."""
STDIN = "-"


def text(curl: Curl, holes: Holes, read: Read, given: Word | None) -> str | None:
    """Return the data of a command as text with holes; None where it has none.

    `given` is the here-document on its standard input.
    """
    if not curl.data:
        return None
    pieces = [_one(data, holes, read, given) for data in curl.data]
    joint = "" if all(data.kind == "json" for data in curl.data) else "&"
    return joint.join(pieces)


def _one(data: Data, holes: Holes, read: Read, given: Word | None) -> str:
    word = holes.inlined(data.word)
    first = word[0] if word else Piece("text", "")
    if data.kind == "urlencode":
        return _encoded(holes.fill(data.word))
    if data.kind != "raw" and first.kind == "text" and first.text.startswith("@"):
        found = _file((first._replace(text=first.text[1:]), *word[1:]), holes, read, given)
        return found if data.kind == "binary" else found.replace("\r", "").replace("\n", "")
    if len(word) == 1 and first.kind == "command":
        named = file_read(first.text, holes.file)
        path = text_of(named[1]) if named and named[0] == "text" else None
        if path is not None:
            return _decoded(read(path))
    return holes.fill(data.word)


def _file(word: Word, holes: Holes, read: Read, given: Word | None) -> str:
    path = text_of(word)
    if path == STDIN and given is not None:
        return holes.fill(given)
    if path is None or path == STDIN:
        message = "the body comes from a file that is not known here"
        hint = "write the body into the command, or name its file"
        raise RecipeError.of(Fault(message, Mark(holes.file, 1, 1), hint=hint))
    return _decoded(read(path))


def _decoded(content: bytes) -> str:
    return content.decode("utf-8-sig", "replace")


def _encoded(text: str) -> str:
    name, sign, value = text.partition("=")
    if not sign:
        return quote(text, safe="\ue000\ue001")
    return f"{name}{'=' if name else ''}{quote(value, safe=chr(0xE000) + chr(0xE001))}"


def value(text: str, holes: Holes, mark: Mark) -> Any:
    """Read JSON with holes; one that stands where a value would is a value of any type."""
    written = _quoted(text, holes)
    try:
        return json.loads(written, object_pairs_hook=lambda pairs: _object(pairs, holes))
    except ValueError:
        pass
    try:
        made = json.loads(
            written, strict=False, object_pairs_hook=lambda pairs: _object(pairs, holes)
        )
    except ValueError as error:
        message = f"the body is no JSON: {HOLE.sub('…', str(error))}"
        hint = "a shell joins 'single' and \"double\" quotes: look where the body's quotes end"
        raise RecipeError.of(Fault(message, mark, hint=hint)) from error
    holes.warn("line breaks within JSON text are no JSON: the runner sends them as \\n")
    return made


def _object(pairs: list[tuple[str, Any]], holes: Holes) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        holes.warn("a field of the body stands twice: the last one is kept")
    return made


def _quoted(text: str, holes: Holes) -> str:
    """Put quotes around the holes that stand outside of JSON text."""
    made: list[str] = []
    inside, at = False, 0
    while at < len(text):
        sign = text[at]
        if inside and sign == "\\":
            made.append(text[at : at + 2])
            at += 2
            continue
        inside ^= sign == '"'
        found = None if inside else HOLE.match(text, at)
        made.append(f'"{holes.free(found[0])}"' if found else sign)
        at = found.end() if found else at + 1
    return "".join(made)
