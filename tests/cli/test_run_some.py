"""Rows that are asked anew while others stay, and collected files that are not finished."""

from pathlib import Path

import pytest

from tests.cli.command import runner
from tests.cli.test_run_resume import ASK, IDS, LINES, TEXTS, Desk, told
from tests.kills.server import CountingServer


@pytest.fixture
def desk():
    with CountingServer(latency=0) as server:
        yield Desk(server)


def is_whole():
    return Path("out/all.jsonl.run.json").exists()


def test_a_collected_file_that_is_not_finished_has_no_sidecar(desk):
    assert desk.run("-k", "row=r7").code == 0
    assert not is_whole()
    assert desk.run("--resume").code == 0
    assert is_whole()
    desk.server.refuses = {"r4": 401}
    assert desk.run("--fresh").code == 3
    assert told() == IDS[:3]
    assert not is_whole()
    found = runner("stale", "r.recipe.yaml", env={"OPENAI_API_KEY": "sk-nothing-0000"})
    assert (found.code, found.out) == (
        1,
        "out/all.jsonl: has no sidecar: it was not finished\n",
    )


@pytest.mark.parametrize("jobs", ["1", "3"])
def test_some_rows_are_asked_anew_and_what_is_of_others_stays(desk, jobs):
    assert desk.run().code == 0
    found = desk.run("-k", "row=r7")
    assert found.code == 2
    assert "with -k row=ID only rows of such ids" in found.err
    assert desk.run("-k", "row=r7 or row=r2", "--fresh", "--jobs", jobs).code == 0
    assert desk.asked == ["r2", "r7"]
    assert told() == IDS
    assert is_whole()
    assert desk.run("--resume").code == 0
    assert desk.asked == []


@pytest.mark.parametrize("kind", [LINES, TEXTS + LINES])
def test_some_rows_that_are_asked_anew_are_not_taken_for_done_when_it_goes_on(desk, kind):
    desk.files["r.recipe.yaml"] = ASK + kind
    assert desk.run().code == 0
    desk.server.refuses = {"r3": 401}
    assert desk.run("-k", "row=r3 or row=r6", "--fresh").code == 3
    assert desk.asked == ["r3"]
    assert told() == [name for name in IDS if name not in ("r3", "r6")]
    assert not is_whole()
    desk.server.refuses = {}
    assert desk.run("--resume").code == 0
    assert desk.asked == ["r3", "r6"]
    assert told() == IDS
    assert is_whole()


def test_after_a_change_rows_that_were_left_out_are_not_as_they_would_be_now(desk):
    assert desk.run().code == 0
    assert desk.run("-k", "row=r3", "--fresh", "--var", "word=x").code == 0
    assert told() == IDS
    assert not is_whole()
    assert desk.run("--resume", "--var", "word=x").code == 0
    assert desk.asked == [name for name in IDS if name != "r3"]
    assert is_whole()


def test_a_torn_journal_is_not_replaced_for_some_rows(desk):
    desk.run()
    Path("out/.runner/r.db").write_bytes(b"torn" * 2_000)
    assert "unless -k chooses" in desk.run("-k", "row=r3", "--fresh").err
    assert desk.asked == []
