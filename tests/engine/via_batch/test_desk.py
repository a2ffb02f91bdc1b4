"""The desk sends what was gathered, and no more once the run is stopped."""

import json

import pytest

from runner.engine.clock import Time
from runner.engine.rows.journal import Journal
from runner.engine.via_batch.desk import CROWDED, Desk
from runner.engine.via_batch.pieces import Pieces
from runner.engine.via_batch.service import Service
from runner.engine.via_batch.store import Store
from runner.engine.via_batch.waiting import SLICE, Waiting
from runner.protocol.batching import Line
from runner.protocol.providers import Provider
from tests.engine.banking import Bank
from tests.engine.playing import Clock

PROVIDER = Provider("openai", "openai")
URL, BODY = "/v1/embeddings", {"model": "text-embedding-3-small", "input": "x"}


class Counter:
    """A desk of ten lines at a service that has no room for them, and what it tells."""

    def __init__(self, folder):
        self.bank = Bank("full")
        self.told: list[str] = []
        self.journal = Journal(folder / ".runner" / "r.db")
        self.pieces = Pieces(Store(self.journal), folder / "spool", 0.0)
        service = Service(self.bank, Clock().sleep)
        self.desk = Desk(
            Store(self.journal), self.pieces, "r", lambda _: service, None, self.told.append
        )

    def gather(self):
        for number in range(10):
            asked = {"custom_id": f"row-{number}", "method": "POST", "url": URL, "body": BODY}
            line = Line(f"row-{number}", json.dumps(asked).encode() + b"\n", URL, "m")
            self.pieces.add(PROVIDER, line, f"[row={number}]")


@pytest.fixture
def counter(tmp_path):
    made = Counter(tmp_path)
    yield made
    made.journal.close()


def test_a_stop_while_there_is_no_room_sends_nothing_more(counter):
    waits: list[float] = []

    def rest(seconds):
        waits.append(seconds)
        return len(waits) == 1

    counter.gather()
    counter.desk.submit(rest)
    while not counter.desk.look():
        pass
    (told,) = counter.told
    assert told == "r: the service has no room for 10 requests yet; trying again in 60 s"
    counter.gather()
    sent = len(counter.bank.sent)
    counter.desk.submit(rest)
    assert waits == [0.0, CROWDED]
    assert len(counter.bank.sent) == sent
    assert counter.journal.is_awaited()
    counter.desk.close()
    assert not counter.journal.is_awaited()


def test_a_rest_ends_as_the_run_is_stopped():
    clock = Clock()
    waiting = Waiting(Time(clock.now, clock.sleep), print, lambda: len(clock.waits) == 3)
    assert not waiting.rest(CROWDED)
    assert clock.waits == [SLICE] * 3
