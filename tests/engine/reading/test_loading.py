"""Files by address: fetched when a step runs, never when it is only looked at."""

from __future__ import annotations

import json
from typing import Any

import pytest

from runner.errors import AddressError, BadReplyError, ServiceError
from runner.exchange import Multipart
from tests.engine.playing import CHAT, Played, chat, play, reply
from tests.protocol.endpoints.test_images import inline
from tests.protocol.test_pictures import PNG

PAGE = "https://files.test/paper.pdf?sig=1"
PDF = b"%PDF-1.7 x"


class Web:
    """What stands at addresses; what is not there is refused."""

    def __init__(self, **files: bytes) -> None:
        self.files = {name.replace("_", "."): content for name, content in files.items()}
        self.asked: list[str] = []

    def __call__(self, address: str) -> bytes:
        self.asked.append(address)
        name = address.partition("?")[0].rpartition("/")[2]
        if name not in self.files:
            message = f"{name}: nothing is fetched"
            raise AddressError(message, hint="allow it")
        return self.files[name]


def content(played: Played) -> Any:
    return played.script.bodies[0]["messages"][0]["content"]


def test_a_pdf_by_address_goes_as_a_file_does(tmp_path):
    web = Web(paper_pdf=PDF)
    recipe = f"{CHAT}messages: [{{user: What is it?}}]\nattachments: ['{PAGE}']\n"
    played = play(tmp_path, recipe, chat(), fetch=web)
    part = content(played)[1]
    assert part["file"]["filename"] == "paper.pdf"
    assert part["file"]["file_data"].startswith("data:application/pdf;base64,")
    assert web.asked == [PAGE]


def test_text_by_address_goes_as_text(tmp_path):
    web = Web(notes_md=b"# Notes")
    recipe = f"{CHAT}messages: [{{user: [Sum up., {{file: 'https://a.test/notes.md'}}]}}]\n"
    played = play(tmp_path, recipe, chat(), fetch=web)
    assert content(played)[1] == {"type": "text", "text": "notes.md:\n\n# Notes"}


def test_a_picture_s_address_goes_as_it_is(tmp_path):
    web = Web()
    recipe = f"{CHAT}messages: [{{user: Look.}}]\nattachments: ['https://a.test/a.png?x=1']\n"
    played = play(tmp_path, recipe, chat(), fetch=web)
    url = {"type": "image_url", "image_url": {"url": "https://a.test/a.png?x=1"}}
    assert content(played)[1] == url
    assert web.asked == []


def test_what_an_address_without_an_ending_names_is_told_by_its_bytes(tmp_path):
    recipe = f"{CHAT}messages: [{{user: Look.}}]\nattachments: ['https://a.test/get?id=7']\n"
    played = play(tmp_path, recipe, chat(), fetch=Web(get=PNG))
    assert content(played)[1]["image_url"]["url"].startswith("data:image/png;base64,")


EDIT = """
endpoint: images.edits
model: gpt-image-2
prompt: x
attachments: ['https://a.test/boat.png', 'https://a.test/get?id=7']
output: {image: a.png}
"""


def test_files_of_a_form_are_fetched_and_named(tmp_path):
    played = play(tmp_path, EDIT, inline(PNG), fetch=Web(boat_png=PNG, get=PNG))
    form = played.script.sent[0].body
    assert isinstance(form, Multipart)
    files = [(p.file_name, p.media_type, p.body) for p in form.parts if p.file_name]
    assert files == [("boat.png", "image/png", PNG), ("get.png", "image/png", PNG)]
    assert played.states == [("", "passed")]
    inputs = played.sidecar("a.png")["sha256"]["inputs"]
    assert "https://a.test/boat.png" in inputs


def test_what_was_fetched_is_checked_before_it_is_sent(tmp_path):
    played = play(tmp_path, EDIT, fetch=Web(boat_png=b"<html>", get=PNG))
    assert played.script.sent == []
    assert played.result.exit_code == 2
    assert "case.recipe.yaml:5:15: attachments.0: boat.png: expected a png" in str(played.error)


def test_an_address_that_may_not_be_reached_is_the_recipe_s_fault(tmp_path):
    played = play(tmp_path, EDIT, fetch=Web())
    assert played.script.sent == []
    assert played.result.exit_code == 2
    assert "case.recipe.yaml:5:15: boat.png: nothing is fetched" in str(played.error)
    assert "allow it" in str(played.error)


def test_a_fetch_that_fails_is_the_network_s(tmp_path):
    def broken(address: str) -> bytes:
        message = "connection refused"
        raise ServiceError(message)

    played = play(tmp_path, EDIT, fetch=broken)
    assert played.result.exit_code == 3


def test_a_data_address_is_a_file_too(tmp_path):
    recipe = EDIT.replace("https://a.test/boat.png", "data:image/gif;base64,R0lGODlh")
    played = play(tmp_path, recipe, fetch=Web(get=PNG))
    assert "attachments.0: file.gif: expected a png" in str(played.error)


def test_a_picture_that_a_reply_names_is_written(tmp_path):
    recipe = "endpoint: images.generations\nprompt: x\noutput: {image: 'a-{{ index }}.png'}\n"
    rows = [{"url": f"https://a.test/{name}.png?sig=%2B"} for name in "ab"]
    web = Web(a_png=PNG, b_png=PNG)
    played = play(tmp_path, recipe, reply({"data": rows}), fetch=web)
    assert played.states == [("", "passed")]
    assert web.asked == [row["url"] for row in rows]
    assert (played.out / "a-2.png").read_bytes() == PNG


def test_a_picture_that_cannot_be_fetched_leaves_what_named_it(tmp_path):
    recipe = "endpoint: images.generations\nprompt: x\noutput: {image: a.png}\n"
    played = play(tmp_path, recipe, reply({"data": [{"url": "https://a.test/a.png"}]}), fetch=Web())
    assert played.result.exit_code == 3
    assert not (played.out / "a.png").exists()
    (kept,) = (played.out / ".runner" / "failed").iterdir()
    assert json.loads(kept.read_text())["data"][0]["url"] == "https://a.test/a.png"


OUTPUTS = (
    "endpoint: images.generations\nmodel: m\nprompt: x\nparams: {{{}}}\noutput: {{image: {}}}\n"
)


@pytest.mark.parametrize(
    ("params", "path", "told"),
    [
        ("n: 2", "a.png", "2 pictures would be written to one path"),
        ("output_format: jpeg", "a.png", "a.png would hold image/jpeg"),
        ("output_format: png", "a.jpg", "a.jpg would hold image/png"),
        ("output_format: svg", "a.png", "a.png would hold image/svg"),
        ("output_format: webp", "a.svg", "a.svg would hold image/webp"),
    ],
)
def test_a_path_that_cannot_hold_what_is_asked_for_is_found_before(tmp_path, params, path, told):
    played = play(tmp_path, OUTPUTS.format(params, path))
    assert played.script.sent == []
    assert played.result.exit_code == 2
    assert told in str(played.error)


@pytest.mark.parametrize("model", ["gpt-image-2.5-sunburst", "chatgpt-image-latest"])
@pytest.mark.parametrize("end", ["jpg", "webp"])
def test_a_model_whose_pictures_are_known_needs_no_word_for_it_to_be_found(tmp_path, model, end):
    text = OUTPUTS.replace("model: m", f"model: {model}").format("n: 1", f"a.{end}")
    played = play(tmp_path, text)
    assert played.script.sent == []
    assert f"a.{end} would hold image/png" in str(played.error)
    kind = {"jpg": "jpeg"}.get(end, end)
    way = f"name it .png, or ask for {kind}: `params: {{output_format: {kind}}}`"
    assert f"hint: {way}" in str(played.error)


def test_where_nothing_is_checked_no_model_is_known(tmp_path):
    (tmp_path / "runner.yaml").write_text("checks: off\n")
    text = OUTPUTS.replace("model: m", "model: gpt-image-2").format("n: 1", "a.jpg")
    played = play(tmp_path, text, BadReplyError("sent"))
    assert str(played.error) == "sent"


def test_several_pictures_are_shown_a_path_with_their_number(tmp_path):
    played = play(tmp_path, OUTPUTS.format("n: 2", "bikes/a.b.png"))
    assert 'hint: put {{ index }} into it: "bikes/a.b-{{ index }}.png"' in str(played.error)


def test_a_path_that_cannot_hold_what_came_holds_nothing(tmp_path):
    played = play(tmp_path, OUTPUTS.format("n: 1", "a.jpg"), inline(PNG))
    assert "a.jpg would hold image/png" in str(played.error)
    assert not (played.out / "a.jpg").exists()


def test_templates_read_what_pictures_are(tmp_path):
    wanted = {"media_type": "image/png", "width": 48, "height": 32, "alpha": False}
    recipe = OUTPUTS.format("n: 1", "a.png") + "expect: [{that: '{{ images == [wanted] }}'}]\n"
    recipe += f"vars: {{wanted: {json.dumps(wanted | {'bytes': len(PNG)})}}}\n"
    assert play(tmp_path, recipe, inline(PNG)).states == [("", "passed")]
