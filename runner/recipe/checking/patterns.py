"""Patterns: regular expressions that come to an end, whoever wrote them, whatever they search.

Python's matcher goes back and tries again, for ever on some patterns, and cannot be stopped. So
the work is estimated first from the parsed pattern, and what may be too much runs on an
automaton, which reads each character once. What only the matcher knows (references to groups,
atomic groups) is refused where it may be too much.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Iterator
from functools import lru_cache
from math import inf, log
from typing import Any, TypeAlias

from runner.recipe.checking.steps import FREE, Steps, UndecidedError

LONGEST_TEXT = 1 << 20
BUDGET = 2e7
"""The steps that a search may take: a few seconds at most."""
_LONGEST_PATTERN = 2_000
_LEAST_TEXT = 1_000  # what a pattern must be able to search, to be taken at all

_parser: Any = re._parser  # type: ignore[attr-defined]
_codes: Any = re._constants  # type: ignore[attr-defined]
_REPEATS = (_codes.MAX_REPEAT, _codes.MIN_REPEAT, _codes.POSSESSIVE_REPEAT)
_LAST_IS_BODY = (*_REPEATS, _codes.SUBPATTERN, _codes.ASSERT, _codes.ASSERT_NOT)

Item: TypeAlias = tuple[Any, Any]


class PatternError(ValueError):
    """The pattern is no regular expression, or none that is sure to end."""


def search(pattern: str, text: str, steps: Steps = FREE) -> bool:
    """Tell whether the pattern matches anywhere in the text, within a bounded time.

    Raise `PatternError` where it is none, `UndecidedError` where the text is too much for it, or
    for the steps that are left to a validation of many texts.
    """
    if len(text) > LONGEST_TEXT:
        message = f"the text is too long for a pattern: {len(text):,} of {LONGEST_TEXT:,}"
        raise UndecidedError(message)
    work = _work(pattern, len(text).bit_length())
    steps.left -= 1
    if work <= BUDGET and work <= steps.matcher:
        steps.matcher -= work
        return re.search(pattern, text) is not None
    from runner.recipe.checking.automaton import program, run

    try:
        return run(program(pattern), text, steps)
    except PatternError as error:
        message = f"the pattern {pattern!r} was given up on {len(text):,} characters: {error}"
        raise UndecidedError(message) from error


def fault(pattern: str) -> str | None:
    """Say what is wrong with a pattern, before any text is there."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            least = _work(pattern, _LEAST_TEXT.bit_length())
            re.compile(pattern)
        if least > BUDGET:
            from runner.recipe.checking.automaton import least_work, program

            least_work(program(pattern), _LEAST_TEXT)
    except (PatternError, Warning) as error:
        return str(error)
    return None


@lru_cache(maxsize=256)
def parse(pattern: str) -> Any:
    """Return the parsed pattern; raise `PatternError` where it is none."""
    if len(pattern) > _LONGEST_PATTERN:
        message = f"the pattern is too long: {len(pattern):,} of {_LONGEST_PATTERN:,} characters"
        raise PatternError(message)
    try:
        re.compile(pattern)
        return _parser.parse(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        raise PatternError(str(error)) from error


@lru_cache(maxsize=1024)
def _work(pattern: str, bits: int) -> float:
    """Estimate from above the steps of a search through a text whose length has so many bits."""
    length = 1 << bits
    ways, steps = effort(parse(pattern), length)
    return length * ways * steps


def effort(items: Iterable[Item], length: int) -> tuple[float, float]:
    """Estimate from above the ways on from one place, and the steps of each."""
    ways, steps = 1.0, 1.0
    for op, argument in items:
        more_ways, more_steps = _item_effort(op, argument, length)
        ways, steps = ways * more_ways, steps + more_steps
    return ways, steps


def _item_effort(op: Any, argument: Any, length: int) -> tuple[float, float]:
    if op in _REPEATS:
        return _repeat_effort(argument, length)
    if op == _codes.GROUPREF:
        return 1.0, float(length)
    efforts = [effort(body, length) for body in _bodies(op, argument)] or [(1.0, 1.0)]
    return sum(ways for ways, _ in efforts), sum(steps for _, steps in efforts)


def _repeat_effort(argument: tuple[int, int, Any], length: int) -> tuple[float, float]:
    least, most, body = argument
    ways, steps = effort(body, length)
    rounds = max(int(least), min(int(most), length))
    steps *= max(least, 1)
    if ways <= 1:
        return rounds - least + 1.0, steps
    explodes = (rounds + 1) * log(min(ways, 1e9)) > 50
    return inf if explodes else ways ** (rounds + 1), steps


def _bodies(op: Any, argument: Any) -> list[Any]:
    """Return the patterns within an item."""
    if op in _LAST_IS_BODY:
        return [argument[-1]]
    if op == _codes.BRANCH:
        return list(argument[1])
    if op == _codes.ATOMIC_GROUP:
        return [argument]
    if op == _codes.GROUPREF_EXISTS:
        return [body for body in argument[1:] if body is not None]
    return []


def codes_of(items: Iterable[Item]) -> Iterator[Any]:
    """Yield the kind of every item, those within others too."""
    for op, argument in items:
        yield op
        for body in _bodies(op, argument):
            yield from codes_of(body)
