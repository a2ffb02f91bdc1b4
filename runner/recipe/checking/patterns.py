"""Patterns: regular expressions of strangers, of which some would take for ever.

Python's engine tries every way in which a repeat within a repeat can share out a text: twice as
many with each further character, where the end of one share may as well begin the next. Such a
pattern is refused before it meets a text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import import_module
from typing import Any

MAX_LENGTH = 5_000
_FEW = 4
"""A repeat of at most so many rounds cannot explode."""
_ALPHABET = frozenset([*map(chr, range(128)), "é", "\u2028"])
_CATEGORIES = {"DIGIT": r"\d", "SPACE": r"\s", "WORD": r"\w"}
_REPEATS = ("MAX_REPEAT", "MIN_REPEAT")

Chars = frozenset[str]


@cache
def wrong(pattern: str) -> str:
    """Say what is wrong with a pattern; nothing where it may be used."""
    if len(pattern) > MAX_LENGTH:
        return f"the pattern is longer than {MAX_LENGTH:,} characters"
    try:
        tree = import_module("re._parser").parse(pattern)
        re.compile(pattern)
    except re.error as error:
        return f"expected a regular expression, got the text {pattern[:60]!r} ({error.msg})"
    except (RecursionError, OverflowError):
        return "the pattern nests too deeply"
    if any(map(_explodes, _loops(tree))):
        return "the pattern may take for ever: a repeat within a repeat fits one text in many ways"
    return ""


def _parts(node: Any) -> Iterator[Any]:
    """Yield the sequences within a node."""
    name, value = str(node[0]), node[1]
    if name in (*_REPEATS, "POSSESSIVE_REPEAT"):
        yield value[2]
    elif name == "BRANCH":
        yield from value[1]
    elif name == "SUBPATTERN":
        yield value[3]
    elif name == "ATOMIC_GROUP":
        yield value
    elif name in ("ASSERT", "ASSERT_NOT"):
        yield value[1]
    elif name == "GROUPREF_EXISTS":
        yield from (part for part in value[1:] if part is not None)


def _loops(sequence: Any) -> Iterator[Any]:
    """Yield what repeats many times, however deep."""
    for node in sequence:
        if str(node[0]) in _REPEATS and node[1][1] > _FEW:
            yield node
        for part in _parts(node):
            yield from _loops(part)


def _explodes(loop: Any) -> bool:
    """Tell whether rounds of a loop can share out a text in several ways."""
    _, most, body = loop[1]
    if most < 1_000_000 and all(map(_may_be_empty, body)):
        return any(str(node[0]) in _REPEATS or list(_parts(node)) for node in body)
    return any(_is_loose(*place) for place in _within(list(body), list(body)))


def _within(sequence: list[Any], after: list[Any]) -> Iterator[tuple[Any, list[Any]]]:
    """Yield each repeat and branch of a loop's body, with what may follow it."""
    for place, node in enumerate(sequence):
        rest = [*sequence[place + 1 :], *after]
        name = str(node[0])
        if name in _REPEATS or name == "BRANCH":
            yield node, rest
        if name in (*_REPEATS, "BRANCH", "SUBPATTERN"):
            for part in _parts(node):
                yield from _within(list(part), rest)


def _is_loose(node: Any, after: list[Any]) -> bool:
    if str(node[0]) == "BRANCH":
        return _overlap(node[1][1])
    least, most, body = node[1]
    return least != most and most > _FEW and bool(_chars(body) & _first(after))


def _overlap(branches: Sequence[Any]) -> bool:
    """Tell whether one character may be of one branch as well as begin another."""
    seen: Chars = frozenset()
    for branch in sorted(branches, key=lambda branch: int(branch.getwidth()[0])):
        first = _first(list(branch))
        if seen & first:
            return True
        if branch.getwidth()[0] <= 1:
            seen |= first
    return False


def _first(sequence: Sequence[Any]) -> Chars:
    """Return the characters that may begin a sequence."""
    found: Chars = frozenset()
    for node in sequence:
        found |= _first_of(node)
        if not _may_be_empty(node):
            break
    return found


def _first_of(node: Any) -> Chars:
    parts = [] if str(node[0]).startswith("ASSERT") else list(_parts(node))
    return frozenset().union(*map(_first, parts)) if parts else _single(node)


def _may_be_empty(node: Any) -> bool:
    name = str(node[0])
    if name in ("AT", "ASSERT", "ASSERT_NOT", "GROUPREF", "GROUPREF_EXISTS"):
        return True
    if name in (*_REPEATS, "POSSESSIVE_REPEAT") and node[1][0] == 0:
        return True
    parts = list(_parts(node))
    return bool(parts) and any(all(map(_may_be_empty, part)) for part in parts)


def _chars(sequence: Any) -> Chars:
    """Return the characters that may end a sequence, and so be left to what follows."""
    found: Chars = frozenset()
    for node in sequence:
        parts = list(_parts(node))
        found |= frozenset().union(*map(_chars, parts)) if parts else _single(node)
    return found


def _single(node: Any) -> Chars:
    """Return the characters that a node of one character matches."""
    name, value = str(node[0]), node[1]
    if name == "IN":
        negated = str(value[0][0]) == "NEGATE"
        found = frozenset[str]().union(*map(_single, value[negated:]))
        return _ALPHABET - found if negated else found
    match name:
        case "LITERAL":
            return frozenset((chr(value) if value < 128 else "é",))
        case "NOT_LITERAL":
            return _ALPHABET - {chr(value)}
        case "ANY":
            return _ALPHABET - {"\n"}
        case "RANGE":
            return frozenset(char for char in _ALPHABET if value[0] <= ord(char) <= value[1])
    return _category(str(value).removeprefix("CATEGORY_")) if name == "CATEGORY" else frozenset()


def _category(name: str) -> Chars:
    known = _CATEGORIES.get(name.removeprefix("NOT_"), r"\w")
    found = frozenset(char for char in _ALPHABET if re.match(known, char))
    return _ALPHABET - found if name.startswith("NOT_") else found
