"""One state for all threads, and for the processes that are forked from here."""

import multiprocessing
from threading import Thread

import pytest

from runner.protocol import pacing
from runner.protocol.pacing import Limits, State
from runner.transport.shared import PLACES, Shared

FORK = multiprocessing.get_context("fork")


def forked(work, count=2):
    crew = [FORK.Process(target=work) for _ in range(count)]
    for one in crew:
        one.start()
    for one in crew:
        one.join(10)
    assert [one.exitcode for one in crew] == [0] * count


@pytest.fixture(params=["threads", "processes"])
def shared(request):
    made = Shared()
    if request.param == "processes":
        made.spread()
    return made


def test_a_state_comes_back_as_it_was_kept(shared):
    state = State(*(float(number) + 0.25 for number in range(len(State._fields))))
    shared.place("a").save(state)
    shared.place("b").save(State(rate=7.0))
    assert shared.place("a").load() == state
    assert shared.place("b").load() == State(rate=7.0)


def test_a_place_is_free_until_something_is_told_or_refused(shared):
    place = shared.place("a")
    assert place.is_free
    for state in (State(epoch=1.0), State(told_requests=5.0), State(told_tokens=5.0)):
        place.save(state)
        assert not place.is_free


def test_what_holds_one_process_back_is_told_in_another(shared):
    assert not shared.holding(100.0)

    def wait():
        state, _ = pacing.take(State(request=105.0), Limits(requests=60), 100.0)
        shared.place("a").save(state)

    if isinstance(shared.cells, list):
        wait()
    else:
        forked(wait, 1)
    assert shared.holding(100.0) == "60 requests a minute"
    assert not shared.holding(110.0)


def test_requests_are_counted_over_a_time(shared):
    place = shared.place("a")
    for now in (10.0, 11.0, 12.0, 12.01):
        place.count(now, 60.0)
    assert (place.load().sent, place.load().since) == (3.0, 10.0)
    place.tell(12.01, 60.0)
    place.tell(70.5, 60.0)
    assert (place.load().sent, place.load().since) == (4.0, 10.0)
    place.count(71.0, 60.0)
    assert (place.load().sent, place.load().since) == (1.0, 71.0)


def test_as_many_as_there_are_places_have_their_own(shared):
    for number in range(PLACES):
        shared.place(f"model {number}").save(State(rate=number + 1.0))
    rates = [shared.place(f"model {number}").load().rate for number in range(PLACES)]
    assert rates == [number + 1.0 for number in range(PLACES)]
    assert shared.place("one too many").load().rate in rates


def test_no_more_than_so_many_sit(shared):
    seats = shared.seats("a", 2)
    assert [seats.acquire(True, 0.01) for _ in range(3)] == [True, True, False]
    shared.seats("a", 2).release()
    assert seats.acquire(True, 0.01)


def test_forked_processes_count_together():
    shared = Shared()
    before = shared.place("a")
    before.save(State(rate=3.0))
    shared.spread()

    def work():
        place = shared.place("a")
        for _ in range(500):
            place.count(1.0, 60.0)
        place.tell(1.0, 60.0)

    forked(work)
    assert before.load() == State(rate=3.0, sent=1000.0, since=1.0)


def test_a_place_that_one_process_holds_another_waits_for():
    shared = Shared()
    shared.spread(patience=10)
    place = shared.place("a")

    def take():
        with place.lock:
            place.save(State(rate=2.0))

    other = FORK.Process(target=take)
    with place.lock:
        other.start()
        other.join(0.3)
        assert place.load() == State()
    other.join(5)
    assert (other.exitcode, place.load().rate) == (0, 2.0)


def test_forked_processes_share_seats_and_the_stop():
    shared = Shared()
    shared.spread()

    def work():
        assert shared.seats("a", 2).acquire(True, 5)
        shared.stop()

    forked(work)
    assert not shared.seats("a", 2).acquire(True, 0.01)
    assert shared.is_stopped


def test_a_lock_whose_holder_was_killed_is_taken_over():
    shared = Shared()
    shared.spread(patience=0.05)
    place = shared.place("a")
    forked(lambda: place.lock.__enter__(), 1)

    def take():
        for _ in range(2):
            with place.lock:
                place.save(State(rate=1.0))

    taking = Thread(target=take, daemon=True)
    taking.start()
    taking.join(5)
    assert not taking.is_alive()
    assert place.load().rate == 1.0
