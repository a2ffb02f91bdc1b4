"""What a picture's bytes say: kind, size, transparency, and whether the end is there."""

from __future__ import annotations

from base64 import b64encode

import pytest

from runner.protocol import pictures
from runner.protocol.pictures import Look, decoded, inline, is_cut, look
from runner.protocol.simulated import drawing, encoders

SCENE = drawing.scene("a test")
COLOURS = drawing.palette(SCENE)
ROWS = drawing.canvas(SCENE, 48, 32)
PNG = encoders.png(ROWS, COLOURS)
CLEAR = encoders.png(ROWS, COLOURS, clear=True)
WEBP = encoders.webp(ROWS, COLOURS)
CLEAR_WEBP = encoders.webp(ROWS, COLOURS, clear=True)
JPEG = encoders.jpeg(drawing.canvas(SCENE, 6, 4), COLOURS, 48, 32)
GIF = b"GIF89a\x30\0\x20\0\0\0\0" + b"\x2c\0\0\0\0\x30\0\x20\0\0\x02\0\x3b"
CLEAR_GIF = b"GIF89a\x30\0\x20\0\0\0\0" + b"\x21\xf9\x04\x01\0\0\0\0" + b"\x3b"
SVG = b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><path d=""/></svg>\n'
LOSSY = b"RIFF\x1e\0\0\0WEBPVP8 \x12\0\0\0\0\0\0\x9d\x01\x2a\x30\0\x20\0" + b"\0" * 8
EXTENDED = b"RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0\x10\0\0\0\x2f\0\0\x1f\0\0"
INDEXED = PNG[:25] + b"\x03" + PNG[26:33] + b"\0\0\0\x01tRNS\0" + b"\0\0\0\0" + PNG[33:]

WHOLE = {
    "png": (PNG, Look("image/png", 48, 32)),
    "clear png": (CLEAR, Look("image/png", 48, 32, True)),
    "png with a clear colour": (INDEXED, Look("image/png", 48, 32, True)),
    "jpeg": (JPEG, Look("image/jpeg", 48, 32)),
    "jpeg with fill bytes": (JPEG[:2] + b"\xff\xff" + JPEG[2:], Look("image/jpeg", 48, 32)),
    "webp": (WEBP, Look("image/webp", 48, 32)),
    "clear webp": (CLEAR_WEBP, Look("image/webp", 48, 32, True)),
    "lossy webp": (LOSSY, Look("image/webp", 48, 32)),
    "extended webp": (EXTENDED, Look("image/webp", 48, 32, True)),
    "gif": (GIF, Look("image/gif", 48, 32)),
    "clear gif": (CLEAR_GIF, Look("image/gif", 48, 32, True)),
    "svg": (SVG, Look("image/svg+xml", 0, 0, True)),
}


@pytest.mark.parametrize(("content", "seen"), WHOLE.values(), ids=WHOLE)
def test_a_picture_tells_what_it_is(content, seen):
    assert look(content) == seen
    assert not is_cut(content)


@pytest.mark.parametrize(("content", "seen"), WHOLE.values(), ids=WHOLE)
def test_a_cut_picture_is_no_picture_or_has_no_end(content, seen):
    for end in range(len(content.rstrip()) - 1):
        assert look(content[:end]) is None or is_cut(content[:end])


@pytest.mark.parametrize(
    "content",
    [b"", b"hello", b"<!DOCTYPE html><html></html>", b"%PDF-1.7", b"RIFF\0\0\0\0WAVEfmt ", b"\xff"],
)
def test_what_is_no_picture_has_no_look(content):
    assert look(content) is None
    assert not is_cut(content)


def test_what_follows_the_end_does_no_harm():
    assert not is_cut(PNG + b"more")
    assert not is_cut(JPEG + b"\0\0")
    assert not is_cut(JPEG + b"\0" * 5000)


def test_the_end_of_a_preview_is_not_the_picture_s():
    preview = b"\xff\xe1" + (len(JPEG) + 2).to_bytes(2) + JPEG
    whole = JPEG[:2] + preview + JPEG[2:]
    assert not is_cut(whole)
    for end in range(len(preview), len(whole) - 1):
        assert look(whole[:end]) is None or is_cut(whole[:end])


@pytest.mark.parametrize("block", [1, 2, 3, 7])
def test_the_end_of_a_large_picture_is_found_wherever_it_stands(monkeypatch, block):
    monkeypatch.setattr(pictures, "_BLOCK", block)
    assert not is_cut(JPEG)
    assert is_cut(JPEG[:-1])


PLAIN = b64encode(PNG).decode()
URL_SAFE = PLAIN.translate(str.maketrans("+/", "-_"))


@pytest.mark.parametrize(
    "text",
    [
        PLAIN,
        PLAIN.rstrip("="),
        "\r\n".join(PLAIN[i : i + 76] for i in range(0, len(PLAIN), 76)),
        URL_SAFE,
        f"data:image/png;base64,{PLAIN}",
        memoryview(PLAIN.encode()),
        memoryview(PLAIN.rstrip("=").encode()),
    ],
    ids=["plain", "unpadded", "folded", "url-safe", "data", "bytes", "unpadded bytes"],
)
def test_base64_is_read_as_services_write_it(text):
    assert decoded(text) == PNG


@pytest.mark.parametrize("text", ["a", "é", "iVBO\0Rw0", "not base64!", "data:image/png;base64,!"])
def test_what_is_no_base64_is_not_decoded(text):
    assert decoded(text) is None


@pytest.mark.parametrize(
    ("address", "content"),
    [
        (f"data:image/png;base64,{PLAIN}", PNG),
        ("data:,a%20b", b"a b"),
        ("data:text/plain;base64,aGk=", b"hi"),
        ("data:image/png;base64", None),
        ("https://example.com/a.png,b", None),
        ("data:;base64,data:;base64,aGk=", None),
    ],
)
def test_a_data_address_holds_its_bytes(address, content):
    assert inline(address) == content


def test_every_kind_has_an_ending():
    assert {found.media_type for _, found in WHOLE.values()} == set(pictures.SUFFIXES)
