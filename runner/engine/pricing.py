"""Pricing: what an answer cost, by the prices of its models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runner.engine.prepare import Plan, shape
from runner.model import Answer, Ask
from runner.protocol import tariff, usage


def cost(plan: Plan, asked: Ask, answer: Answer) -> float | None:
    """Price each round by itself; None where the price of one is unknown."""
    if not answer.rounds:
        return None
    models = plan.passed.found("prices", plan.settings)
    if models is None:
        models = {**shape("prices.json")["models"], **plan.settings.section("prices")}
        models = tariff.batched(models) if plan.options.via == "batch" else models
        plan.passed.keep("prices", plan.settings, models)
    prices = [_price(used, (answer.model, asked.model), models) for used in answer.rounds]
    known = [price for price in prices if price is not None]
    return sum(known) if len(known) == len(prices) else None


def _price(
    used: Mapping[str, Any], names: tuple[str, ...], models: Mapping[str, Any]
) -> float | None:
    found = (usage.cost(used, name, {"models": models}) for name in names if name)
    return next((price for price in found if price is not None), None)
