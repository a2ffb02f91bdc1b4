"""Judged: a reply, judged by what its recipe expects."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from operator import is_
from typing import Any

from runner import expect
from runner.engine.asking import Asking
from runner.engine.plan_step import StepPlan
from runner.engine.turn import Judged
from runner.errors import Mark, RecipeError, RunnerError, faults_of, placed
from runner.expect.wording import brief, shown
from runner.model import Answer, Ask, Fixed
from runner.protocol.json_text import parse
from runner.recipe import template
from runner.recipe.source import Seq
from runner.record import Record
from runner.results import Check

MOST = 8
"""The most values that an expression is explained by."""
MOST_KEPT = 1_000
LOOKED_INTO = ("image", "audio", "events")
"""What expectations judge that is worked out only for them."""


def judged(
    step: StepPlan,
    asked: Ask,
    scope: Mapping[str, Any],
    reply: Mapping[str, Any],
    asking: Asking,
) -> Judged:
    """Judge a reply by the step's expectations and its response schema."""
    checks: tuple[Check, ...] = ()
    if asked.response_schema is not None and asking.answer.status not in asked.accepts:
        checks = (_structured(step, asked, asking.answer),)
    found = expectations(step.keys.get("expect"), scope, reply, asking)
    return found._replace(checks=checks + found.checks) if checks else found


def expectations(
    written: Any, scope: Mapping[str, Any], reply: Mapping[str, Any], asking: Asking
) -> Judged:
    """Judge a reply by a list of expectations; what only models can tell is asked of them.

    One that cannot be judged keeps the others from nothing.
    """
    if not written:
        return Judged()
    found, errors = _found(written, scope)
    if found.looks:
        from runner.engine import evidence

        reply = evidence.with_evidence(reply, asking.answer, found.looks)

    def truth(text: str, _: Any) -> bool:
        return template.truth(text, scope, "that", None)

    checks: list[Check] = []
    ask = asking if found.asks else None
    for row, mark in zip(found.rows, found.marks, strict=True):
        try:
            (check,) = expect.judge([row], reply, truth=truth, marks=(mark,), ask=ask)
        except RunnerError as error:
            errors.append(placed(error, mark))
        else:
            checks.append(check if check.passed else _explained(check, row, scope))
    return Judged(tuple(checks), _joined(errors) if errors else None)


def _joined(errors: list[RunnerError]) -> RunnerError:
    """Return the first error; one of the recipe tells the faults of the others too."""
    first, *others = errors
    if not others or not isinstance(first, RecipeError):
        return first
    return type(first).of(*(fault for error in errors for fault in faults_of(error)))


class _Wanted(Record):
    """Expectations, filled in: `looks` is what has to be worked out, `asks` whether of models.

    `written` is what they were, `made` what its templates made of it.
    """

    written: Any
    made: list[Any]
    rows: list[Any]
    looks: dict[str, set[str]]
    marks: tuple[Mark | None, ...]
    asks: bool


_KEPT: dict[int, _Wanted] = {}


def _understood(written: Any, made: list[Any]) -> _Wanted:
    """Look through expectations; what no template changes is the very same for every reply."""
    found = _KEPT.get(id(written))
    if found is None or found.written is not written or not _are_same(found.made, made):
        if len(_KEPT) >= MOST_KEPT:
            _KEPT.clear()
        rows = opened(made)
        asks = bool(expect.asked(rows))
        found = _Wanted(written, made, rows, wanted(rows), tuple(written.marks), asks)
        _KEPT[id(written)] = found
    return found


def _found(written: Any, scope: Mapping[str, Any]) -> tuple[_Wanted, list[RunnerError]]:
    """Fill expectations in; those that cannot be are left out, and tell why."""
    try:
        return _understood(written, template.kept(written)(scope)), []
    except RecipeError:
        good, made, errors = Seq(), list[Any](), list[RunnerError]()
    for place, (row, mark) in enumerate(zip(written, written.marks, strict=True)):
        try:
            made.append(template.kept(row, at=("expect", place))(scope))
        except RecipeError as error:
            errors.append(placed(error, mark))
        else:
            good.add(row, mark)
    return _understood(good, made), errors


def _are_same(some: list[Any], others: list[Any]) -> bool:
    return len(some) == len(others) and all(map(is_, some, others))


def _explained(check: Check, row: Any, scope: Mapping[str, Any]) -> Check:
    """Say of an expression that is not as expected what it read."""
    while isinstance(row, Mapping) and "not" in row:
        row = row["not"]
    source = row.get("that") if isinstance(row, Mapping) else None
    if not isinstance(source, str):
        return check
    from runner.recipe.templates.seen import seen

    read = [f"{name} is {brief(value)}" for name, value in islice(seen(source, scope), MOST)]
    return check._replace(message=f"{check.message}; {', '.join(read)}") if read else check


def wanted(written: Any) -> dict[str, set[str]]:
    """Name what expectations look at that has to be worked out, each with its parts."""
    found: dict[str, set[str]] = {}
    for row in written or ():
        name, value = next(iter(row.items()), ("", None)) if isinstance(row, Mapping) else ("", 0)
        inner = wanted([value]) if name == "not" else {name: _keys(value)}
        for key, parts in inner.items():
            if key in LOOKED_INTO:
                found.setdefault(key, set()).update(parts)
    return found


def _keys(value: Any) -> set[str]:
    return {str(key) for key in value} if isinstance(value, Mapping) else set()


def opened(tree: Any) -> Any:
    """Put what was kept from rendering back in its place."""
    if isinstance(tree, Fixed):
        return opened(tree.value)
    if isinstance(tree, Mapping):
        return {key: opened(value) for key, value in tree.items()}
    return [opened(item) for item in tree] if isinstance(tree, list) else tree


def _structured(step: StepPlan, asked: Ask, answer: Answer) -> Check:
    from runner.recipe.schema import problems

    mark: Mark | None = step.keys.marks["response_schema"][0]
    name = "response_schema"
    if answer.refusal:
        return Check(name, False, f"expected JSON, the model refused: {answer.refusal}", mark)
    if answer.finish_reason in ("length", "content_filter"):
        why = "at its token limit" if answer.finish_reason == "length" else "by a content filter"
        return Check(name, False, f"expected whole JSON, the answer was cut {why}", mark)
    if answer.finish_reason == "tool_calls":
        return Check(name, True, "", mark)
    try:
        value = parse(answer.text or "")
    except ValueError:
        return Check(name, False, f"expected JSON, got {shown(answer.text or '')}", mark)
    told = problems(value, dict(asked.response_schema.schema)) if asked.response_schema else []
    return Check(name, not told, "; ".join(told[:5]), mark)
