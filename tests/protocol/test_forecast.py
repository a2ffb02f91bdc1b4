"""Forecasts add up; what is not known stays unknown."""

from runner.exchange import JsonBody, Request
from runner.protocol.ceiling import Ceiling
from runner.protocol.forecast import Forecast, of, whole

KNOWN = Forecast(1, False, 100, 10, 25, 0.5)
OPEN = Forecast(2, more=True, about=5).open("nobody knows")


def test_forecasts_add_up():
    assert whole([KNOWN, KNOWN]) == KNOWN.times(2) == Forecast(2, False, 200, 20, 50, 1.0)
    assert whole([KNOWN, OPEN]) == Forecast(3, True, 100, 10, 30, None, "nobody knows")
    assert whole([]) == Forecast()


def test_the_first_reason_is_told():
    assert whole([OPEN, Forecast().open("another")]).why == "nobody knows"
    assert OPEN.times(3).cost is None


def test_a_request_is_known_by_its_ceiling():
    request = Request("POST", "/x", "raw", JsonBody({"input": "a" * 4000}))
    found = of(request, Ceiling(5000, 50, 0.25))
    assert found._replace(about=0) == Forecast(1, False, 5000, 50, 0, 0.25)
    assert 1000 <= found.about < 1020
    assert of(request._replace(body=None), Ceiling(cost=None, why="w")).why == "w"
