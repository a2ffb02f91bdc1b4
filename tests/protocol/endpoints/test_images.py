"""Pictures: the requests that ask for them, and the replies that hold or name them."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest

from runner.errors import ApiStatusError, BadReplyError, RecipeError, ServiceError
from runner.exchange import Multipart, Part, Reply
from runner.model import Ask, Fetch, File
from runner.protocol import endpoints
from runner.protocol.lifted import LONG
from tests import openapi
from tests.protocol.play import Played, body, events, play, reply, streamed
from tests.protocol.test_pictures import CLEAR, JPEG, PNG, SVG, WEBP
from tests.schemas import load, places

GENERATE = Ask("images.generations", model="gpt-image-2", prompt="a cat")
EDIT = Ask("images.edits", model="gpt-image-2", prompt="a hat")
USED = {
    "total_tokens": 9,
    "input_tokens": 4,
    "output_tokens": 5,
    "input_tokens_details": {"text_tokens": 4, "image_tokens": 0},
}


def asked(ask: Ask, *replies: Any) -> Played:
    return play(endpoints.find(ask.endpoint).flow(ask), *replies)


def inline(*contents: bytes, **fields: Any) -> Reply:
    rows = [{"b64_json": b64encode(content).decode()} for content in contents]
    return reply({"created": 1, "data": rows, **fields})


def given(*files: tuple[str, bytes, str]) -> tuple[File, ...]:
    kinds = {PNG: "image/png", CLEAR: "image/png", JPEG: "image/jpeg", WEBP: "image/webp"}
    return tuple(File(name, kinds[content], content, field) for name, content, field in files)


def form(ask: Ask) -> tuple[Part, ...]:
    made = asked(ask, inline(PNG)).requests[0].body
    assert isinstance(made, Multipart)
    return made.parts


@openapi.needs_openapi
def test_a_request_is_what_the_official_description_says():
    params = {"n": 2, "size": "1024x1024", "background": "transparent", "output_format": "webp"}
    made = asked(GENERATE._replace(params=params, stream=False), inline(PNG)).requests[0]
    assert (made.method, made.path) == ("POST", "/images/generations")
    assert openapi.request_faults("POST", "/images/generations", body(made)) == []
    assert openapi.unknown_fields("CreateImageRequest", body(made)) == set()


def test_nothing_is_sent_that_the_recipe_does_not_say():
    assert asked(GENERATE, inline(PNG)).bodies == [{"model": "gpt-image-2", "prompt": "a cat"}]
    assert asked(GENERATE._replace(model=""), inline(PNG)).bodies == [{"prompt": "a cat"}]


def test_a_prompt_goes_as_it_is():
    asking = GENERATE._replace(prompt="{{ x }}")
    assert asked(asking, inline(PNG)).bodies[0]["prompt"] == "{{ x }}"


@pytest.mark.parametrize("prompt", [None, ["a"], {"a": 1}])
def test_a_prompt_that_is_no_text_is_refused(prompt):
    with pytest.raises(RecipeError, match="prompt: expected text"):
        asked(GENERATE._replace(prompt=prompt))


def test_pictures_stand_in_their_order_under_what_their_bytes_are():
    answer = asked(GENERATE, inline(PNG, JPEG, SVG, usage=USED, output_format="png")).answer
    assert [(a.part, a.media_type, a.body) for a in answer.artifacts] == [
        ("image", "image/png", PNG),
        ("image", "image/jpeg", JPEG),
        ("image", "image/svg+xml", SVG),
    ]
    assert answer.text is None
    assert (answer.usage or {})["total_tokens"] == 9
    assert answer.json["output_format"] == "png"


def test_a_large_picture_comes_as_a_small_one_does():
    large = PNG + b"\0" * LONG
    got = inline(large, PNG, large)
    answer = asked(GENERATE, got).answer
    assert [a.body for a in answer.artifacts] == [large, PNG, large]
    assert answer.json["data"][2]["b64_json"] == b64encode(large).decode()
    assert answer.body == got.body


def test_a_picture_that_is_named_is_fetched_with_its_query_untouched():
    address = "https://files.example.com/a.png?st=2023-05-05T13%3A04%3A09Z&sig=a%2Bb%3D"
    played = asked(GENERATE, reply({"created": 1, "data": [{"url": address}]}), PNG)
    assert played.effects[1] == Fetch(address)
    assert played.answer.artifacts[0].body == PNG


def test_a_picture_in_its_own_address_is_not_fetched():
    address = f"data:image/png;base64,{b64encode(PNG).decode()}"
    played = asked(GENERATE, reply({"data": [{"url": address}]}))
    assert played.answer.artifacts[0].body == PNG


def test_what_cannot_be_fetched_fails():
    with pytest.raises(ServiceError, match="gone"):
        asked(GENERATE, reply({"data": [{"url": "https://a/b"}]}), ServiceError("gone"))


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"created": 1}, "the reply has no pictures"),
        ({"data": []}, "the reply has no pictures"),
        (
            {"data": [{"revised_prompt": "x"}]},
            "picture 1 of the reply has neither b64_json nor url",
        ),
        ({"data": ["x"]}, "picture 1 of the reply has neither"),
        ({"data": [{"b64_json": "!!"}]}, "picture 1 of the reply is no base64"),
        ({"data": [{"b64_json": "!" * LONG}]}, "picture 1 of the reply is no base64"),
        ({"data": [{"url": "data:image/png;base64,!"}]}, "picture 1 of the reply is no base64"),
        (
            {"data": [{"b64_json": "PGh0bWw+"}]},
            "picture 1 of the reply is none: it begins '<html>'",
        ),
    ],
)
def test_a_reply_without_pictures_is_an_error(value, told):
    with pytest.raises(BadReplyError, match=told):
        asked(GENERATE, reply(value))


@pytest.mark.parametrize("content", [PNG, JPEG, WEBP])
def test_a_picture_that_was_cut_is_an_error(content):
    with pytest.raises(BadReplyError, match="picture 2 of the reply was cut"):
        asked(GENERATE, inline(content, content[:-5]))


def test_an_error_in_a_200_is_the_service_s():
    with pytest.raises(ApiStatusError, match="no credit"):
        asked(GENERATE, reply({"error": {"message": "no credit"}}))


def test_a_status_that_is_accepted_needs_no_picture():
    refused = reply({"error": {"message": "no"}}, 400)
    answer = asked(GENERATE._replace(accepts=(400,)), refused).answer
    assert (answer.status, answer.artifacts) == (400, ())


def completed(content: bytes, kind: str = "image_generation") -> dict[str, Any]:
    text = b64encode(content).decode()
    return {"type": f"{kind}.completed", "b64_json": text, "created_at": 7, "usage": USED}


def test_a_stream_gives_the_finished_pictures_alone():
    partial = completed(JPEG) | {"type": "image_generation.partial_image"}
    stream = events(partial, partial, completed(PNG), named=True)
    ask = GENERATE._replace(stream=True, params={"partial_images": 2})
    played = asked(ask, streamed(stream))
    assert played.bodies[0]["stream"] is True
    assert [a.body for a in played.answer.artifacts] == [PNG]
    assert (played.answer.usage or {})["output_tokens"] == 5


def test_a_stream_of_several_ends_with_the_last_of_them():
    ask = GENERATE._replace(stream=True, params={"n": 2})
    answer = asked(ask, streamed(events(completed(PNG), completed(JPEG)))).answer
    assert [a.media_type for a in answer.artifacts] == ["image/png", "image/jpeg"]
    assert (answer.usage or {})["total_tokens"] == 18
    with pytest.raises(BadReplyError, match="1 of 2 pictures came"):
        asked(ask, streamed(events(completed(PNG))))


def test_one_picture_is_the_field_image():
    parts = form(EDIT._replace(files=given(("a.png", PNG, "")), params={"n": 2, "size": "auto"}))
    assert parts == (
        Part("model", b"gpt-image-2"),
        Part("prompt", b"a hat"),
        Part("n", b"2"),
        Part("size", b"auto"),
        Part("image", PNG, "a.png", "image/png"),
    )


def test_several_pictures_are_the_field_image_list_and_a_mask_is_a_mask():
    files = given(("a.png", PNG, "image"), ("b.jpg", JPEG, ""), ("c.webp", WEBP, "image[]"))
    parts = form(EDIT._replace(files=(*files, *given(("m.png", CLEAR, "mask"))), stream=True))
    assert [(p.name, p.file_name, p.media_type) for p in parts if p.file_name] == [
        ("image[]", "a.png", "image/png"),
        ("image[]", "b.jpg", "image/jpeg"),
        ("image[]", "c.webp", "image/webp"),
        ("mask", "m.png", "image/png"),
    ]
    assert Part("stream", b"true") in parts


def test_an_edit_without_a_model_sends_none():
    parts = form(EDIT._replace(model="", files=given(("a.png", PNG, ""))))
    assert [part.name for part in parts] == ["prompt", "image"]


@openapi.needs_openapi
def test_pictures_that_are_named_by_id_go_as_json():
    params = {"images": [{"file_id": "file-1"}, {"image_url": "https://a/b.png"}]}
    made = asked(EDIT._replace(params=params), inline(PNG)).requests[0]
    assert made.path == "/images/edits"
    assert openapi.faults("EditImageBodyJsonParam", body(made)) == []
    assert body(made)["images"] == params["images"]


def test_an_edit_streams_events_of_its_own():
    ask = EDIT._replace(stream=True, files=given(("a.png", PNG, "")))
    answer = asked(ask, streamed(events(completed(PNG, "image_edit"), named=True))).answer
    assert answer.artifacts[0].body == PNG


@pytest.mark.parametrize(
    ("params", "kind"),
    [
        ({}, ""),
        ({"output_format": "jpeg"}, "image/jpeg"),
        ({"output_format": "svg"}, "image/svg+xml"),
    ],
)
def test_the_kind_that_is_asked_for_is_known_before(params, kind):
    for name in ("images.generations", "images.edits"):
        made = endpoints.find(name).makes
        assert made is not None
        assert made(GENERATE._replace(params=params)) == kind


@openapi.needs_openapi
@pytest.mark.parametrize(
    ("name", "component"),
    [
        ("images.generations", "CreateImageRequest"),
        ("images.edits", "CreateImageEditRequest"),
        ("images.edits", "EditImageBodyJsonParam"),
    ],
)
def test_every_field_of_the_official_description_is_known(name, component):
    asked = openapi._fields({"$ref": f"#/components/schemas/{component}"})
    assert len(asked) > 10
    assert asked - load(f"endpoints/{name}.json")["properties"].keys() <= {"image"}


@pytest.mark.parametrize(
    ("name", "params", "place"),
    [
        ("images.generations", {"n": 0}, "n"),
        ("images.generations", {"n": 11}, "n"),
        ("images.generations", {"n": "2"}, "n"),
        ("images.generations", {"size": 1024}, "size"),
        ("images.generations", {"partial_images": 4}, "partial_images"),
        ("images.generations", {"output_compression": 101}, "output_compression"),
        ("images.generations", {"prompt": "x"}, "prompt"),
        ("images.generations", {"stream": True}, "stream"),
        ("images.generations", {"qualty": "low"}, ""),
        ("images.edits", {"images": []}, "images"),
        ("images.edits", {"images": [{"file": "x"}]}, "images.0"),
        ("images.edits", {"images": [{"file_id": "x", "image_url": "y"}]}, "images.0"),
        ("images.edits", {"mask": "m.png"}, "mask"),
    ],
)
def test_a_mistake_in_params_is_found(name, params, place):
    assert places(f"endpoints/{name}.json", params) == [place]


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("images.generations", {"n": None, "size": "2K", "quality": "newest", "svg": {}}),
        ("images.generations", {"frame_count": 3, "frame_duration_ms": 9, "complexity": "low"}),
        ("images.edits", {"images": [{"image_url": "https://a/b"}], "mask": {"file_id": "f"}}),
        ("images.edits", {"input_fidelity": "high", "markup": {}, "n": 10}),
    ],
)
def test_params_that_the_service_may_take_fit(name, params):
    assert places(f"endpoints/{name}.json", params) == []
