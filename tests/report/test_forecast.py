"""What runs would come to, in words."""

import pytest

from runner.protocol.forecast import Forecast
from runner.report.forecast import cost, requests, summary

OPEN = Forecast(2, more=True, about=5).open("nobody knows")


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


def test_the_last_line_says_it_all():
    told = "2 runs · 2+ requests · about 5 tokens in · cost unknown (nobody knows)"
    assert summary(OPEN, 2) == f"{told} · nothing was sent"
