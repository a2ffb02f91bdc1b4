"""Calls: which tools a simulated model calls, and with what arguments."""

from __future__ import annotations

from collections.abc import Mapping

from runner.exchange import Json
from runner.protocol.simulated import hints
from runner.protocol.simulated.example import example, is_place
from runner.protocol.simulated.service import compact
from runner.protocol.simulated.turns import Said
from runner.protocol.simulated.words import WORD
from runner.record import Record

MOST = 4
"""How many calls of one tool one round may bring."""


class Function(Record):
    """A function tool of the request."""

    name: str
    schema: Mapping[str, Json]


class Call(Record):
    """A call: the arguments are the JSON text that the model wrote."""

    name: str
    arguments: str


def functions(tools: Json, key: str = "") -> tuple[Function, ...]:
    """Read the function tools; `key` is where the dialect nests them."""
    forms = [tool for tool in tools or () if tool.get("type") == "function"]
    forms = [form[key] for form in forms] if key else forms
    return tuple(Function(form["name"], form.get("parameters") or {}) for form in forms)


def named(choice: Json) -> str:
    """Return the function that a tool choice names, or ""."""
    if not isinstance(choice, dict) or choice.get("type") != "function":
        return ""
    nested = choice.get("function")
    form = nested if isinstance(nested, dict) else choice
    return str(form.get("name") or "")


def make(offered: tuple[Function, ...], body: Mapping[str, Json], said: Said) -> tuple[Call, ...]:
    """Decide what to call: what is forced, else once a question what seems to fit it."""
    choice = body.get("tool_choice", "auto")
    if isinstance(choice, dict) and choice.get("type") == "allowed_tools":
        allowed = choice.get("allowed_tools", choice)
        names = [named({"type": "function", **tool}) for tool in allowed["tools"]]
        offered = tuple(one for one in offered if one.name in names)
        choice = allowed.get("mode", "auto")
    several = body.get("parallel_tool_calls", True) is not False
    chosen = _chosen(offered, choice, said)
    made = [call for one in chosen for call in _calls(one, said.question, several)]
    return tuple(made if several else made[:1])


def _chosen(offered: tuple[Function, ...], choice: Json, said: Said) -> tuple[Function, ...]:
    if forced := named(choice):
        return tuple(one for one in offered if one.name == forced)
    fitting = tuple(one for one in offered if _fits(one, said.question))
    if choice == "required":
        return fitting or offered[:1]
    if choice != "auto" or said.results:
        return ()
    return fitting or (() if said.called else offered[:1])


def _fits(function: Function, question: str) -> bool:
    """Whether the question has a word of the function's name."""
    words = {word for word in function.name.lower().replace("-", "_").split("_") if len(word) > 3}
    return not words.isdisjoint(WORD.findall(question.lower()))


def _calls(function: Function, question: str, several: bool) -> list[Call]:
    """Call once, or once for each place where the function wants one and the user names more."""
    wanted = [name for name in function.schema.get("properties") or {} if is_place(name)]
    places = hints.places(question)[:MOST] if len(wanted) == 1 and several else []
    if len(places) < 2:
        return [Call(function.name, compact(example(function.schema, question)))]
    values = [example(function.schema, question) | {wanted[0]: place} for place in places]
    return [Call(function.name, compact(value)) for value in values]
