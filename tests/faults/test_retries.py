"""What is asked again, how often and after what wait."""

import pytest

from runner.errors import ConnectionFailedError
from tests.faults.answers import ANSWER, DELTAS
from tests.faults.client import KEY, Heard, parsed, persist


@pytest.mark.parametrize(
    ("fault", "waits"),
    [
        ("status-500*2", [0.5, 1.0]),
        ("status-408*1", [0.5]),
        ("status-409*1", [0.5]),
        ("limited*2", [0.5, 1.0]),
        ("limited-seconds*1", [7.0]),
        ("limited-milliseconds*2", [0.25, 0.25]),
        ("limited-negative*1", [0.5]),
        ("limited-garbage*1", [0.5]),
        ("limited-llm-provider*1", [3.0]),
        ("should-retry*1", [0.5]),
        ("closed-unanswered*2", [0.5, 1.0]),
        ("reset-in-body*1", [0.5]),
        ("gzip-cut*1", [0.5]),
        ("stalled-body*1", [0.5]),
        ("html-502*2", [0.5, 1.0]),
    ],
)
def test_success_after_retries(server, fault, waits):
    server.log.clear()
    reply, waited, told = persist(server.base(fault) + f"/{len(waits)}")
    assert parsed(reply) == ANSWER
    assert reply.attempts == len(server.log) == len(waits) + 1
    assert waited == waits
    assert len(told) == len(waits)


def test_a_date_is_waited_for(server):
    reply, waits, _ = persist(server.base("limited-date*1"))
    assert reply.status == 200
    assert 25 < waits[0] <= 30


@pytest.mark.parametrize(
    ("fault", "requests"),
    [
        ("status-500", 3),
        ("status-503", 3),
        ("limited", 3),
        ("limited-huge", 1),
        ("quota", 1),
        ("should-not-retry", 1),
        ("status-400", 1),
        ("status-401", 1),
        ("status-403", 1),
        ("status-404", 1),
        ("status-422", 1),
        ("huge-400", 1),
    ],
)
def test_a_final_status_is_returned_with_its_attempts(server, fault, requests):
    server.log.clear()
    reply, _, _ = persist(server.base(fault))
    assert reply.status >= 400
    assert reply.attempts == len(server.log) == requests


@pytest.mark.parametrize("fault", ["closed-unanswered", "reset-in-body", "stalled-head"])
def test_connection_faults_end_after_the_last_attempt(server, fault):
    server.log.clear()
    error, waits, told = persist(server.base(fault))
    assert "(after 3 attempts)" in str(error)
    assert len(server.log) == 3
    assert waits == [0.5, 1.0]
    assert all("second charge" in line for line in told)
    assert KEY not in "".join(told)


def test_a_stream_that_was_handed_on_is_never_asked_again(server):
    server.log.clear()
    error, waits, _ = persist(server.base("sse-cut*1"), Heard())
    assert isinstance(error, ConnectionFailedError)
    assert (len(server.log), waits) == (1, [])


def test_a_stream_that_failed_before_its_first_byte_is_asked_again(server):
    heard = Heard()
    reply, _, _ = persist(server.base("status-503*1/a"), heard)
    assert reply.attempts == 2
    assert b"".join(heard.chunks) == b"".join(DELTAS)


def test_an_accepted_status_is_not_asked_again(server):
    server.log.clear()
    reply, _, _ = persist(server.base("status-500"), accepts=(500,))
    assert (reply.status, len(server.log)) == (500, 1)
