"""Speech and transcripts: what is asked, and what becomes of whatever comes back."""

import json
from base64 import b64encode
from typing import Any

import pytest

from runner.errors import ApiStatusError, BadReplyError, ServiceError
from runner.exchange import JsonBody, Multipart, Part, Reply, Spool
from runner.model import Artifact, Ask, File
from runner.protocol import endpoints
from runner.protocol.providers import Provider, outgoing, url
from tests.protocol.play import events, play, reply, streamed

SOUND = b"ID3" + bytes(300)
WAV = b"RIFF\x24\0\0\0WAVEfmt " + bytes(99)
SPEAK = Ask("audio.speech", model="tts", input="Hi", params={"voice": "nova"})
FILE = File("talk.mp3", "audio/mpeg", SOUND)
WRITE = Ask("audio.transcriptions", model="listener", files=(FILE,))


def came(body: Any, kind: str = "audio/mpeg", status: int = 200) -> Reply:
    return Reply(status, {"content-type": kind}, body)


def ask(asked: Ask, *results: Any):
    return play(endpoints.find(asked.endpoint).flow(asked), *results)


def fields(asked: Ask) -> list[tuple[str, Any]]:
    body = ask(asked, reply({"text": "Hi"})).requests[0].body
    assert isinstance(body, Multipart)
    return [(part.name, part.body) for part in body.parts]


def test_speech_is_asked_for_with_nothing_added():
    (request,) = ask(SPEAK, came(SOUND)).requests
    assert (request.method, request.path) == ("POST", "/audio/speech")
    assert request.body == JsonBody({"model": "tts", "input": "Hi", "voice": "nova"})
    assert request.spools
    assert not request.listens


@pytest.mark.parametrize(
    "asked",
    [
        SPEAK._replace(stream=True),
        SPEAK._replace(params={"voice": "nova", "stream_format": "sse"}),
    ],
)
def test_a_stream_of_speech_is_asked_for_as_events(asked):
    done = events(
        {"type": "speech.audio.delta", "audio": b64encode(SOUND).decode()},
        {"type": "speech.audio.done", "usage": {"input_tokens": 3, "output_tokens": 4}},
    )
    answer, (request,) = ask(asked, lambda r: streamed(done)(r)._replace(decoded=SOUND))
    assert request.body == JsonBody(
        {"model": "tts", "input": "Hi", "stream_format": "sse", "voice": "nova"}
    )
    assert request.listens
    assert answer.artifacts == (Artifact("audio", "audio/mpeg", SOUND),)
    assert answer.body == done
    assert answer.usage["total_tokens"] == 7


@pytest.mark.parametrize(
    ("form", "body", "kind"),
    [
        (None, SOUND, "audio/mpeg"),
        ("wav", WAV, "audio/wav"),
        ("mp3", WAV, "audio/wav"),
        ("pcm", SOUND, "audio/pcm"),
        ("flac", b"\1\2\3", "audio/flac"),
        ("odd", b"\1\2\3", "audio/x-odd"),
        ("opus", Spool("x", 9, "f" * 64), "audio/ogg"),
    ],
)
def test_a_sound_is_what_its_bytes_say_and_samples_what_was_asked(form, body, kind):
    asked = SPEAK._replace(params={"voice": "nova", "response_format": form})
    answer = ask(asked, came(body, "audio/x-odd")).answer
    assert answer.artifacts == (Artifact("audio", kind, body),)
    assert answer.body == body
    assert answer.json is None


def test_speech_without_usage_is_priced_by_the_letter():
    answer = ask(SPEAK._replace(input="Hello"), came(SOUND)).answer
    assert answer.usage is None
    assert answer.rounds == ({"type": "characters", "characters": 5},)


def test_events_that_nobody_asked_for_are_heard():
    done = events(
        {"type": "speech.audio.delta", "audio": b64encode(SOUND).decode()},
        {"type": "speech.audio.done", "usage": {}},
    )
    assert ask(SPEAK, came(done, "text/event-stream")).answer.artifacts[0].body == SOUND


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "audio/mpeg"),
        (b'{"ok": true}', "application/json"),
        (b'{"ok": true}', "audio/mpeg"),
        (b"<html>Sign in</html>", "audio/mpeg"),
    ],
)
def test_what_is_no_sound_is_a_bad_reply(body, kind):
    with pytest.raises(BadReplyError):
        ask(SPEAK, came(body, kind))


def test_an_error_in_a_200_is_told():
    with pytest.raises(ApiStatusError, match="no voice"):
        ask(SPEAK, came(b'{"error": {"message": "no voice"}}', "application/json"))


def test_a_refusal_that_is_accepted_is_an_answer():
    answer = ask(SPEAK._replace(accepts=(400,)), reply({"error": {}})._replace(status=400)).answer
    assert (answer.status, answer.artifacts) == (400, ())


def test_a_form_has_its_file_first_and_lists_in_brackets():
    asked = WRITE._replace(
        prompt="A shop.",
        stream=True,
        params={"timestamp_granularities": ["word", "segment"], "temperature": 0, "language": None},
        extra={"hotwords": "x"},
    )
    assert fields(asked) == [
        ("file", SOUND),
        ("model", b"listener"),
        ("prompt", b"A shop."),
        ("stream", b"true"),
        ("timestamp_granularities[]", b"word"),
        ("timestamp_granularities[]", b"segment"),
        ("temperature", b"0"),
        ("hotwords", b"x"),
    ]


def test_the_file_keeps_name_kind_and_field():
    asked = WRITE._replace(files=(FILE._replace(field="audio"),))
    body = ask(asked, reply({"text": ""})).requests[0].body
    assert body.parts[0] == Part("audio", SOUND, "talk.mp3", "audio/mpeg")


@pytest.mark.parametrize("name", ["transcriptions", "translations"])
def test_each_has_its_path(name):
    asked = WRITE._replace(endpoint=f"audio.{name}")
    assert ask(asked, reply({"text": "Hi"})).requests[0].path == f"/audio/{name}"


SRT = "1\n00:00:00,000 --> 00:00:01,000\nHi\n\n"


@pytest.mark.parametrize(
    ("form", "body", "kind", "text"),
    [
        (None, b'{"text": "Hi"}', "application/json", "Hi"),
        ("json", b'{"text": "Hi"}', "", "Hi"),
        ("json", b"Hi", "text/plain", "Hi"),
        ("text", b"Hi\n", "text/plain", "Hi"),
        ("text", b'"Hi"', "application/json", "Hi"),
        ("text", b'{"text": "Hi"}', "application/json", "Hi"),
        ("text", json.dumps(json.dumps({"text": "Hi"})).encode(), "application/json", "Hi"),
        ("text", json.dumps({"text": '{"text": "Hi"}'}).encode(), "application/json", "Hi"),
        ("text", b"\xef\xbb\xbfHi", "text/plain", "Hi"),
        ("text", b'"Quoted," she said.', "text/plain", '"Quoted," she said.'),
        ("srt", SRT.encode(), "text/plain", SRT),
        ("srt", json.dumps({"text": SRT}).encode(), "application/json", SRT),
        ("vtt", b"WEBVTT\n\n", "text/vtt", "WEBVTT\n\n"),
        ("verbose_json", b'{"text": "Hi", "segments": []}', "application/json", "Hi"),
        (
            "diarized_json",
            b'{"segments": [{"text": "Hi"}, {"text": " you"}]}',
            "application/json",
            "Hi you",
        ),
        (
            "json",
            events({"type": "transcript.text.done", "text": "Hi"}),
            "text/event-stream",
            "Hi",
        ),
    ],
)
def test_a_transcript_is_read_in_whatever_form_it_comes(form, body, kind, text):
    asked = WRITE._replace(params={"response_format": form})
    answer = ask(asked, came(body, kind)).answer
    assert answer.text == text
    assert answer.texts == (text,)


def test_a_transcript_within_json_keeps_its_json():
    answer = ask(WRITE, reply({"text": "Hi", "usage": {"type": "duration", "seconds": 3}})).answer
    assert answer.json["text"] == "Hi"
    assert answer.usage["seconds"] == 3
    assert ask(WRITE, came(b"Hi", "text/plain")).answer.json is None


def test_a_streamed_transcript_is_the_answer():
    done = events(
        {"type": "transcript.text.delta", "delta": "Hi"},
        {"type": "transcript.text.done", "text": "Hi"},
    )
    assert ask(WRITE._replace(stream=True), streamed(done)).answer.text == "Hi"


NO_TRANSCRIPTS = [b"", b"<html></html>", b"{}", b'{"error": "x"}', b"[1]", b"null", b"7"]


@pytest.mark.parametrize("body", [*NO_TRANSCRIPTS, '{"text": "Hi"}'.encode("utf-16")])
def test_what_is_no_transcript_is_an_error(body):
    with pytest.raises(ServiceError):
        ask(WRITE, came(body, "application/json"))


def faults(asked: Ask, limited: bool = True) -> list[tuple]:
    check = endpoints.find(asked.endpoint).check
    assert check is not None
    return [(refusal.path, refusal.message, refusal.hint) for refusal in check(asked, limited)]


def test_what_is_right_has_no_faults():
    assert faults(SPEAK) == faults(WRITE) == []


@pytest.mark.parametrize(
    ("file", "told", "hint"),
    [
        (File("a.mp3", "audio/wav", WAV), "is named .mp3, but holds audio/wav", "name it .wav"),
        (File("a.wav", "audio/ogg", b"OggS"), "but holds audio/ogg", "name it .ogg"),
        (File("a.mp3", "image/png", b"\x89PNG"), "but holds image/png", "convert it to mp3 or wav"),
        (File("a.mp3", "audio/mpeg", b"hello"), "but holds text/plain", "convert it to mp3 or wav"),
        (
            File("a.mp3", "audio/mpeg", Spool("x", 5, "f" * 64), head=b"hello"),
            "but holds text/plain",
            "convert it to mp3 or wav",
        ),
        (File("a.dat", "audio/mpeg", SOUND), "a sound's name ends in", "name it .mp3"),
        (File("a", "audio/mp4", SOUND), "a sound's name ends in", "name it .mp4"),
        (File("a.aac", "audio/aac", b"\xff\xf1"), "a sound's name ends in", "convert it to mp3"),
        (File("a.mp3", "audio/mpeg", b""), "a.mp3 is empty", ""),
        (
            File("a.mp3", "audio/mpeg", Spool("x", 30_000_000, "f" * 64)),
            "a.mp3 has 30.0 MB, and 26,214,400 bytes are the most",
            "in parts",
        ),
    ],
)
def test_a_file_that_would_be_refused_is_told_before(file, told, hint):
    ((path, message, way_out),) = faults(WRITE._replace(files=(file,)))
    assert path == ("attachments", 0)
    assert told in message
    assert hint in way_out


@pytest.mark.parametrize("files", [(), (FILE, FILE)])
def test_one_file_is_sent_at_a_time(files):
    ((path, message, _),) = faults(WRITE._replace(files=files))
    assert (path, message) == (
        ("attachments",),
        f"audio.transcriptions takes one file, got {len(files)}",
    )


@pytest.mark.parametrize(
    ("file", "count"),
    [
        (File("a.dat", "audio/mpeg", SOUND), 0),
        (File("a.mp3", "audio/mpeg", Spool("x", 30_000_000, "f" * 64)), 1),
        (File("a.mp3", "audio/wav", WAV), 1),
    ],
)
def test_other_servers_may_know_other_endings_alone(file, count):
    assert len(faults(WRITE._replace(files=(file,)), limited=False)) == count


def test_a_file_that_is_still_to_be_fetched_is_not_judged():
    assert faults(WRITE._replace(files=(File("x", "", Spool("https://a", 0, "")),))) == []


@pytest.mark.parametrize(
    ("change", "path", "told"),
    [
        ({"input": ["a"]}, ("input",), "expected the text to be spoken"),
        ({"input": ""}, ("input",), "expected the text to be spoken, got empty text"),
        ({"input": None}, ("input",), "got nothing"),
        ({"input": "x" * 4097}, ("input",), "4,097 characters are more than the 4,096"),
        (
            {"stream": True, "params": {"stream_format": "audio"}},
            ("params", "stream_format"),
            "stream: true asks for events",
        ),
    ],
)
def test_speech_that_would_be_refused_is_told_before(change, path, told):
    ((found, message, _),) = faults(SPEAK._replace(**change))
    assert found == path
    assert told in message


@pytest.mark.parametrize(
    ("params", "kind"),
    [({}, "audio/mpeg"), ({"response_format": "pcm"}, "audio/pcm"), ({"response_format": "x"}, "")],
)
def test_the_kind_that_is_asked_for_is_known_before(params, kind):
    makes = endpoints.find("audio.speech").makes
    assert makes is not None
    assert makes(SPEAK._replace(params=params)) == kind


AZURE = Provider("azure", "azure", "https://r.openai.azure.com", models={"listener": "ears"})


@pytest.mark.parametrize(
    ("version", "address", "names"),
    [
        (
            "2024-10-21",
            "/openai/deployments/ears/audio/transcriptions?api-version=2024-10-21",
            ["file"],
        ),
        ("v1", "/openai/v1/audio/transcriptions", ["file", "model"]),
    ],
)
def test_azure_takes_both_routes(version, address, names):
    provider = AZURE._replace(api_version=version)
    request = outgoing(provider, ask(WRITE, reply({"text": ""})).requests[0])
    assert url(provider, request) == f"https://r.openai.azure.com{address}"
    assert isinstance(request.body, Multipart)
    assert [part.name for part in request.body.parts] == names
