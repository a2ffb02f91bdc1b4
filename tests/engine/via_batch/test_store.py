"""What is in batches is known in the journal before it is sent, and until its rows are recorded."""

import shutil

import pytest

from runner.engine.rows.journal import Entry, Journal
from runner.engine.via_batch.store import Asked, Piece, Store

PIECE = Piece(1, "created", "openai", "/v1/embeddings", "m", 2, 1.0, "file-1", "batch-1")
ASKED = [Asked("row-1-1-a", 1, "[row=1]"), Asked("row-2-1-b", 2, "[row=2]")]


@pytest.fixture
def journal(tmp_path):
    made = Journal(tmp_path / "out" / "r.db")
    yield made
    made.close()


def killed(journal):
    """Open what a kill would leave on disk now."""
    kept = journal.place.parent.with_name("kept")
    shutil.copytree(journal.place.parent, kept)
    return Journal(kept / "r.db")


def test_rows_are_recorded_before_it_is_forgotten_what_they_asked(journal):
    store = Store(journal)
    store.intend(PIECE, ASKED)
    journal.record(Entry("[row=1]", 0, "d", "passed", 0))
    store.forget(["[row=1]"])
    left = killed(journal)
    assert left.counts() == {"passed": 1}
    assert Store(left).asked(1) == ASKED[1:]
    left.close()


def test_what_is_intended_outlives_a_kill_as_it_is(journal):
    Store(journal).intend(PIECE, ASKED)
    left = killed(journal)
    assert (Store(left).pieces(), Store(left).asked(1)) == ([PIECE], ASKED)
    left.close()
