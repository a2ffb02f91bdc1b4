"""Forecasts add up; what is not known stays unknown."""

import pytest

from runner.exchange import JsonBody, Multipart, Request
from runner.protocol.ceiling import Ceiling
from runner.protocol.forecast import Forecast, Load, of, whole
from runner.protocol.pacing import Limits

LOAD = Load("a gpt", Limits(requests=60, tokens=600))
KNOWN = Forecast(1, False, 100, 10, 25, 0.5, 0.25, loads=(LOAD._replace(requests=1, tokens=25),))
OPEN = Forecast(2, more=True, about=5).open("nobody knows")


def test_forecasts_add_up():
    loads = (LOAD._replace(requests=2, tokens=50),)
    assert whole([KNOWN, KNOWN]) == Forecast(2, False, 200, 20, 50, 1.0, 0.5, "", loads)
    more = whole([KNOWN, OPEN])
    assert more == Forecast(3, True, 100, 10, 30, None, None, "nobody knows", KNOWN.loads)
    assert whole([]) == Forecast()


def test_the_first_reason_is_told():
    assert whole([OPEN, Forecast().open("another")]).why == "nobody knows"


def test_a_request_is_known_by_its_ceiling():
    request = Request("POST", "/x", "raw", JsonBody({"input": "a" * 4000}))
    found = of(request, Ceiling(5000, 50, 0.25), Ceiling(900, 0, 0.01), LOAD)
    assert found._replace(loads=()) == Forecast(1, False, 5000, 50, 900, 0.25, 0.01)
    assert found.loads == (LOAD._replace(requests=1, tokens=900),)
    unknown = Ceiling(cost=None, why="w")
    assert of(request, unknown, unknown, LOAD)[4:8] == (1000, None, None, "w")
    form = request._replace(body=Multipart(()))
    assert of(form, unknown, unknown, LOAD).about == 0


@pytest.mark.parametrize(
    ("requests", "tokens", "limits", "least"),
    [
        (40, 400, Limits(requests=2), (1170.0, "2 requests a minute")),
        (40, 4000, Limits(2, 100), (2340.0, "100 tokens a minute")),
        (2, 400, Limits(2, 0), (30.0, "2 requests a minute")),
        (40, 400, Limits(concurrency=2), (0.0, "")),
    ],
)
def test_limits_say_how_long_it_takes_at_the_least(requests, tokens, limits, least):
    load = Load("a gpt", limits, requests, tokens)
    quick = Load("another", Limits(), 9, 9)
    assert Forecast(loads=(quick, load)).least() == least
