"""What is answered in batches has prices of its own."""

import pytest

from runner.protocol import tariff, usage

ROW = {"input": 4.0, "output": 8.0, "cached_input": 2.0, "max_output": 10}
LONG = {"above": 100, "input": 6.0}
PRIORITY = {"input": 9.0}


@pytest.mark.parametrize(
    ("row", "wanted"),
    [
        (ROW, {"input": 2.0, "output": 4.0, "cached_input": 1.0, "max_output": 10}),
        (ROW | {"batch": {"input": 3.0}}, {"input": 3.0, "output": 4.0}),
        (ROW | {"long": LONG}, {"long": {"above": 100, "input": 3.0}}),
        (ROW | {"batch": {"long": LONG}}, {"long": LONG}),
        ({"per_image": 0.04}, {"per_image": 0.02}),
    ],
)
def test_what_is_not_known_is_the_half(row, wanted):
    found = tariff.batched({"m": row})["m"]
    assert found | wanted == found


def test_other_tiers_have_no_price_in_batches():
    assert "priority" not in tariff.batched({"m": ROW | {"priority": PRIORITY}})["m"]


@pytest.mark.parametrize("tier", [{}, {"service_tier": "default"}, {"service_tier": "batch"}])
def test_it_counts_whatever_tier_a_reply_names(tier):
    prices = {"models": tariff.batched({"m": ROW})}
    used = {"prompt_tokens": 3, "completion_tokens": 2, **tier}
    assert usage.cost(used, "m", prices) == 3 * 2.0 + 2 * 4.0
