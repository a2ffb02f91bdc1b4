"""What came of each row outlives the run."""

import subprocess
import sys
import time

import pytest

from runner.engine.rows.journal import GROUP, Entry, Journal, TornError
from runner.engine.rows.recorded import LONGEST, entry_of
from runner.errors import OutputError, ServiceError, SettingsError
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


def test_a_commit_is_on_the_disk_before_the_run_goes_on(place):
    journal = Journal(place)
    assert journal.ask("pragma synchronous") == [(2,)]  # full
    journal.close()


def test_a_journal_with_a_damaged_page_is_told(place):
    journal = Journal(place)
    for number in range(500):
        journal.record(ONE._replace(id=f"[row={number}]"))
    journal.close()
    content = bytearray(place.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 4096] = bytes(4096)
    place.write_bytes(content)
    with pytest.raises(TornError, match=r"r\.db is torn"):
        Journal(place)
    assert place.read_bytes() == content


def test_a_journal_of_another_version_is_told_and_left(place):
    journal = Journal(place)
    journal.tell({"schema_version": "2"})
    journal.close()
    before = place.read_bytes()
    with pytest.raises(SettingsError, match="was written by another version"):
        Journal(place)
    assert place.read_bytes() == before


def test_what_cannot_all_be_changed_is_not_changed_at_all(place):
    journal = Journal(place)
    journal.tell({"recipe": "abc"})
    forget = ("delete from meta where name = ?", [("recipe",)])
    with pytest.raises(OutputError, match="no such table"):
        journal.change(forget, ("delete from nowhere", [()]))
    assert journal.told()["recipe"] == "abc"
    journal.record(ONE)
    journal.close()
    assert kept(place) == [ONE]


def test_what_found_no_room_is_recorded_once_there_is_some(place):
    journal = Journal(place)
    ((pages,),) = journal.ask("pragma page_count")
    journal.ask(f"pragma max_page_count = {pages}")
    journal.record(ONE._replace(line="x" * 10_000))
    with pytest.raises(OutputError, match="disk is full"):
        journal.commit()
    journal.ask(f"pragma max_page_count = {pages + 10}")
    journal.commit()
    assert journal.counts() == {"passed": 1}
    journal.close()


def test_a_record_waits_no_longer_than_a_moment(place):
    journal = Journal(place)
    journal.record(ONE)
    time.sleep(GROUP * 1.2)
    assert journal.is_due()
    journal.record(TWO)
    assert not journal.is_due()
    journal.close()


CLOSING = """
import pathlib, sys, threading, time
from runner.engine.rows.journal import Entry, Journal
from runner.errors import SettingsError

def ask(journal):
    try:
        while True:
            journal.entry("[row=1]")
    except SettingsError:
        pass

for number in range(30):
    journal = Journal(pathlib.Path(sys.argv[1], f"{number}.db"))
    asking = [threading.Thread(target=ask, args=(journal,)) for _ in range(3)]
    for one in asking:
        one.start()
    time.sleep(0.005)
    journal.close()
    for one in asking:
        one.join()
"""


def test_a_journal_may_be_closed_while_others_ask(tmp_path):
    words = [sys.executable, "-c", CLOSING, str(tmp_path)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=30)
    assert (done.returncode, done.stderr) == (0, "")
