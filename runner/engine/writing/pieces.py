"""Pieces: what an `output` asks to write, worked out from a reply; nothing is written here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import count
from pathlib import PurePosixPath
from typing import Any

from runner.engine.plan_step import rows_of
from runner.engine.reading import attach
from runner.engine.writing.fitting import BINARY, fitted, honest, kind_of
from runner.engine.writing.outputs import Piece, pretty
from runner.errors import OutputError, RecipeError
from runner.exchange import Body, Json
from runner.model import Answer
from runner.protocol import vectors
from runner.recipe import template
from runner.recipe.source import Map


def body_of(part: str, reply: Mapping[str, Json], answer: Answer, suffix: str) -> Body:
    """Return the bytes of a part of the reply; OutputError where the reply has none."""
    match part:
        case "body":
            return answer.body
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
            return pretty(reply[part]) if suffix == ".json" else _sourced(reply)
        case "json":
            return JSON.get(suffix, pretty)(reply["json"])
        case _:
            raise _absent(part)


def _npy(value: Json) -> bytes:
    return vectors.npy(vectors.vectors(value))


JSON: Mapping[str, Callable[[Json], bytes]] = {".npy": _npy, ".jsonl": vectors.lines}
"""How JSON is written to a path with this ending, where it is more than JSON."""


def _sourced(reply: Mapping[str, Json]) -> bytes:
    """Write the text, with its sources as a numbered list under it."""
    named = enumerate(reply["citations"], 1)
    rows = [f"{place}. {one['title'] or one['url']} <{one['url']}>" for place, one in named]
    text = f"{reply['text']}\n\n" if reply["text"] else ""
    return (text + "".join(f"{row}\n" for row in rows)).encode()


class AbsentError(OutputError):
    """The reply lacks a part that was to be written."""


HINTS = {
    "JSON in its text": "ask for JSON with response_schema, or write the text",
    "text": "`json` and `body` write what there is",
}


def _absent(what: str) -> AbsentError:
    return AbsentError(f"the reply has no {what} to write", hint=HINTS.get(what, ""))


def pieces(
    output: Any,
    context: Mapping[str, Any],
    reply: Mapping[str, Json],
    answer: Answer,
    absent: Callable[[AbsentError], None],
) -> list[Piece]:
    """Work out what an `output` asks to write: a mapping of parts, or a list of such.

    A path that reads `index` is written once for each picture or choice. `absent` is told of the
    parts that the reply lacks.
    """
    found: list[Piece] = []
    for row in rows_of(output):
        if "content" in row:
            path = _path(row, "to", context)
            content = template.as_text(template.render(row["content"], context))
            found.append(Piece("content", path, content.encode()))
            continue
        for part in row:
            try:
                found += _parts(row, part, context, reply, answer)
            except AbsentError as error:
                absent(error)
    return found


def _parts(
    row: Any, part: str, context: Mapping[str, Any], reply: Mapping[str, Json], answer: Answer
) -> list[Piece]:
    if part in BINARY:
        return _artifacts(row, part, context, answer)
    if part == "text" and "index" in template.names(row[part]):
        bodies: list[Body] = [text.encode() for text in answer.texts]
    else:
        bodies = [body_of(part, reply, answer, _suffix(row[part]))]
    made = [
        Piece(part, _path(row, part, {**context, "index": place}), body)
        for place, body in enumerate(bodies, 1)
    ]
    return [honest(piece) for piece in made] if part == "body" else made


def _artifacts(row: Any, part: str, context: Mapping[str, Any], answer: Answer) -> list[Piece]:
    found = [artifact for artifact in answer.artifacts if artifact.part == part]
    if not found:
        raise _absent(part)
    return [
        fitted(
            Piece(part, _path(row, part, {**context, "index": place}), artifact.body),
            artifact.media_type,
        )
        for place, artifact in enumerate(found, 1)
    ]


def unnamed(name: str, answer: Answer, is_free: Callable[[str], bool]) -> list[Piece]:
    """Work out where pictures, sounds and other bytes go that no `output` names."""
    found = [(one.part, one.media_type, one.body) for one in answer.artifacts]
    if not found:
        kind = answer.headers.get("content-type", "").partition(";")[0].strip()
        found = [("body", kind, answer.body)]
    made: list[Piece] = []
    used: set[str] = set()
    for part, kind, body in found:
        ending = attach.SUFFIXES.get(kind_of(body, kind), ".bin")
        numbers = (f"{name}{f'-{number}' * (number > 1)}{ending}" for number in count(1))
        path = next(path for path in numbers if path not in used and is_free(path))
        used.add(path)
        made.append(Piece(part, path, body))
    return made


def _suffix(path: str) -> str:
    return PurePosixPath(path).suffix


def _path(row: Any, key: str, context: Mapping[str, Any]) -> str:
    try:
        return template.path(row[key], context)
    except RecipeError as error:
        mark = row.marks[key][1] if isinstance(row, Map) else None
        hint = "`| slug` makes any text safe in a path"
        faults = [f._replace(mark=mark, where="output", hint=f.hint or hint) for f in error.faults]
        raise RecipeError.of(*faults) from error
