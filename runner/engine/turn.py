"""Turn: what names a step and its provider as its turn comes, and what it leaves behind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runner.engine.plan_step import StepPlan
from runner.engine.prepare import Plan
from runner.engine.user import settings
from runner.errors import Fault, RunnerError, SettingsError, UnknownNameError
from runner.exchange import Request
from runner.model import Answer, Ask, Conversation
from runner.protocol.providers import Provider
from runner.recipe import template
from runner.record import Record
from runner.results import Check


class Done(Record):
    """What earlier steps of a run left: their results, their asks and conversations.

    `replies` are their last answers, each with its parts.
    """

    results: dict[str, Any]
    asks: dict[str, Ask]
    talks: dict[str, Conversation]
    replies: dict[str, tuple[Answer, Mapping[str, Any]]]


def nothing() -> Done:
    """Return what stands at the beginning of a run."""
    return Done({}, {}, {}, {})


def provider_of(plan: Plan, step: StepPlan, context: Mapping[str, Any]) -> Provider:
    """Work out a step's provider: the command line, the recipe, the project, openai."""
    options = plan.options
    if options.provider or not step.keys.get("provider"):
        return _provider(plan, options.provider or plan.settings.default("provider") or "openai")
    place = step.keys.marks["provider"][1]
    named = template.kept(step.keys["provider"], at=("provider",), mark=place)(context)
    text = template.as_text(named, where="provider", mark=place)
    try:
        return _provider(plan, text)
    except SettingsError as error:
        fault = Fault(str(error.args[0]), place, "provider", error.hint)
        raise UnknownNameError.of(fault) from error


def _provider(plan: Plan, name: str) -> Provider:
    """Return a provider of a recipe's project; it is the same for all of its runs.

    Offline, another stands for it, which names models as it does.
    """
    found: Provider | None = plan.passed.found("provider", name)
    if found is None:
        if plan.options.offline:
            if name == plan.options.provider:
                settings.known(plan.settings, name)
            own_names = settings.has_own_names(plan.settings, name)
            found = settings.provider(plan.settings, "offline")._replace(own_names=own_names)
        else:
            found = settings.provider(plan.settings, name)
        plan.passed.keep("provider", name, found)
    return found


class Judged(Record):
    """What expectations came to; `error` is that of the first that could not be judged."""

    checks: tuple[Check, ...] = ()
    error: RunnerError | None = None

    @property
    def passed(self) -> bool:
        """Whether all of them hold."""
        return self.error is None and all(check.passed for check in self.checks)

    @property
    def state(self) -> str:
        """Say what a step came to that they judge."""
        if self.error is not None:
            return "failed"
        return "passed" if self.passed else "missed"


class Saved(Record):
    """What outputs are made of."""

    answer: Answer
    reply: Mapping[str, Any]
    judged: Judged
    sent: list[Request]


def run_id(plan: Plan, step: StepPlan) -> str:
    """Name a step of a recipe: `recipe::step`, the recipe alone where it is its only one.

    Its cell of the matrix and its repeat follow: `recipe::step[model=gpt-4.1]#2`.
    """
    name = f"{plan.recipe.name}::{step.name}" if step.name else plan.recipe.name
    return name + plan.suffix
