"""What comes of lines that no file of results names."""

import json

import pytest

from runner.engine.via_batch.replies import Replies
from runner.engine.via_batch.store import Asked, Piece

ASKED = [Asked("a-1-x", 1, "[row=a]"), Asked("b-1-x", 2, "[row=b]")]


def outcomes(state, told=""):
    replies = Replies()
    piece = Piece(1, state, "openai", "/v1/embeddings", "m", 2, 0.0, told=told)
    replies.take(piece, [], ASKED)
    return [(replies.is_final(one.id), replies.outcome(one.id).message) for one in ASKED]


@pytest.mark.parametrize(
    ("state", "is_final", "told"),
    [
        ("completed", False, "the batch ended before this request was answered"),
        ("expired", False, "the batch ended before this request was answered"),
        ("cancelled", True, "the batch was cancelled"),
        ("failed", True, "the batch failed: no reason was given"),
    ],
)
def test_a_line_without_an_outcome_has_that_of_its_batch(state, is_final, told):
    assert outcomes(state) == [(is_final, told)] * 2


def test_a_line_that_was_at_fault_fails_and_others_are_asked_again():
    found = outcomes("failed", json.dumps([(2, "bad", "no model")]))
    assert found == [
        (False, "the batch failed for another request's fault"),
        (True, "the batch failed: no model (bad)"),
    ]
