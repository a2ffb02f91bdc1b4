"""A step's outputs hold the exact bytes; what failed is kept apart; sidecars hold no secret."""

import hashlib
import json
from pathlib import Path

import pytest

from runner.engine.tools.hooks import Hooks
from runner.errors import BadReplyError, ConnectionFailedError, OutputError
from runner.exchange import Reply
from tests.engine.playing import CHAT, HELLO, chat, play, refused, reply, stream, written

SECRET = 'se"cret/ß-012345'
KNOWN = {"OPENAI_API_KEY": "sk-sentinel-0123456789", "TOKEN": SECRET}


def bytes_of(came: Reply) -> bytes:
    assert isinstance(came.body, bytes)
    return came.body


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def read(played, name):
    return (played.out / name).read_bytes()


def test_every_part_of_a_reply_has_its_file(tmp_path):
    text = HELLO + "output: {text: a.md, json: b.json, parsed: c.json, body: d.bin}\n"
    came = chat('Here: {"a": "ß"}')
    played = play(tmp_path, text, came)
    assert read(played, "a.md") == 'Here: {"a": "ß"}'.encode()
    assert json.loads(read(played, "b.json")) == json.loads(bytes_of(came))
    assert read(played, "c.json") == '{\n  "a": "ß"\n}\n'.encode()
    assert read(played, "d.bin") == came.body
    parts = [file.part for file in played.result.steps[0].files]
    assert parts == ["text", "json", "parsed", "body"]


NOTE = {"type": "url_citation", "url_citation": {"url": "https://a.example", "title": "A"}}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("c.md", b"x\n\n1. A <https://a.example>\n"),
        (
            "c.json",
            b'[\n  {\n    "url": "https://a.example",\n    "title": "A",\n'
            b'    "start": 0,\n    "end": 0\n  }\n]\n',
        ),
    ],
)
def test_citations_are_a_list_for_people_or_machines(tmp_path, name, content):
    text = HELLO + f"output: {{citations: {name}}}\n"
    assert read(play(tmp_path, text, chat("x", annotations=[NOTE])), name) == content


def test_the_body_of_a_stream_are_its_events(tmp_path):
    text = HELLO + "stream: true\noutput: {body: events.txt, text: a.md}\n"
    came = stream("A", "B")
    played = play(tmp_path, text, came)
    assert read(played, "events.txt") == b"".join(came.pieces)
    assert read(played, "a.md") == b"AB"


def test_a_list_may_hold_parts_and_contents(tmp_path):
    text = HELLO + (
        "output:\n  - {text: a.md}\n"
        '  - {content: "{{ text | upper }}!", to: "{{ text | slug }}.txt"}\n'
    )
    played = play(tmp_path, text, chat("Hi you"))
    assert read(played, "a.md") == b"Hi you"
    assert read(played, "hi-you.txt") == b"HI YOU!"


def test_choices_are_counted_from_one(tmp_path):
    body = json.loads(bytes_of(chat("A")))
    second = {"index": 1, "message": {"role": "assistant", "content": "B"}, "finish_reason": "stop"}
    body["choices"].append(second)
    text = HELLO + 'output: {text: "{{ index }}.md"}\n'
    played = play(tmp_path, text, reply(body))
    assert [read(played, f"{i}.md") for i in (1, 2)] == [b"A", b"B"]


@pytest.mark.parametrize(
    ("part", "told"), [("text", "no text"), ("parsed", "no JSON"), ("image", "no image")]
)
def test_a_part_that_the_reply_has_not_is_a_failure(tmp_path, part, told):
    text = HELLO + f"output: {{json: j.json, {part}: x.out}}\n"
    played = play(tmp_path, text, chat(None))
    assert isinstance(played.error, OutputError)
    assert told in str(played.error)
    assert played.result.exit_code == 3
    assert not (played.out / "j.json").exists()


@pytest.mark.parametrize("said", ["../x", "a/b", "a\x1bb", "a\\b"])
def test_what_a_model_says_names_no_place(tmp_path, said):
    played = play(tmp_path, HELLO + 'output: {json: "{{ text }}.json"}\n', chat(said))
    assert "slug" in str(played.error)
    assert "case.recipe.yaml:4:" in str(played.error)
    assert not [path for path in tmp_path.rglob("*.json") if ".runner" not in path.parts]


def test_the_sidecar_tells_what_the_output_was_made_from(tmp_path):
    project = {"runner.yaml": "vars: {x: 1}", "notes.md": "notes", "hooks.py": "", "p.md": "Hello"}
    written(tmp_path, project)
    text = CHAT + (
        "messages: [{user: {include: p.md}}]\nattachments: [notes.md]\noutput: {text: a.md}\n"
    )
    hooks = Hooks({}, {str(tmp_path / "hooks.py"): sha(b"")})
    played = play(tmp_path, text, chat("A"), hooks=hooks)
    sidecar = played.sidecar("a.md")
    body = json.dumps(played.script.bodies[0], separators=(",", ":")).encode()
    assert sidecar["sha256"] == {
        "output": sha(b"A"),
        "recipe": sha((tmp_path / "case.recipe.yaml").read_bytes()),
        "request": sha(body),
        "inputs": {"notes.md": sha(b"notes"), "p.md": sha(b"Hello")},
        "hooks": {"hooks.py": sha(b"")},
        "meaning": sidecar["sha256"]["meaning"],
        "values": {},
        "row": None,
    }
    assert sidecar["schema_version"] == 1
    assert (sidecar["recipe"], sidecar["part"]) == ("case.recipe.yaml", "text")
    assert (sidecar["model"], sidecar["usage"]["total_tokens"]) == ("gpt-4.1", 5)
    assert (sidecar["passed"], sidecar["attempts"], sidecar["latency"]) == (True, 1, 0.5)
    assert sidecar["cost"] > 0
    assert sidecar["time"] == "2025-06-15T15:06:40+00:00"
    assert str(tmp_path) not in (played.out / "a.md.run.json").read_text()


def test_the_digest_of_the_request_is_of_the_body_as_it_is_sent(tmp_path):
    provider = "{base_url: http://x.example, models: {a: ß}}"
    written(tmp_path, {"runner.yaml": f"providers: {{x: {provider}}}"})
    text = "provider: x\nendpoint: chat.completions\nmodel: a\nmessages: [{user: é}]\n"
    played = play(tmp_path, text + "output: {text: a.md}\n", chat("A"))
    sent = '{"model":"ß","messages":[{"role":"user","content":"é"}]}'.encode()
    assert played.sidecar("a.md")["sha256"]["request"] == sha(sent)


def test_a_missed_expectation_is_written_all_the_same(tmp_path):
    text = HELLO + "expect: [{text: Z}]\noutput: {text: a.md}\n"
    played = play(tmp_path, text, chat("A"))
    assert played.sidecar("a.md")["passed"] is False
    assert played.result.exit_code == 1


def test_a_missed_reply_may_lack_what_was_to_be_written(tmp_path):
    schema = "response_schema: {type: object, additionalProperties: false}\n"
    played = play(tmp_path, HELLO + schema + "output: {text: a.md, parsed: b.json}\n", chat("no"))
    assert played.states == [("", "missed")]
    assert played.result.exit_code == 1
    assert read(played, "a.md") == b"no"
    assert not played.sidecar("a.md")["passed"]
    assert not (played.out / "b.json").exists()
    assert played.told == ["the reply has no JSON in its text to write"]


def test_secrets_stand_in_outputs_but_not_in_sidecars(tmp_path):
    text = HELLO + 'secrets: [TOKEN]\nextra: {t: "{{ env.TOKEN }}"}\noutput: {text: a.md}\n'
    came = chat(f"You said {SECRET}")
    came = came._replace(headers={"x-request-id": f"req-{SECRET}"})
    played = play(tmp_path, text, came, environ=KNOWN)
    assert played.script.bodies[0]["t"] == SECRET
    assert read(played, "a.md").decode() == f"You said {SECRET}"
    assert played.sidecar("a.md")["request_id"] == "req-***"


def test_later_steps_read_what_the_run_wrote(tmp_path, monkeypatch):
    text = """\
    steps:
      - {name: one, endpoint: models, output: {json: list.json}}
      - name: two
        endpoint: chat.completions
        model: m
        messages: [{user: [{file: "{{ steps.one.files[0] }}"}]}]
        output: {text: a.md}
    """
    played = play(tmp_path, text, reply({"data": []}), chat("A"))
    parts = played.script.bodies[1]["messages"][0]["content"]
    assert parts == [{"type": "text", "text": 'list.json:\n\n{\n  "data": []\n}\n'}]
    assert "out/list.json" in played.sidecar("a.md")["sha256"]["inputs"]


def failed(played):
    folder = played.out / ".runner/failed"
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.exists() else {}


def test_a_reply_that_failed_is_kept(tmp_path):
    came = refused(400, "odd")
    played = play(tmp_path, HELLO + "output: {text: a.md}\n", came)
    assert failed(played) == {"case.body": came.body}
    assert not (played.out / "a.md").exists()
    (file,) = played.result.steps[0].files
    assert (file.part, file.sha256, file.size) == (
        "failed",
        sha(bytes_of(came)),
        len(bytes_of(came)),
    )


def test_the_text_of_a_stream_that_was_cut_is_kept_as_partial(tmp_path):
    text = HELLO + "stream: true\n"
    played = play(tmp_path, text, stream("A", "B", end=False))
    assert isinstance(played.error, BadReplyError)
    assert failed(played) == {"case.partial": b"AB"}
    assert played.result.exit_code == 3


@pytest.mark.parametrize("broken", [ConnectionFailedError("reset"), KeyboardInterrupt()])
def test_a_stream_that_broke_is_kept_as_partial(tmp_path, broken):
    played = play(tmp_path, HELLO + "stream: true\n", stream("A", broken=broken, end=False))
    assert failed(played) == {"case.partial": b"A"}


def test_what_is_kept_holds_no_secret(tmp_path):
    text = HELLO + "secrets: [TOKEN]\n"
    played = play(tmp_path, text, refused(400, f"no {SECRET}"), environ=KNOWN)
    assert b"no ***" in failed(played)["case.body"]


@pytest.mark.parametrize(
    "broken", [ConnectionFailedError("refused"), refused(500)._replace(body=b"")]
)
def test_nothing_that_came_is_nothing_kept(tmp_path, broken):
    assert failed(play(tmp_path, HELLO + "retries: 0\n", broken)) == {}


def test_what_cannot_be_kept_does_not_hide_the_failure(tmp_path):
    written(tmp_path, {"out/.runner": "a file in the way"})
    played = play(tmp_path, HELLO, refused(400, "odd"))
    assert "odd" in str(played.error)
    assert played.result.steps[0].files == ()


def test_nothing_is_kept_outside_the_folder_of_outputs(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out/.runner").symlink_to(tmp_path / "elsewhere")
    assert play(tmp_path, HELLO, refused(400)).result.steps[0].files == ()
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_the_run_id_names_the_file_that_is_kept(tmp_path):
    text = "steps:\n  - {name: one, endpoint: models}\n"
    played = play(tmp_path, text, refused(400))
    assert list(failed(played)) == ["case-one.body"]
    assert Path(played.result.steps[0].files[0].path).parent.name == "failed"


@pytest.mark.parametrize(
    ("path", "body", "is_written"),
    [
        ("a.png", b'{"a": 1}', False),
        ("a.mp3", b"\x89PNG\r\n\x1a\n", False),
        ("a.svg", b'{"a": 1}', True),
        ("a.bin", b"\x89PNG\r\n\x1a\n", True),
        ("a.json", b'{"a": 1}', True),
    ],
)
def test_a_body_is_no_other_file_than_its_path_says(tmp_path, path, body, is_written):
    came = Reply(200, {"content-type": "application/json"}, body)
    text = f"endpoint: files.content\nid: f\noutput: {{body: {path}}}\n"
    played = play(tmp_path, text, came)
    assert (played.out / path).exists() == is_written
    if not is_written:
        assert f"the output {path} would hold" in str(played.error)
