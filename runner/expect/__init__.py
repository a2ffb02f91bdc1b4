"""Expectations: what a reply should be; each says why it is not.

A predicate is a function `(actual, expected) -> str | None`: None where it holds, else what was
expected and what was found. An expectation is a row of `PARTS`: the part of the reply that it
looks at is given to its predicate. Where the reply has no such part, neither the expectation nor
its opposite holds: a missing cost is not a small one. What only a model can tell is asked by the
one who judges, and what it found is noted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import repeat
from typing import Any

from runner.errors import Fault, Mark, RecipeError
from runner.expect import asking, documents, events, media, text, tools, values
from runner.expect.asking import Ask, Finding, Question
from runner.expect.text import Predicate
from runner.expect.wording import bare, shown
from runner.recipe.checking.steps import UndecidedError
from runner.recipe.source import unfixed
from runner.record import Record
from runner.results import Check

Truth = Callable[[str, Mapping[str, Any]], bool]
Params = Callable[[str], Mapping[str, Any] | None]


class Part(Record):
    """What an expectation judges: `absent` is said where the reply has none."""

    predicate: Predicate
    absent: str
    description: str


PARTS: Mapping[str, Part] = {
    "text": Part(values.words, "the reply has no text", "the answer's text"),
    "json": Part(documents.document, "the reply is no JSON", "values in the reply's JSON, by path"),
    "parsed": Part(
        documents.document,
        "the reply's text holds no JSON",
        "the JSON within the text, by path",
    ),
    "headers": Part(documents.headers, "the reply has no headers", "response headers, by name"),
    "status": Part(values.amount, "the reply has no status", "the HTTP status"),
    "finish_reason": Part(values.words, "the reply names no finish_reason", "why the answer ended"),
    "model": Part(values.words, "the reply names no model", "the model, as the server named it"),
    "usage": Part(documents.document, "the reply states no usage", "tokens used, by name"),
    "latency": Part(values.amount, "the latency is unknown", "seconds from sending to the end"),
    "ttft": Part(
        values.amount, "ttft is unknown: only a stream has it", "seconds to a stream's first text"
    ),
    "cost": Part(values.amount, "the cost is unknown: the model has no known price", "US dollars"),
    "attempts": Part(values.amount, "the attempts are unknown", "how often it was sent"),
    "tool_calls": Part(
        tools.tool_calls, "the reply has no tool_calls", "calls that were made, in order"
    ),
    "citations": Part(tools.citations, "the reply has no citations", "sources that were named"),
    "events": Part(events.events, "the reply was no stream", "the events of a stream, in order"),
    "image": Part(media.image, "the reply has no picture", "every picture: its form and size"),
    "audio": Part(media.audio, "the reply has no sound", "the sound: its form and length"),
}
OTHERS: Mapping[str, str] = {
    "that": "an expression that gives true",
    "judge": "another model's verdict, from 0 to 1",
    "not": "the opposite of an expectation",
}


SHORT = ("that", "tool_calls", "events", "judge")
"""Expectations that are named by their key alone."""


def _no_truth(expression: str, reply: Mapping[str, Any]) -> bool:  # noqa: ARG001  the face of Truth
    message = f"expect: nothing here can evaluate {expression!r}"
    raise RecipeError(message)


def judge(
    expectations: Sequence[Mapping[str, Any]],
    reply: Mapping[str, Any],
    *,
    truth: Truth = _no_truth,
    marks: Sequence[Mark | None] = (),
    ask: Ask | None = asking.nobody,
) -> tuple[Check, ...]:
    """Judge a reply, given by its parts' names, by rendered expectations; a check for each.

    `truth` evaluates the expression of a `that`, `ask` asks a model (None where no expectation has
    one asked, nor holds what was kept from rendering); `marks` say where each expectation stands.
    Raises `RecipeError` where an expectation's own value is of no use, and whatever `ask` raises.
    """
    places = marks or repeat(None, len(expectations))
    pairs = zip(expectations, places, strict=True)
    if ask is None:
        return tuple([_plain(one, reply, truth, mark) for one, mark in pairs])
    return tuple(_check(bare(one), reply, truth, ask)._replace(mark=mark) for one, mark in pairs)


def _plain(
    wanted: Mapping[str, Any], reply: Mapping[str, Any], truth: Truth, mark: Mark | None
) -> Check:
    """Judge by an expectation that asks no model."""
    try:
        told = _judged(wanted, reply, truth)
    except UndecidedError as error:
        told = f"expected {_wish(wanted)}, but {error}"
    name = label(wanted)
    return Check(name, told is None, _after(name, told) if told else "", mark)


def _check(wanted: Mapping[str, Any], reply: Mapping[str, Any], truth: Truth, ask: Ask) -> Check:
    notes: list[str] = []

    def noted(question: Question) -> Finding:
        found = ask(question)
        notes.append(str(found))
        return found

    try:
        told = _judged(asking.put(wanted, noted), reply, truth)
    except UndecidedError as error:
        told = f"expected {_wish(wanted)}, but {error}"
    name, note = label(wanted), "; ".join(notes)
    if told and name.startswith("not ") and note:
        told = f"{told}; {note}"
    return Check(name, told is None, _after(name, told or ""), note=note)


def _after(name: str, told: str) -> str:
    """Leave out of a message the path that the name before it ends with."""
    path = f"{name.partition(' ')[2]}: "
    return told[len(path) :] if told.lower().startswith(path.lower()) else told


def _judged(wanted: Mapping[str, Any], reply: Mapping[str, Any], truth: Truth) -> str | None:
    name, expected = only(wanted)
    if name == "not":
        return _opposite(expected, reply, truth)
    if name == "that":
        return None if truth(expected, reply) else f"expected {expected} to be true, got false"
    if name == "judge":
        return asking.judged(expected)
    part = PARTS.get(name)
    if part is None:
        message = f"expect: {name}: expected one of {', '.join((*PARTS, *OTHERS))}"
        raise RecipeError(message)
    actual = reply.get(name)
    if expected is None or expected == {"equals": None}:
        return None if actual is None else f"expected null, got {shown(actual)}"
    if actual is None:
        raise UndecidedError(part.absent)
    return part.predicate(actual, expected)


def _opposite(wanted: Any, reply: Mapping[str, Any], truth: Truth) -> str | None:
    if _judged(wanted, reply, truth):
        return None
    name, _ = only(wanted)
    found = f", got {shown(reply.get(name))}" if name in PARTS and name != "events" else ""
    return f"expected the opposite of {_wish(wanted)}{found}"


def only(wanted: Any) -> tuple[str, Any]:
    """Return the one key of an expectation and its value."""
    if not isinstance(wanted, Mapping) or len(wanted) != 1:
        message = f"expect: expected a mapping with one key, got {shown(wanted)}"
        raise RecipeError(message)
    return next(iter(wanted.items()))


def label(wanted: Mapping[str, Any]) -> str:
    """Name an expectation in a few words, such as `text contains`."""
    name, expected = only(wanted)
    if name == "not" and isinstance(expected, Mapping):
        return f"not {label(expected)}"
    if name in SHORT:
        return name
    if isinstance(expected, Mapping):
        names = ", ".join(map(str, expected))
        return f"{name} {names if len(names) <= 60 else names[:60] + '…'}"
    return f"{name} equals"


def _wish(wanted: Mapping[str, Any]) -> str:
    name, expected = only(wanted)
    return f"{name}: {shown(expected)}"


def faults(
    expectations: Sequence[Mapping[str, Any]],
    marks: Sequence[Mark | None] = (),
    params: Params = lambda endpoint: None,  # noqa: ARG005  the face of Params
) -> list[Fault]:
    """Find what is wrong with expectations before they are rendered: patterns, paths, bounds.

    A list that was read from a recipe knows its own places; else `marks` may tell them. `params`
    gives the schema of an endpoint's params, for what a judge is asked with.
    """
    from runner.expect import soundness

    return soundness.faults(expectations, marks, params)


def asked(expectations: Any) -> list[tuple[str, Mapping[str, Any]]]:
    """List what expectations ask of models: each endpoint, and the mapping that says what."""
    tree = unfixed(expectations)
    if isinstance(tree, Mapping):
        return [row for key, value in tree.items() for row in _asked(key, unfixed(value))]
    return [row for item in tree for row in asked(item)] if isinstance(tree, list | tuple) else []


def _asked(key: str, value: Any) -> list[tuple[str, Mapping[str, Any]]]:
    if isinstance(value, Mapping) and key == "judge":
        return [("chat.completions", value)]
    if isinstance(value, Mapping) and key == "similar_to":
        return [("embeddings", value)] if "model" in value else []
    return [] if key in asking.SHUT else asked(value)


def described() -> list[tuple[str, str]]:
    """List the expectations, and the checks of texts, numbers and values, each in a few words."""
    parts = [(name, part.description) for name, part in PARTS.items()]
    checks = {**values.VALUES, **text.CHECKS, **values.AMOUNTS, "exists": values.exists}
    own = [(f"… {name}", (check.__doc__ or "").strip()) for name, check in checks.items()]
    return [*parts, *OTHERS.items(), *own]
