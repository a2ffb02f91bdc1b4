"""The price table: whence it is, and what is in it."""

from __future__ import annotations

import pytest

from tests import make_prices
from tests.schemas import load


def test_prices_say_whence_they_are():
    table = load("prices.json")
    assert table["source"].keys() == {"name", "version", "date"}
    assert table["models"]["gpt-4o"]["input"] == pytest.approx(2.5e-6)
    assert table["models"]["gpt-4o"]["max_output"] == 16384


def test_every_price_is_one_that_a_project_may_override():
    known = load("project.json")["$defs"]["price"]["properties"].keys()
    tiers = {"batch", "flex", "priority", "ultrafast", "long"}
    for row in load("prices.json")["models"].values():
        assert row.keys() <= known | tiers
        assert all(value >= 0 for value in row.values() if not isinstance(value, dict))


def test_an_unknown_price_is_absent_not_zero():
    table = {
        "chat": {
            "litellm_provider": "openai",
            "mode": "chat",
            "input_cost_per_token": 2e-6,
            "output_cost_per_token": 0.0,
            "input_cost_per_token_flex": 1e-6,
            "input_cost_per_token_above_272k_tokens": 4e-6,
            "max_output_tokens": 9,
        },
        "free": {"litellm_provider": "openai", "mode": "moderation", "input_cost_per_token": 0.0},
        "other": {"litellm_provider": "elsewhere", "input_cost_per_token": 1e-6},
        "low/1024-x-1024/chat": {"litellm_provider": "openai", "input_cost_per_token": 1e-6},
        "azure/chat": {"litellm_provider": "azure", "input_cost_per_token": 2e-6},
        "azure/own": {"litellm_provider": "azure", "input_cost_per_token": 3e-6},
    }
    assert make_prices.reduce(table) == {
        "chat": {
            "input": 2e-6,
            "max_output": 9,
            "flex": {"input": 1e-6},
            "long": {"above": 272000, "input": 4e-6},
        },
        "free": {"input": 0.0},
        "azure/own": {"input": 3e-6},
    }
