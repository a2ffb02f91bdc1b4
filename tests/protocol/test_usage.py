"""Usage is found, named, summed and priced."""

import pytest

from runner.protocol import usage

USED = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}


@pytest.mark.parametrize(
    "body",
    [
        {"usage": USED},
        {"usage": None, "x_groq": {"usage": USED}},
        {"choices": [{"usage": USED}]},
        {"choices": [{"delta": {}}, {"delta": {"usage": USED}}]},
        {"choices": [{"message": {"usage": USED}}]},
        {"type": "response.completed", "response": {"usage": USED}},
    ],
)
def test_usage_is_found_wherever_it_stands(body):
    assert usage.read(body) == USED


@pytest.mark.parametrize(
    "body",
    [{}, {"usage": {}}, {"usage": 3}, {"choices": None}, {"choices": [None]}, {"x_groq": "x"}],
)
def test_no_usage_is_none(body):
    assert usage.read(body) is None


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (USED, (3, 2, 5)),
        ({"input_tokens": 3, "output_tokens": 2}, (3, 2, 5)),
        ({"prompt_tokens": 3, "total_tokens": 5}, (3, 2, 5)),
        ({"completion_tokens": 2, "total_tokens": 5}, (3, 2, 5)),
        ({"prompt_tokens": 7, "total_tokens": 7}, (7, 0, 7)),
        ({"prompt_tokens": None, "input_tokens": 3, "output_tokens": True}, (3, 0, 3)),
        ({"type": "duration", "seconds": 9}, (0, 0, 0)),
        ({"input_tokens": 1, "output_tokens": 1, "total_tokens": 9}, (1, 1, 9)),
    ],
)
def test_totals_stand_under_both_names(found, expected):
    result = usage.normal(found)
    assert (
        result["prompt_tokens"],
        result["completion_tokens"],
        result["total_tokens"],
    ) == expected
    assert (result["input_tokens"], result["output_tokens"]) == expected[:2]


@pytest.mark.parametrize("absurd", [10**400, 1e308, -3, 2.5, float("inf"), 2**53 + 1, "7", True])
def test_a_count_that_is_none_is_not_known(absurd):
    assert usage.read({"usage": {"prompt_tokens": absurd, "completion_tokens": absurd}}) is None
    told = usage.normal({"prompt_tokens": absurd, "completion_tokens": 2, "total_tokens": 7})
    assert (told["prompt_tokens"], told["total_tokens"]) == (5, 7)


@pytest.mark.parametrize("absurd", [10**400, -(10**400), 1e308])
def test_absurd_counts_cost_nothing_and_add_up(absurd):
    used = {"prompt_tokens": 5, "prompt_tokens_details": {"cached_tokens": absurd}}
    assert usage.cost(used, "plain", PRICES) == 5.0
    assert usage.cost({"type": "duration", "seconds": absurd}, "heard", PRICES) is None
    assert usage.add({"n": absurd}, {"n": 2.5}) == {"n": 2.5}


def test_the_servers_own_fields_stay():
    found = {**USED, "cost": 0.1, "prompt_tokens_details": {"cached_tokens": 1}}
    assert {**usage.normal(found), **found} == usage.normal(found)


def test_sums_reach_into_details_and_keep_words():
    first = {"n": 1, "d": {"cached": 2, "only": 1}, "tier": "a", "none": None}
    second = {"n": 2.5, "d": {"cached": 3}, "tier": "b", "none": 4, "new": 1}
    expected = {"n": 3.5, "d": {"cached": 5, "only": 1}, "tier": "b", "none": 4, "new": 1}
    assert usage.add(first, second) == expected


def test_a_sum_with_nothing_is_the_other():
    assert usage.add(None, {"n": 1}) == {"n": 1} == usage.add({"n": 1}, None)
    assert usage.add(None, None) is None


CACHED = {"input_tokens": 1, "input_tokens_details": {"cached_tokens": 1}}
PRICES = {
    "models": {
        "gpt-4.1": {"input": 2e-6, "output": 8e-6, "cached_input": 5e-7},
        "plain": {"input": 1.0, "output": 10.0},
        "audio": {"input": 1.0, "output": 10.0, "audio_input": 100.0, "audio_output": 1000.0},
        "embed": {"input": 1.0, "output": None},
        "call": {"input": 1.0, "output": 1.0, "per_request": 0.5},
        "long": {"input": 1.0, "output": 2.0, "long": {"above": 10, "input": 5.0, "output": 7.0}},
        "image": {"input": 1.0, "image_input": 2.0, "image_output": 9.0},
        "heard": {"per_second": 0.25},
        "writes": {"input": 1.0, "cache_write": 3.0},
        "free": {"input": 0, "output": 0},
        "tiers": {
            "input": 8.0,
            "cached_input": 2.0,
            "output": 16.0,
            "long": {"above": 10, "input": 80.0},
            "flex": {"input": 4.0, "output": 8.0},
            "priority": {
                "input": 16.0,
                "cached_input": 4.0,
                "output": 32.0,
                "long": {"above": 10, "input": 160.0, "output": 320.0},
            },
        },
        "ft:gpt-4.1:mine::1": {"input": 3.0, "output": 3.0},
        "dated-2025-01-01": {"input": 7.0, "output": 7.0},
    }
}


@pytest.mark.parametrize(
    ("model", "used", "dollars"),
    [
        ("gpt-4.1", {"prompt_tokens": 1_000_000, "completion_tokens": 500_000}, 6.0),
        ("gpt-4.1-2025-04-14", {"input_tokens": 1_000_000, "output_tokens": 0}, 2.0),
        ("dated-2025-01-01", {"input_tokens": 1}, 7.0),
        (
            "gpt-4.1",
            {"prompt_tokens": 1_000_000, "prompt_tokens_details": {"cached_tokens": 400_000}},
            1.4,
        ),
        ("gpt-4.1", {"input_tokens": 4, "input_tokens_details": {"cached_tokens": 4}}, 2e-6),
        ("plain", {"prompt_tokens": 10, "prompt_tokens_details": {"cached_tokens": 4}}, 10.0),
        (
            "audio",
            {
                "prompt_tokens": 5,
                "completion_tokens": 3,
                "prompt_tokens_details": {"audio_tokens": 2, "cached_tokens": 0},
                "completion_tokens_details": {"audio_tokens": 1},
            },
            3 + 200 + 20 + 1000,
        ),
        ("embed", {"prompt_tokens": 5, "total_tokens": 5}, 5.0),
        ("call", {"prompt_tokens": 1}, 1.5),
        ("long", {"input_tokens": 10, "output_tokens": 1}, 12.0),
        ("long", {"input_tokens": 11, "output_tokens": 1}, 62.0),
        (
            "image",
            {"input_tokens": 3, "input_tokens_details": {"image_tokens": 2}, "output_tokens": 2},
            1 + 4 + 18,
        ),
        ("heard", {"type": "duration", "seconds": 8}, 2.0),
        ("writes", {"prompt_tokens": 3, "prompt_tokens_details": {"cache_write_tokens": 2}}, 7.0),
        ("free", {"prompt_tokens": 5}, 0.0),
        ("ft:gpt-4.1:mine::1", {"prompt_tokens": 1}, 3.0),
        ("tiers", {"input_tokens": 1, "output_tokens": 1, "service_tier": "default"}, 24.0),
        ("tiers", {"input_tokens": 1, "output_tokens": 1, "service_tier": "flex"}, 12.0),
        ("tiers", {"input_tokens": 1, "output_tokens": 1, "service_tier": "priority"}, 48.0),
        ("tiers", {"input_tokens": 11, "output_tokens": 1, "service_tier": "priority"}, 2080.0),
        ("tiers", {**CACHED, "service_tier": "priority"}, 4.0),
    ],
)
def test_known_prices_give_a_cost(model, used, dollars):
    assert usage.cost(used, model, PRICES) == pytest.approx(dollars)


@pytest.mark.parametrize(
    ("model", "used"),
    [
        ("unknown", USED),
        ("", USED),
        ("gpt-4.1", None),
        ("gpt-4.1", {"type": "duration", "seconds": 9}),
        ("ft:gpt-4.1:other::2", USED),
        ("ft:gpt-4.1:other::2-2025-01-01", USED),
        ("gpt-4.1-mini", USED),
        ("gpt-4.1-0613", USED),
        ("embed", USED),
        ("plain", {"prompt_tokens": 5, "prompt_tokens_details": {"audio_tokens": 1}}),
        ("plain", {"output_tokens": 5, "output_tokens_details": {"image_tokens": 1}}),
        ("plain", {**USED, "service_tier": "flex"}),
        ("tiers", {**USED, "service_tier": "scale"}),
        ("tiers", {**USED, "service_tier": ["flex"]}),
        ("tiers", {**CACHED, "service_tier": "flex"}),
        ("tiers", {"input_tokens": 11, "service_tier": "flex"}),
    ],
)
def test_an_unknown_price_is_none_never_zero(model, used):
    assert usage.cost(used, model, PRICES) is None


def test_an_empty_table_knows_nothing():
    assert usage.cost(USED, "gpt-4.1", {}) is None
