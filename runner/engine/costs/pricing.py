"""Pricing: what an answer cost, by the prices of its models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runner.engine.prepare import Plan, shape
from runner.exchange import Json
from runner.model import Answer, Ask
from runner.protocol import tariff, usage

PLACES = 12
"""Of a dollar: a millionth of the price of a token, and no sum of binary fractions beyond."""


def cost(plan: Plan, asked: Ask, answer: Answer) -> float | None:
    """Price each round by itself; None where the price of one is unknown."""
    if _is_free(asked):
        return 0.0
    if not answer.rounds:
        return None
    total, table = 0.0, prices(plan)
    for used in answer.rounds:
        price = _price(used, (answer.model, asked.model), table)
        if price is None:
            return None
        total += price
    return round(total, PLACES)


def _is_free(asked: Ask) -> bool:
    """Whether a call costs nothing: what it tells of usage was charged with another."""
    if asked.endpoint != "raw":
        return asked.endpoint in tariff.FREE
    method = asked.request.get("method", "POST" if "body" in asked.request else "GET")
    return str(method).upper() in tariff.READING


def prices(plan: Plan) -> Mapping[str, Json]:
    """Return the table of prices that a plan is judged by; its runs share it."""
    found: Mapping[str, Json] | None = plan.passed.found("prices", plan.settings)
    if found is None:
        found = table(plan.settings.section("prices"), plan.options.via)
        plan.passed.keep("prices", plan.settings, found)
    return found


def table(own: Mapping[str, Any], via: str = "live") -> Mapping[str, Json]:
    """Return the table of prices, the project's above ours; those of batches, via batch."""
    models = {**shape("prices.json")["models"], **own}
    return {"models": tariff.batched(models) if via == "batch" else models}


def _price(
    used: Mapping[str, Any], names: tuple[str, ...], prices: Mapping[str, Any]
) -> float | None:
    for name in names:
        price = usage.cost(used, name, prices) if name else None
        if price is not None:
            return price
    return None
