"""How far runs are, in a line."""

import pytest

from runner.report.progress import Pace, Progress, duration, line, rounded, speed
from runner.report.totals import Totals

WHOLE = Totals(397, 12, 3, input_tokens=51_000, output_tokens=8_200, cost=0.0123)
HALF = Progress(1_000, 412, WHOLE, before=100, seconds=29, rate=14.2)
HELD = HALF._replace(holding="3,000 requests a minute")


def test_a_plain_line_says_all():
    assert line(HELD) == (
        "512/1,000 rows · 3 failed · 12 missed · 14 rows/s · 59,200 tokens · $0.0123"
        " · 34 s left · held by 3,000 requests a minute"
    )


@pytest.mark.parametrize(
    ("width", "told"),
    [
        (87, line(HALF)),
        (80, "512/1,000 · 3 failed · 12 missed · 14/s · 59k tokens · $0.0123 · 34 s left"),
        (60, "512/1,000 · 3 failed · 12 missed · 14/s · 34 s left"),
        (40, "512/1,000 · 3 failed · 12 missed"),
        (8, "512/1,0…"),
    ],
)
def test_the_least_gives_way_where_columns_are_few(width, told):
    assert line(HALF, width) == told


@pytest.mark.parametrize("width", range(4, 150))
@pytest.mark.parametrize("found", [HALF, HELD, HELD._replace(stopping=True)])
def test_a_line_is_never_wider_than_it_may(found, width):
    assert len(line(found, width)) <= width


def test_what_is_wide_has_a_bar():
    assert line(HALF, 120).startswith("━━━━━━━━╌╌╌╌╌╌╌╌ · 512/1,000 rows")
    assert line(HALF._replace(done=900), 120).startswith("━" * 16 + " ")


def test_what_holds_it_back_stays_in_eighty_columns():
    told = "512/1,000 · 3 failed · 12 missed · 34 s left · held by 3,000 requests a minute"
    assert line(HELD, 80) == told


def test_a_run_that_stops_says_what_stops_it_at_once():
    told = line(HELD._replace(stopping=True))
    assert told.endswith(" · $0.0123 · stopping; the next Ctrl-C stops at once")


def test_nothing_is_told_that_is_not_known():
    assert line(Progress(10, 0, Totals(), word="runs")) == "0/10 runs"
    assert "at least $0.0123" in line(HALF._replace(whole=WHOLE._replace(unpriced=1)))


def test_a_limit_s_name_steers_no_terminal():
    assert "\x1b" not in line(HALF._replace(holding="\x1b[2J"))


def test_the_speed_is_that_of_the_last_minute():
    pace = Pace()
    assert pace.rate(0.0, 0) is None
    for second in range(1, 200):
        rate = pace.rate(second, min(second, 100) * 10 + max(second - 100, 0))
    assert rate == pytest.approx(1.0)


def test_a_pause_shows_in_the_speed():
    pace = Pace()
    assert pace.rate(2.0, 20) == pytest.approx(10.0)
    assert pace.rate(10.0, 20) == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("rate", "told"),
    [
        (None, ""),
        (1234.5, "1,234 rows/s"),
        (2.44, "2.4 rows/s"),
        (0.5, "30 rows/min"),
        (0.01, "36 rows/h"),
        (0.0001, "0.4 rows/h"),
    ],
)
def test_speeds(rate, told):
    assert speed(rate, "rows") == told


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0.2, "1 s"), (59, "59 s"), (61, "1 min 01 s"), (754, "12 min"), (7_500, "2 h 05 min")],
)
def test_durations(seconds, told):
    assert duration(seconds) == told
    assert duration(86_400 * 3) == "3 days"


@pytest.mark.parametrize(
    ("count", "told"), [(999, "999"), (1_540, "1.5k"), (59_200, "59k"), (2_000_000, "2.0M")]
)
def test_large_numbers_are_rounded(count, told):
    assert rounded(count) == told
