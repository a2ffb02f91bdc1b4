"""What is said before a run of its requests and their cost."""

from runner.protocol.ceiling import Ceiling
from runner.protocol.forecast import Forecast, of, told, whole

ONE = of(Ceiling(10, 20, 0.5))


def test_forecasts_add_up():
    assert whole([ONE, ONE]) == Forecast(2, 20, 40, 1.0)
    assert ONE.times(3) == Forecast(3, 30, 60, 1.5)


def test_a_price_that_is_not_known_makes_the_whole_unknown():
    found = whole([ONE, of(Ceiling(cost=None, why="the price of x is not known"))]).times(2)
    assert (
        told(found)
        == "4 requests · at most 20 + 40 tokens · cost unknown: the price of x is not known"
    )


def test_what_shows_in_its_turn_is_told():
    found = whole([ONE, of(None)])
    assert told(found) == (
        "2 requests · at most 10 + 20 tokens · at most $0.5000 · more shows as it runs"
    )
