"""Lines are gathered in files that are small enough for one batch."""

import pytest

from runner.engine.rows.journal import Journal
from runner.engine.via_batch.pieces import Pieces
from runner.engine.via_batch.store import Store
from runner.errors import RecipeError
from runner.protocol import batching
from runner.protocol.batching import Line
from runner.protocol.providers import Provider

PROVIDER = Provider("openai", "openai")


@pytest.fixture
def pieces(tmp_path):
    journal = Journal(tmp_path / ".runner" / "r.db")
    yield Pieces(Store(journal), tmp_path / "spool", 0.0)
    journal.close()


def gathered(pieces, *sizes, url="/v1/embeddings"):
    """Add lines of these sizes; return how many lines each piece has, and its bytes."""
    for number, size in enumerate(sizes):
        line = Line(f"row-1-{number}", b"x" * size, url, "m")
        pieces.add(PROVIDER, line, f"[row={number}]")
    return [(made.piece.lines, len(made.body)) for made in pieces.ready()]


def test_a_piece_has_no_more_lines_than_a_batch_may(pieces, monkeypatch):
    monkeypatch.setattr(batching, "MOST_LINES", 3)
    monkeypatch.setattr(batching, "PICTURES", 2)
    assert gathered(pieces, *[1] * 7) == [(3, 3), (3, 3), (1, 1)]
    assert gathered(pieces, *[1] * 3, url="/v1/images/generations") == [(2, 2), (1, 1)]


def test_a_piece_has_no_more_bytes_than_a_batch_may(pieces, monkeypatch):
    monkeypatch.setattr(batching, "LARGEST", 10)
    assert gathered(pieces, 4, 4, 4, 10) == [(2, 8), (1, 4), (1, 10)]


def test_a_line_that_no_batch_can_hold_is_an_error(pieces, monkeypatch):
    monkeypatch.setattr(batching, "LARGEST", 10)
    with pytest.raises(RecipeError, match="a request of 11 bytes is too large for a batch"):
        gathered(pieces, 11)


def test_what_is_sent_is_recorded_before(pieces):
    gathered(pieces, 1, 1)
    (piece,) = pieces._store.pieces()
    assert (piece.state, piece.lines) == ("intended", 2)
    assert [one.run for one in pieces._store.asked(piece.number)] == ["[row=0]", "[row=1]"]
