"""Each attempt is paid for before it goes out, and settled by its reply."""

import pytest

from runner.errors import BudgetError, ConnectionFailedError, SettingsError
from runner.exchange import Reply, Request
from runner.protocol.ceiling import Ceiling
from runner.transport.budgeted import Budgeted, Rule
from runner.transport.ledger import Ledger
from runner.transport.retry import Retry
from tests.engine.playing import Script

POST = Request("POST", "/chat/completions", "chat.completions", model="m")
DONE = Reply(200, {}, b"{}")
BUSY = Reply(503, {}, b"{}")


def rule(most=0.5, paid=0.1):
    """Each request may cost so much, and each reply costs so much."""
    found = Ceiling(cost=most, why="nobody knows", hint="ask")
    return Rule(lambda _: found, lambda _, __: paid, lambda _, used: paid if used else None)


def budgeted(*outcomes, ledger, **amounts):
    script = Script(*outcomes)
    return script, Budgeted(script, ledger, rule(**amounts))


def test_a_reply_settles_what_was_held_back():
    ledger = Ledger(max_cost=1.0)
    _, transport = budgeted(DONE, ledger=ledger)
    transport.send(POST)
    assert (ledger.requests, ledger.spent) == (1, 0.1)


@pytest.mark.parametrize(
    ("outcome", "spent"),
    [
        (ConnectionFailedError("lost"), 0.5),
        (ConnectionFailedError("refused", sent=False), 0.0),
        (KeyboardInterrupt(), 0.5),
    ],
)
def test_an_attempt_without_a_reply_may_have_been_charged(outcome, spent):
    ledger = Ledger(max_cost=1.0)
    _, transport = budgeted(outcome, ledger=ledger)
    with pytest.raises(type(outcome)):
        transport.send(POST)
    assert ledger.spent == spent


def test_what_cannot_be_paid_for_is_not_sent():
    script, transport = budgeted(DONE, ledger=Ledger(max_cost=0.4))
    with pytest.raises(BudgetError):
        transport.send(POST)
    assert not script.sent


def test_what_has_no_bound_is_not_sent():
    script, transport = budgeted(DONE, ledger=Ledger(max_cost=9.0), most=None)
    with pytest.raises(SettingsError, match="nobody knows\n  hint: ask"):
        transport.send(POST)
    assert not script.sent


def test_where_requests_alone_are_limited_nothing_needs_a_price():
    script, transport = budgeted(DONE, DONE, ledger=Ledger(max_requests=1), most=None)
    transport.send(POST)
    with pytest.raises(BudgetError):
        transport.send(POST)
    assert len(script.sent) == 1


def test_each_try_counts():
    script, transport = budgeted(BUSY, BUSY, DONE, ledger=Ledger(max_requests=2))
    told: list[str] = []
    retry = Retry(
        transport,
        sleep=lambda _: None,
        clock=lambda: 0.0,
        jitter=lambda: 0.0,
        announce=told.append,
    )
    with pytest.raises(BudgetError) as raised:
        retry.send(POST)
    assert len(script.sent) == raised.value.attempts == 2


def test_what_tidies_up_is_let_pass():
    script, transport = budgeted(DONE, ledger=Ledger(max_requests=0))
    transport.send(POST._replace(endpoint="files.delete"))
    assert len(script.sent) == 1


class Line:
    """A channel that answers what it is told to."""

    def __init__(self, *events):
        self.said = []
        self._events = [*events]

    def say(self, message):
        self.said.append(message["type"])

    def hear(self, timeout):
        return self._events.pop(0)

    def close(self):
        self.said.append("bye")


class Telephone:
    """A transport that opens one channel."""

    def __init__(self, line):
        self._line = line

    def send(self, request, listener=None):
        raise NotImplementedError

    def open(self, request):
        return self._line

    def close(self):
        pass


def call(ledger, *events, **amounts):
    line = Line(*events)
    return line, Budgeted(Telephone(line), ledger, rule(**amounts)).open(POST)


ASK = {"type": "response.create"}


def test_each_response_of_a_session_is_paid_for():
    ledger = Ledger(max_cost=1.0)
    done = {"type": "response.done", "response": {"usage": {"output_tokens": 5}}}
    line, channel = call(ledger, done, {"type": "rate_limits.updated"})
    channel.say({"type": "session.update", "session": {}})
    channel.say(ASK)
    channel.hear(1)
    channel.hear(1)
    channel.say(ASK)
    assert (ledger.requests, ledger.spent) == (2, 0.1)
    channel.close()
    assert ledger.spent == pytest.approx(0.6)
    assert line.said == ["session.update", "response.create", "response.create", "bye"]


def test_a_response_that_cannot_be_paid_for_is_not_asked_for():
    line, channel = call(Ledger(max_cost=0.4))
    with pytest.raises(BudgetError):
        channel.say(ASK)
    assert not line.said


def test_a_response_that_tells_no_usage_cost_the_most():
    ledger = Ledger(max_cost=1.0)
    _, channel = call(ledger, {"type": "response.done", "response": None})
    channel.say(ASK)
    channel.hear(1)
    assert ledger.spent == 0.5
