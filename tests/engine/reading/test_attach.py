"""Files become message parts, by what they are and not by what they are called."""

import base64

import pytest

from runner.engine.reading.attach import joined
from runner.errors import RecipeError
from tests.engine.playing import CHAT, HELLO, chat, planned, play, reply, written

PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)
WAV = b"RIFF\x00\x00\x00\x00WAVEfmt " + bytes(20)
FILES: dict[str, str | bytes] = {
    "p.png": PNG,
    "photo": b"\xff\xd8\xff" + bytes(20),
    "s.wav": WAV,
    "s.mp3": b"ID3" + bytes(20),
    "d.pdf": b"%PDF-1.7",
    "n.md": "Notes\n",
    "false.png": "no picture",
    "t.csv": "a,b\n1,2\n",
    "bytes.bin": b"\x00\x01\xff",
}


def uri(kind, content):
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def content(folder, part):
    """Return what a part of a user's message is sent as."""
    written(folder, FILES)
    played = play(folder, f"{CHAT}messages: [{{user: [{part}]}}]\n", chat())
    (sent,) = played.script.bodies[0]["messages"][0]["content"]
    return sent


@pytest.mark.parametrize(
    ("part", "sent"),
    [
        ("Hello", {"type": "text", "text": "Hello"}),
        ("7", {"type": "text", "text": "7"}),
        ("{image: p.png}", {"type": "image_url", "image_url": {"url": uri("image/png", PNG)}}),
        (
            "{image: p.png, detail: low}",
            {"type": "image_url", "image_url": {"url": uri("image/png", PNG), "detail": "low"}},
        ),
        (
            "{image: photo}",
            {"type": "image_url", "image_url": {"url": uri("image/jpeg", FILES["photo"])}},
        ),
        (
            "{image: 'https://host.example/p?x=1'}",
            {"type": "image_url", "image_url": {"url": "https://host.example/p?x=1"}},
        ),
        (
            "{image: 'data:image/png;base64,AAAA'}",
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
        ),
        (
            "{audio: s.wav}",
            {
                "type": "input_audio",
                "input_audio": {"data": base64.b64encode(WAV).decode(), "format": "wav"},
            },
        ),
        (
            "{file: d.pdf}",
            {
                "type": "file",
                "file": {
                    "filename": "d.pdf",
                    "file_data": uri("application/pdf", b"%PDF-1.7"),
                },
            },
        ),
        ("{file: n.md}", {"type": "text", "text": "n.md:\n\nNotes\n"}),
        ("{file: t.csv}", {"type": "text", "text": "t.csv:\n\na,b\n1,2\n"}),
        ("{file_id: file-1}", {"type": "file", "file": {"file_id": "file-1"}}),
        ("{type: text, text: 5}", {"type": "text", "text": "5"}),
        ("{type: odd, x: [1]}", {"type": "odd", "x": [1]}),
    ],
)
def test_a_part_is_sent_in_the_apis_form(tmp_path, part, sent):
    assert content(tmp_path, part) == sent


@pytest.mark.parametrize(
    ("part", "told"),
    [
        ("{image: n.md}", "expected a png, jpeg, gif or webp picture"),
        ("{image: s.wav}", "expected a png, jpeg, gif or webp picture"),
        ("{audio: p.png}", "expected wav or mp3 sound"),
        ("{file: bytes.bin}", "expected a picture, wav or mp3 sound, a pdf or text"),
        ("{image: none.png}", "no file is named"),
        ("{image: false.png}", "found application/octet-stream"),
    ],
)
def test_a_file_that_is_not_what_it_should_be_is_told(tmp_path, part, told):
    written(tmp_path, FILES)
    played = play(tmp_path, f"{CHAT}messages: [{{user: [{part}]}}]\n", chat())
    assert isinstance(played.error, RecipeError)
    assert told in str(played.error)
    assert "case.recipe.yaml:3:" in str(played.error)
    assert played.result.exit_code == 2


@pytest.mark.parametrize("endpoint", ["chat.completions", "responses"])
def test_attachments_join_the_last_user_message(tmp_path, endpoint):
    written(tmp_path, FILES)
    text = f"""\
    endpoint: {endpoint}
    model: m
    messages: [{{user: One}}, {{assistant: Two}}, {{user: Three}}, {{assistant: Four}}]
    attachments: [n.md, {{file: p.png}}, 'https://host.example/q.png']
    """
    came = chat() if endpoint.startswith("chat") else reply({"output": [], "status": "completed"})
    body = play(tmp_path, text, came).script.bodies[0]
    said = body.get("messages") or body["input"]
    assert said[0]["content"] == "One"
    kinds = [part["type"] for part in said[2]["content"]]
    pictures = "image_url" if endpoint.startswith("chat") else "input_image"
    texts = "text" if endpoint.startswith("chat") else "input_text"
    assert kinds == [texts, texts, pictures, pictures]


@pytest.mark.parametrize(
    ("head", "field", "hint"),
    [
        ("endpoint: files\nparams: {purpose: user_data}", "flie", "did you mean 'file'?"),
        ("endpoint: audio.translations\nmodel: whisper-1", "sound", "it has file"),
        ("endpoint: images.edits\nmodel: m\nprompt: A boat", "maks", "did you mean 'mask'?"),
        (HELLO.strip(), "image", "leave `as` out: it joins the last user message"),
        ("endpoint: responses\nmodel: m\ninput: Hello", "file", "leave `as` out: it joins"),
    ],
)
def test_a_field_that_the_endpoint_has_not_is_refused(tmp_path, head, field, hint):
    written(tmp_path, FILES)
    text = f"{head}\nattachments: [{{file: p.png, as: {field}}}]\n"
    played = play(tmp_path, text, chat())
    assert played.script.sent == []
    assert f"has no field {field!r} for a file" in str(played.error)
    row = len(text.splitlines())
    assert f"case.recipe.yaml:{row}:22: " in str(played.error)
    assert hint in str(played.error)


def test_attachments_may_come_from_a_variable(tmp_path):
    written(tmp_path, FILES)
    text = HELLO + "vars: {v: [n.md, t.csv]}\nattachments: '{{ v }}'\n"
    parts = play(tmp_path, text, chat()).script.bodies[0]["messages"][0]["content"]
    assert [part["text"][:5] for part in parts] == ["Hello", "n.md:", "t.csv"]
    one = play(tmp_path, text.replace("[n.md, t.csv]", "n.md"), chat())
    assert len(one.script.bodies[0]["messages"][0]["content"]) == 2
    wrong = play(tmp_path, text.replace("[n.md, t.csv]", "[7]"), chat())
    assert "expected a path" in str(wrong.error)


def test_a_value_that_looks_like_a_reference_is_data(tmp_path):
    written(tmp_path, FILES)
    text = HELLO.replace("Hello", "['{{ v }}']") + "vars: {v: '{file: n.md}'}\n"
    sent = play(tmp_path, text, chat()).script.bodies[0]["messages"][0]["content"]
    assert sent == [{"type": "text", "text": "{file: n.md}"}]


def test_without_a_user_message_there_is_a_new_one():
    part = {"type": "text", "text": "x"}
    assert joined([{"role": "system", "content": "s"}], [part])[-1] == {
        "role": "user",
        "content": [part],
    }
    assert joined([{"role": "user", "content": "a"}], []) == [{"role": "user", "content": "a"}]
    assert joined([{"role": "user", "content": [part]}], [part])[0]["content"] == [part, part]


def test_a_file_cannot_stand_where_a_schema_does(tmp_path):
    written(tmp_path, FILES)
    with pytest.raises(RecipeError):
        planned(tmp_path, HELLO + "vars: {v: {image: p.png}}\nvars_schema: {type: string}\n")
