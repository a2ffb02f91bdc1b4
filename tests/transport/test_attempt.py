import pytest

from runner.errors import ConnectionFailedError
from runner.exchange import Timeout
from runner.transport.attempt import Attempt


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def attempt(clock) -> Attempt:
    return Attempt("host", Timeout(connect=2, idle=5, total=12), clock)


def test_connecting_has_its_own_deadline(attempt, clock):
    attempt.connect()
    clock.now = 1.5
    assert attempt.left() == 0.5
    clock.now = 2
    with pytest.raises(ConnectionFailedError, match=r"host: no connection within 2 s") as caught:
        attempt.left()
    assert not caught.value.sent


def test_a_request_that_is_not_taken_is_told(attempt, clock):
    attempt.speak()
    clock.now = 5
    with pytest.raises(ConnectionFailedError, match="took nothing of the request") as caught:
        attempt.left()
    assert caught.value.sent


def test_data_feeds_the_idle_deadline(attempt, clock):
    attempt.speak()
    attempt.wait()
    clock.now = 4
    attempt.feed()
    assert attempt.left() == 5
    clock.now = 9
    with pytest.raises(ConnectionFailedError, match="sent no data for 5 s"):
        attempt.left()


def test_nothing_feeds_the_total_deadline(attempt, clock):
    attempt.speak()
    clock.now = 11
    attempt.feed()
    assert attempt.left() == 1
    clock.now = 12
    with pytest.raises(ConnectionFailedError, match="no whole answer within 12 s"):
        attempt.left()


@pytest.mark.parametrize("judged", [True, False])
def test_bytes_feed_unless_they_are_judged(attempt, judged):
    attempt.read(judged=judged)
    assert attempt.fed_by_bytes is not judged


def test_the_next_request_s_head_is_not_fed_by_bytes(attempt):
    attempt.read(judged=False)
    attempt.speak()
    assert not attempt.fed_by_bytes
