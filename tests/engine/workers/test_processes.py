"""Work that is done by several processes."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections import Counter

import pytest

from runner.engine.workers.processes import Workers


def crew(work, shape=(2, 3), lost=lambda task: (task, "lost")):
    return Workers(work, lambda task: task, list, shape, int, lost)


def test_all_work_is_done_once_and_by_other_processes():
    found = dict(crew(lambda n: (n * n, os.getpid())).each(range(500)))
    assert {n: square for n, (square, _) in found.items()} == {n: n * n for n in range(500)}
    makers = {maker for _, maker in found.values()}
    assert os.getpid() not in makers
    assert len(makers) == 2


class Begun:
    """Counts work, in whichever process it is begun."""

    def __init__(self):
        self.count = multiprocessing.Value("i")

    def __call__(self, number):
        with self.count:
            self.count.value += 1
        return number


def test_after_stop_no_more_begins_and_what_was_begun_ends():
    begun = Begun()
    workers = crew(begun)
    results = workers.each(iter(range(100_000)))
    first = next(results)
    workers.stop()
    done = [first[0], *(task for task, _ in results)]
    assert len({*done}) == len(done) == begun.count.value < 1_000


def test_what_a_worker_had_when_it_died_is_told_as_lost():
    def work(number):
        if number == 30:
            os._exit(9)
        time.sleep(0.001)
        return number

    found = dict(crew(work, (2, 2)).each(range(200)))
    assert set(found) == set(range(200))
    assert found[30] == "lost"
    assert sum(one == "lost" for one in found.values()) < 40


def test_a_fault_of_ours_is_raised_with_its_place():
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        list(crew(lambda n: 1 // n).each(range(3)))


def test_no_worker_is_left_behind():
    list(crew(lambda n: os.getpid()).each(range(10)))
    makers = {maker for _, maker in crew(lambda _: os.getpid()).each(range(10))}
    for maker in makers:
        with pytest.raises(ProcessLookupError):
            os.kill(maker, 0)


def test_ctrl_c_is_the_business_of_the_parent():
    found = dict(crew(lambda _: os.kill(os.getpid(), signal.SIGINT)).each(range(10)))
    assert set(found.values()) == {None}


ORPHANS = """
import os, signal, time
from tests.engine.workers.test_processes import crew

for _, maker in crew(lambda n: n and time.sleep(60) or os.getpid(), (2, 2)).each(range(9)):
    print(maker, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_workers_end_as_their_parent_is_killed():
    words = [sys.executable, "-c", ORPHANS]
    killed = subprocess.run(words, capture_output=True, text=True, check=False, timeout=10)
    assert killed.returncode == -signal.SIGKILL  # Whoever lives holds its output open.


def test_few_pieces_are_shared_among_all_processes():
    def work(number):
        time.sleep(0.05)
        return os.getpid()

    makers = Counter(maker for _, maker in crew(work, (2, 8)).each(range(16)))
    assert [*makers.values()] == [8, 8]


def broken(count):
    yield from range(count)
    message = "the rows are no more what they were"
    raise ValueError(message)


def test_what_is_under_way_is_finished_where_the_source_fails():
    found: list[int] = []
    begun = Begun()
    with pytest.raises(ValueError, match="no more what they were"):
        found.extend(task for task, _ in crew(begun).each(broken(40)))
    assert {*found} <= {*range(40)}
    assert len({*found}) == len(found) == begun.count.value


def slow(number):
    time.sleep(0.05)
    return number


def test_what_is_not_begun_is_left_after_stop():
    workers = crew(slow, (2, 1))
    results = workers.each(iter(range(100)))
    found = [next(results)[0]]
    workers.stop()
    found += [task for task, _ in results]
    assert len(found) <= 4
