"""Questions: what expectations will ask of models, looked at before anything is sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from runner import expect
from runner.engine.costs import budget, pricing
from runner.engine.plan_step import StepPlan
from runner.engine.prepare import Plan
from runner.engine.turn import provider_of
from runner.errors import Fault
from runner.exchange import Request
from runner.model import Ask
from runner.protocol import endpoints, strangers
from runner.protocol.providers import Provider
from runner.recipe import template
from runner.recipe.source import mark_of


def faults(plan: Plan, step: StepPlan, context: Mapping[str, Any], written: Any) -> list[Fault]:
    """Find questions that a stranger may not ask, and those whose cost nothing bounds.

    What depends on the reply is looked at when it is asked.
    """
    found: list[Fault] = []
    provider = provider_of(plan, step, context)
    for endpoint, row in expect.asked(written):
        ask = _ask(endpoint, row, provider, context)
        if ask is None:
            continue
        found += _refused(ask, row) if plan.options.untrusted else ()
        found += _unpriced(plan, ask, row, provider)
    return found


def _ask(
    endpoint: str, row: Mapping[str, Any], provider: Provider, context: Mapping[str, Any]
) -> Ask | None:
    """Return what will be asked, without the answer that it is about; None where replies decide."""
    written = [row.get("model"), row.get("params")]
    if not set(template.names(written)) <= set(context):
        return None
    model = template.as_text(template.render(written[0], context))
    ask = Ask(endpoint, model=provider.models.get(model, model))
    if endpoint == "embeddings":
        return ask._replace(input="text")
    params = template.render(written[1], context) or {}
    return ask._replace(messages=({"role": "user", "content": "text"},), params=params)


def _refused(ask: Ask, row: Mapping[str, Any]) -> Iterator[Fault]:
    for one in strangers.refusals(ask):
        yield Fault(one.message, mark_of(row, one.path), ".".join(map(str, one.path)), one.hint)


def _unpriced(plan: Plan, ask: Ask, row: Mapping[str, Any], provider: Provider) -> Iterator[Fault]:
    if not budget.is_limited(plan):
        return
    request = next(endpoints.find(ask.endpoint).flow(ask))
    if not isinstance(request, Request):
        return
    found = budget.most(request, provider, pricing.prices(plan))
    if found.cost is None:
        yield budget.fault(found.why, found.hint, mark_of(row, ("model",)))
