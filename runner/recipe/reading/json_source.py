"""JSON source: a JSON file becomes a tree of the same kinds of node as YAML."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from runner.errors import Mark, RecipeSyntaxError
from runner.recipe.depth import text_nests
from runner.recipe.reading.scalars import integer, real
from runner.recipe.source import LINE_END, MAX_DEPTH, MAX_VALUES, Map, Seq, refuse

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"?|-?[A-Za-z0-9][-+.\w]*', re.DOTALL)
_HALF = re.compile(r"\\u[dD][89a-fA-F]")


class _TwiceError(ValueError):
    """An object has a key twice."""


class _WordError(ValueError):
    """A number that cannot be kept."""

    def __init__(self, message: str, word: str) -> None:
        super().__init__(message)
        self.word = word


def read(text: str, file: str) -> Any:
    """Read one JSON value; its nodes all bear the mark of its start."""
    start = Mark(file, 1, 1)
    if text.count("[") + text.count("{") > MAX_VALUES:
        refuse(f"more than {MAX_VALUES:,} values in one file", start)
    if text_nests(text, MAX_DEPTH):
        refuse(f"values nest deeper than {MAX_DEPTH} levels", start)
    try:
        tree = _node(_DECODER.decode(text), start)
    except json.JSONDecodeError as error:
        mark = _place(text, file, min(error.pos, max(0, len(text.rstrip()) - 1)))
        refuse(f"this is no JSON: {error.msg.lower()}", mark, source=_line(text, mark))
    except _WordError as error:
        mark = _place(text, file, _first(text, error.word))._replace(width=len(error.word))
        refuse(str(error), mark, source=_line(text, mark))
    except _TwiceError as error:
        _refuse_twice(text, str(error), start)
    if _HALF.search(text) and not _is_whole(tree):
        refuse("a \\u escape that is half a character", start)
    return tree


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    names = [name for name, _ in pairs]
    twice = next(name for name in names if names.count(name) > 1)
    message = f"the key {twice[:60]!r} stands twice"
    raise _TwiceError(message)


def _refuse_twice(text: str, message: str, start: Mark) -> NoReturn:
    """Read the text as YAML, of which JSON is a part, to learn where the key stands."""
    from runner.recipe.reading import yaml_source

    try:
        yaml_source.read(text, start.file, pure=False)
    except RecipeSyntaxError as error:
        faults = [fault for fault in error.faults if "stands twice" in fault.message]
        if faults:
            raise RecipeSyntaxError.of(*faults) from error
    refuse(message, start)


def _constant(word: str) -> None:
    message = f"{word} is no number that JSON can hold"
    raise _WordError(message, word)


def _integer(word: str) -> int:
    try:
        return integer(word)
    except ValueError as error:
        raise _WordError(str(error), word) from error


def _real(word: str) -> float:
    try:
        return real(word)
    except ValueError as error:
        raise _WordError(str(error), word) from error


_DECODER = json.JSONDecoder(
    object_pairs_hook=_pairs, parse_constant=_constant, parse_int=_integer, parse_float=_real
)


def _node(value: Any, mark: Mark) -> Any:
    """Give every mapping and list its marks."""
    if not isinstance(value, dict | list):
        return value
    if isinstance(value, list):
        items = Seq(mark)
        items.extend(_node(item, mark) for item in value)
        items.marks = [mark] * len(items)
        return items
    keys = Map(mark)
    keys.update((name, _node(item, mark)) for name, item in value.items())
    keys.marks = dict.fromkeys(keys, (mark, mark))
    return keys


def _is_whole(tree: Any) -> bool:
    """Tell whether all text can be encoded."""
    try:
        json.dumps(tree, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _first(text: str, word: str) -> int:
    """Find where a word first stands outside strings."""
    return next((found.start() for found in _TOKEN.finditer(text) if found.group() == word), 0)


def _place(text: str, file: str, index: int) -> Mark:
    before = LINE_END.split(text[:index])
    return Mark(file, len(before), len(before[-1]) + 1)


def _line(text: str, mark: Mark) -> str:
    return LINE_END.split(text)[mark.line - 1]
