"""Bodies come back byte for byte, and stand as a tree where people can read them."""

import base64
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.cassette.bodies import INLINE, named, restored, stored
from runner.cassette.writing import written
from runner.recipe import source

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8
ENCODED = base64.b64encode(PNG).decode()
VALUE = {"id": "é", "n": [1, 2.5, None, True], "empty": {}}


def back(body, kind="application/json"):
    """Store a body, write it, read it and restore it."""
    made = stored(body, kind)
    tree = source.parse(written({"reply": made.tree}), "c.yaml")["reply"]
    return restored(tree, made.files.__getitem__)


@pytest.mark.parametrize("ascii_only", [True, False])
@pytest.mark.parametrize("end", ["", "\n"])
@pytest.mark.parametrize(
    "how", [{"separators": (",", ":")}, {}, {"indent": 2}], ids=["compact", "spaced", "indented"]
)
def test_json_stands_as_a_tree_and_comes_back_as_it_was_written(how, end, ascii_only):
    body = (json.dumps(VALUE, ensure_ascii=ascii_only, **how) + end).encode()
    assert stored(body, "")[0]["json"] == VALUE
    assert back(body) == body


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"plain",
        b'{"a":1, "b":2}',
        b'{"a":1e2}',
        b'{"a":1,"a":2}',
        b'{"a":"\\u0041"}',
        b'\xef\xbb\xbf{"a":1}',
        b'{"a":NaN}',
        b"[" * 60 + b"]" * 60,
        json.dumps({"k" * 2000: 1}).encode(),
        b'"text"',
        b"data: {}\r\n\r\ndata: [DONE]\r\n\r\n",
        b"\xff\xfe\x00",
        b"\0",
        "a\u2028b\x85c\n".encode(),
        b" \n leading",
        b"{" * 20_000,
    ],
)
def test_whatever_came_comes_back(body):
    assert back(body) == body


@settings(max_examples=100, deadline=None)
@given(
    st.binary(max_size=40) | st.text(max_size=40).map(lambda text: text.encode("utf-8", "replace"))
)
def test_any_bytes_come_back(body):
    assert back(body, "") == body


@pytest.mark.parametrize("prefix", ["", "data:image/png;base64,"])
def test_a_picture_within_json_lies_beside_it(prefix):
    body = json.dumps({"data": [{"b64/json": prefix + ENCODED, "a~b": "x"}]}).encode()
    made = stored(body, "application/json")
    (name,) = made.files
    assert name.endswith(".png")
    assert made.files[name] == PNG
    assert made.tree["json"]["data"][0]["b64/json"] == name
    assert back(body) == body


def test_text_that_only_looks_like_base64_stays():
    body = json.dumps({"a": ENCODED[:-1] + "é", "b": "word " * 400}, ensure_ascii=False).encode()
    made = stored(body, "application/json")
    assert made.files == {}
    assert back(body) == body


def test_what_is_long_lies_beside_under_its_hash():
    body = b"data: x\n\n" * INLINE
    made = stored(body, "text/event-stream; charset=utf-8")
    assert list(made.files) == [named(body, "text/event-stream")]
    assert made.tree["file"].endswith(".sse")
    assert back(body, "text/event-stream") == body


@pytest.mark.parametrize(
    ("content", "kind", "suffix"),
    [
        (PNG, "application/json", ".png"),
        (b"\xff\xfb\0\0", "", ".mp3"),
        (b"\0\1", "audio/pcm", ".pcm"),
        (b"\0\1", "", ".bin"),
        (b"x", "application/json; charset=utf-8", ".json"),
    ],
)
def test_a_file_is_named_by_what_it_holds(content, kind, suffix):
    assert named(content, kind)[16:] == suffix


@pytest.mark.parametrize("at", ["/b", "/a/0", "", "/list/7", "/list/x", "/n"])
def test_a_part_that_fits_nowhere_is_a_fault(at):
    tree = {"json": {"a": "x", "list": [], "n": 1}, "parts": [{"at": at, "file": "f"}]}
    with pytest.raises(ValueError, match="no text stands at"):
        restored(tree, lambda _: PNG)
