"""A scheduler and three workers on loopback, of which some are killed."""

import os
from importlib.util import find_spec

import pytest

from tests.bench.cluster import KEYS, Found, Service, Stage, killed, rate, served

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("distributed") is None, reason="needs the extra `cluster`"),
]


def test_three_workers_do_the_rows_of_three_and_kills_lose_and_double_none(tmp_path):
    service = Service()
    with served(service) as base:
        stage = Stage(tmp_path, base, 1)
        try:
            victim = stage.worker("one")
            one, _ = rate(stage, service, 128, "one")
            stage.worker("two")
            stage.worker("three")
            stage.wait(3)
            alone = service.most
            three, _ = rate(stage, service, 384, "three")
            together = service.most
            told = killed(stage, service, 384, victim)
            is_free = os.getloadavg()[0] <= (os.cpu_count() or 1)
        finally:
            stage.close()
    again = sum(count - 1 for count in service.asked.values())
    print(f"{one:.0f} and {three:.0f} rows/s: {three / one:.2f}; {again} asked again")
    assert told == Found(384, 384, 0, 0)
    assert service.keys == {KEYS["worker"]}
    assert (alone, together) == (16, 48)
    assert three >= 2.5 * one or not is_free  # Where others use the machine, no time means much.
    # Only what was under way at the two kills, or answered and not yet told, may be asked again:
    # the more the longer the scheduler takes to learn that the driver is gone.
    assert again <= 2 * 3 * 2 * 16 or not is_free
