"""Simulated pictures open, have what was asked for, and are refused as the service refuses."""

from __future__ import annotations

import zlib
from base64 import b64decode
from typing import Any

import pytest

from runner.exchange import JsonBody, Multipart, Part, Request
from runner.protocol.pictures import Look, inline, is_cut, look
from runner.protocol.simulated import simulate
from runner.protocol.simulated.fetched import fetched
from runner.protocol.simulated.service import Simulated
from tests import openapi
from tests.protocol.simulated.asking import error, events, value, world
from tests.protocol.test_pictures import CLEAR, GIF, JPEG, PNG, WEBP

HEAD = [Part("model", b"gpt-image-2"), Part("prompt", b"a hat")]
PICTURE = Part("image", PNG, "a.png", "image/png")
LIST = PICTURE._replace(name="image[]")
MASK = Part("mask", CLEAR, "m.png", "image/png")


def drawn(**fields: Any) -> Simulated:
    body = {"model": "gpt-image-2", "prompt": "a cat", "size": "160x96"} | fields
    kept = {name: field for name, field in body.items() if field is not None}
    path = "/images/generations"
    return simulate(Request("POST", path, "images.generations", JsonBody(kept)), world())


def edited(*parts: Part, head: list[Part] = HEAD) -> Simulated:
    form = Multipart((*head, *parts))
    return simulate(Request("POST", "/images/edits", "images.edits", form), world())


def pictures(simulated: Simulated) -> list[bytes]:
    assert simulated.status == 200, value(simulated)
    found = [b64decode(row["b64_json"], validate=True) for row in value(simulated)["data"]]
    assert not any(map(is_cut, found))
    return found


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
@pytest.mark.parametrize("size", ["160x96", "1024x1024", "16x48", "3840x2160"])
def test_a_picture_has_the_kind_and_the_size_asked_for(kind, size):
    (one,) = pictures(drawn(output_format=kind, size=size))
    width, height = map(int, size.split("x"))
    assert look(one) == Look(f"image/{kind}", width, height)


@pytest.mark.parametrize("kind", ["png", "webp"])
def test_a_transparent_background_can_be_seen_through(kind):
    made = drawn(output_format=kind, background="transparent")
    (one,) = pictures(made)
    assert look(one) == Look(f"image/{kind}", 160, 96, True)
    assert value(made)["background"] == "transparent"


def test_the_pixels_of_a_png_are_whole():
    (one,) = pictures(drawn())
    rows = zlib.decompress(one[one.index(b"IDAT") + 4 : -16])
    assert len(rows) == 96 * (1 + 160)
    assert {rows[y * 161] for y in range(96)} == {0}
    table = one[one.index(b"PLTE") + 4 :][: 256 * 3]
    seen = {rows[y * 161 + 1] for y in range(96)}
    assert len({table[place * 3 : place * 3 + 3] for place in seen}) > 20


def test_the_pixels_of_a_clear_png_are_whole():
    (one,) = pictures(drawn(background="transparent"))
    rows = zlib.decompress(one[one.index(b"IDAT") + 4 : -16])
    assert len(rows) == 96 * (1 + 160 * 4)
    assert {rows[y * 641] for y in range(96)} == {0}
    assert {0, 255} == {*rows[4::4][:160]} | {*rows[641 * 50 + 4 : 641 * 51 : 4]}


def test_the_same_prompt_gives_the_same_pictures_and_another_gives_others():
    first, second = pictures(drawn(n=2))
    assert first != second
    assert pictures(drawn(n=2)) == [first, second]
    assert pictures(drawn(prompt="a dog"))[0] != first


@openapi.needs_openapi
def test_a_reply_is_what_the_official_description_says():
    body = value(drawn(size="1024x1024", n=2, quality="low"))
    assert openapi.faults("ImagesResponse", body) == []
    assert len(body["data"]) == 2
    assert body["usage"]["output_tokens"] == 2 * 272
    assert openapi.faults("ImagesResponse", value(edited(PICTURE))) == []
    assert openapi.faults("ImagesResponse", value(drawn(model="dall-e-3", size=None))) == []


@openapi.needs_openapi
@pytest.mark.parametrize(("name", "kind"), [("Gen", "image_generation"), ("Edit", "image_edit")])
def test_a_stream_shows_unfinished_pictures_and_then_the_whole(name, kind):
    extra = [Part("stream", b"true"), Part("partial_images", b"2")]
    generated = drawn(stream=True, partial_images=2, size="1024x1024")
    told = events(generated if name == "Gen" else edited(*extra, PICTURE))
    assert [event["type"] for event in told] == [
        f"{kind}.partial_image",
        f"{kind}.partial_image",
        f"{kind}.completed",
    ]
    assert [event["partial_image_index"] for event in told[:2]] == [0, 1]
    assert len({event["b64_json"] for event in told}) == 3
    for event in told:
        component = "Completed" if "completed" in event["type"] else "PartialImage"
        assert openapi.faults(f"Image{name}{component}Event", event) == []


def test_the_older_models_answer_by_address():
    rows = value(drawn(model=None, size="256x256", n=2))["data"]
    assert [look(inline(row["url"]) or b"") for row in rows] == [Look("image/png", 256, 256)] * 2
    asked = {"model": "dall-e-3", "size": None, "style": "vivid", "response_format": "b64_json"}
    (row,) = value(drawn(**asked))["data"]
    assert row["revised_prompt"] == "[simulated] a cat"
    assert look(b64decode(row["b64_json"])) == Look("image/png", 1024, 1024)


def test_models_of_others_take_what_they_are_given():
    body = value(drawn(model="flux", response_format="url", quality="best", size="100x50"))
    assert look(inline(body["data"][0]["url"]) or b"") == Look("image/png", 100, 50)


@pytest.mark.parametrize(
    ("fields", "code", "param"),
    [
        ({"prompt": None}, "missing_required_parameter", "prompt"),
        ({"prompt": "x" * 32_001}, "string_above_max_length", "prompt"),
        ({"prompt": ["x"]}, "invalid_type", "prompt"),
        ({"response_format": "url"}, "unknown_parameter", "response_format"),
        ({"style": "vivid"}, "unknown_parameter", "style"),
        ({"n": 0}, "integer_below_minimum_value", "n"),
        ({"n": 11}, "integer_above_maximum_value", "n"),
        ({"n": 2, "model": "dall-e-3", "size": None}, "integer_above_maximum_value", "n"),
        ({"size": "100x100"}, "invalid_value", "size"),
        ({"size": "1600x160"}, "invalid_value", "size"),
        ({"size": "4096x2160"}, "invalid_value", "size"),
        ({"size": "160x96", "model": "gpt-image-1"}, "invalid_value", "size"),
        ({"size": "160x96", "model": "dall-e-2"}, "invalid_value", "size"),
        ({"quality": "hd"}, "invalid_value", "quality"),
        ({"output_format": "gif"}, "invalid_value", "output_format"),
        ({"background": "transparent", "output_format": "jpeg"}, "invalid_value", "background"),
        ({"output_compression": 50}, "invalid_png_output_compression", "output_compression"),
        ({"partial_images": 4}, "invalid_value", "partial_images"),
        (
            {"background": "opaque", "model": "dall-e-2", "size": None},
            "unknown_parameter",
            "background",
        ),
        ({"style": "loud", "model": "dall-e-3", "size": None}, "invalid_value", "style"),
    ],
)
def test_a_request_is_refused_in_the_service_s_words(fields, code, param):
    assert error(drawn(**fields)) == (400, code, param)


def test_an_edit_draws_after_its_pictures():
    (one,) = pictures(edited(PICTURE))
    (other,) = pictures(edited(PICTURE._replace(body=CLEAR)))
    assert look(one) == Look("image/png", 1024, 1024)
    assert one != other
    assert value(edited(LIST, LIST))["usage"]["input_tokens_details"]["image_tokens"] == 646


@pytest.mark.parametrize(
    ("parts", "code", "param"),
    [
        ([], "missing_required_parameter", "image"),
        ([PICTURE, PICTURE], "duplicate_parameter", "image"),
        ([LIST] * 17, "array_above_max_length", "image"),
        (
            [PICTURE._replace(media_type="application/octet-stream")],
            "unsupported_file_mimetype",
            "image",
        ),
        (
            [PICTURE._replace(body=GIF, media_type="image/gif")],
            "unsupported_file_mimetype",
            "image",
        ),
        ([PICTURE._replace(body=JPEG)], "invalid_image_file", "image"),
        ([PICTURE._replace(body=PNG[:-12])], "invalid_image_file", "image"),
        ([PICTURE, MASK._replace(body=PNG)], None, "mask"),
        ([PICTURE, MASK._replace(body=WEBP)], None, "mask"),
        ([Part("image", b"text")], "duplicate_parameter", "image"),
    ],
)
def test_an_edit_is_refused_in_the_service_s_words(parts, code, param):
    assert error(edited(*parts)) == (400, code, param)


def test_a_mask_is_as_large_as_the_first_picture():
    (large,) = pictures(drawn(background="transparent"))
    assert error(edited(PICTURE, MASK._replace(body=large))) == (400, "invalid_image_size", "mask")
    assert edited(PICTURE, MASK).status == 200


def test_an_edit_may_name_its_pictures():
    body = {"model": "gpt-image-2", "prompt": "x", "images": [{"file_id": "file-1"}]}
    request = Request("POST", "/images/edits", "images.edits", JsonBody(body))
    assert len(pictures(simulate(request, world()))) == 1
    body["images"] = []
    assert error(simulate(request, world())) == (400, "missing_required_parameter", "images")


@pytest.mark.parametrize(("path", "status"), [("generations", 400), ("edits", 200)])
def test_a_raw_request_is_answered_by_its_path(path, status):
    body = JsonBody({"model": "gpt-image-2", "prompt": "x", "images": [{"file_id": "f"}]})
    assert simulate(Request("POST", f"/images/{path}", "raw", body), world()).status == status


@pytest.mark.parametrize(
    ("address", "begins"),
    [
        ("https://a/b.png?x=1", b"\x89PNG"),
        ("https://a/b.JPG", b"\xff\xd8"),
        ("https://a/b.webp", b"RIFF"),
        ("https://a/b.pdf", b"%PDF-"),
        ("https://a/b.wav", b"RIFF"),
        ("https://a/b.mp3", b"\xff\xf3"),
        ("https://a/b.ogg", b"OggS"),
        ("https://a/b.txt?sig=secret", b"[simulated] the file at https://a/b.txt\n"),
        ("data:,hi", b"hi"),
    ],
)
def test_what_an_address_names_is_made_up_by_its_ending(address, begins):
    assert fetched(address).startswith(begins)


@pytest.mark.parametrize("size", ["99999x99999", "8192x8192"])
def test_a_picture_of_any_model_has_an_end(size):
    assert error(drawn(model="flux", size=size)) == (400, "invalid_value", "size")
