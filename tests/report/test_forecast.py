"""What runs would come to, in words."""

import pytest

from runner.protocol.forecast import Forecast, Load
from runner.protocol.pacing import Limits
from runner.report.forecast import Pace, cost, costs, requests, summary, time

OPEN = Forecast(2, more=True, about=5).open("nobody knows")
SLOW = Forecast(41, loads=(Load("a gpt", Limits(requests=2), 41, 400),))


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (Forecast(1), "1 request"),
        (OPEN, "2+ requests"),
        (Forecast(1, more=True), "1+ requests"),
        (Forecast(1234), "1,234 requests"),
    ],
)
def test_more_requests_are_shown_by_a_sign(found, words):
    assert requests(found) == words


@pytest.mark.parametrize(
    ("amount", "words"), [(0.0, "free"), (None, "cost unknown"), (0.5, "at most $0.5000")]
)
def test_a_cost_is_a_bound(amount, words):
    assert cost(amount) == words


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (Forecast(cost=0.5, likely=0.25), "about $0.2500 before the answers, at most $0.5000"),
        (Forecast(cost=0.5, likely=0.5), "at most $0.5000"),
        (Forecast(cost=0.5, likely=None), "at most $0.5000"),
        (Forecast(), "free"),
        (
            Forecast(cost=None, likely=0.25, why="how long"),
            "about $0.2500 before the answers, no highest cost known (how long)",
        ),
        (OPEN, "cost unknown (nobody knows)"),
    ],
)
def test_what_is_likely_is_told_beside_the_bound(found, words):
    assert costs(found) == words


@pytest.mark.parametrize(
    ("found", "pace", "words"),
    [
        (SLOW, Pace(8), "at least 20 min at 2 requests a minute"),
        (OPEN, Pace(8), "time depends on the service, 8 at once"),
        (SLOW, Pace(simulated=True), "no waiting, as it is simulated"),
        (SLOW, Pace(batches=True), "up to 24 h, as batches take"),
    ],
)
def test_the_time_is_that_of_the_limits(found, pace, words):
    assert time(found, pace) == words


def test_the_last_line_says_it_all():
    told = "2 runs · 2+ requests · about 5 tokens in · cost unknown (nobody knows)"
    later = "time depends on the service, 1 at once · nothing was sent"
    assert summary(OPEN, 2, Pace()) == f"{told} · {later}"
    bound = summary(Forecast(1, tokens_out=2000, cost=0.5), 1, Pace(), "row")
    assert bound.startswith("1 row · 1 request · at most 2,000 out · at most $0.5000 · ")
    assert summary(Forecast(), 0, Pace(), "row") == "0 rows · 0 requests · free · nothing was sent"
