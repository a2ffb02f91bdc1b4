"""When the next request may go: all in simulated time."""

from itertools import pairwise

import pytest

from runner.protocol import pacing
from runner.protocol.pacing import Limits, State
from tests.protocol.service import Service, simulated

MINUTE = Limits(requests=60)


def turns(count, limits, state=None, judged=0.0, now=0.0):
    """Take turns one after another as fast as they come; return when each went."""
    state, went = state or State(), []
    for _ in range(count):
        state, turn = pacing.take(state, limits, now, judged)
        now = turn.at
        went.append(now)
    return state, went


def test_where_nothing_is_said_nothing_waits():
    assert turns(1000, Limits())[1] == [0.0] * 1000


def test_requests_go_out_evenly_at_the_rate_that_is_set():
    _, went = turns(200, Limits(requests=3000))
    gaps = [after - before for before, after in pairwise(went[4:])]
    assert min(gaps) == pytest.approx(max(gaps)) == pytest.approx(0.02 / pacing.HEADROOM)


@pytest.mark.parametrize("rate", [1, 60, 3000, 1_000_000])
def test_no_minute_has_more_than_its_limit(rate):
    count = min(2 * rate, 5000) + 5
    _, went = turns(count, Limits(requests=rate))
    minutes = [sum(at <= one < at + 60 for one in went) for at in went[:: max(1, count // 50)]]
    assert max(minutes) <= rate


def test_an_idle_hour_saves_up_no_more_than_a_few():
    state, _ = turns(1, Limits(requests=3000))
    _, went = turns(50, Limits(requests=3000), state, now=3600.0)
    assert sum(one == 3600.0 for one in went) <= pacing.FEWEST + 1


def test_tokens_and_requests_are_both_kept():
    limits = Limits(requests=6000, tokens=60_000)
    _, went = turns(61, limits, judged=1000.0)
    assert went[-1] == pytest.approx(60 / pacing.HEADROOM, abs=1.5)


def test_what_was_not_used_of_the_tokens_is_given_back():
    limits = Limits(tokens=60_000)
    state, first = pacing.take(State(), limits, 0.0, 30_000)
    _, waits = pacing.take(state, limits, 0.0, 30_000)
    _, goes = pacing.take(pacing.settle(state, limits, first.tokens, 10.0), limits, 0.0, 30_000)
    assert waits.at > 25
    assert goes.at == 0.0


def test_replies_teach_how_many_tokens_a_request_takes():
    state = State()
    for _ in range(10):
        state = pacing.learn(state, 4000.0, 100.0)
    _, turn = pacing.take(state, Limits(tokens=60_000), 0.0, 4000.0)
    assert turn.tokens == pytest.approx(100.0)


def test_more_than_a_told_limit_waits_a_minute_and_no_longer():
    state = pacing.told(State(), 0.0, 1000.0, 0.0)
    state, turn = pacing.take(state, Limits(), 0.0, 1e9)
    assert turn.at == 0.0
    assert pacing.take(state, Limits(), 0.0, 1.0)[1].at <= 60


def test_the_lower_of_what_is_set_and_told_holds():
    told = pacing.told(State(), 60.0, 0.0, 0.0)
    for limits, state in ((Limits(requests=600), told), (MINUTE, told), (MINUTE, State())):
        assert turns(11, limits, state)[1][-1] == pytest.approx(10 / pacing.HEADROOM, abs=0.1)


def test_a_refusal_is_a_pause_for_all_and_those_sent_together_are_one():
    state, _ = turns(10, Limits())
    for _ in range(10):
        state = pacing.went(state, 1.0)
    first = pacing.refused(state, Limits(), state.epoch, 1.1, 7.0)
    assert pacing.take(first, Limits(), 1.2)[1].at == pytest.approx(8.1)
    second = pacing.refused(first, Limits(), state.epoch, 1.2, 7.0)
    assert second.epoch == first.epoch == state.epoch + 1
    assert second.gate == pytest.approx(8.2)


def test_no_pause_is_longer_than_two_minutes():
    state = pacing.refused(pacing.went(State(), 1.0), Limits(), 0.0, 1.0, 1e9)
    assert pacing.take(state, Limits(), 1.0)[1].at <= 1.0 + pacing.LONGEST


def test_a_share_of_limits_is_that_part_of_each():
    assert pacing.share(Limits(3000, 90_000, 8), 0.25) == Limits(750, 22_500, 2)
    assert pacing.share(Limits(3000, 0, 2), 0.1).concurrency == 1
    assert pacing.share(Limits(), 0.5) == Limits()


def test_the_limit_that_holds_back_is_named():
    limits = Limits(requests=3000)
    state, _ = turns(20, limits)
    assert pacing.holding(state, state.held_at) == "3,000 requests a minute"
    assert not pacing.holding(state, state.held_at + 60)
    limits = Limits(tokens=60_000)
    state, _ = turns(3, limits, judged=9000.0)
    assert pacing.holding(state, state.held_at) == "60,000 tokens a minute"


@pytest.mark.parametrize("burst", [5, 50])
def test_a_set_limit_is_used_and_never_refused(burst):
    came = simulated(Service(burst=burst), Limits(requests=3000), rows=3000)
    assert came.done / (50 * came.seconds) >= 0.95
    assert (came.refused, came.lost) == (0, 0)


def test_a_rate_that_was_learned_grows_while_nothing_is_refused():
    state = State(rate=1.0, cut=100.0, gate=100.0, calm=10.0)
    assert pacing.learned(state, 110.0) == 1.0
    assert 2.0 < pacing.learned(state, 170.0) < pacing.learned(state, 230.0)
    guess = state._replace(span=5.0, calm=0.0)
    assert pacing.learned(guess._replace(sent=100.0), 110.0) > 4.0
    assert pacing.learned(guess, 110.0) == 1.0  # Nothing was let pass yet.


@pytest.mark.parametrize("says", ["headers", "milliseconds", "seconds", "nothing"])
@pytest.mark.parametrize("latency", [0.001, 0.2])
def test_a_limit_that_is_not_set_is_learned(says, latency):
    came = simulated(Service(says=says, latency=latency))
    assert came.done / (50 * came.seconds) >= 0.95
    assert came.refused / came.done <= 0.01
    assert came.lost == 0


def test_a_strict_service_that_says_nothing_loses_no_row():
    came = simulated(Service(burst=5))
    assert came.lost == 0
    assert came.done / (50 * came.seconds) >= 0.85


def test_eight_hours_are_kept_to_a_request_a_second():
    came = simulated(Service(rate=1, burst=2, latency=3.0), MINUTE, rows=28_500, jobs=8)
    assert came.seconds >= 28_000
    assert (came.done, came.refused, came.lost) == (28_500, 0, 0)
    assert came.done / came.seconds >= 0.95


def test_limits_are_worded_for_people():
    assert not pacing.worded(Limits())
    told = "3,000 requests a minute, 90,000 tokens a minute, 8 at one time"
    assert pacing.worded(Limits(3000, 90_000, 8)) == told
