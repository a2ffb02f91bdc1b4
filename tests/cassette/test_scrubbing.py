"""A secret leaves a recording, wherever the pieces and events cut it."""

import json

import pytest

from runner.cassette.scrubbing import scrubbed, unbroken
from tests.cassette.finding import SECRET, find


def cut(body, at):
    return [at, len(body) - at]


def test_a_secret_is_masked_though_it_is_cut_at_any_byte():
    body = f"événement {SECRET} é {SECRET}!".encode()
    clean = "événement *** é ***!".encode()
    for at in range(len(body) + 1):
        text, sizes = scrubbed(body, cut(body, at), find, events=False)
        assert text == clean
        assert sum(sizes) == len(text)
        assert min(sizes) >= 0


def test_pieces_before_and_after_a_secret_stay_as_they_were():
    body = f"abc{SECRET}def".encode()
    sizes = [2, 1, len(SECRET), 2, 1]
    assert scrubbed(body, sizes, find, events=False) == (b"abc***def", [2, 1, 3, 2, 1])


def test_what_holds_no_secret_stays_byte_for_byte():
    body = b'data: {"a": "x"}\r\n\r\n: ping\n\ndata: [DONE]\n\n'
    assert scrubbed(body, [3, len(body) - 3], find, events=True) == (body, [3, len(body) - 3])


def test_bytes_that_are_no_text_stay():
    body = b"\xff" + SECRET.encode()
    assert scrubbed(body, [len(body)], find, events=True) == (body, [len(body)])


def events(texts, **more):
    return [{"type": "delta", **more, "choices": [{"delta": {"content": t}}]} for t in texts]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 21])
def test_a_secret_that_events_bring_in_pieces_goes(size):
    text = f"it is {SECRET}, they say"
    texts = [text[start : start + size] for start in range(0, len(text), size)]
    lines = [f"data: {json.dumps(value)}\n\n".encode() for value in events(texts)]
    body, sizes = scrubbed(b"".join(lines), list(map(len, lines)), find, events=True)
    assert sum(sizes) == len(body)
    start, said = 0, ""
    for one in sizes:
        piece = body[start : start + one].decode().removeprefix("data: ")
        said += json.loads(piece)["choices"][0]["delta"]["content"]
        start += one
    assert said == "it is ***, they say"


def test_texts_of_different_streams_are_not_joined():
    half = len(SECRET) // 2
    values = [
        {"index": 0, "delta": SECRET[:half]},
        {"index": 1, "delta": "other"},
        {"index": 0, "delta": SECRET[half:]},
    ]
    clean = unbroken(values, find)
    assert [clean.get(n, value)["delta"] for n, value in enumerate(values)] == ["***", "other", ""]
    assert values[0]["delta"] == SECRET[:half]


def test_a_secret_written_with_escapes_goes():
    body = b'data: {"a": "' + b"".join(b"\\u%04x" % ord(c) for c in SECRET) + b'"}\n\n'
    assert scrubbed(body, [len(body)], find, events=True)[0] == b'data: {"a": "***"}\n\n'
