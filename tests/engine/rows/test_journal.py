"""What came of each row outlives the run."""

import subprocess
import sys

import pytest

from runner.engine.rows.journal import Entry, Journal
from runner.engine.rows.recorded import LONGEST, entry_of
from runner.errors import ServiceError, SettingsError
from runner.results import RunResult, StepResult

ONE = Entry("[row=1]", 0, "d1", "passed", 0, '{"a": 1}', cost=0.5, files=("out/a.md",))
TWO = Entry("[row=2]", 1, "d2", "failed", 3, error="no")


@pytest.fixture
def place(tmp_path):
    return tmp_path / "out" / ".runner" / "r.db"


def kept(place):
    journal = Journal(place)
    try:
        return list(journal.entries())
    finally:
        journal.close()


def test_what_is_recorded_is_there_when_it_is_opened_again(place):
    journal = Journal(place)
    journal.record(TWO)
    journal.record(ONE)
    journal.tell({"recipe": "abc"})
    journal.close()
    assert kept(place) == [ONE, TWO]
    assert sorted(path.name for path in place.parent.iterdir()) == ["r.db"]


def test_what_came_last_of_a_row_counts(place):
    journal = Journal(place)
    journal.record(TWO)
    journal.record(TWO._replace(state="passed", code=0))
    assert journal.counts() == {"passed": 1}
    assert journal.entry("[row=2]") is not None
    assert journal.entry("[row=3]") is None
    journal.close()


def test_a_second_copy_is_refused(place):
    journal = Journal(place)
    with pytest.raises(SettingsError, match="another run that keeps it is under way"):
        Journal(place)
    journal.close()


@pytest.mark.parametrize(
    "content", [b"no journal at all" * 100, b"SQLite format 3\0" + b"\xff" * 200]
)
def test_what_is_no_journal_is_told(place, content):
    place.parent.mkdir(parents=True)
    place.write_bytes(content)
    with pytest.raises(SettingsError, match=r"r\.db"):
        Journal(place)
    assert place.read_bytes() == content


def test_a_link_is_not_followed(place, tmp_path):
    place.parent.mkdir(parents=True)
    (place.parent / "r.db-wal").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SettingsError, match=r"r\.db-wal is a link"):
        Journal(place)
    assert not (tmp_path / "elsewhere").exists()


def test_a_commit_outlives_a_kill(place):
    script = (
        "import os, pathlib, sys\n"
        "from runner.engine.rows.journal import Entry, Journal\n"
        "journal = Journal(pathlib.Path(sys.argv[1]))\n"
        "journal.record(Entry('[row=1]', 0, 'd', 'passed', 0))\n"
        "journal.commit()\n"
        "journal.record(Entry('[row=2]', 1, 'd', 'passed', 0))\n"
        "os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(place)], check=False)
    assert done.returncode == -9
    assert [entry.id for entry in kept(place)] == ["[row=1]"]


def test_a_journal_that_is_cleared_knows_nothing(place):
    journal = Journal(place)
    journal.record(ONE)
    journal.tell({"recipe": "abc"})
    journal.commit()
    journal.tell({}, anew=True)
    assert journal.told() == {"schema_version": "1"}
    assert journal.counts() == {}
    journal.close()


def test_why_a_row_failed_is_recorded_without_its_secret():
    secret = "hush-hush-0815"
    failed = ServiceError("x" * (LONGEST - 5) + secret)
    made = RunResult("r", "r[row=1]", (StepResult("r", "", "failed", error=failed),), 3)
    told = entry_of(made, 1, "d", lambda text: text.replace(secret, "***")).error
    assert told.endswith("x***")
