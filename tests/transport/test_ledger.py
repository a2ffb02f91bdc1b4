"""No limit is passed, whoever asks and how many at once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event, Thread

import pytest

from runner.errors import BudgetError
from runner.transport.ledger import Ledger


def test_what_fits_exactly_is_let_pass():
    ledger = Ledger(max_cost=0.3)
    for _ in range(3):
        ledger.settle(ledger.reserve(0.1), 0.1)
    with pytest.raises(
        BudgetError, match=r"may cost \$0.1000: of --max-cost \$0.3000, \$0.3000 is"
    ):
        ledger.reserve(0.1)


def test_what_costs_nothing_is_let_pass():
    ledger = Ledger(max_cost=0.0)
    ledger.reserve(0.0)
    with pytest.raises(BudgetError):
        ledger.reserve(0.01)


def test_settling_gives_back_what_was_not_spent():
    ledger = Ledger(max_cost=1.0)
    ledger.settle(ledger.reserve(0.9), 0.1)
    ledger.reserve(0.9)
    assert ledger.spent == pytest.approx(0.1)


def test_what_nobody_knows_was_the_most():
    ledger = Ledger(max_cost=1.0)
    ledger.settle(ledger.reserve(0.9), None)
    with pytest.raises(BudgetError):
        ledger.reserve(0.2)


def test_each_request_counts():
    ledger = Ledger(max_requests=2)
    ledger.reserve()
    ledger.reserve()
    with pytest.raises(BudgetError, match="stopped before request 3: --max-requests is 2"):
        ledger.reserve()
    assert ledger.requests == 2


def test_what_tidies_up_counts_and_is_let_pass():
    ledger = Ledger(max_requests=0)
    ledger.reserve(tidies=True)
    assert ledger.requests == 1


def test_the_lower_limit_holds():
    ledger = Ledger()
    for limit in (5.0, 0.0, 3.0):
        ledger.limit(limit)
    assert ledger.max_cost == 0.0


def test_an_attempt_waits_for_what_is_held_back_for_others():
    ledger, begun, done = Ledger(max_cost=1.0), Event(), []
    first = ledger.reserve(0.8)

    def second() -> None:
        begun.set()
        done.append(ledger.reserve(0.8))

    thread = Thread(target=second)
    thread.start()
    begun.wait(5)
    assert not done
    ledger.settle(first, 0.1)
    thread.join(5)
    assert [ticket.amount for ticket in done] == [0.8]


def test_what_is_held_back_is_nobody_else_s():
    ledger = Ledger(max_cost=1.0)
    held = ledger.reserve(0.8)
    with pytest.raises(BudgetError, match=r"\$0.8000 held back for others"):
        ledger.reserve(0.8, waits=False)
    ledger.settle(held, 0.1)
    ledger.reserve(0.8, waits=False)


def test_many_at_once_never_pass_the_limit():
    ledger = Ledger(max_cost=1.0, max_requests=1000)
    passed = []

    def ask(_: int) -> None:
        try:
            ticket = ledger.reserve(0.05)
        except BudgetError:
            return
        passed.append(ledger.spent)
        ledger.settle(ticket, 0.02)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(ask, range(200)))
    assert ledger.spent <= 1.0
    assert 40 <= len(passed) <= 50
