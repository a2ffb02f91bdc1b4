"""Events come out the same however their bytes are cut."""

import pytest

from runner.errors import BadReplyError
from runner.protocol.sse import DONE, Decoder, Event, decode

MIXED = (
    b"\xef\xbb\xbf: hello\n"
    b'event: one\r\ndata: {"a": "\xc3\xa9\xf0\x9f\x98\x80"}\r\n\r\n'
    b"data:first\rdata: second\rdata:  third\r\r"
    b"event: empty\n\n"
    b"id: 7\nretry: 10\nunknown: x\ndata\n\n"
    b": keep-alive\n\n"
    b"[DONE]\n"
)
MIXED_EVENTS = [
    Event("one", '{"a": "é😀"}'),
    Event("", "first\nsecond\n third"),
    Event("", ""),
    Event("", DONE),
]


def feed_all(pieces: list[bytes]) -> list[Event]:
    decoder = Decoder()
    events = [event for piece in pieces for event in decoder.feed(piece)]
    return events + decoder.close()


def test_every_line_end_comment_and_field_is_read():
    assert decode(MIXED) == MIXED_EVENTS


@pytest.mark.parametrize("cut", range(len(MIXED) + 1))
def test_a_cut_anywhere_changes_nothing(cut):
    assert feed_all([MIXED[:cut], b"", MIXED[cut:]]) == MIXED_EVENTS


def test_one_byte_at_a_time_changes_nothing():
    assert feed_all([bytes([byte]) for byte in MIXED]) == MIXED_EVENTS


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_an_event_is_handed_out_as_soon_as_its_blank_line_came(end):
    decoder = Decoder()
    assert decoder.feed(b"event: a" + end + b"data: 1" + end) == []
    assert decoder.feed(end) == [Event("a", "1")]


def test_a_line_feed_after_a_carriage_return_at_a_cut_is_no_second_line_end():
    assert feed_all([b"data: 1\r", b"\ndata: 2\r\n\r\n"]) == [Event("", "1\n2")]


def test_a_name_counts_for_its_own_event_alone():
    assert decode(b"event: a\n\ndata: 1\n\n") == [Event("", "1")]


def test_the_end_of_the_body_ends_the_last_event():
    assert decode(b"data: 1\n\ndata: 2") == [Event("", "1"), Event("", "2")]


def test_a_bare_end_mark_ends_the_event_before_it():
    assert decode(b"data: 1\n[DONE]\n") == [Event("", "1"), Event("", DONE)]


def test_invalid_utf8_is_replaced_not_fatal():
    assert decode(b"data: \xff\n\n") == [Event("", "�")]


def test_idle_means_that_no_event_is_open():
    decoder = Decoder()
    seen = []
    for piece in (b"", b"da", b"ta: 1\n", b"\n", b"event: x\n", b"\n"):
        decoder.feed(piece)
        seen.append(decoder.idle)
    assert seen == [True, False, False, True, False, True]


@pytest.mark.parametrize(
    "body",
    [b"data: " + b"x" * 100 + b"\n\n", b"data: " + b"x" * 100, b"data: 123456\n" * 20 + b"\n"],
)
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_an_event_beyond_the_limit_is_refused_at_every_split(body, size):
    decoder = Decoder(limit=90)
    with pytest.raises(BadReplyError, match="larger than 90 bytes"):  # noqa: PT012
        for at in range(0, len(body), size):
            decoder.feed(body[at : at + size])
        decoder.close()


def test_the_limit_is_for_one_event_not_for_the_stream():
    body = (b": comment\n" * 20) + b"data: 12345678\n\n" * 50
    decoder = Decoder(limit=30)
    found = [event for at in range(len(body)) for event in decoder.feed(body[at : at + 1])]
    assert len(found) == 50


def test_events_before_an_oversized_one_are_handed_out_first():
    decoder = Decoder(limit=20)
    assert decoder.feed(b"data: 1\n\ndata: " + b"x" * 50) == [Event("", "1")]
    with pytest.raises(BadReplyError):
        decoder.feed(b"\n\n")


def test_a_64_mib_line_is_refused_without_holding_it():
    decoder = Decoder()
    block = b"x" * (1 << 20)
    decoder.feed(b"data: ")
    with pytest.raises(BadReplyError, match="larger than 33,554,432 bytes"):  # noqa: PT012
        for _ in range(64):
            decoder.feed(block)
