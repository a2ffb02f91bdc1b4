"""Several pieces of work at once."""

from threading import Barrier, Event, current_thread
from time import sleep

import pytest

from runner.engine.workers.pool import Pool


@pytest.mark.parametrize("jobs", [1, 4])
def test_all_work_is_done_once(jobs):
    pool: Pool[int, int] = Pool(lambda n: n * n, jobs)
    assert sorted(pool.each(range(50))) == [n * n for n in range(50)]


def test_work_is_done_at_once():
    together = Barrier(4, timeout=5)
    pool: Pool[int, int] = Pool(lambda _: together.wait(), 4)
    assert len(list(pool.each(range(4)))) == 4


def test_after_stop_nothing_begins_and_what_is_under_way_ends():
    begun, go = [], Event()

    def work(number):
        begun.append(number)
        if number:
            go.wait(5)
        return number

    pool = Pool(work, 2)
    results = pool.each(iter(range(100)))
    assert next(results) == 0
    pool.stop()
    go.set()
    assert {0, *results} == {*begun}
    assert len(begun) <= 3


def test_nothing_begins_once_nobody_reads_on():
    begun: list[int] = []

    def work(number):
        begun.append(number)
        sleep(0.01)
        return number

    results = Pool(work, 2).each(iter(range(100)))
    next(results)
    results.close()  # type: ignore[attr-defined]  # it is a generator
    count = len(begun)
    sleep(0.1)
    assert len(begun) <= count + 1


def test_what_a_thread_raises_is_raised_to_who_reads():
    pool: Pool[int, int] = Pool(lambda n: 1 // n, 3)
    with pytest.raises(ZeroDivisionError):
        list(pool.each(range(3)))


def test_the_source_is_read_no_faster_than_work_is_done():
    taken = []

    def source():
        for number in range(1000):
            taken.append(number)
            yield number

    pool: Pool[int, int] = Pool(lambda n: n, 1)
    results = pool.each(source())
    next(results)
    assert len(taken) == 1


def noted(into, value):
    """Keep a value, and return what the work was."""
    return lambda number: (into.append(value(number)), number)[1]


def test_one_job_that_drains_is_done_by_a_thread_of_its_own():
    threads: list[object] = []
    pool = Pool(noted(threads, lambda _: current_thread()), 1, drains=True)
    assert list(pool.each(range(5))) == [*range(5)]
    assert len({*threads}) == 1
    assert current_thread() not in threads


def test_what_came_of_one_may_stop_the_next():
    begun: list[int] = []
    pool = Pool(noted(begun, int), 1, drains=True)
    for number in pool.each(range(5)):
        if number == 1:
            pool.stop()
    assert begun == [0, 1]


def test_what_the_one_thread_raises_is_raised_too():
    pool: Pool[int, int] = Pool(lambda n: 1 // n, 1, drains=True)
    with pytest.raises(ZeroDivisionError):
        list(pool.each(range(3)))


def test_what_is_under_way_is_finished_where_the_source_fails():
    def source():
        yield from range(3)
        message = "no more"
        raise ValueError(message)

    def work(number):
        sleep(0.05 * number)  # The last is done after the source has failed.
        return number

    found: list[int] = []
    with pytest.raises(ValueError, match="no more"):
        found.extend(Pool(work, 2).each(source()))
    assert sorted(found) == [0, 1, 2]
