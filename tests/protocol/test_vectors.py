import json
import struct

import pytest

from runner.errors import BadReplyError
from runner.protocol import vectors


def reply(*found):
    return {"data": [{"index": i, "embedding": v} for i, v in enumerate(found)]}


def test_vectors_stand_in_the_order_of_the_inputs():
    rows = [{"index": 1, "embedding": [2.0]}, {"index": 0, "embedding": [1.0]}]
    assert vectors.vectors({"data": rows}) == [[1.0], [2.0]]


@pytest.mark.parametrize(
    "written", [[0.5, -2.0], [[0.5, -2.0]], "AAAAPwAAAMA="], ids=["list", "nested", "base64"]
)
def test_a_vector_comes_in_three_forms(written):
    assert vectors.vector(written) == [0.5, -2.0]


@pytest.mark.parametrize("written", [None, "no base64!", {"a": 1}, "AAA="])
def test_what_is_no_vector_is_told(written):
    with pytest.raises(BadReplyError, match="neither numbers nor base64"):
        vectors.vector(written)


def test_an_npy_file_has_an_aligned_head_and_the_numbers():
    body = vectors.npy([[0.5, -2.0], [1.0, 0.0]])
    assert body[:8] == b"\x93NUMPY\x01\x00"
    size = struct.unpack("<H", body[8:10])[0]
    assert (10 + size) % 64 == 0
    assert b"'shape': (2, 2)" in body
    assert struct.unpack("<4f", body[10 + size :]) == (0.5, -2.0, 1.0, 0.0)


def test_vectors_of_different_lengths_are_no_array():
    with pytest.raises(BadReplyError, match="different lengths"):
        vectors.npy([[1.0], [1.0, 2.0]])


def test_lines_hold_the_vectors_as_numbers():
    rows = [json.loads(row) for row in vectors.lines(reply("AAAAPwAAAMA=", [1, 2])).splitlines()]
    assert [row["embedding"] for row in rows] == [[0.5, -2.0], [1.0, 2.0]]


@pytest.mark.parametrize("value", [None, {}, {"data": 3}, {"data": [1]}])
def test_a_reply_without_embeddings_is_told(value):
    with pytest.raises(BadReplyError, match="no embeddings"):
        vectors.vectors(value)


def test_a_reply_that_is_no_list_has_no_lines():
    with pytest.raises(BadReplyError, match="no list"):
        vectors.lines({"object": "model"})
