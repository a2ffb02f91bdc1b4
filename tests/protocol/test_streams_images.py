"""Image streams, fed whole and cut at every byte."""

from __future__ import annotations

from base64 import b64encode

import pytest

from runner.errors import ApiStatusError, BadReplyError
from runner.protocol.streams.images import ImagesStream
from tests.protocol.play import events

SMALL = b64encode(b"picture").decode()
LOOK = {"size": "1024x1024", "quality": "low", "background": "opaque", "output_format": "png"}
PARTIAL = {"type": "image_edit.partial_image", "b64_json": "AAAA", "partial_image_index": 0}
DONE = {"type": "image_edit.completed", "b64_json": SMALL, "created_at": 3, **LOOK}
STREAM = events(PARTIAL, DONE | {"usage": {"total_tokens": 4}}, named=True)


def made(stream: bytes, count: int = 1, step: int | None = None) -> object:
    assembler = ImagesStream(count)
    for start in range(0, len(stream), step or len(stream) or 1):
        assert assembler.feed(stream[start : start + (step or len(stream))]) == ""
    return assembler.finish()


@pytest.mark.parametrize("step", [1, 7, None])
def test_the_reply_is_as_one_that_was_not_streamed(step):
    assert made(STREAM, step=step) == {
        "created": 3,
        **LOOK,
        "data": [{"b64_json": SMALL}],
        "usage": {"total_tokens": 4},
    }


def test_what_comes_after_the_last_picture_does_no_harm():
    assert made(STREAM + b"data: [DONE]\n\n") == made(STREAM)
    assert made(STREAM + b"data: {broken\n\n") == made(STREAM)


def test_no_cut_stream_passes_for_whole():
    whole = made(STREAM)
    for end in range(len(STREAM)):
        try:
            got = made(STREAM[:end])
        except BadReplyError:
            continue
        assert got == whole


def test_a_stream_that_ends_early_says_what_is_missing():
    with pytest.raises(BadReplyError, match="0 of 1 pictures came"):
        made(events(PARTIAL))
    with pytest.raises(BadReplyError, match="1 of 3 pictures came"):
        made(STREAM, count=3)


@pytest.mark.parametrize(
    "event", [{"type": "error", "error": {"message": "bad"}}, {"error": {"message": "bad"}}]
)
def test_an_error_within_is_the_service_s(event):
    with pytest.raises(ApiStatusError, match="bad"):
        made(events(PARTIAL, event))


@pytest.mark.parametrize("stream", [b"data: 3\n\n", b"data: {broken\n\n"])
def test_what_is_no_event_is_an_error(stream):
    with pytest.raises(BadReplyError):
        made(stream)


def test_a_plain_body_in_place_of_a_stream_is_taken():
    assert made(b'{"data": [{"b64_json": "AAAA"}]}') == {"data": [{"b64_json": "AAAA"}]}
