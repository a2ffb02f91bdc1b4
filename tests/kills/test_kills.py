"""Kills at any moment, and full disks, lose nothing that was recorded, double and tear nothing."""

import os
import time

import pytest

from tests.kills import remains
from tests.kills.__main__ import seeded
from tests.kills.server import CountingServer
from tests.kills.trial import Plan, Trial


@pytest.fixture
def trial(tmp_path, request):
    with CountingServer(latency=0.002) as server:
        yield Trial(Plan(*request.param), tmp_path / "r", server, 1)


@pytest.mark.parametrize("trial", [("both", 30, 4)], indirect=True)
def test_a_kill_and_a_resume_lose_and_double_nothing(trial):
    assert trial.end(trial.begin(*trial.words(), fatal=("kill", "fsync", 12))) == -9
    trial.look()
    assert trial.server.total > 0
    assert trial.finish().faults() == {}


@pytest.mark.slow
@pytest.mark.parametrize("trial", [("texts", 40, 16)], indirect=True)
def test_processes_that_die_leave_their_rows_to_the_next_run(trial):
    trial.server.gate.clear()
    run = trial.begin(*trial.words())
    while sum(trial.server.asked.values()) < trial.plan.jobs:
        assert run.poll() is None
        time.sleep(0.005)
    trial.strike(run, "worker")
    trial.server.gate.set()
    assert trial.end(run) == 3
    assert {state for _, state in remains.journal(trial.folder / "out")} == {"passed"}
    told = trial.told()
    assert "a worker process was lost" in told
    assert "--resume" in told
    trial.look()
    assert trial.finish().faults() == {}


@pytest.mark.slow
@pytest.mark.parametrize("trial", [("lines", 20, 1)], indirect=True)
@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_kill_at_a_commit_is_no_harm(trial, number):
    assert trial.end(trial.begin(*trial.words(), fatal=("kill", "commit", number))) == -9
    trial.look()
    assert trial.finish(twice=False).faults() == {}


@pytest.mark.slow
@pytest.mark.parametrize("trial", [("both", 60, 4)], indirect=True)
@pytest.mark.parametrize(("kind", "number"), [("write", 9), ("rename", 9), ("commit", 3)])
def test_a_full_disk_is_told_and_room_lets_it_go_on(trial, kind, number):
    assert trial.end(trial.begin(*trial.words(), fatal=("full", kind, number))) == 3
    told = trial.told()
    assert "no space left on device" in told or "disk is full" in told
    assert "Traceback" not in told
    assert len(trial.server.asked) < trial.plan.rows  # No more begin.
    trial.look()
    assert trial.finish(twice=False).faults() == {}


@pytest.mark.slow
@pytest.mark.parametrize("trial", [("both", 60, 4)], indirect=True)
@pytest.mark.parametrize(("kind", "number"), [("write", 9), ("rename", 9), ("commit", 3)])
def test_a_disk_that_becomes_read_only_is_told_and_loses_nothing(trial, kind, number):
    assert trial.end(trial.begin(*trial.words(), fatal=("sealed", kind, number))) == 3
    told = trial.told()
    assert "ead-only file system" in told or "readonly" in told
    assert "Traceback" not in told
    assert len(trial.server.asked) < trial.plan.rows  # No more begin.
    trial.look()
    assert trial.finish(twice=False).faults() == {}


def hold(trial):
    """Give no more answers until all that were given are recorded; say whether they come to be."""
    trial.server.gate.clear()
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and not recorded_are_answered(trial):
        time.sleep(0.1)
    found = recorded_are_answered(trial)
    trial.server.gate.set()
    return found


def recorded_are_answered(trial):
    return len(remains.journal(trial.folder / "out")) == trial.server.total


@pytest.mark.slow
@pytest.mark.parametrize(
    ("trial", "kind", "number"),
    [(("both", 60, 4), "fsync", 20), (("lines", 60, 16), "commit", 3)],
    indirect=["trial"],
)
@pytest.mark.parametrize("way", ["back", "ahead"])
def test_a_clock_that_jumps_is_no_harm(trial, kind, number, way):
    """No row is asked again, and no record waits longer, though a day is lost or won."""
    run = trial.begin(*trial.words(), fatal=(way, kind, number))
    while trial.server.total < 25:
        assert run.poll() is None
        time.sleep(0.001)
    assert hold(trial)
    assert trial.end(run) == 0
    assert {*trial.server.asked.values()} == {1}
    trial.look()
    assert trial.finish().faults() == {}


@pytest.mark.slow
@pytest.mark.parametrize("trial", [("texts", 200, 4), ("lines", 200, 4)], indirect=True)
@pytest.mark.parametrize("left", [0.2, 0.5, 0.9])
def test_a_torn_last_record_loses_that_record_alone(trial, left):
    assert trial.end(trial.begin(*trial.words(), fatal=("kill", "commit", 4))) == -9
    log = trial.folder / "out" / ".runner" / "r.db-wal"
    size = log.stat().st_size
    os.truncate(log, max(int(size * left), 1))
    known = remains.recorded(trial.folder / "out", trial.plan.kind)
    counts = trial.finish()
    assert counts.faults() == {}
    again = [row for row in known if trial.server.asked[row] > 1]
    assert again == []


@pytest.mark.slow
def test_kills_at_random_moments_do_no_harm():
    assert seeded(1, 3).faults() == {}
