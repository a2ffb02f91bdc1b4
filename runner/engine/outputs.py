"""Outputs: writes what a run leaves on disk, whole or not at all, each with its provenance."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from runner.errors import OutputError, RecipeError
from runner.exchange import Json
from runner.model import Answer, Written
from runner.recipe import template
from runner.recipe.source import Map

PARTS = ("text", "json", "parsed", "citations", "body")
SIDECAR = ".run.json"
TEMPORARY = ".tmp-runner"
RESERVED = frozenset(
    ("con", "prn", "aux", "nul", *(f"com{i}" for i in range(10)), *(f"lpt{i}" for i in range(10)))
)


class Piece(NamedTuple):
    """Something to write: the part's name, where, and its bytes."""

    part: str
    path: str
    body: bytes


def place(out: Path, path: str) -> Path:
    """Find the file below `out` that an output path means; OutputError where it leaves it."""
    names = Path(path).parts
    bad = not names or Path(path).is_absolute() or ".." in names or path.endswith(("/", "\\"))
    if bad or any(not name.isprintable() for name in names):
        message = f"the output path {path!r} leaves the folder of outputs, or is none"
        raise OutputError(message, hint="write a path below --out, such as answer.md")
    if names[0] == ".runner" or any(n.partition(".")[0].lower() in RESERVED for n in names):
        message = f"the output path {path!r} has a name that is reserved"
        raise OutputError(message)
    if names[-1].endswith(SIDECAR):
        message = f"the output path {path!r} is that of a sidecar"
        raise OutputError(message)
    full = out.joinpath(*names)
    root = out.resolve()
    if root not in full.resolve().parents:
        message = f"the output path {path!r} leads out of {out}"
        raise OutputError(message, hint="a link in the folder of outputs points elsewhere")
    return full


def write(path: Path, body: bytes) -> None:
    """Write a file whole or not at all; OutputError where it cannot be."""
    temporary = path.with_name(f".{path.name[:100]}.{os.getpid()}{TEMPORARY}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        _sync(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        message = f"{path}: {(error.strerror or str(error)).lower()}"
        raise OutputError(message) from error


def _sync(folder: Path) -> None:
    """Make the new name last: some systems cannot open a folder, and need no such call."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def body_of(part: str, reply: Mapping[str, Json], answer: Answer, suffix: str) -> bytes:
    """Return the bytes of a part of the reply; OutputError where the reply has none."""
    match part:
        case "body":
            return answer.body if isinstance(answer.body, bytes) else b""
        case "text":
            if reply["text"] is None:
                msg = "text"
                raise _absent(msg)
            return str(reply["text"]).encode()
        case "parsed":
            if reply["parsed"] is None:
                msg = "JSON in its text"
                raise _absent(msg)
            return pretty(reply["parsed"])
        case "citations":
            return pretty(reply[part]) if suffix == ".json" else _listed(reply[part])
        case "json":
            return pretty(reply["json"])
        case _:
            raise _absent(part)


def pretty(value: Json) -> bytes:
    """Write a value as JSON that people read and diffs like."""
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()


def _listed(citations: list[Mapping[str, Json]]) -> bytes:
    rows = [f"{i}. {c['title'] or c['url']} <{c['url']}>" for i, c in enumerate(citations, 1)]
    return "".join(f"{row}\n" for row in rows).encode()


def _absent(what: str) -> OutputError:
    return OutputError(f"the reply has no {what} to write")


def pieces(
    output: Any, context: Mapping[str, Any], reply: Mapping[str, Json], answer: Answer
) -> list[Piece]:
    """Work out what an `output` asks to write: a mapping of parts, or a list of such.

    A text's path that reads `index` is written once for each choice.
    """
    found: list[Piece] = []
    for row in output if isinstance(output, list) else [output]:
        if "content" in row:
            path = _path(row, "to", context)
            content = template.as_text(template.render(row["content"], context))
            found.append(Piece("content", path, content.encode()))
            continue
        for part in row:
            found += _parts(row, part, context, reply, answer)
    return found


def _parts(
    row: Any, part: str, context: Mapping[str, Any], reply: Mapping[str, Json], answer: Answer
) -> list[Piece]:
    if part != "text" or "index" not in template.names(row[part]):
        path = _path(row, part, {**context, "index": 1})
        return [Piece(part, path, body_of(part, reply, answer, Path(path).suffix))]
    return [
        Piece(part, _path(row, part, {**context, "index": place}), text.encode())
        for place, text in enumerate(answer.texts, 1)
    ]


def _path(row: Any, key: str, context: Mapping[str, Any]) -> str:
    try:
        return template.path(row[key], context)
    except RecipeError as error:
        mark = row.marks[key][1] if isinstance(row, Map) else None
        hint = "`| slug` makes any text safe in a path"
        faults = [f._replace(mark=mark, where="output", hint=f.hint or hint) for f in error.faults]
        raise RecipeError.of(*faults) from error


def save(
    found: list[Piece], out: Path, taken: set[Path], record: Callable[[Piece, str], Json]
) -> tuple[Written, ...]:
    """Write the pieces, each with its sidecar; two results never share a path."""
    places = [place(out, piece.path) for piece in found]
    for one in places:
        if one in taken:
            message = f"two results would be written to {one}"
            raise OutputError(message, hint="put a variable, or {{ run }}, into the path")
        taken.add(one)
    done = []
    for piece, path in zip(found, places, strict=True):
        digest = hashlib.sha256(piece.body).hexdigest()
        write(path, piece.body)
        write(path.with_name(path.name + SIDECAR), pretty(record(piece, digest)))
        done.append(Written(str(path), piece.part, digest, len(piece.body)))
    return tuple(done)
