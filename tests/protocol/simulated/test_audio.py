"""The simulated service speaks, and writes down what it did not hear, in the service's shapes."""

import json
import re
from base64 import b64decode
from itertools import pairwise
from typing import Any

import pytest

from runner.exchange import Multipart, Part, Request, Spool
from runner.protocol import sounds
from runner.protocol.simulated import simulate, voices
from runner.protocol.simulated.service import Simulated
from tests import openapi
from tests.protocol.simulated.asking import chat, error, events, message, request, value, world

WAV = voices.speak("Hello there. How are you?", "wav")
FILE = Part("file", WAV, "talk.wav", "audio/wav")


def speak(**fields: Any) -> Simulated:
    body = {"model": "gpt-4o-mini-tts", "input": "Hello", "voice": "nova"} | fields
    given = {name: field for name, field in body.items() if field is not None}
    return simulate(request("audio.speech", given), world())


def write(name: str = "transcriptions", file: Part | None = FILE, **fields: Any) -> Simulated:
    rows = {"model": "whisper-1"} | fields
    parts = [Part(key, text.encode()) for key, text in rows.items() if text is not None]
    form = Multipart((*([file] if file else []), *parts))
    asked = Request("POST", f"/audio/{name}", f"audio.{name}", form)
    return simulate(asked, world())


@pytest.mark.parametrize("form", ["mp3", "opus", "aac", "flac", "wav", "pcm"])
def test_speech_is_a_sound_of_its_kind(form):
    simulated = speak(response_format=form)
    assert dict(simulated.headers)["content-type"] == sounds.FORMATS[form]
    assert b"".join(simulated.chunks) == voices.speak("Hello", form, "nova")


def test_speech_is_mp3_where_nothing_is_said():
    assert dict(speak().headers)["content-type"] == "audio/mpeg"


@openapi.needs_openapi
def test_speech_may_come_as_events():
    found = events(speak(stream_format="sse", response_format="wav", input="Hello " * 20))
    sound = b"".join(b64decode(event["audio"]) for event in found[:-1])
    assert len(found) > 2
    assert sound == voices.speak("Hello " * 20, "wav", "nova")
    for event in found:
        assert openapi.faults("CreateSpeechResponseStreamEvent", event) == []


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"voice": None}, (400, "missing_required_parameter", "voice")),
        ({"input": None}, (400, "missing_required_parameter", "input")),
        ({"input": "x" * 4097}, (400, "string_above_max_length", "input")),
        ({"input": ["x"]}, (400, "invalid_type", "input")),
        ({"speed": 5}, (400, "invalid_value", "speed")),
        ({"response_format": "midi"}, (400, "invalid_value", "response_format")),
        ({"stream_format": "x"}, (400, "invalid_value", "stream_format")),
        ({"stream_format": "sse", "model": "tts-1"}, (400, "unsupported_value", "stream_format")),
        ({"pitch": 1}, (400, "unknown_parameter", "pitch")),
        ({"model": "no-such-model"}, (404, "model_not_found", None)),
    ],
)
def test_what_the_service_refuses_to_speak(fields, told):
    assert error(speak(**fields)) == told


@openapi.needs_openapi
@pytest.mark.parametrize(
    ("fields", "component"),
    [
        ({}, "CreateTranscriptionResponseJson"),
        (
            {"model": "gpt-4o-transcribe", "include[]": "logprobs"},
            "CreateTranscriptionResponseJson",
        ),
        ({"response_format": "verbose_json"}, "CreateTranscriptionResponseVerboseJson"),
        (
            {"response_format": "verbose_json", "timestamp_granularities[]": "word"},
            "CreateTranscriptionResponseVerboseJson",
        ),
        (
            {"model": "gpt-4o-transcribe-diarize", "response_format": "diarized_json"},
            "CreateTranscriptionResponseDiarizedJson",
        ),
    ],
)
def test_a_transcript_has_the_service_s_shape(fields, component):
    assert openapi.faults(component, value(write(**fields))) == []


@openapi.needs_openapi
def test_a_translation_has_the_service_s_shape():
    found = value(write("translations", response_format="verbose_json"))
    assert openapi.faults("CreateTranslationResponseVerboseJson", found) == []
    assert (found["task"], found["language"]) == ("translate", "english")


def test_a_transcript_owns_up_and_tells_the_seconds():
    seconds = voices.seconds("Hello there. How are you?")
    text = value(write())["text"]
    assert text.startswith("[simulated] ")
    assert f"“talk.wav”. It is a sound of {seconds:.1f} seconds" in text


def test_times_share_out_the_sound():
    fields: dict[str, Any] = {"timestamp_granularities[]": "word"}
    found = value(write(response_format="verbose_json", **fields))
    words = found["words"]
    assert words[0]["start"] == 0
    assert words[-1]["end"] == found["duration"]
    assert all(one["end"] == other["start"] for one, other in pairwise(words))


STAMP = r"\d\d:\d\d:\d\d{0}\d\d\d --> \d\d:\d\d:\d\d{0}\d\d\d"


@pytest.mark.parametrize(
    ("form", "shape"),
    [
        ("text", r"\[simulated\] .*\n"),
        ("srt", rf"1\n{STAMP.format(',')}\n\[simulated\] .*\n\n2\n(.|\n)*\n\n"),
        ("vtt", rf"WEBVTT\n\n{STAMP.format('.')}\n\[simulated\] .*\n\n(.|\n)*\n\n"),
    ],
)
def test_subtitles_and_bare_text_are_no_json(form, shape):
    simulated = write(response_format=form)
    assert dict(simulated.headers)["content-type"].startswith("text/plain")
    assert re.fullmatch(shape, b"".join(simulated.chunks).decode())


@openapi.needs_openapi
@pytest.mark.parametrize("model", ["gpt-transcribe", "gpt-4o-transcribe-diarize"])
def test_a_transcript_may_come_as_events(model):
    form: dict[str, Any] = {"response_format": "diarized_json"} if "diarize" in model else {}
    found = events(write(model=model, stream="true", **form))
    assert "".join(event.get("delta", "") for event in found) == found[-1]["text"]
    assert found[-1]["usage"]["type"] == "tokens"
    assert any(event["type"] == "transcript.text.segment" for event in found) == bool(form)
    for event in found:
        assert openapi.faults("CreateTranscriptionResponseStreamEvent", event) == []


def test_whisper_does_not_stream():
    assert value(write(stream="true"))["usage"] == {"type": "duration", "seconds": 2}


@pytest.mark.parametrize(
    ("file", "fields", "told"),
    [
        (None, {}, (400, "missing_required_parameter", "file")),
        (FILE, {"model": None}, (400, "missing_required_parameter", "model")),
        (FILE, {"voice": "x"}, (400, "unknown_parameter", "voice")),
        (FILE, {"model": "no-such-model"}, (404, "model_not_found", None)),
        (Part("file", b"hello", "a.mp3"), {}, (400, None, "file")),
        (Part("file", WAV, "a.doc"), {}, (400, None, "file")),
        (Part("file", Spool("x", 1 << 30, ""), "a.mp3"), {}, (413, None, "file")),
        (FILE, {"response_format": "diarized_json"}, (400, "unsupported_value", "response_format")),
        (
            FILE,
            {"model": "gpt-4o-transcribe", "response_format": "srt"},
            (400, "unsupported_value", "response_format"),
        ),
        (
            FILE,
            {"timestamp_granularities[]": "word"},
            (400, "invalid_value", "timestamp_granularities"),
        ),
    ],
)
def test_what_the_service_refuses_to_hear(file, fields, told):
    assert error(write(file=file, **fields)) == told


SPOKEN: dict[str, Any] = {
    "modalities": ["text", "audio"],
    "audio": {"voice": "nova", "format": "wav"},
}


@openapi.needs_openapi
def test_a_chat_may_be_answered_aloud():
    simulated = chat("What is the capital of Sweden?", model="gpt-audio-1.5", **SPOKEN)
    assert openapi.faults("CreateChatCompletionResponse", value(simulated)) == []
    found = message(simulated)
    assert found["content"] is None
    assert found["audio"]["transcript"] == "[simulated] The capital of Sweden is Stockholm."
    sound = voices.speak("The capital of Sweden is Stockholm.", "wav", "nova")
    assert b64decode(found["audio"]["data"]) == sound


def test_a_spoken_answer_may_come_in_pieces():
    form: dict[str, Any] = {**SPOKEN, "audio": {"voice": "nova", "format": "pcm16"}}
    found = events(chat("What is the capital of Sweden?", stream=True, **form))
    pieces = [event["choices"][0]["delta"].get("audio", {}) for event in found if event != "[DONE]"]
    data = "".join(piece.get("data", "") for piece in pieces)
    assert b64decode(data) == voices.speak("The capital of Sweden is Stockholm.", "pcm", "nova")
    transcript = "".join(piece.get("transcript", "") for piece in pieces)
    assert transcript == "[simulated] The capital of Sweden is Stockholm."
    assert len({piece["id"] for piece in pieces if piece}) == 1
    assert json.dumps(pieces)


def test_a_stream_is_spoken_in_samples_alone():
    assert error(chat("Hi", stream=True, **SPOKEN)) == (400, "invalid_value", "audio.format")
