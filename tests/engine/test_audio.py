"""Sounds from the reply to their file: large ones by a rename, wrong ones told before or kept."""

import hashlib
import json
from base64 import b64encode
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from runner.engine.writing.remains import has_bytes, settled
from runner.errors import BadReplyError, OutputError, RecipeError
from runner.exchange import Body, Multipart, Reply, Spool
from runner.model import Answer, Artifact
from runner.protocol.simulated import voices
from runner.protocol.sounds import wav_header
from runner.results import Written
from tests.engine.playing import Streamed, chat, play, reply, written

SOUND = voices.speak("Hello there", "mp3")
WAV = voices.speak("Hello there", "wav")
SAMPLES = voices.speak("Hello there", "pcm")
SPEAK = "endpoint: audio.speech\nmodel: tts-1\ninput: Hello\nparams: {voice: nova%s}\n%s"
SAMPLED = ", response_format: pcm"
MP3 = "output: {audio: a.mp3}\n"
names = count(1)


def spooled(folder: Path, content: bytes) -> Spool:
    """Lay a body where the transport would."""
    place = folder / "out" / ".runner" / "spool" / str(next(names))
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)
    return Spool(str(place), len(content), hashlib.sha256(content).hexdigest())


def came(body: Body, kind: str = "audio/mpeg") -> Reply:
    return Reply(200, {"content-type": kind}, body)


def speak(folder: Path, body: Body, output: str = MP3, params: str = ""):
    return play(folder, SPEAK % (params, output), came(body))


def found(folder: Path) -> list[str]:
    files = (path for path in (folder / "out").rglob("*") if path.is_file())
    return sorted(
        path.relative_to(folder / "out").as_posix()
        for path in files
        if not path.name.endswith(".run.json")
    )


@pytest.fixture(params=["memory", "disk"])
def laid(request, tmp_path):
    """A body in memory, and the same on disk."""
    return (lambda content: content) if request.param == "memory" else partial_spool(tmp_path)


def partial_spool(folder: Path):
    return lambda content: spooled(folder, content)


def test_a_sound_becomes_its_output_and_nothing_else_is_left(tmp_path, laid):
    played = speak(tmp_path, laid(SOUND))
    assert (tmp_path / "out/a.mp3").read_bytes() == SOUND
    assert found(tmp_path) == ["a.mp3"]
    assert played.sidecar("a.mp3")["sha256"]["output"] == hashlib.sha256(SOUND).hexdigest()
    assert played.result.exit_code == 0


def test_what_lies_on_disk_is_renamed(tmp_path):
    body = spooled(tmp_path, SOUND)
    inode = Path(body.path).stat().st_ino
    played = speak(tmp_path, body)
    assert (tmp_path / "out/a.mp3").stat().st_ino == inode
    assert played.answer.body == Spool(str(tmp_path / "out/a.mp3"), body.size, body.sha256)
    assert played.answer.artifacts[0].body == played.answer.body


def test_one_sound_may_have_several_outputs(tmp_path, laid):
    speak(tmp_path, laid(SOUND), "output: [{audio: a.mp3}, {audio: b.mp3, body: c.bin}]\n")
    assert found(tmp_path) == ["a.mp3", "b.mp3", "c.bin"]
    assert {(tmp_path / "out" / name).read_bytes() for name in found(tmp_path)} == {SOUND}


def test_samples_get_the_head_of_a_wav_where_the_path_says_so(tmp_path, laid):
    played = speak(tmp_path, laid(SAMPLES), "output: [{audio: a.wav}, {audio: a.pcm}]\n", SAMPLED)
    assert (tmp_path / "out/a.wav").read_bytes() == WAV == wav_header(len(SAMPLES)) + SAMPLES
    assert (tmp_path / "out/a.pcm").read_bytes() == SAMPLES
    assert found(tmp_path) == ["a.pcm", "a.wav"]
    digest = hashlib.sha256(WAV).hexdigest()
    assert played.sidecar("a.wav")["sha256"]["output"] == digest


def test_a_sound_without_an_output_goes_by_the_recipe_s_name(tmp_path, laid):
    speak(tmp_path, laid(SOUND), "")
    assert found(tmp_path) == ["case.mp3"]


def test_each_item_has_a_name_of_its_own(tmp_path):
    text = "vars: {words: [a, b]}\nsteps:\n  - name: say\n    for_each: '{{ words }}'\n"
    text += "".join(f"    {line}\n" for line in (SPEAK % ("", "")).splitlines())
    play(tmp_path, text, came(SOUND), came(spooled(tmp_path, WAV)))
    assert found(tmp_path) == ["case-say-1.mp3", "case-say-2.wav"]


def test_a_name_that_is_taken_gets_a_number(tmp_path):
    text = "steps:\n  - {name: a, endpoint: raw, request: {path: x}, output: {body: case-b.mp3}}\n"
    text += "  - name: b\n" + "".join(f"    {line}\n" for line in (SPEAK % ("", "")).splitlines())
    play(tmp_path, text, came(b"\0"), came(SOUND))
    assert found(tmp_path) == ["case-b-2.mp3", "case-b.mp3"]


def test_other_bytes_that_nobody_can_print_are_kept_too(tmp_path):
    play(tmp_path, "endpoint: raw\nrequest: {path: x}\n", came(b"\0\1", "application/zip"))
    assert found(tmp_path) == ["case.bin"]


def test_what_no_output_takes_is_removed(tmp_path):
    played = speak(tmp_path, spooled(tmp_path, SOUND), "output: {json: a.json}\n")
    assert found(tmp_path) == ["a.json"]
    assert played.answer.body == b""


@pytest.mark.parametrize("kind", ["memory", "disk"])
def test_a_sound_of_another_kind_is_an_error_and_kept(tmp_path, kind):
    body = WAV if kind == "memory" else spooled(tmp_path, WAV)
    played = speak(tmp_path, body)
    assert isinstance(played.error, OutputError)
    assert "a.mp3 would hold audio/wav" in str(played.error)
    assert found(tmp_path) == [".runner/failed/case.body"]
    if kind == "disk":
        assert (tmp_path / "out/.runner/failed/case.body").read_bytes() == WAV


def test_text_is_no_sound(tmp_path):
    played = speak(tmp_path, spooled(tmp_path, b"We are sorry.\n" * 9000))
    assert "a.mp3 would hold text" in str(played.error)


EXPECTED = 'expect:\n  - that: "{{ audio == wanted }}"\nvars:\n  wanted: %s\n'


@pytest.mark.parametrize(
    ("content", "params", "wanted"),
    [
        (SOUND, "", ("audio/mpeg", "mp3")),
        (WAV, ", response_format: wav", ("audio/wav", "wav")),
        (SAMPLES, SAMPLED, ("audio/pcm", "pcm")),
    ],
)
def test_templates_read_what_the_sound_is(tmp_path, laid, content, params, wanted):
    told = dict(zip(("media_type", "format"), wanted, strict=True))
    told |= {"seconds": 0.792, "sample_rate": 24000, "channels": 1, "bytes": len(content)}
    played = speak(tmp_path, laid(content), EXPECTED % json.dumps(told), params)
    assert [check.message for check in played.result.steps[0].checks] == [""]


def test_a_later_step_reads_the_sound_and_its_file(tmp_path):
    written(tmp_path, {"case.recipe.yaml": ""})
    text = "steps:\n  - name: say\n"
    text += "".join(f"    {line}\n" for line in (SPEAK % ("", MP3)).splitlines())
    text += """\
  - name: hear
    endpoint: audio.transcriptions
    model: listener
    attachments: ["{{ steps.say.files[0] }}"]
    params: {language: "{{ steps.say.audio.format }}"}
"""
    played = play(tmp_path, text, came(spooled(tmp_path, SOUND)), reply({"text": "Hello"}))
    form = played.script.sent[1].body
    assert isinstance(form, Multipart)
    assert [(part.name, part.body) for part in form.parts] == [
        ("file", SOUND),
        ("model", b"listener"),
        ("language", b"mp3"),
    ]


def events(*pieces: bytes, end: bool = True) -> Streamed:
    rows: list[dict[str, Any]] = [
        {"type": "speech.audio.delta", "audio": b64encode(piece).decode()} for piece in pieces
    ]
    rows += [{"type": "speech.audio.done", "usage": {"total_tokens": 3}}] if end else []
    return Streamed(tuple(f"data: {json.dumps(row)}\n\n".encode() for row in rows))


@pytest.mark.parametrize("size", [100, 200_000])
def test_a_stream_is_decoded_on_its_way_to_the_disk(tmp_path, size):
    sound = (SOUND * 40)[:size]
    cut = len(sound) // 3
    played = play(
        tmp_path,
        SPEAK % ("", "stream: true\noutput: {audio: a.mp3, body: b.txt}\n"),
        events(sound[:cut], sound[cut:]),
    )
    assert (tmp_path / "out/a.mp3").read_bytes() == sound
    assert (tmp_path / "out/b.txt").read_bytes().startswith(b"data: {")
    assert found(tmp_path) == ["a.mp3", "b.txt"]
    assert played.answer.ttft is not None
    assert played.answer.usage["total_tokens"] == 3


def test_a_stream_that_is_cut_leaves_nothing(tmp_path):
    played = play(tmp_path, SPEAK % ("", f"stream: true\n{MP3}"), events(SOUND * 40, end=False))
    assert isinstance(played.error, BadReplyError)
    assert found(tmp_path) == []


SPOKEN = """\
endpoint: chat.completions
model: m
messages: [{user: Hello}]
params: {modalities: [text, audio], audio: {voice: nova, format: %s}}
%s
"""


def test_a_spoken_answer_is_written_and_its_words(tmp_path):
    said = {"id": "a1", "data": b64encode(SOUND).decode(), "transcript": "Hello"}
    text = SPOKEN % ("mp3", "output: {audio: a.mp3, text: a.txt}")
    play(tmp_path, text, chat(None, audio=said))
    assert (tmp_path / "out/a.mp3").read_bytes() == SOUND
    assert (tmp_path / "out/a.txt").read_text() == "Hello"


RIGHT = [
    SPEAK % ("", "output: {audio: a.mp3}"),
    SPEAK % ("", "output: {audio: a.mpga}"),
    SPEAK % ("", "output: {audio: 'a{{ 1 }}.mp3'}"),
    SPEAK % ("", "output: {audio: sound}"),
    SPEAK % (", response_format: odd", "output: {audio: a.wav}"),
    SPEAK % (SAMPLED, "output: {audio: a.wav}"),
    SPOKEN % ("opus", "output: {audio: a.ogg}"),
]
WRONG = [
    (
        SPEAK % ("", "output: {audio: a.wav}"),
        "a.wav would hold audio/mpeg",
        "{response_format: wav}`",
    ),
    (SPEAK % (SAMPLED, MP3), "a.mp3 would hold audio/pcm", "name it .pcm"),
    (SPEAK % ("", "output: {audio: a.txt}"), "a.txt would hold audio/mpeg", "name it .mp3"),
    (
        SPOKEN % ("wav", MP3),
        "a.mp3 would hold audio/wav",
        "name it .wav, or ask for mp3: `params: {audio: {format: mp3}}`",
    ),
]


@pytest.mark.parametrize("text", RIGHT)
def test_a_path_that_fits_what_is_asked_for_is_sent(tmp_path, text):
    played = play(tmp_path, text, BadReplyError("sent"))
    assert str(played.error) == "sent"


def test_nothing_is_offered_that_no_service_can_send(tmp_path):
    for path in ("a.txt", "a.png", "a.m4a"):
        told = play(tmp_path, SPEAK % ("", f"output: {{audio: {path}}}"))
        assert str(told.error).endswith("hint: name it .mp3")


@pytest.mark.parametrize(("text", "told", "hint"), WRONG)
def test_a_path_that_does_not_is_told_before(tmp_path, text, told, hint):
    played = play(tmp_path, text)
    assert isinstance(played.error, RecipeError)
    (fault,) = played.error.faults
    assert (fault.where, fault.mark is not None) == ("output.audio", True)
    assert told in fault.message
    assert hint in fault.hint
    assert played.script.sent == []


def test_a_file_that_is_not_what_its_name_says_is_told_before(tmp_path):
    written(tmp_path, {"talk.mp3": WAV})
    text = "endpoint: audio.transcriptions\nmodel: m\nattachments:\n  - talk.mp3\n"
    (fault,) = play(tmp_path, text).error.faults  # type: ignore[attr-defined]
    assert fault.message == "talk.mp3 is named .mp3, but holds audio/wav"
    assert (fault.mark.line, fault.mark.column, fault.hint) == (4, 5, "name it .wav")


@pytest.mark.parametrize(("checks", "told"), [("warn", ["is empty"]), ("off", [])])
def test_the_limits_of_the_service_follow_the_checks(tmp_path, checks, told):
    written(tmp_path, {"runner.yaml": f"checks: {checks}\n", "talk.dat": SOUND})
    text = "endpoint: audio.transcriptions\nmodel: m\nattachments: [talk.dat]\n"
    played = play(tmp_path, text, reply({"text": "Hi"}))
    assert len(played.script.sent) == (0 if told else 1)


def test_a_large_attachment_is_sent_from_the_disk(tmp_path):
    content = SOUND * 200
    written(tmp_path, {"talk.mp3": content})
    text = "endpoint: audio.transcriptions\nmodel: m\nattachments: [talk.mp3]\n"
    played = play(tmp_path, text + "output: {text: a.txt}\n", reply({"text": "Hi"}))
    file = played.script.sent[0].body.parts[0]  # type: ignore[union-attr]
    digest = hashlib.sha256(content).hexdigest()
    assert file.body == Spool(str(tmp_path / "talk.mp3"), len(content), digest)
    assert digest in played.sidecar("a.txt")["sha256"]["inputs"].values()


def test_the_request_of_a_form_is_hashed_as_it_goes_over_the_wire(tmp_path):
    from runner.transport.multipart import Stream, encode

    written(tmp_path, {"talk.mp3": SOUND})
    text = "endpoint: audio.transcriptions\nmodel: m\nattachments: [talk.mp3]\n"
    played = play(tmp_path, text + "output: {text: a.txt}\n", reply({"text": "Hi"}))
    form = encode(played.script.sent[0].body)  # type: ignore[arg-type]
    wire = Stream(form.segments).read()
    assert played.sidecar("a.txt")["sha256"]["request"] == hashlib.sha256(wire).hexdigest()


@pytest.mark.parametrize(
    ("answer", "has"),
    [
        (Answer(200, text="Hi", body=b"x"), False),
        (Answer(200, json={}, body=b"{}"), False),
        (Answer(200), False),
        (Answer(404, body=b"\0"), False),
        (Answer(200, body=b"\0"), True),
        (Answer(200, body=Spool("x", 1, "")), True),
        (Answer(200, text="Hi", artifacts=(Artifact("audio", "", b"x"),)), True),
    ],
)
def test_bytes_that_nobody_can_print_are_told_apart(answer, has):
    assert has_bytes(answer) == has


def test_an_answer_names_its_bodies_where_they_lie_in_the_end(tmp_path):
    body, other = spooled(tmp_path, SOUND), spooled(tmp_path, WAV)
    answer = Answer(200, body=other, artifacts=(Artifact("audio", "audio/mpeg", body),))
    moved = settled(answer, (Written("a.mp3", "audio", body.sha256, body.size),))
    assert moved is not None
    assert moved.artifacts[0].body == body._replace(path="a.mp3")
    assert moved.body == b""
    assert not Path(other.path).exists()
