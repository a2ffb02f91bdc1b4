"""Pricing: what an answer cost, by the prices of its models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runner.engine.prepare import Plan, shape
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
    models = plan.passed.found("prices", plan.settings)
    if models is None:
        models = {**shape("prices.json")["models"], **plan.settings.section("prices")}
        models = tariff.batched(models) if plan.options.via == "batch" else models
        plan.passed.keep("prices", plan.settings, models)
    prices = {"models": models}
    total = 0.0
    for used in answer.rounds:
        price = _price(used, (answer.model, asked.model), prices)
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


def _price(
    used: Mapping[str, Any], names: tuple[str, ...], prices: Mapping[str, Any]
) -> float | None:
    for name in names:
        price = usage.cost(used, name, prices) if name else None
        if price is not None:
            return price
    return None
