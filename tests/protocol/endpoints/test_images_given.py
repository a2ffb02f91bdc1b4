"""The pictures of an edit are looked at before they go."""

from __future__ import annotations

import pytest

from runner.exchange import Spool
from runner.model import Ask, File
from runner.protocol import endpoints
from runner.protocol.endpoints import images_given
from runner.protocol.simulated import drawing, encoders
from tests.protocol.test_pictures import CLEAR, GIF, JPEG, PNG, SVG

ONE = File("a.png", "image/png", PNG)
MASK = File("m.png", "image/png", CLEAR, "mask")
ROWS = drawing.canvas(drawing.scene("x"), 16, 16)
SMALL = encoders.png(ROWS, drawing.palette(drawing.scene("x")), clear=True)


def on_disk(file: File) -> File:
    """The same file, of which no more than its head is at hand."""
    assert isinstance(file.body, bytes)
    return file._replace(body=Spool("x", len(file.body), "f" * 64), head=file.body[:400])


def found(*files: File, strict: bool = True) -> list[tuple[tuple[str | int, ...], str]]:
    check = endpoints.find("images.edits").check
    assert check is not None
    ask = Ask("images.edits", prompt="x", files=files)
    return [(refusal.path, refusal.message) for refusal in check(ask, strict)]


@pytest.mark.parametrize(
    "files",
    [
        [ONE],
        [ONE] * 16,
        [ONE, MASK],
        [MASK, ONE],
        [ONE._replace(field="image"), File("b.jpg", "image/jpeg", JPEG, "image[]")],
        [ONE, File("x.bin", "application/octet-stream", b"x", "control")],
    ],
)
def test_what_the_service_takes_passes(files):
    assert found(*files) == []
    assert found(*map(on_disk, files)) == []


@pytest.mark.parametrize(
    ("files", "path", "told"),
    [
        ([], ("attachments",), "there is no picture to edit"),
        ([MASK], ("attachments",), "there is no picture to edit"),
        ([ONE] * 17, ("attachments",), "expected at most 16 pictures, got 17"),
        (
            [ONE, MASK, MASK],
            ("attachments", 2),
            "expected one mask, got 2",
        ),
        (
            [ONE, File("b.gif", "image/gif", GIF)],
            ("attachments", 1),
            "b.gif: expected a png, jpeg or webp picture, found image/gif",
        ),
        (
            [File("b.svg", "text/plain", SVG)],
            ("attachments", 0),
            "b.svg: expected a png, jpeg or webp picture, found image/svg+xml",
        ),
        (
            [File("b.png", "application/octet-stream", b"hello")],
            ("attachments", 0),
            "b.png: expected a png, jpeg or webp picture, found text/plain",
        ),
        (
            [File("b.png", "image/png", PNG[:20])],
            ("attachments", 0),
            "b.png: expected a png, jpeg or webp picture, found a broken image/png",
        ),
        (
            [File("b.png", "text/plain", b"")],
            ("attachments", 0),
            "b.png: expected a png, jpeg or webp picture, found an empty file",
        ),
        (
            [ONE, File("m.jpg", "image/jpeg", JPEG, "mask")],
            ("attachments", 1),
            "m.jpg: expected a mask that is a png, found image/jpeg",
        ),
        (
            [ONE, MASK._replace(body=PNG)],
            ("attachments", 1),
            "m.png: expected a mask with an alpha channel, found none",
        ),
        (
            [MASK._replace(body=SMALL), ONE, ONE],
            ("attachments", 0),
            "m.png: expected a mask of 48x32, the size of a.png, found 16x16",
        ),
    ],
)
def test_what_the_service_would_refuse_is_found(files, path, told):
    assert found(*files) == [(path, told)]
    assert found(*map(on_disk, files)) == [(path, told)]


def test_a_picture_that_is_too_large_is_found():
    large = ONE._replace(body=PNG + b"\0" * images_given.LARGEST)
    size = len(PNG) + images_given.LARGEST
    told = [(("attachments", 0), f"a.png: expected at most 50 MB, found {size:,} bytes")]
    assert found(large) == told
    assert found(on_disk(large)) == told


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ([ONE] * 17, "expected at most 16 pictures, got 17"),
        (
            [ONE, MASK._replace(body=PNG)],
            "m.png: expected a mask with an alpha channel, found none",
        ),
        ([MASK._replace(body=SMALL), ONE], "m.png: expected a mask of 48x32"),
        ([ONE._replace(body=PNG + b"\0" * images_given.LARGEST)], "a.png: expected at most 50 MB"),
    ],
)
def test_the_limits_hold_for_every_server(files, told):
    ((_, message),) = found(*files, strict=False)
    assert message.startswith(told)


def test_what_kinds_another_server_takes_is_not_known():
    assert found(File("b.gif", "image/gif", GIF), strict=False) == []


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize(
    "files", [[ONE._replace(body=PNG[:-20])], [ONE, MASK._replace(body=CLEAR[:-1])]]
)
def test_a_picture_that_was_cut_is_found(files, strict):
    message = f"{files[-1].name}: expected a whole picture, found one that was cut"
    assert found(*files, strict=strict) == [(("attachments", len(files) - 1), message)]
    spooled = [*files[:-1], on_disk(files[-1])._replace(is_cut=True)]
    assert found(*spooled, strict=strict) == [(("attachments", len(files) - 1), message)]


def test_what_is_no_picture_is_none_for_any_server():
    assert found(File("b.png", "text/plain", b"x"), strict=False)


def test_pictures_that_are_named_by_id_need_no_file():
    check = endpoints.find("images.edits").check
    assert check is not None
    ask = Ask("images.edits", prompt="x", params={"images": [{"file_id": "file-1"}]})
    assert list(check(ask, True)) == []
    (refusal,) = check(ask._replace(files=(ONE,)), False)
    assert refusal.path == ("attachments",)
    assert refusal.message == "attachments and params.images exclude each other"
    assert "mask: {file_id: …}" in refusal.hint


@pytest.mark.parametrize("name", ["images.generations", "images.edits"])
@pytest.mark.parametrize(
    ("size", "strict", "wrong"),
    [
        ("1024x1024", True, False),
        ("auto", True, False),
        ("1024*1024", True, True),
        ("0x5", True, True),
        ("2K", False, False),
    ],
)
def test_a_size_is_one(name, size, strict, wrong):
    check = endpoints.find(name).check
    assert check is not None
    ask = Ask(name, prompt="x", params={"size": size}, files=(ONE,))
    paths = [refusal.path for refusal in check(ask, strict)]
    assert paths == ([("params", "size")] if wrong else [])
