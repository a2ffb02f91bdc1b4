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


def test_rows_without_an_index_keep_their_places():
    rows = [{"embedding": [1.0]}, {"index": "0", "embedding": [2.0]}, {"embedding": [3.0]}]
    assert vectors.vectors({"data": rows}) == [[1.0], [2.0], [3.0]]


@pytest.mark.parametrize(
    "written",
    [None, "no base64!", "é", {"a": 1}, "AAA=", [0.5, None], ["0.5"], [True], [10**400], [[1], 2]],
)
def test_what_is_no_vector_is_told(written):
    with pytest.raises(BadReplyError, match="neither numbers nor base64"):
        vectors.vector(written)


@pytest.mark.parametrize(
    ("written", "told"), [([], "is empty"), ("", "is empty"), ("AADAfw==", "is not finite")]
)
def test_a_vector_has_numbers_that_are_finite(written, told):
    with pytest.raises(BadReplyError, match=told):
        vectors.vector(written)


def test_a_number_that_no_array_holds_is_told():
    with pytest.raises(BadReplyError, match="too large for float32"):
        vectors.npy([[1e300]])


@pytest.mark.parametrize(
    ("given", "count"), [("a", 1), (["a", "b"], 2), ([1, 2, 3], 1), ([[1], [2]], 2), ([], 0)]
)
def test_each_input_has_its_vector(given, count):
    vectors.held(reply(*[[0.5]] * count), given)
    vectors.held({"embedding": [0.5]}, given)
    if count:
        with pytest.raises(BadReplyError, match=f"expected {count}, one for each input, got 0"):
            vectors.held({"data": []}, given)


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


def test_lines_stand_in_the_order_of_the_inputs():
    rows = [{"index": 1, "embedding": [2.0]}, {"index": 0, "embedding": [1.0]}]
    found = [json.loads(row)["embedding"] for row in vectors.lines({"data": rows}).splitlines()]
    assert found == [[1.0], [2.0]]


@pytest.mark.parametrize("value", [None, {}, {"data": 3}, {"data": [1]}])
def test_a_reply_without_embeddings_is_told(value):
    with pytest.raises(BadReplyError, match="no embeddings"):
        vectors.vectors(value)


def test_a_reply_that_is_no_list_has_no_lines():
    with pytest.raises(BadReplyError, match="no list"):
        vectors.lines({"object": "model"})
