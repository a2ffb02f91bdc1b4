"""Asking: expectations that only a model can judge; what it is asked is a record.

Nothing is asked here. Who judges hands in an `Ask`, which performs a question and tells what was
found; what fails while asking is an error, and never a missed expectation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from runner.errors import RecipeError
from runner.expect.wording import misused
from runner.record import Record

LEAST = 0.7
"""The lowest score that a judge must give, where a recipe does not say."""
SHUT = frozenset(("equals", "one_of", "contains", "not_contains", "schema"))
"""Checks whose values are data, and hold no checks."""


class Rubric(Record):
    """A question: how well does the answer meet the rubric, from 0 to 1? `params` join the body."""

    model: str
    rubric: str
    params: Mapping[str, Any] = {}


class Likeness(Record):
    """A question: how near are two texts, by the cosine of a model's embeddings?"""

    model: str
    one: str
    other: str


class Finding(Record):
    """What a model found, and why."""

    model: str
    score: float
    reason: str = ""

    def __str__(self) -> str:
        return f"{self.model} gave {self.score:.4g}" + (f": {self.reason}" if self.reason else "")


Question: TypeAlias = Rubric | Likeness
Ask: TypeAlias = Callable[[Question], Finding]


def nobody(question: Question) -> Finding:
    """Have nobody to ask."""
    message = f"expect: nothing here can ask the model {question.model!r}"
    raise RecipeError(message)


class Put(dict[str, Any]):
    """What an expectation puts to a model, and who asks it."""

    def __init__(self, wanted: Mapping[str, Any], ask: Ask) -> None:
        super().__init__(wanted)
        self.ask = ask


def put(tree: Any, ask: Ask) -> Any:
    """Give every check within an expectation that needs a model the one who asks it."""
    if not isinstance(tree, Mapping):
        return [put(item, ask) for item in tree] if isinstance(tree, list) else tree
    return {key: value if key in SHUT else _put(key, value, ask) for key, value in tree.items()}


def _put(key: Any, value: Any, ask: Ask) -> Any:
    if not isinstance(value, Mapping):
        return put(value, ask)
    if key == "judge" or (key == "similar_to" and "model" in value):
        return Put(value, ask)
    return put(value, ask)


def judged(expected: Any) -> str | None:
    """Another model finds that the answer meets the rubric."""
    if not isinstance(expected, Put):
        raise misused(expected, "judge", "a mapping with model and rubric")
    least = share(expected.get("at_least", LEAST), "judge")
    model, rubric = _said(expected, "model"), _said(expected, "rubric")
    found = expected.ask(Rubric(model, rubric, expected.get("params") or {}))
    return None if found.score >= least else f"expected a score of at least {least}, {found}"


def cosine(actual: str, text: str, expected: Put) -> float:
    """Return how near a text is to another, by a model's embeddings."""
    return expected.ask(Likeness(_said(expected, "model", "similar_to"), actual, text)).score


def share(value: Any, what: str) -> float:
    """Return a number from 0 to 1."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not 0 <= value <= 1:
        raise misused(value, what, "at_least from 0 to 1")
    return float(value)


def _said(expected: Mapping[str, Any], key: str, what: str = "judge") -> str:
    value = expected.get(key)
    if isinstance(value, bool) or not isinstance(value, str | int | float) or value == "":
        raise misused(value, what, f"text as its {key}")
    return str(value)
