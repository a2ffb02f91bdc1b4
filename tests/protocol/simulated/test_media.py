"""Media: sizes, dimensions and kinds, read from the first bytes."""

from __future__ import annotations

from base64 import b64encode

import pytest

from runner.protocol.simulated import media

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (640).to_bytes(4) + (480).to_bytes(4) + b"\x08"
GIF = b"GIF89a" + (640).to_bytes(2, "little") + (480).to_bytes(2, "little")
JPEG = (
    b"\xff\xd8\xff\xe0\x00\x04ab"
    b"\xff\xc2\x00\x0b\x08" + (480).to_bytes(2) + (640).to_bytes(2) + b"\x01\x01"
)
WEBP = (
    b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0"
    + (639).to_bytes(3, "little")
    + (479).to_bytes(3, "little")
)
PICTURES = {"image/png": PNG, "image/gif": GIF, "image/jpeg": JPEG, "image/webp": WEBP}


def uri(media_type: str, body: bytes) -> str:
    return f"data:{media_type};base64,{b64encode(body).decode()}"


@pytest.mark.parametrize(("media_type", "body"), PICTURES.items())
def test_a_picture_tells_kind_size_and_dimensions(media_type, body):
    told = media.picture(uri(media_type, body))
    assert told == f"a picture, {media_type}, {len(body):,} bytes, 640x480"


@pytest.mark.parametrize("body", PICTURES.values(), ids=PICTURES)
@pytest.mark.parametrize("claim", PICTURES)
def test_a_picture_is_only_what_its_bytes_are(claim, body):
    found = media.inline(uri(claim, body))
    assert found is not None
    assert media.is_picture(found) is (PICTURES[claim] == body)


@pytest.mark.parametrize("body", [body[:cut] for body in PICTURES.values() for cut in (0, 3, 9)])
def test_a_picture_that_is_cut_has_no_dimensions(body):
    assert media.dimensions(body) is None


@pytest.mark.parametrize("size", range(1, 8))
def test_the_size_is_that_of_the_decoded_bytes(size):
    found = media.inline(uri("text/plain", b"x" * size))
    assert found == ("text/plain", size, b"x" * size)


@pytest.mark.parametrize("address", ["https://example.com/a.png", "data:image/png,abc", "data:"])
def test_an_address_holds_nothing(address):
    assert media.inline(address) is None


def test_an_address_is_named_by_host_and_file():
    assert (
        media.picture("https://example.com/x/a_b.png?c=d") == "a picture at example.com, “a b.png”"
    )
    assert media.picture("http://[oops") == "a picture at an address"


def test_a_sound_tells_its_length():
    body = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\0\0\0\0" + (48_000).to_bytes(4, "little")
    body += b"\0" * (44 + 96_000 - len(body))
    part = {"data": b64encode(body).decode(), "format": "wav"}
    assert media.sound(part) == "a sound, wav, 96,044 bytes, 2.0 s"
    assert media.sound({"data": "", "format": "mp3"}) == "a sound, mp3, 0 bytes"


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ({"file_id": "file-abc"}, "the file file-abc"),
        ({"file_url": "https://example.com/a.pdf"}, "a file at example.com, “a.pdf”"),
        (
            {"filename": "a.pdf", "file_data": uri("application/pdf", b"%PDF")},
            "a file, “a.pdf”, application/pdf, 4 bytes",
        ),
    ],
)
def test_a_file_is_described(part, expected):
    assert media.document(part) == expected
