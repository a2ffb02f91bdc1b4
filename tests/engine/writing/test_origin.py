"""What an output was made from is told, and told alike of two runs that are alike."""

import hashlib
import json
from pathlib import Path

import pytest

from runner import runs
from runner.engine.writing.origin import request_digest
from runner.exchange import Request
from runner.recipe.meaning import digest_of
from tests.engine.playing import CHAT, chat, play, written

MATRIX = """\
endpoint: chat.completions
model: "{{ model }}"
messages: [{user: "A word on {{ topic }}, in {{ env.TONGUE }}: {{ limit }}"}]
params: {seed: 7}
vars: {topic: canals, unread: 1, limit: 9}
env: [{TONGUE: Dutch}]
matrix: {model: [gpt-4.1, gpt-6-luna]}
repeat: 2
output: {text: "{{ model }}-{{ run }}.md", body: "{{ model }}-{{ run }}.json"}
"""
CHANGING = ("time", "latency", "request_id")


def sidecars(out):
    """The sidecars below a folder, less what no two runs share."""
    read = {place.name: json.loads(place.read_text()) for place in out.rglob("*.run.json")}
    return {
        name: {key: value for key, value in told.items() if key not in CHANGING}
        for name, told in read.items()
    }


@pytest.mark.parametrize(("body", "content"), [(b"raw", b"raw"), (None, b"")])
def test_bodies_have_a_digest(body, content):
    digest = hashlib.sha256(content).hexdigest()
    assert request_digest(Request("POST", "/x", "raw", body)) == digest


def test_runs_that_are_alike_leave_sidecars_that_are_alike(tmp_path):
    written(tmp_path, {"a.recipe.yaml": MATRIX})
    for out in ("one", "two"):
        runs(tmp_path / "a.recipe.yaml", offline=True, out=tmp_path / out)
    one, two = sidecars(tmp_path / "one"), sidecars(tmp_path / "two")
    assert len(one) == 8
    assert {k: v for k, v in one.items() if k.endswith(".md.run.json")} == {
        k: v for k, v in two.items() if k.endswith(".md.run.json")
    }
    for told in (*one.values(), *two.values()):
        told["sha256"].pop("output")  # The body of a reply holds its id and its time.
    assert one == two


def test_the_sidecar_names_the_run_and_what_was_asked(tmp_path):
    written(tmp_path, {"a.recipe.yaml": MATRIX})
    runs(tmp_path / "a.recipe.yaml", offline=True, out=Path(tmp_path / "out"))
    told = sidecars(tmp_path / "out")["gpt-6-luna-2.md.run.json"]
    assert told["id"] == "a[model=gpt-6-luna]#2"
    assert (told["cell"], told["run"]) == ({"model": "gpt-6-luna"}, 2)
    assert told["outputs"] == ["gpt-6-luna-2.md", "gpt-6-luna-2.json"]
    assert told["asked"] == {
        "provider": "offline",
        "kind": "offline",
        "model": "gpt-6-luna",
        "seed": 7,
    }
    assert told["sha256"]["values"] == {
        "env.TONGUE": digest_of("Dutch"),
        "limit": digest_of(9),
        "model": digest_of("gpt-6-luna"),
        "topic": digest_of("canals"),
    }


def test_no_digest_tells_of_a_secret_or_of_a_place(tmp_path):
    written(tmp_path, {"p.md": "Hello"})
    text = CHAT + (
        'secrets: [TOKEN]\nvars: {word: "<{{ env.TOKEN }}>", x: 1}\n'
        'messages: [{user: "{{ word }} {{ env.TOKEN }} {{ x }}"}]\noutput: {text: a.md}\n'
    )
    environ = {"OPENAI_API_KEY": "sk-sentinel-0123456789", "TOKEN": "hush-0123456789"}
    told = play(tmp_path, text, chat("A"), environ=environ).sidecar("a.md")
    assert told["sha256"]["values"] == {"x": digest_of(1)}


def test_the_items_of_a_step_have_ids_of_their_own(tmp_path):
    text = (
        "steps:\n- {name: each, endpoint: chat.completions, model: gpt-4.1, for_each: [a, b],\n"
        '   messages: [{user: "{{ item }}"}], output: {text: "{{ item }}.md"}}\n'
    )
    played = play(tmp_path, text, chat("A"), chat("B"))
    assert played.sidecar("b.md")["id"] == played.result.steps[1].run_id == "case::each[2]"
    assert played.sidecar("b.md")["items"] == 2
