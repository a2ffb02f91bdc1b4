"""Pictures and sounds in the report."""

import base64

import pytest

from runner.exchange import JsonBody, Multipart, Part, Request
from runner.report.html.media import Media
from runner.results import Written

ADDRESS = "data:image/png;base64," + base64.b64encode(b"png").decode()


def media(small=100, most=1_000, body=b"body"):
    return Media(lambda path: body, lambda text: text.replace("secret", "***"), small, most)


def sent(body):
    return Request("POST", "/x", "raw", body)


def test_what_is_embedded_has_a_limit():
    shelf = media(most=10)
    files = [Written(f"{n}.png", "image", str(n), 4) for n in range(4)]
    assert [shelf.of_file(file) for file in files] == [
        *(("image", 0), ("image", 1), ("image", None), ("image", None))
    ]


def test_a_file_that_grew_is_not_embedded():
    assert media(body=b"x" * 101).of_file(Written("a.png", "image", "1", 4)) == ("image", None)


def test_a_drawing_that_tells_a_secret_is_not_embedded():
    file = Written("a.svg", "image", "1", 4)
    assert media(body=b"<svg>secret</svg>").of_file(file) == ("image", None)
    assert media(body=b"<svg></svg>").of_file(file) == ("image", 0)


def test_nor_is_a_picture_in_whose_text_a_secret_stands():
    file = Written("a.png", "image", "1", 4)
    assert media(body=b"\x89PNG\xff secret").of_file(file) == ("image", None)


@pytest.mark.parametrize("name", ["a.md", "a.html", "png", "a.pcm"])
def test_other_files_are_no_media(name):
    assert media().of_file(Written(name, "text", "1", 4)) is None


def test_pictures_and_sounds_that_were_sent_are_found_in_their_order():
    shelf = media()
    sound = {"data": base64.b64encode(b"wav").decode(), "format": "wav"}
    content = [{"image_url": {"url": ADDRESS}}, {"input_audio": sound}, "data:image/png;base64,?"]
    assert shelf.of_request(sent(JsonBody([{"content": content}]))) == [("image", 0), ("audio", 1)]
    assert [one.address[:15] for one in shelf.embedded] == ["data:image/png;", "data:audio/wav;"]


def test_files_of_a_form_are_shown():
    parts = (Part("a", b"png", "a.PNG"), Part("b", b"text", "b.txt"), Part("c", b"no file"))
    assert media().of_request(sent(Multipart(parts))) == [("image", 0)]


def test_what_is_too_large_or_no_base64_is_named_alone():
    shelf = media(small=2)
    assert shelf.of_request(sent(JsonBody([ADDRESS, ADDRESS + "x"]))) == [("image", None)] * 2
