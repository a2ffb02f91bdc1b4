"""Filling: one text with its templates, filled in.

Jinja is loaded by texts alone that need it: one that names values and their fields and nothing
else is filled in here, to the same result; whatever is odd in it is left to Jinja.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

from runner.errors import Fault, FileMark, Mark, RecipeTemplateError
from runner.recipe.source import LINE_END
from runner.recipe.templates import bounds
from runner.recipe.templates.bounds import Meter
from runner.record import Record

if TYPE_CHECKING:
    from runner.recipe.templates.program import Program

Context: TypeAlias = Mapping[str, Any]
Fill: TypeAlias = Callable[[Context, Meter], Any]
Check: TypeAlias = Callable[[str], str] | None
Piece: TypeAlias = str | tuple[str, ...]

OPEN = re.compile(r"\{[{%#]")
"""What begins a template; a text without it is none."""
_PLAIN = re.compile(r"\{\{\s*([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\s*\}\}", re.ASCII)
_CONSTANTS = ("true", "True", "false", "False", "none", "None")
_WORDS = frozenset((*_CONSTANTS, "not", "and", "or", "if", "else", "in", "is", "self"))
_DATA = (str, int, float, bool, type(None), list, dict)
_ABSENT = object()


GLOBALS = frozenset(("range", "dict", "cycler", "joiner", "namespace"))
"""The names that every template has."""


class Text(Record):
    """A string of a tree that holds a template, and where it stands."""

    source: str
    at: tuple[Any, ...]
    mark: Mark | None


class Reads(Record):
    """The free names of a text, and fields read of them; sure ones fail if undefined."""

    names: frozenset[str]
    sure: frozenset[str]
    paths: frozenset[tuple[str, str]]
    sure_paths: frozenset[tuple[str, str]]


def filler(text: Text, check: Check = None) -> Fill:
    """Return what fills a text in; it raises `RecipeTemplateError`."""
    pieces = pieces_of(text.source)
    if pieces is None:
        quick = _through_jinja(text.source, check)
    elif is_one(pieces):
        quick = _direct(text.source, pieces, check)
    else:
        quick = _mixed(text.source, pieces, check)

    def fill(context: Context, meter: Meter) -> Any:
        try:
            return quick(context, meter)
        except Exception as error:
            raise RecipeTemplateError.of(fault(error, text, context)) from error

    return fill


@lru_cache(maxsize=4096)
def pieces_of(source: str) -> tuple[Piece, ...] | None:
    """Take a text apart that has plain `{{ a.b }}` alone; None where it has anything else."""
    if "\r" in source:
        return None  # Jinja makes other line ends of these
    pieces: list[Piece] = []
    done = 0
    for start in _openings(source):
        found = _PLAIN.match(source, start)
        path = tuple(found[1].split(".")) if found else ("not",)
        if found is None or path[0] in _WORDS:
            return None
        pieces += [source[done:start], path]
        done = found.end()
    return tuple(piece for piece in (*pieces, source[done:]) if piece)


def _openings(source: str) -> Iterator[int]:
    found = OPEN.search(source)
    while found:
        yield found.start()
        end = source.find("}}", found.start())
        found = OPEN.search(source, end + 2) if end > 0 else None


def is_one(pieces: tuple[Piece, ...]) -> bool:
    """Tell whether a text is wholly one expression."""
    paths = sum(isinstance(piece, tuple) for piece in pieces)
    return paths == 1 and not any(piece.strip() for piece in pieces if isinstance(piece, str))


def is_whole(source: str) -> bool:
    """Tell whether a text that compiles is wholly one expression."""
    pieces = pieces_of(source)
    return _program(source).whole if pieces is None else is_one(pieces)


def compile_fault(text: Text) -> Fault | None:
    """Return what is wrong with a text that does not compile."""
    try:
        if pieces_of(text.source) is None:
            _program(text.source)
    except Exception as error:
        return fault(error, text, {})
    return None


def reads_of(source: str) -> Reads:
    """Return what a text that compiles reads."""
    pieces = pieces_of(source)
    if pieces is None:
        from runner.recipe.templates.reads import reads

        return reads(source)
    paths = [piece for piece in pieces if isinstance(piece, tuple)]
    names = frozenset(path[0] for path in paths)
    fields = pairs(paths, names)
    return Reads(names, names - GLOBALS, fields, fields)


def pairs(paths: Iterable[tuple[str, ...]], free: frozenset[str]) -> frozenset[tuple[str, str]]:
    """Return the first two steps of the paths that begin with a free name."""
    return frozenset((path[0], path[1]) for path in paths if len(path) > 1 and path[0] in free)


def fault(error: Exception, text: Text, context: Context) -> Fault:
    """Say what went wrong with a text, where, and the way out."""
    from runner.recipe.templates import program

    message, hint = program.explain(error, text.source, context)
    line = program.line_of(error, text.source)
    if isinstance(text.mark, FileMark):
        return Fault(message, mark_in(text, line), dotted(text.at), hint)
    message = f"{message} (line {line} of the text)" if line and is_long(text.source) else message
    return Fault(message, text.mark, dotted(text.at), hint)


def is_long(source: str) -> bool:
    """Whether a text has more than one line."""
    return "\n" in source.strip()


def mark_in(text: Text, line: int = 0, name: str = "") -> Mark | None:
    """Return the place in a file of text of a line's first template, or of what reads a name.

    A line that goes on with a template from above it is marked where its own words begin.
    """
    if not isinstance(text.mark, FileMark):
        return text.mark
    firsts = _firsts(text.source)
    place = firsts.get(name or line)
    if place is None and line:
        own = LINE_END.split(text.source)[line - 1 : line] or [""]
        place = line, len(own[0]) - len(own[0].lstrip()) + 1, 1
    return Mark(text.mark.file, *(place or firsts.get(0, (1, 1, 1))))


@lru_cache(maxsize=64)
def _firsts(source: str) -> Mapping[str | int, tuple[int, int, int]]:
    """Map each name to where it is first read, each line to its first template, 0 to that of all.

    A place is a line, a column and a width. One walk finds them all: a text may read many names.
    """
    source = LINE_END.sub("\n", source)
    firsts: dict[str | int, tuple[int, int, int]] = {}
    line, start, done = 1, 0, 0
    for at, word in _words(source):
        line += source.count("\n", done, at)
        start = max(start, source.rfind("\n", done, at) + 1)
        place = line, at - start + 1, len(word)
        for key in (0, line) if word.startswith("{") else (word,):
            firsts.setdefault(key, place)
        done = at
    return firsts


def _words(source: str) -> Iterable[tuple[int, str]]:
    """Walk through what opens templates, and the names that they read, each with its offset."""
    if pieces_of(source) is None:
        from runner.recipe.templates.reads import words

        yield from words(source)
        return
    for found in _PLAIN.finditer(source):
        yield found.start(), "{{"
        yield found.start(1), found[1].partition(".")[0]


def dotted(at: tuple[Any, ...]) -> str:
    """Write a place in a tree as a path."""
    return ".".join(map(str, at))


def _program(source: str) -> Program:
    from runner.recipe.templates.program import program

    return program(source)


def _through_jinja(source: str, check: Check) -> Fill:
    def fill(context: Context, meter: Meter) -> Any:
        from runner.recipe.templates.program import program, run

        return run(program(source), context, meter, check)

    return fill


def _value(path: tuple[str, ...], context: Context) -> Any:
    """Follow a path through data; `_ABSENT` where Jinja must say what it comes to."""
    if path[0] not in context:
        return _ABSENT
    value = context[path[0]]
    for name in path[1:]:
        if not isinstance(value, dict) or name not in value:
            return _ABSENT
        value = value[name]
    return value if type(value) in _DATA else _ABSENT


def _direct(source: str, pieces: tuple[Piece, ...], check: Check) -> Fill:
    path = next(piece for piece in pieces if isinstance(piece, tuple))

    def fill(context: Context, meter: Meter) -> Any:
        value = _value(path, context)
        if value is _ABSENT or check is not None:
            return _through_jinja(source, check)(context, meter)
        return value

    return fill


def _mixed(source: str, pieces: tuple[Piece, ...], check: Check) -> Fill:
    def fill(context: Context, meter: Meter) -> Any:
        made = []
        for piece in pieces:
            if isinstance(piece, str):
                made.append(piece)
                continue
            value = _value(piece, context)
            if value is _ABSENT:
                return _through_jinja(source, check)(context, meter)
            text = bounds.text_of(value, meter)
            made.append(check(text) if check else text)
        return bounds.joined(made, meter)

    return fill
