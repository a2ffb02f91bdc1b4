"""Asking: puts to models what expectations want to know of an answer, and counts what it takes."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Iterator
from typing import Any

from runner.engine.context import parsed
from runner.engine.costs.pricing import cost
from runner.engine.drive import drive
from runner.engine.prepare import Plan
from runner.errors import ApiStatusError, BadReplyError, BudgetError, ServiceError
from runner.exchange import Reply, Request, Transport
from runner.expect.asking import Finding, Likeness, Question, Rubric
from runner.model import Answer, Ask, Effect, ResponseSchema
from runner.protocol import endpoints, flow
from runner.recipe.checking.steps import UndecidedError
from runner.results import StepResult

SHOWN = ("image/png", "image/jpeg", "image/webp", "image/gif")
MOST_SHOWN = 8
"""The pictures that a judge is shown, at the most."""


class Asking:
    """Asks the models of expectations by the recipe's provider, each question once.

    Its requests are numbered from `first`. `spent` is what they used, `sent` and `attempts` what
    it took; its cost is None where one is unknown.
    """

    def __init__(
        self, plan: Plan, carry: Callable[[], Transport], asked: Ask, answer: Answer, first: int = 0
    ) -> None:
        self._plan = plan
        self._carry = carry
        self._asked = asked
        self._first = first
        self.answer = answer
        self._found: dict[str, Finding] = {}
        self.sent = 0
        self.attempts = 0
        self.spent: Answer | None = None

    def __call__(self, question: Question) -> Finding:
        """Perform a question; what fails is an error."""
        key = repr(question)
        if key not in self._found:
            verb = "judge" if isinstance(question, Rubric) else "compare texts"
            try:
                self._found[key] = self._performed(question)
            except ServiceError as error:
                error.args = (f"{question.model}, asked to {verb}: {error.args[0]}",)
                raise
        return self._found[key]

    def counted(self, result: StepResult) -> StepResult:
        """Add to a result what was asked."""
        sent, attempts = result.sent + self.sent, result.attempts + self.attempts
        return result._replace(sent=sent, attempts=attempts, judging=self.spent)

    def _performed(self, question: Question) -> Finding:
        if isinstance(question, Likeness):
            return self._compared(question)
        return self._judged(question)

    def _judged(self, question: Rubric) -> Finding:
        from runner.protocol import judging

        said = judging.messages(question.rubric, *_shown(self.answer))
        schema = ResponseSchema(judging.NAME, dict(judging.SCHEMA))
        told = self._told(
            "chat.completions",
            model=question.model,
            messages=said,
            params=question.params,
            response_schema=schema,
        )
        if told.refusal:
            message = f"it refused: {told.refusal}"
            raise BadReplyError(message)
        score, reason = judging.verdict(parsed(told.text), told.text)
        return Finding(question.model, score, reason)

    def _compared(self, question: Likeness) -> Finding:
        from runner.protocol import vectors

        if not question.one.strip() or not question.other.strip():
            message = "an empty text has no embedding"
            raise UndecidedError(message)
        told = self._told("embeddings", model=question.model, input=[*question[1:]])
        return Finding(question.model, _cosine(*_two(vectors.vectors(told.json))))

    def _told(self, endpoint: str, **fields: Any) -> Answer:
        own = self._asked
        ask = Ask(endpoint, timeout=own.timeout, retries=own.retries, run_id=own.run_id, **fields)
        ask = ask._replace(refusals=own.refusals)
        if self._plan.options.untrusted:
            from runner.engine import strangers

            strangers.check(ask)
        counted = Answer(requests=1, attempts=0, cost=None)
        try:
            answer = drive(endpoints.find(endpoint).flow(ask), self._perform)
            counted = answer._replace(cost=cost(self._plan, ask, answer))
        except (ApiStatusError, BudgetError):
            counted = counted._replace(cost=0.0)
            raise
        finally:
            self._count(counted)
        return answer

    def _count(self, answer: Answer) -> None:
        past = self.spent
        whole = flow.joined(past, answer)._replace(json=None, body=b"", conversation=None)
        costs = [one.cost for one in (past, answer) if one is not None]
        known = [one for one in costs if one is not None]
        self.spent = whole._replace(cost=sum(known) if len(known) == len(costs) else None)

    def _perform(self, effect: Effect) -> Any:
        if not isinstance(effect, Request):
            message = f"a question is one request, not {type(effect).__name__}"
            raise TypeError(message)
        request = effect._replace(ordinal=self._first + self.sent)
        self.sent += 1
        try:
            reply: Reply = self._carry().send(request)
        except ServiceError as error:
            self.attempts += error.attempts
            raise
        except BudgetError as error:
            self.attempts += error.attempts
            self.sent -= 0 if error.attempts else 1
            raise
        self.attempts += reply.attempts
        return reply


def _shown(answer: Answer) -> tuple[str, list[str]]:
    """Return what a judge sees of an answer: its text, else its JSON; and its pictures."""
    pictures = list(_pictures(answer))
    if answer.text is not None or pictures:
        return answer.text or "", pictures
    if answer.json is None or answer.artifacts:
        message = "the reply has no text and no picture that a model could judge"
        raise UndecidedError(message)
    return json.dumps(answer.json, ensure_ascii=False), []


def _pictures(answer: Answer) -> Iterator[str]:
    shown = [one for one in answer.artifacts if one.media_type in SHOWN]
    for one in shown[:MOST_SHOWN]:
        if isinstance(one.body, bytes) and one.body:
            yield f"data:{one.media_type};base64,{b64encode(one.body).decode()}"


def _two(found: list[list[float]]) -> tuple[list[float], list[float]]:
    if len(found) == 2 and len(found[0]) == len(found[1]) and found[0]:
        return found[0], found[1]
    message = f"expected two embeddings of one length, got {[len(one) for one in found]}"
    raise BadReplyError(message)


def _cosine(one: list[float], other: list[float]) -> float:
    lengths = [sum(number * number for number in found) ** 0.5 for found in (one, other)]
    if not all(lengths):
        message = "an embedding has no length"
        raise BadReplyError(message)
    product = sum(a * b for a, b in zip(one, other, strict=True))
    return float(round(product / (lengths[0] * lengths[1]), 6))
