"""Attempts take their turns, and their replies are learned from; no test waits."""

import json
from contextlib import suppress
from threading import Thread, Timer
from time import sleep

import pytest

from runner.errors import ConnectionFailedError, SettingsError, StoppedError
from runner.exchange import JsonBody, Reply, Request
from runner.protocol.pacing import Limits
from runner.transport.limited import APART, FIRST, Limited, Pace
from runner.transport.retry import Retry
from runner.transport.shared import Shared
from tests.engine.playing import Script

DONE = Reply(200, {}, b"{}")
BUSY = Reply(429, {"retry-after": "7"}, b"{}")
QUOTA = Reply(429, {}, b'{"error": {"type": "insufficient_quota"}}')


class Clock:
    """Time that passes by sleeping alone."""

    def __init__(self):
        self.time = 100.0

    def now(self):
        return self.time

    def sleep(self, seconds):
        self.time += seconds


def post(text="hi", model="m", endpoint="chat.completions", **fields):
    body = JsonBody({"messages": [{"content": text}], **fields})
    return Request("POST", "/chat/completions", endpoint, body, model=model)


def using(tokens):
    return Reply(200, {}, json.dumps({"usage": {"total_tokens": tokens}}).encode())


def limited(*outcomes, limits=None, shared=None, clock=None, at_once=1):
    clock, shared = clock or Clock(), shared or Shared()
    script = Script(*outcomes)
    pace = Pace(clock.now, clock.sleep, clock.now)
    made = Limited(script, limits or Limits(), shared, pace, "local", at_once=at_once)
    return made, script, clock


def took(transport, clock, *requests):
    start = clock.time
    for request in requests:
        transport.send(request)
    return clock.time - start


def test_where_nothing_is_said_nothing_waits():
    shared = Shared()
    transport, _, clock = limited(*[DONE] * 100, shared=shared)
    assert took(transport, clock, *[post()] * 100) == 0
    assert not shared.holding(clock.time)


def test_the_first_of_many_begin_one_by_one_where_nothing_is_said():
    transport, _, clock = limited(*[DONE] * 1000, at_once=8)
    requests = [post()] * 200
    assert took(transport, clock, *requests) == pytest.approx(FIRST * APART)
    assert took(transport, clock, *requests) == 0
    assert took(transport, clock, post(model="other")) == pytest.approx(APART)
    fewer, _, clock = limited(*[DONE] * 200, at_once=7)
    assert took(fewer, clock, *requests) == 0


def test_where_a_limit_is_known_it_alone_says_when_the_first_begin():
    transport, _, clock = limited(*[DONE] * 3, limits=Limits(requests=600_000), at_once=8)
    assert took(transport, clock, *[post()] * 3) == 0


def test_requests_wait_for_the_limit_of_their_own_model():
    shared = Shared()
    transport, _, clock = limited(*[DONE] * 8, limits=Limits(requests=60), shared=shared)
    assert took(transport, clock, *[post()] * 4) == pytest.approx(3 / 0.99, abs=0.1)
    assert shared.holding(clock.time) == "60 requests a minute"
    assert took(transport, clock, post(model="other")) == 0


def test_limits_that_headers_tell_are_kept():
    told = Reply(200, {"x-ratelimit-limit-requests": "60"}, b"{}")
    transport, _, clock = limited(*[told] * 4)
    assert took(transport, clock, *[post()] * 4) > 1.9


def test_a_refusal_makes_all_wait_as_long_as_it_says():
    shared, clock = Shared(), Clock()
    first, _, _ = limited(BUSY, shared=shared, clock=clock)
    second, _, _ = limited(DONE, DONE, shared=shared, clock=clock)
    first.send(post())
    assert took(second, clock, post(model="other")) == 0
    assert took(second, clock, post()) == pytest.approx(7, abs=0.1)


def test_an_empty_account_is_no_reason_to_go_slowly():
    transport, _, clock = limited(QUOTA, DONE)
    assert took(transport, clock, post(), post()) == 0


def test_a_retry_waits_once_for_what_was_asked():
    transport, script, clock = limited(BUSY, DONE)
    retry = Retry(
        transport, sleep=clock.sleep, clock=clock.now, jitter=lambda: 0.0, announce=lambda _: None
    )
    assert retry.send(post()).attempts == 2
    assert clock.time == pytest.approx(107, abs=0.2)
    assert len(script.sent) == 2


def test_tokens_are_settled_by_what_was_used():
    limits = Limits(tokens=60_000)
    asked = [post(max_completion_tokens=30_000)] * 3
    few, _, clock = limited(*[using(10)] * 3, limits=limits)
    assert took(few, clock, *asked) == 0
    shared = Shared()
    many, _, clock = limited(*[using(30_000)] * 3, limits=limits, shared=shared)
    assert took(many, clock, *asked) > 55
    assert shared.holding(clock.time) == "60,000 tokens a minute"


@pytest.mark.parametrize(
    "outcome", [Reply(429, {}, b"{}"), ConnectionFailedError("no", sent=False)]
)
def test_what_was_not_worked_on_took_no_tokens(outcome):
    asked = post(max_completion_tokens=50_000)
    transport, _, clock = limited(outcome, DONE, limits=Limits(tokens=60_000))
    with suppress(ConnectionFailedError):
        transport.send(asked)
    assert took(transport, clock, asked) < 2


def test_a_request_larger_than_its_limit_is_an_error_at_once():
    transport, script, clock = limited(limits=Limits(tokens=1000))
    with pytest.raises(SettingsError, match="more than the 1,000 tokens a minute") as caught:
        transport.send(post(max_completion_tokens=2000))
    assert caught.value.exit_code == 2
    assert (script.sent, clock.time) == ([], 100.0)


def test_one_larger_than_a_told_limit_is_the_service_s_to_judge():
    told = Reply(200, {"x-ratelimit-limit-tokens": "1000"}, b"{}")
    transport, _, clock = limited(told, told, told)
    assert took(transport, clock, post(), *[post(max_completion_tokens=10**6)] * 2) < 70


def test_who_waits_is_let_go_when_the_run_stops():
    shared = Shared()
    transport, script, _ = limited(DONE, DONE, limits=Limits(requests=1), shared=shared)
    transport.send(post())
    shared.stop()
    with pytest.raises(StoppedError, match="not sent"):
        transport.send(post())
    assert len(script.sent) == 1


def test_what_tidies_up_goes_though_the_run_stops():
    shared = Shared()
    limits = Limits(requests=1, concurrency=1)
    transport, _, clock = limited(*[DONE] * 3, limits=limits, shared=shared)
    shared.stop()
    assert took(transport, clock, *[post(endpoint="files.delete")] * 3) == 0


def test_no_more_than_so_many_attempts_are_in_flight():
    class Counting(Script):
        most = now = 0

        def send(self, request, listener=None):
            self.now += 1
            self.most = max(self.most, self.now)
            sleep(0.001)
            self.now -= 1
            return DONE

    inner, clock = Counting(), Clock()
    pace = Pace(clock.now, clock.sleep, clock.now)
    transport = Limited(inner, Limits(concurrency=2), Shared(), pace, "local")
    crew = [Thread(target=lambda: [transport.send(post()) for _ in range(10)]) for _ in range(8)]
    for one in crew:
        one.start()
    for one in crew:
        one.join()
    assert inner.most <= 2


def test_a_seat_is_given_back_by_what_fails():
    lost, shared = ConnectionFailedError("lost"), Shared()
    transport, _, _ = limited(lost, DONE, limits=Limits(concurrency=1), shared=shared)
    with pytest.raises(ConnectionFailedError):
        transport.send(post())
    late = Timer(5, shared.stop)
    late.start()
    assert transport.send(post()) is DONE
    late.cancel()


@pytest.mark.parametrize("headers", [{}, {"x-ratelimit-limit-requests": "60"}])
def test_a_share_is_that_part_of_what_is_set_and_told(headers):
    limits = Limits() if headers else Limits(requests=60)
    transport, _, clock = limited(*[Reply(200, headers, b"{}")] * 5, limits=limits)
    transport.share(0.25)
    assert took(transport, clock, *[post()] * 5) > 11


def test_a_share_makes_no_request_too_large():
    transport, _, _ = limited(DONE, limits=Limits(tokens=10_000))
    transport.share(0.1)
    assert transport.send(post(max_completion_tokens=5000)) is DONE
