"""Chats that are spoken: the sound is decoded, its words are the text, its id goes back."""

from base64 import b64encode

import pytest

from runner.errors import BadReplyError
from runner.model import Artifact, Ask
from runner.protocol import endpoints
from tests.protocol.play import chat, events, play, streamed

SOUND = b"ID3" + bytes(99)
PARAMS = {"modalities": ["text", "audio"], "audio": {"voice": "nova", "format": "mp3"}}
ASK = Ask(
    "chat.completions", model="m", messages=({"role": "user", "content": "Hi"},), params=PARAMS
)


def audio(sound: bytes = SOUND, **fields):
    return {"id": "a1", "data": b64encode(sound).decode(), "transcript": "Hello", **fields}


def said(**fields):
    return {"role": "assistant", "content": None, **fields}


def ask(asked: Ask, *replies):
    return play(endpoints.find("chat.completions").flow(asked), *replies)


def form(name: str) -> Ask:
    return ASK._replace(params={**PARAMS, "audio": {"voice": "nova", "format": name}})


def test_a_spoken_answer_is_sound_and_text():
    answer = ask(ASK, chat(said(audio=audio()))).answer
    assert (answer.text, answer.texts) == ("Hello", ("Hello",))
    assert answer.artifacts == (Artifact("audio", "audio/mpeg", SOUND),)


def test_text_beside_the_sound_goes_before_its_transcript():
    assert ask(ASK, chat({**said(audio=audio()), "content": "Written"})).answer.text == "Written"


@pytest.mark.parametrize(
    ("name", "sound", "kind"),
    [
        ("pcm16", SOUND, "audio/pcm"),
        ("mp3", b"RIFF\0\0\0\0WAVE", "audio/wav"),
        ("flac", b"\1\2", "audio/flac"),
        ("odd", b"\1\2", "audio/pcm"),
    ],
)
def test_a_sound_is_what_its_bytes_say_and_samples_what_was_asked(name, sound, kind):
    answer = ask(form(name), chat(said(audio=audio(sound)))).answer
    assert answer.artifacts == (Artifact("audio", kind, sound),)


def test_a_sound_that_is_no_base64_is_a_bad_reply():
    with pytest.raises(BadReplyError, match="no base64"):
        ask(ASK, chat(said(audio=audio() | {"data": "x"})))


def test_a_stream_s_samples_are_joined_and_its_transcript_shown():
    samples = bytes(range(256)) * 4
    chunks = [
        {"choices": [{"index": 0, "delta": {"audio": piece}}]}
        for piece in (
            {"id": "a1", "transcript": "Hel"},
            {"data": b64encode(samples[:500]).decode()},
            {"transcript": "lo"},
            {"data": b64encode(samples[500:]).decode()},
            {"expires_at": 9},
        )
    ]
    chunks.append({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    body = events(*chunks, done=True)
    answer = ask(form("pcm16")._replace(stream=True), streamed(body)).answer
    assert answer.text == "Hello"
    assert answer.artifacts == (Artifact("audio", "audio/pcm", samples),)
    request = ask(form("pcm16")._replace(stream=True), streamed(body)).requests[0]
    assert request.assembler is not None
    assert request.assembler().feed(body) == "Hello"


def test_what_was_said_goes_back_by_its_id():
    talk = ask(ASK, chat(said(audio=audio()))).answer.conversation
    assert talk is not None
    assert talk.items[-1] == {"role": "assistant", "content": None, "audio": {"id": "a1"}}
    assert talk.messages[-1] == {"role": "assistant", "content": "Hello"}


def test_what_has_no_id_goes_back_in_words():
    talk = ask(ASK, chat(said(audio=audio(id=None)))).answer.conversation
    assert talk is not None
    assert talk.items[-1] == {"role": "assistant", "content": "Hello"}


@pytest.mark.parametrize(
    ("params", "kind"),
    [
        (PARAMS, "audio/mpeg"),
        ({"audio": PARAMS["audio"]}, ""),
        ({"modalities": ["audio"]}, ""),
        ({}, ""),
    ],
)
def test_the_kind_that_is_asked_for_is_known_before(params, kind):
    makes = endpoints.find("chat.completions").makes
    assert makes is not None
    assert makes(ASK._replace(params=params)) == kind
