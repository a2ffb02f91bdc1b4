"""Server-sent events: whatever their bytes are, however they are cut and their lines end."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from runner.errors import BadReplyError
from runner.protocol.sse import DONE, Decoder, Event
from tests.properties import bounded

ENDS = st.sampled_from([b"\n", b"\r\n", b"\r"])
LINES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\0"), max_size=20)
BREAKS = st.lists(st.integers(0, 2_000), max_size=8)
SILENT = st.sampled_from([b": keep-alive", b"id: 7", b"retry: 10", b"unknown: x", b"x"])


@st.composite
def streams(draw: st.DrawFn) -> tuple[bytes, list[Event]]:
    """Make a stream, and the events that it holds."""
    body, events = draw(st.sampled_from([b"", b"\xef\xbb\xbf"])), []
    for _ in range(draw(st.integers(0, 6))):
        end = draw(ENDS)
        name = draw(LINES.map(str.strip).filter(lambda text: ":" not in text))
        data = draw(st.lists(LINES, min_size=1, max_size=3))
        lines = [f"event: {name}".encode()] if name else []
        lines += [f"data: {line}".encode() for line in data]
        for _ in range(draw(st.integers(0, 2))):
            lines.insert(draw(st.integers(0, len(lines))), draw(SILENT))
        body += b"".join(line + end for line in lines) + end
        events.append(Event(name, "\n".join(data)))
    return body, events


def cut(body: bytes, places: list[int]) -> list[bytes]:
    """Cut bytes at places."""
    ends = [0, *sorted(min(place, len(body)) for place in places), len(body)]
    return [body[start:end] for start, end in pairwise(ends)]


def read(pieces: list[bytes], limit: int = 1 << 20) -> list[Event]:
    decoder = Decoder(limit)
    events = [event for piece in pieces for event in decoder.feed(piece)]
    return events + decoder.close()


@bounded
@given(streams(), BREAKS)
def test_a_stream_gives_its_events_however_it_is_cut(made, places):
    body, events = made
    assert [event for event in read(cut(body, places)) if event.data != DONE] == [
        event for event in events if event.data != DONE
    ]


@bounded
@given(st.binary(max_size=300) | st.text("data:event \r\n[DONE]\ufeff", max_size=80), BREAKS)
def test_any_bytes_are_read_alike_however_they_are_cut(body, places):
    raw = body if isinstance(body, bytes) else body.encode()
    try:
        whole = read([raw])
    except BadReplyError:
        whole = None
    try:
        assert read(cut(raw, places)) == whole
    except BadReplyError:
        assert whole is None


@bounded
@given(st.binary(min_size=65, max_size=400).map(lambda raw: b"data:" + raw.replace(b"\n", b"")))
def test_an_event_beyond_the_limit_is_an_error_and_never_held(raw):
    decoder = Decoder(64)
    try:
        events = [event for piece in cut(raw, [7, 90]) for event in decoder.feed(piece)]
        events += decoder.close()
    except BadReplyError:
        return
    assert all(len(event.data.encode()) <= 3 * 64 for event in events)
