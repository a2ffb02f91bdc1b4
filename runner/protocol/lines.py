"""Lines: files of JSON lines, checked line by line before they are uploaded.

The lines are handed in one by one, so that a file is never held whole. Each rule looks at one
decoded line and says what is wrong with it; the fault names file, line and column.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import NoReturn

from runner.errors import Fault, Mark, RecipeError
from runner.exchange import Json
from runner.recipe.checking.words import described, shortened
from runner.recipe.depth import TOO_DEEP, text_nests
from runner.recipe.source import mark_of
from runner.record import Record

LONGEST = 64 << 20
"""No line is longer, in bytes: whoever hands lines in cuts there."""
SHOWN = 20_000
"""In longer lines a fault is not placed but at their beginning."""
ENOUGH = 5
"""So many faults are told of one file."""
ONE = "write one JSON object a line: no list around them, no commas between them"
BOM = b"\xef\xbb\xbf"


class Wrong(Record):
    """What is wrong with a line: at which path within it, and the way out."""

    message: str
    path: tuple[str | int, ...] = ()
    hint: str = ""


Rule = Callable[[dict[str, Json]], Iterator[Wrong]]
"""Says what is wrong with one line; it may remember those before."""


def faults(lines: Iterable[bytes], file: str, rule: Rule) -> tuple[list[Fault], int]:
    """Check lines until there are faults enough; return them, and how many lines were read."""
    found: list[Fault] = []
    number, blank = 0, 0
    for number, raw in enumerate(lines, 1):
        if not raw.strip():
            blank = blank or number
            continue
        if blank:
            found.append(_empty(file, blank))
            blank = 0
        found += _of_line(raw.removeprefix(BOM) if number == 1 else raw, file, number, rule)
        if len(found) >= ENOUGH:
            break
    return found[:ENOUGH], blank - 1 if blank else number


def _empty(file: str, number: int) -> Fault:
    message = "expected a JSON object, found an empty line"
    return Fault(message, Mark(file, number, 1), hint="delete the line")


def _of_line(raw: bytes, file: str, number: int, rule: Rule) -> list[Fault]:
    if len(raw) > LONGEST:
        message = f"the line is longer than {LONGEST >> 20} MiB"
        return [Fault(message, Mark(file, number, 1), hint=ONE)]
    try:
        text = raw.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        return [_no_text(raw, file, number, error.start)]
    try:
        value = _decoded(text)
    except ValueError as error:
        return [_undecoded(text, file, number, error)]
    if not isinstance(value, dict):
        message = f"expected a JSON object, got {described(value)}"
        return [Fault(message, Mark(file, number, 1), hint=ONE, source=text[:SHOWN])]
    return [_placed(wrong, text, file, number) for wrong in rule(value)]


def _undecoded(text: str, file: str, number: int, error: Exception) -> Fault:
    if isinstance(error, _TwiceError):
        return _twice(text, file, number, str(error))
    if isinstance(error, json.JSONDecodeError):
        column = min(error.pos, max(0, len(text.rstrip()) - 1)) + 1
        return _no_json(text, Mark(file, number, column), error)
    message = f"this is no JSON that can be used: {str(error)[:200]}"
    return Fault(message, Mark(file, number, 1), source=text[:SHOWN])


def _decoded(text: str) -> Json:
    if text_nests(text):
        raise ValueError(TOO_DEEP)
    return _DECODER.decode(text)


def _constant(word: str) -> NoReturn:
    message = f"{word} is no number that JSON can hold"
    raise ValueError(message)


class _TwiceError(ValueError):
    """An object has this key twice."""


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    names = [name for name, _ in pairs]
    raise _TwiceError(next(name for name in names if names.count(name) > 1))


_DECODER = json.JSONDecoder(parse_constant=_constant, object_pairs_hook=_object)


def _twice(text: str, file: str, number: int, key: str) -> Fault:
    """Tell of a key that stands twice in one object, by the place of the second."""
    from runner.recipe.reading import yaml_source

    column = 1
    try:
        yaml_source.read(text[:SHOWN], "", False)
    except RecipeError as error:
        marks = [fault.mark for fault in error.faults if fault.mark is not None]
        column = marks[0].column if marks else 1
    message = f"the key {shortened(key)} stands twice"
    hint = "which of the two counts is not said: delete one"
    return Fault(message, Mark(file, number, column), "", hint, text[: column + 100])


def _no_text(raw: bytes, file: str, number: int, start: int) -> Fault:
    before = raw[:start].decode("utf-8")
    message = f"expected UTF-8 text, got the byte 0x{raw[start]:02x}"
    mark = Mark(file, number, len(before) + 1)
    return Fault(message, mark, hint="save the file as UTF-8", source=before + "\ufffd")


def _no_json(text: str, mark: Mark, error: json.JSONDecodeError) -> Fault:
    message = f"this is no JSON: {error.msg.lower()}"
    return Fault(message, mark, hint=_cure(text, error), source=text[: mark.column + 100])


def _cure(text: str, error: json.JSONDecodeError) -> str:
    """Say what was most likely meant."""
    # Since 3.13 Python points at a comma too many, before it at what follows.
    trailing = error.msg.startswith("Illegal trailing comma")
    rest = text[error.pos + trailing :].lstrip()
    if error.msg == "Extra data" or text.lstrip()[:1] in ("[", "]") or text.strip() in ("{", "}"):
        return ONE
    if rest[:1] == "'":
        return "JSON takes double quotes"
    if rest[:1] in ("}", "]") or rest[:1] == "":
        return "a comma too many, a bracket or a quote too few, or a line cut in two"
    return "write the lines with a JSON library"


def _placed(wrong: Wrong, text: str, file: str, number: int) -> Fault:
    """Find the column of what is wrong."""
    where = ".".join(str(step) for step in wrong.path)
    mark = Mark(file, number, _column(text, wrong.path))
    return Fault(wrong.message, mark, where, wrong.hint, source=text[: mark.column + 100])


def _column(text: str, path: tuple[str | int, ...]) -> int:
    """Read the line as YAML, of which JSON is a part, to learn where a value stands."""
    from runner.recipe.reading import yaml_source

    if not path or len(text) > SHOWN:
        return 1
    try:
        mark = mark_of(yaml_source.read(text, "", False), path)
    except RecipeError:
        return 1
    return mark.column if mark else 1
