"""Patterns: a text that a regular expression matches, as far as one can be made up."""

from __future__ import annotations

import re
import string
from collections.abc import Iterable
from itertools import chain
from typing import Any

# The parser of `re` has no public name; it has been the same since Python 1.6.
from re import _constants as c  # type: ignore[attr-defined]  # isort: skip
from re import _parser  # type: ignore[attr-defined]  # isort: skip

LETTERS = (string.ascii_lowercase, string.digits, string.ascii_uppercase)
MARKS = " -_.,/:@#+=*()!?"
LONGEST = 2_000
MOST_STEPS = 20_000
CATEGORIES = {
    c.CATEGORY_DIGIT: r"\d",
    c.CATEGORY_NOT_DIGIT: r"\D",
    c.CATEGORY_SPACE: r"\s",
    c.CATEGORY_NOT_SPACE: r"\S",
    c.CATEGORY_WORD: r"\w",
    c.CATEGORY_NOT_WORD: r"\W",
}


class _TooLongError(Exception):
    """The text outgrew its room, or its making: `(a{999}){999}` is not worth writing."""


def sample(pattern: str, shortest: int = 0, longest: int | None = None) -> str | None:
    """Make a text that matches; None where the pattern is beyond us."""
    most = LONGEST if longest is None else longest
    for often in (3, 1, 0, shortest):
        text = _written(pattern, often)
        if text is not None and shortest <= len(text) <= most:
            return text
    return None


def _written(pattern: str, often: int) -> str | None:
    try:
        writer = _Writer(often)
        writer.write(_parser.parse(pattern))
    except (re.error, OverflowError, RecursionError, _TooLongError):
        return None
    return "".join(writer.text)


class _Writer:
    """Writes a text along a parsed pattern; `often` is how many turns an open repeat gets."""

    def __init__(self, often: int) -> None:
        self.often = often
        self.text: list[str] = []
        self.steps = 0
        self.groups: dict[int, str] = {}

    def write(self, nodes: Iterable[Any]) -> None:
        self._step()
        for kind, value in nodes:
            self._node(kind, value)
            self._step()

    def _step(self) -> None:
        self.steps += 1
        if len(self.text) > LONGEST or self.steps > MOST_STEPS:
            raise _TooLongError

    def _node(self, kind: Any, value: Any) -> None:
        match str(kind):
            case "LITERAL":
                self.text.append(chr(value))
            case "NOT_LITERAL" | "ANY" | "IN":
                self._letter(_members(kind, value))
            case "GROUPREF":
                self.text += self.groups.get(value, "")
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                self._repeat(*value)
            case _:
                self._nested(kind, value)

    def _nested(self, kind: Any, value: Any) -> None:
        match str(kind):
            case "BRANCH":
                self.write(value[1][0])
            case "SUBPATTERN":
                self._group(value[0], value[3])
            case "ATOMIC_GROUP":
                self.write(value)

    def _group(self, number: int | None, nodes: Iterable[Any]) -> None:
        start = len(self.text)
        self.write(nodes)
        if number is not None:
            self.groups[number] = "".join(self.text[start:])

    def _repeat(self, least: int, most: Any, nodes: Iterable[Any]) -> None:
        for _ in range(max(int(least), min(int(most), self.often))):
            self.write(nodes)

    def _letter(self, members: list[Any]) -> None:
        turn = len(self.text)
        order = (word[turn % len(word) :] + word[: turn % len(word)] for word in LETTERS)
        first = next((letter for letter in chain(*order, MARKS) if _holds(members, letter)), None)
        self.text.append(first or _lowest(members))


def _members(kind: Any, value: Any) -> list[Any]:
    match str(kind):
        case "NOT_LITERAL":
            return [(c.NEGATE, None), (c.LITERAL, value)]
        case "ANY":
            return [(c.RANGE, (ord("a"), ord("z")))]
    return list(value)


def _holds(members: list[Any], letter: str) -> bool:
    negated = bool(members) and members[0][0] is c.NEGATE
    return negated != any(_is(kind, value, letter) for kind, value in members)


def _is(kind: Any, value: Any, letter: str) -> bool:
    match str(kind):
        case "LITERAL":
            return bool(ord(letter) == value)
        case "RANGE":
            return bool(value[0] <= ord(letter) <= value[1])
        case "CATEGORY":
            return re.fullmatch(CATEGORIES[value], letter) is not None
    return False


def _lowest(members: list[Any]) -> str:
    kind, value = members[0]
    return chr(value[0] if kind is c.RANGE else value) if kind is not c.NEGATE else "a"
