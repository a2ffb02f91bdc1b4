"""The automaton of a pattern: it reads every character once, in all states at the same time."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeAlias

from runner.recipe.checking.patterns import Item, PatternError, codes_of, effort, parse
from runner.recipe.checking.steps import FREE, Steps
from runner.record import Record

_MOST_NODES = 5_000
_MOST_MOVES = 20_000
_MOST_WORK = 4e6  # a few seconds

_parser: Any = re._parser  # type: ignore[attr-defined]
_compiler: Any = re._compiler  # type: ignore[attr-defined]
_codes: Any = re._constants  # type: ignore[attr-defined]
_ASSERTIONS = (_codes.ASSERT, _codes.ASSERT_NOT)
_MATCHER_ONLY = {
    _codes.GROUPREF,
    _codes.GROUPREF_EXISTS,
    _codes.ATOMIC_GROUP,
    _codes.POSSESSIVE_REPEAT,
}

Flags: TypeAlias = tuple[int, int]
"""The flags that the groups around add, and take away."""


class Node(Record):
    """A state. `kind`: "char" reads one character, "look" none, "split" goes on, "end".

    `ahead` is the pattern within a look ahead or back.
    """

    kind: str
    after: tuple[int, ...] = ()
    leaf: re.Pattern[str] | None = None
    ahead: Any = ()


class Program(Record):
    """The states of a pattern; the first is the end."""

    nodes: tuple[Node, ...]
    start: int


@lru_cache(maxsize=64)
def program(pattern: str) -> Program:
    """Make the automaton of a pattern; raise `PatternError` where it has none, or no small one."""
    tree = parse(pattern)
    if _MATCHER_ONLY & set(codes_of(tree)):
        message = "with references to groups, or atomic groups, it may take for ever"
        raise PatternError(message)
    layout = _Layout(tree.state)
    start = layout.sequence(tree, 0, (0, 0))
    return Program(tuple(layout.nodes), start)


def run(automaton: Program, text: str, steps: Steps = FREE) -> bool:
    """Tell whether it matches anywhere; raise `PatternError` where that takes too long.

    Each character takes one of the `steps`, and each work that is new as many as it is.
    """
    reading = _Reading(automaton, text)
    try:
        return _run(reading, automaton, text)
    finally:
        steps.left -= reading.work + len(text)


def _run(reading: _Reading, automaton: Program, text: str) -> bool:
    moves: dict[tuple[frozenset[int], str, str], frozenset[int]] = {}
    met: dict[frozenset[int], frozenset[int]] = {}  # equal sets are one, so that `moves` is quick
    # A look ahead depends on all the text; ^ $ \b on the characters beside them and on the ends.
    last = 0 if any(node.ahead for node in automaton.nodes) else len(text) - 1
    states = reading.reach({automaton.start}, 0)
    for place, (char, following) in enumerate(zip(text, text[1:] + " ", strict=False), 1):
        if 0 in states:
            return True
        known = moves.get((states, char, following)) if place < last else None
        if known is None:
            known = reading.reach(reading.move(states, char), place)
            if place < last and len(moves) < _MOST_MOVES:
                known = met.setdefault(known, known)
                moves[states, char, following] = known
        states = known
    return 0 in states


def least_work(automaton: Program, length: int) -> None:
    """Raise `PatternError` where a single look around in so long a text may take too long."""
    if max(_weights(automaton, length)) > _MOST_WORK:
        message = "what it looks ahead to, or back at, may take for ever"
        raise PatternError(message)


def _weights(automaton: Program, length: int) -> list[float]:
    """Return the work of each node; the matcher's own steps are quicker than ours."""
    efforts = (effort(node.ahead, length) for node in automaton.nodes)
    return [1 + ways * steps / 50 for ways, steps in efforts]


class _Layout:
    """Lays out the nodes, from the end of the pattern to its start."""

    def __init__(self, state: Any) -> None:
        self.state = state
        self.nodes = [Node("end")]
        self.work = 0
        self.kinds: dict[Any, Callable[[Any, int, Flags], int]] = {
            _codes.BRANCH: self.branch,
            _codes.SUBPATTERN: self.group,
            _codes.MAX_REPEAT: self.repeat,
            _codes.MIN_REPEAT: self.repeat,
        }

    def add(self, node: Node) -> int:
        self.nodes.append(node)
        return len(self.nodes) - 1

    def sequence(self, items: Any, after: int, flags: Flags) -> int:
        self.work += 1 + len(items)
        if self.work > _MOST_NODES:
            message = "it repeats too much to be sure that it ends"
            raise PatternError(message)
        for item in reversed(list(items)):
            lay = self.kinds.get(item[0])
            after = lay(item[1], after, flags) if lay else self.leaf(item, after, flags)
        return after

    def branch(self, argument: Any, after: int, flags: Flags) -> int:
        ways = tuple(self.sequence(body, after, flags) for body in argument[1])
        return self.add(Node("split", ways))

    def group(self, argument: Any, after: int, flags: Flags) -> int:
        _, more, less, body = argument
        return self.sequence(body, after, (flags[0] & ~less | more, flags[1] & ~more | less))

    def repeat(self, argument: Any, after: int, flags: Flags) -> int:
        least, most, body = argument
        if most == _codes.MAXREPEAT:
            after = self.loop(body, after, flags)
        else:
            after = self.options(body, after, flags, most - least)
        for _ in range(least):
            after = self.sequence(body, after, flags)
        return after

    def loop(self, body: Any, after: int, flags: Flags) -> int:
        place = self.add(Node("split"))
        self.nodes[place] = Node("split", (self.sequence(body, place, flags), after))
        return place

    def options(self, body: Any, after: int, flags: Flags, count: int) -> int:
        first = after
        for _ in range(count):
            first = self.add(Node("split", (self.sequence(body, first, flags), after)))
        return first

    def leaf(self, item: Item, after: int, flags: Flags) -> int:
        op, argument = item
        pattern = _parser.SubPattern(self.state, [item])
        if any(flags):
            scoped = (_codes.SUBPATTERN, (None, *flags, pattern))
            pattern = _parser.SubPattern(self.state, [scoped])
        kind = "look" if op == _codes.AT or op in _ASSERTIONS else "char"
        ahead = argument[1] if op in _ASSERTIONS else ()
        return self.add(Node(kind, (after,), _compiler.compile(pattern), ahead))


class _Reading:
    """One run over one text, and the work it took."""

    def __init__(self, automaton: Program, text: str) -> None:
        self.nodes, self.start = automaton
        self.weights = _weights(automaton, len(text))
        self.text = text
        self.work = 0.0

    def move(self, states: frozenset[int], char: str) -> set[int]:
        """Return the states behind one character; a match may also begin there."""
        self.spend(len(states))
        nodes = [self.nodes[state] for state in states]
        moved = {node.after[0] for node in nodes if node.leaf and node.leaf.match(char)}
        return moved | {self.start}

    def reach(self, states: set[int], place: int) -> frozenset[int]:
        """Follow all that reads nothing; return the states that read, and the end."""
        seen, left = set(states), list(states)
        while left:
            number = left.pop()
            self.spend(self.weights[number])
            fresh = set(self.onward(self.nodes[number], place)) - seen
            seen |= fresh
            left += fresh
        return frozenset(state for state in seen if self.nodes[state].kind in ("char", "end"))

    def onward(self, node: Node, place: int) -> tuple[int, ...]:
        if node.kind == "split":
            return node.after
        if node.kind == "look" and node.leaf and node.leaf.match(self.text, place):
            return node.after
        return ()

    def spend(self, work: float) -> None:
        self.work += work
        if self.work > _MOST_WORK:
            message = "it takes too long"
            raise PatternError(message)
