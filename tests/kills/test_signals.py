"""Ctrl-C and TERM end a run over a dataset: what is under way is finished, and nothing is lost."""

import os
import signal
import time

import pytest

from tests.kills import remains
from tests.kills.server import CountingServer
from tests.kills.trial import Plan, Trial


@pytest.fixture
def trial(tmp_path, request):
    kind, jobs = request.param
    with CountingServer(latency=0.02) as server:
        yield Trial(Plan(kind, 80, jobs), tmp_path / "r", server, 1)


def begun(trial, rows=10):
    """Start, and wait until some rows are answered, and no more are."""
    trial.server.closes_at = rows
    run = trial.begin(*trial.words())
    awaited(run, lambda: not trial.server.gate.is_set())
    return run


def awaited(run, come):
    """Wait for something while a run goes on."""
    deadline = time.monotonic() + 30
    while not come():
        assert time.monotonic() < deadline
        assert run.poll() is None
        time.sleep(0.005)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("trial", "number", "code"),
    [
        (("both", 1), signal.SIGINT, 130),
        (("texts", 4), signal.SIGINT, 130),
        (("lines", 16), signal.SIGTERM, 143),
        (("texts", 16), signal.SIGINT, 130),
    ],
    indirect=["trial"],
    ids=str,
)
def test_what_is_under_way_is_finished(trial, number, code):
    run = begun(trial)
    # A terminal tells Ctrl-C to the whole group, TERM comes to the command alone.
    (os.killpg if number == signal.SIGINT else os.kill)(run.pid, number)
    time.sleep(0.2)
    trial.server.gate.set()
    assert trial.end(run) == code, trial.told()
    known = remains.recorded(trial.folder / "out", trial.plan.kind)
    assert known == {row for row, count in trial.server.answered.items() if count}
    assert len(known) < 80
    assert remains.litter(trial.folder, [f"{row}.md" for row in known]) == []
    assert trial.finish(twice=False).faults() == {}
    assert trial.server.total == 80


@pytest.mark.slow
@pytest.mark.parametrize(
    ("trial", "number", "code"),
    [(("both", 4), signal.SIGINT, 130), (("lines", 16), signal.SIGTERM, 143)],
    indirect=["trial"],
    ids=str,
)
def test_the_second_time_it_ends_at_once(trial, number, code):
    run = begun(trial)
    server = trial.server
    awaited(run, lambda: sum(server.asked.values()) - server.total >= trial.plan.jobs)
    os.kill(run.pid, number)
    time.sleep(0.5)
    assert run.poll() is None
    before = time.monotonic()
    os.kill(run.pid, number)
    assert trial.end(run) == code, trial.told()
    assert time.monotonic() - before < 8
    trial.server.gate.set()
    assert trial.finish(twice=False).faults() == {}
    assert trial.server.total <= 80 + trial.plan.jobs


@pytest.mark.parametrize("trial", [("both", 4)], indirect=True)
def test_a_second_copy_is_refused_and_changes_nothing(trial):
    run = begun(trial)
    code = trial.end(trial.begin(*trial.words()))
    told = trial.told()
    assert (code, "another run that keeps it is under way" in told) == (2, True), told
    trial.server.gate.set()
    assert trial.end(run) == 0
    assert trial.finish(twice=False).faults() == {}
    assert trial.server.total == 80
