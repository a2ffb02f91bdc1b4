"""A file is checked before it is uploaded, and goes as it lies on disk."""

import json
import tracemalloc
from base64 import b64encode
from hashlib import sha256
from textwrap import dedent
from typing import Any

import pytest

from runner import run as run_recipe
from runner.engine.reading import uploads
from runner.engine.reading.files import Files
from runner.engine.suite import Suite
from runner.engine.user.options import Options
from runner.errors import Mark, RecipeError
from runner.exchange import Spool
from runner.model import Ref
from runner.protocol import pictures
from runner.transport import offline
from tests.engine.playing import play, reply, written
from tests.protocol.test_pictures import CLEAR, INDEXED, PNG

LINE = {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}
GOOD = (json.dumps(LINE) + "\n").encode() * 10
BROKEN = GOOD[: len(GOOD) * 6 // 10] + b'{"messages": 3}\n' + GOOD[: len(GOOD) * 3 // 10]
RECIPE = """\
endpoint: files
attachments: [data/a.jsonl]
params: {purpose: fine-tune}
"""


def upload(folder, content, text=RECIPE, name="data/a.jsonl"):
    written(folder, {name: content})
    return play(folder, text, reply({"id": "file-1"}))


def refused(folder, content, text=RECIPE, name="data/a.jsonl"):
    """Check a recipe as the command does, and return the fault that is told."""
    written(folder, {name: content, "case.recipe.yaml": text})
    suite = Suite(Options({}, offline=True), lambda _: None)
    with pytest.raises(RecipeError) as caught:
        suite.all_checked([str(folder / "case.recipe.yaml")])
    return str(caught.value)


def test_a_sound_file_is_sent(tmp_path):
    played = upload(tmp_path, GOOD)
    assert played.result.exit_code == 0
    [request] = played.script.sent
    assert [(part.name, part.body) for part in request.body.parts] == [
        ("purpose", b"fine-tune"),
        ("file", GOOD),
    ]
    assert request.body.parts[1].file_name == "a.jsonl"


def test_a_broken_line_is_told_before_anything_is_sent(tmp_path):
    told = refused(tmp_path, BROKEN)
    assert "data/a.jsonl:7:14: messages: expected a list of messages, got 3" in told
    assert '  7 | {"messages": 3}' in told


@pytest.mark.parametrize("purpose", ["batch", "fine-tune"])
def test_the_purpose_may_come_from_a_variable(tmp_path, purpose):
    text = f"vars: {{p: {purpose}}}\n" + RECIPE.replace("fine-tune", '"{{ p }}"')
    told = refused(tmp_path, BROKEN, text)
    assert (":1:1: custom_id" if purpose == "batch" else ":7:14: messages") in told


def test_of_other_purposes_nothing_is_checked(tmp_path):
    text = RECIPE.replace("fine-tune", "user_data")
    assert upload(tmp_path, BROKEN, text).result.exit_code == 0


def test_a_purpose_is_needed(tmp_path):
    told = refused(tmp_path, GOOD, RECIPE.replace("purpose: fine-tune", ""))
    assert "case.recipe.yaml:3:" in told
    assert "purpose" in told


@pytest.mark.parametrize(("attachments", "found"), [("[]", 0), ("[data/a.jsonl, data/a.jsonl]", 2)])
def test_one_file_goes_at_a_time(tmp_path, attachments, found):
    told = refused(tmp_path, GOOD, RECIPE.replace("[data/a.jsonl]", attachments))
    assert f"case.recipe.yaml:2:14: attachments: files takes one file, got {found}" in told
    assert "for_each" in told


def test_a_file_that_is_not_there_is_told(tmp_path):
    told = refused(tmp_path, GOOD, RECIPE.replace("a.jsonl", "b.jsonl"))
    assert "no file is named" in told
    assert "did you mean 'a.jsonl'?" in told


def test_a_large_file_stays_on_disk(tmp_path, monkeypatch):
    monkeypatch.setattr(uploads, "LARGE", 100)
    played = upload(tmp_path, GOOD)
    body = played.script.sent[0].body.parts[1].body
    place = str(tmp_path / "data" / "a.jsonl")
    assert body == Spool(place, len(GOOD), sha256(GOOD).hexdigest())
    written(tmp_path, {"data/a.jsonl": BROKEN})
    assert ":7:14:" in refused(tmp_path, BROKEN)


def test_a_large_file_costs_no_memory(tmp_path):
    line = json.dumps(LINE).replace('"b"', f'"{"b" * 100_000}"').encode() + b"\n"
    written(tmp_path, {"data/a.jsonl": line * 640})
    tracemalloc.start()
    played = play(tmp_path, RECIPE, reply({"id": "file-1"}))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    form: Any = played.script.sent[0].body
    assert isinstance(form.parts[1].body, Spool)
    assert most < 12 << 20


def test_offline_a_large_file_comes_back_as_it_was(tmp_path, monkeypatch):
    monkeypatch.setattr(uploads, "LARGE", 100)
    text = """\
        steps:
          - {name: up, endpoint: files, attachments: [a.jsonl], params: {purpose: fine-tune}}
          - name: back
            endpoint: files.content
            id: "{{ steps.up.json.id }}"
            output: {body: back.jsonl}
        """
    written(tmp_path, {"a.jsonl": GOOD, "case.recipe.yaml": text})
    result = run_recipe(tmp_path / "case.recipe.yaml", offline=True, out=tmp_path / "out")
    assert result.exit_code == 0
    assert (tmp_path / "out" / "back.jsonl").read_bytes() == GOOD
    sidecar = json.loads((tmp_path / "out" / "back.jsonl.run.json").read_text())
    assert sha256(GOOD).hexdigest() in sidecar["sha256"]["inputs"].values()


EDIT = """\
    endpoint: images.edits
    model: gpt-image-2
    prompt: Put a boat on the canal.
    attachments: [a.png, b.png, {file: m.png, as: mask}]
    output: {image: boat.png}
    """
TALL = PNG[:20] + b"\0\0\0\x40" + PNG[24:]


def test_large_pictures_stay_on_disk(tmp_path):
    written(tmp_path, dict.fromkeys(("a.png", "b.png"), PNG + b"\0" * (40 << 20)))
    written(tmp_path, {"m.png": CLEAR})
    drawn = reply({"data": [{"b64_json": b64encode(PNG).decode()}]})
    tracemalloc.start()
    played = play(tmp_path, EDIT, drawn)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    form: Any = played.script.sent[0].body
    files = [part for part in form.parts if part.file_name]
    assert [(part.name, type(part.body)) for part in files] == [
        ("image[]", Spool),
        ("image[]", Spool),
        ("mask", bytes),
    ]
    assert {part.media_type for part in files} == {"image/png"}
    assert most < 12 << 20


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("m.png", CLEAR[:20] + TALL[20:24] + CLEAR[24:], "expected a mask of 48x32"),
        ("b.png", b"GIF89a" + bytes(2000), "found image/gif"),
        ("b.png", PNG[:-12], "b.png: expected a whole picture, found one that was cut"),
    ],
)
def test_pictures_on_disk_are_judged_all_the_same(tmp_path, monkeypatch, name, content, told):
    monkeypatch.setattr(uploads, "LARGE", 100)
    files = {"a.png": PNG, "b.png": PNG, "m.png": CLEAR, name: content}
    written(tmp_path, {other: body for other, body in files.items() if other != name})
    assert told in refused(tmp_path, content, dedent(EDIT), name)


def test_what_tells_of_a_picture_may_stand_far_behind(tmp_path):
    chunk = (100_000).to_bytes(4) + b"iCCP" + bytes(100_004)
    written(tmp_path, {"a.png": INDEXED[:33] + chunk + INDEXED[33:] + bytes(1 << 20)})
    files = Files(tmp_path)
    ref = Ref("attachment", "a.png", Mark(str(tmp_path / "case.recipe.yaml"), 1, 1))
    found = pictures.look(uploads.file_of(ref, files).head)
    assert found is not None
    assert found.alpha


def test_offline_pictures_too_large_to_be_held_are_taken(tmp_path, monkeypatch):
    monkeypatch.setattr(uploads, "LARGE", 100)
    monkeypatch.setattr(offline, "HELD", 100)
    written(tmp_path, {"a.png": PNG, "b.png": PNG, "m.png": CLEAR})
    written(tmp_path, {"case.recipe.yaml": EDIT})
    result = run_recipe(tmp_path / "case.recipe.yaml", offline=True, out=tmp_path / "out")
    assert result.exit_code == 0
    assert pictures.look((tmp_path / "out" / "boat.png").read_bytes()) is not None
