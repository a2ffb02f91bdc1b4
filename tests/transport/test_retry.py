import json

import pytest

from runner.errors import BadReplyError, ConnectionFailedError
from runner.exchange import Reply, Request
from runner.transport.retry import Retry, Stop, Tries, Wait, decide

NOW = 1_800_000_000.0  # Fri, 15 Jan 2027 08:00:00 GMT
POST = Request("POST", "/chat/completions", "chat.completions")
ONCE = Tries(1)


def reply(status: int, error: object = None, **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    body = b"" if error is None else json.dumps({"error": error}).encode()
    return Reply(status, named, body)


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 504, 529])
def test_some_statuses_are_asked_again(status):
    assert decide(reply(status), ONCE, POST, NOW) == Wait(0.5, f"status {status}")


@pytest.mark.parametrize("status", [200, 204, 302, 400, 401, 403, 404, 405, 413, 415, 422])
def test_others_are_final(status):
    assert decide(reply(status), ONCE, POST, NOW) == Stop()


@pytest.mark.parametrize(
    ("attempt", "seconds"), [(1, 0.5), (2, 1), (3, 2), (4, 4), (5, 8), (6, 8), (5000, 8)]
)
def test_waits_double_up_to_eight_seconds(attempt, seconds):
    verdict = decide(reply(500), Tries(attempt), POST._replace(retries=9999), NOW)
    assert isinstance(verdict, Wait)
    assert verdict.seconds == seconds


@pytest.mark.parametrize(("retries", "attempt"), [(0, 1), (2, 3), (5, 6)])
def test_tries_come_to_an_end(retries, attempt):
    asked = POST._replace(retries=retries)
    assert decide(reply(500), Tries(attempt), asked, NOW) == Stop()
    assert decide(ConnectionFailedError("x"), Tries(attempt), asked, NOW) == Stop()


def test_what_no_other_attempt_would_change_is_not_asked_again():
    error = ConnectionFailedError("x", sent=False)
    assert isinstance(decide(error, ONCE, POST, NOW), Wait)
    error.final = True
    assert decide(error, ONCE, POST, NOW) == Stop()


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry_after": "7"}, 7),
        ({"retry_after": "0.25"}, 0.25),
        ({"retry_after": "120"}, 120),
        ({"retry_after_ms": "1500"}, 1.5),
        ({"retry_after_ms": "1500", "retry_after": "9"}, 1.5),
        ({"retry_after_ms": "-1", "retry_after": "9"}, 9),
        ({"retry_after_ms": "x", "retry_after": "9"}, 9),
        ({"retry_after": "Fri, 15 Jan 2027 08:00:30 GMT"}, 30),
    ],
)
def test_the_server_s_wait_is_obeyed(headers, seconds):
    assert decide(reply(429, **headers), ONCE, POST, NOW) == Wait(seconds, "status 429", asked=True)


def test_a_proxy_s_word_for_the_wait_is_known():
    found = Reply(429, {"llm_provider-retry-after": "4"})
    assert decide(found, ONCE, POST, NOW) == Wait(4, "status 429", asked=True)


@pytest.mark.parametrize(
    "said",
    ["", "0", "-5", "soon", "nan", "inf", "-inf", "1e999", "Fri, 15 Jan 2027 07:59:00 GMT", "٣x"],
)
def test_a_wait_that_is_none_is_ignored(said):
    assert decide(reply(429, retry_after=said), ONCE, POST, NOW) == Wait(0.5, "status 429")


@pytest.mark.parametrize("said", ["121", "1e9", "1e300", "Sat, 16 Jan 2027 08:00:00 GMT"])
def test_a_wait_that_is_too_long_ends_it_and_says_so(said):
    verdict = decide(reply(429, retry_after=said), ONCE, POST, NOW)
    assert isinstance(verdict, Stop)
    assert "the service asks to wait" in verdict.reason


@pytest.mark.parametrize("status", [400, 404, 500])
def test_the_server_s_word_outranks_the_status(status):
    assert isinstance(decide(reply(status, x_should_retry="true"), ONCE, POST, NOW), Wait)
    assert decide(reply(status, x_should_retry="false"), ONCE, POST, NOW) == Stop()


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (429, {"type": "insufficient_quota", "code": "whatever"}),
        (429, {"type": "insufficient_quota", "code": None}),
        (429, {"code": "insufficient_quota"}),
        (429, {"type": None, "code": "credit_balance_exhausted"}),
        (429, {"code": "organization_usage_limit_exceeded"}),
        (429, {"code": "billing_hard_limit_reached"}),
        (401, None),
        (403, None),
    ],
)
def test_quota_and_authentication_are_never_asked_again(status, error):
    found = reply(status, error, x_should_retry="true", retry_after="1")
    assert decide(found, ONCE, POST, NOW) == Stop()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"null",
        b'{"error": "text"}',
        b'{"error": null}',
        b'{"error": {"code": 429, "type": ["insufficient_quota"]}}',
        b"[" * 100_000,
        b"\xff\xfe",
        b'{"detail": "x"}',
    ],
)
def test_any_error_body_is_borne(body):
    assert decide(Reply(429, {}, body), ONCE, POST, NOW) == Wait(0.5, "status 429")


def test_an_accepted_status_is_final():
    assert decide(reply(500), ONCE, POST._replace(accepts=(500,)), NOW) == Stop()


class Script:
    """A transport that answers by a list, and counts."""

    def __init__(self, *outcomes: Reply | Exception) -> None:
        self.outcomes = list(outcomes)
        self.closed = False

    def send(self, request, listener=None):
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def open(self, request):
        return "channel"

    def close(self):
        self.closed = True


class Started:
    started = True

    def chunk(self, data: bytes) -> None:
        raise AssertionError(data)


def around(*outcomes: Reply | Exception, jitter: float = 0.0):
    waits: list[float] = []
    told: list[str] = []
    script = Script(*outcomes)
    retry = Retry(
        script,
        sleep=waits.append,
        clock=lambda: NOW,
        jitter=lambda: jitter,
        announce=told.append,
    )
    return retry, script, waits, told


def test_attempts_are_counted():
    retry, _, waits, told = around(reply(500), ConnectionFailedError("cut"), reply(200))
    assert retry.send(POST).attempts == 3
    assert waits == [0.5, 1.0]
    assert told == [
        "status 500: asking again in 0.5 s (attempt 2 of 3)",
        "cut; it was sent, so that a retry may be a second charge: "
        "asking again in 1.0 s (attempt 3 of 3)",
    ]


def test_what_comes_too_fast_uses_up_no_retries():
    slow, row = reply(429), POST._replace(refusals=10)
    retry, _, waits, told = around(*[slow] * 5, reply(500), slow, reply(502), reply(200))
    assert retry.send(row).attempts == 9
    assert waits == [0.5, 1, 2, 4, 8, 8, 8, 8]
    assert told[0].endswith("(attempt 2 of 11)")
    assert told[5].endswith("(attempt 7 of 8)")


@pytest.mark.parametrize(("retries", "refusals", "attempts"), [(2, 10, 11), (2, 0, 3), (0, 10, 1)])
def test_what_comes_too_fast_comes_to_an_end_too(retries, refusals, attempts):
    retry, _, _, _ = around(*[reply(429)] * 20)
    found = retry.send(POST._replace(retries=retries, refusals=refusals))
    assert (found.status, found.attempts) == (429, attempts)


def test_a_spent_quota_is_never_asked_again_however_many_rows():
    spent = reply(429, {"type": "insufficient_quota"})
    assert around(spent)[0].send(POST._replace(refusals=10)).attempts == 1


def test_what_is_told_names_the_run():
    retry, _, _, told = around(reply(500), reply(429, retry_after="3600"))
    retry.send(POST._replace(run_id="hello::ask"))
    assert len(told) == 2
    assert all(line.startswith("hello::ask: status ") for line in told)


def test_what_was_never_sent_was_never_charged():
    retry, _, _, told = around(ConnectionFailedError("refused", sent=False), reply(200))
    retry.send(POST)
    assert told == ["refused: asking again in 0.5 s (attempt 2 of 3)"]


def test_jitter_takes_up_to_a_quarter():
    retry, _, waits, _ = around(reply(500), reply(500), reply(200), jitter=1.0)
    retry.send(POST)
    assert waits == [0.375, 0.75]


def test_jitter_never_shortens_what_the_server_asks():
    retry, _, waits, _ = around(reply(429, retry_after="7"), reply(200), jitter=1.0)
    retry.send(POST)
    assert waits == [7]


def test_the_last_error_names_its_attempts():
    faults = [ConnectionFailedError(f"cut {n}", hint="wait", sent=n == 3) for n in (1, 2, 3)]
    retry, _, _, _ = around(*faults)
    with pytest.raises(ConnectionFailedError) as caught:
        retry.send(POST)
    assert str(caught.value) == "cut 3 (after 3 attempts)\n  hint: wait"
    assert caught.value.sent
    assert caught.value.attempts == 3


def test_an_error_of_the_only_attempt_stays_as_it_is():
    fault = ConnectionFailedError("cut")
    retry, _, _, _ = around(fault)
    with pytest.raises(ConnectionFailedError) as caught:
        retry.send(POST._replace(retries=0))
    assert caught.value is fault


def test_a_bad_reply_is_not_asked_again():
    retry, script, _, _ = around(BadReplyError("too large"), reply(200))
    with pytest.raises(BadReplyError):
        retry.send(POST)
    assert len(script.outcomes) == 1


def test_nothing_is_asked_again_once_a_stream_was_handed_on():
    retry, script, waits, _ = around(ConnectionFailedError("cut"), reply(200))
    with pytest.raises(ConnectionFailedError, match="cut"):
        retry.send(POST, Started())
    assert (len(script.outcomes), waits) == (1, [])


class Waiting(Started):
    started = False


def test_a_stream_that_ended_before_it_began_is_asked_again():
    empty = reply(200)._replace(streamed=True)
    retry, _, waits, told = around(empty, reply(200))
    assert retry.send(POST, Waiting()).attempts == 2
    assert (waits, told[0].partition(";")[0]) == ([0.5], "the stream ended before its first event")
    with pytest.raises(ConnectionFailedError, match="before its first event"):
        around(empty)[0].send(POST._replace(retries=0), Waiting())


def test_a_wait_that_is_too_long_is_announced():
    retry, _, waits, told = around(reply(429, retry_after="3600"))
    assert retry.send(POST).attempts == 1
    assert waits == []
    assert told == [
        "status 429: the service asks to wait 3,600 s (until 2027-01-15 09:00:00 UTC), "
        "longer than the 120 s that are waited at most"
    ]


def test_the_rest_is_passed_through():
    retry, script, _, _ = around()
    assert retry.open(POST) == "channel"
    retry.close()
    assert script.closed
