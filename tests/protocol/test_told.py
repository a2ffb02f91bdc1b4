"""What headers say of limits."""

import pytest

from runner.protocol.told import Said, duration, said


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        *(("120ms", 0.12), ("1s", 1.0), ("6m0s", 360.0), ("1h2m3.5s", 3723.5), ("2d", 172_800.0)),
        *(("7.66ms", 0.00766), ("12", 12.0), ("0", 0.0), ("", 0.0), ("soon", 0.0), ("-1s", 0.0)),
    ],
)
def test_durations_are_read_as_services_write_them(text, seconds):
    assert duration(text) == pytest.approx(seconds)


def limit(kind="requests", **told):
    return {f"x-ratelimit-{name}-{kind}": value for name, value in told.items()}


def test_a_reply_that_says_nothing_says_nothing():
    assert said({"retry-after": "1"}) is None


def test_limits_are_a_minute():
    headers = limit(limit="3000", remaining="2999", reset="20ms")
    assert said(headers) == Said(3000.0, 0.0, 0.0)
    assert said({**headers, **limit("tokens", limit="150000")}) == Said(3000.0, 150_000.0, 0.0)


@pytest.mark.parametrize("text", ["", "many", "-5", "0", "nan", "inf", "1e300", "0.001"])
def test_a_limit_that_is_none_is_not_taken(text):
    assert said(limit(limit=text)) == Said()


@pytest.mark.parametrize(
    ("left", "reset", "pause"),
    [
        *(("0", "30s", 30.0), ("0", "5", 5.0), ("1", "30s", 0.0)),
        *(("0", "60s", 0.0), ("0", "20ms", 0.0), ("0", "8h", 0.0), ("0", "", 0.0)),
    ],
)
def test_a_pause_follows_where_nothing_is_left_of_a_window(left, reset, pause):
    assert said(limit(limit="3000", remaining=left, reset=reset)) == Said(3000.0, 0.0, pause)
