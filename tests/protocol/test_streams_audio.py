"""Streams of speech and transcripts, whole at every split and never whole when cut."""

import json
from base64 import b64encode

import pytest

from runner.errors import ApiStatusError, BadReplyError
from runner.exchange import Decoder
from runner.protocol.streams.audio import SpeechStream, TranscriptStream
from tests.protocol.play import events

SOUND = b"ID3" + bytes(range(256)) * 3
USAGE = {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3}


def delta(sound: bytes) -> dict:
    return {"type": "speech.audio.delta", "audio": b64encode(sound).decode()}


SPEECH = events(
    *(delta(SOUND[at : at + 200]) for at in range(0, len(SOUND), 200)),
    {"type": "speech.audio.done", "usage": USAGE},
    named=True,
)
WORDS = events(
    {"type": "transcript.text.delta", "delta": "Zó is "},
    {"type": "transcript.text.delta", "delta": "dat 🎨"},
    {"type": "transcript.text.done", "text": "Zó is dat 🎨", "usage": {"type": "tokens", **USAGE}},
)


def heard(*pieces: bytes) -> tuple[dict, bytes]:
    stream, sound = SpeechStream(), b""
    for piece in pieces:
        assert stream.feed(piece) == ""
        sound += stream.taken()
    value = stream.finish()
    return value, sound + stream.taken()


def read(*pieces: bytes) -> tuple[dict, str]:
    stream = TranscriptStream()
    shown = "".join(stream.feed(piece) for piece in pieces)
    return stream.finish(), shown


def test_speech_is_a_decoder():
    assert isinstance(SpeechStream(), Decoder)
    assert not isinstance(TranscriptStream(), Decoder)


@pytest.mark.parametrize("cut", range(0, len(SPEECH), 7))
def test_speech_is_whole_at_every_split(cut):
    value, sound = heard(SPEECH[:cut], SPEECH[cut:])
    assert sound == SOUND
    assert value["usage"] == USAGE


@pytest.mark.parametrize("end", range(0, len(SPEECH) - 2, 5))
def test_speech_that_is_cut_is_never_whole(end):
    with pytest.raises(BadReplyError, match=r"cut|without any sound"):
        heard(SPEECH[:end])


def test_what_was_taken_is_not_kept():
    stream = SpeechStream()
    stream.feed(SPEECH[:500])
    assert stream.taken()
    assert stream.taken() == b""


def test_base64_may_be_cut_anywhere():
    text = b64encode(SOUND).decode()
    pieces = [
        {"type": "speech.audio.delta", "delta": text[at : at + 13]}
        for at in range(0, len(text), 13)
    ]
    assert heard(events(*pieces, done=True))[1] == SOUND


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_a_server_may_send_the_bare_sound(size):
    assert heard(*(SOUND[at : at + size] for at in range(0, len(SOUND), size))) == ({}, SOUND)


@pytest.mark.parametrize("first", [b"\x7b\x01\x02\x03", b"<\x00\x01\x02", b"  \xff\xf3xx"])
def test_samples_may_begin_as_text_does(first):
    assert heard(first + SOUND) == ({}, first + SOUND)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b'{"error": {"message": "no voice"}}', "no voice"),
        (events({"type": "error", "error": {"message": "no voice"}}), "no voice"),
        (b'{"ok": true}', "expected sound"),
        (b"<html><body>Sign in</body></html>", "HTML"),
        (events({"type": "speech.audio.delta", "audio": "x!?="}, done=True), "no base64"),
        (events({"type": "speech.audio.done", "usage": USAGE}), "without any sound"),
        (b"data: 7\n\n", "no event of speech"),
        (b"data: {broken\n\n", "no JSON"),
        (b"", "without any sound|cut"),
    ],
)
def test_what_is_no_speech_says_so(body, told):
    with pytest.raises((ApiStatusError, BadReplyError), match=told):
        heard(body)


@pytest.mark.parametrize("cut", range(len(WORDS)))
def test_a_transcript_is_whole_at_every_split(cut):
    value, shown = read(WORDS[:cut], WORDS[cut:])
    assert value == {"text": "Zó is dat 🎨", "usage": {"type": "tokens", **USAGE}}
    assert shown == "Zó is dat 🎨"


@pytest.mark.parametrize("end", range(0, len(WORDS) - 2, 3))
def test_a_transcript_that_is_cut_is_never_whole(end):
    with pytest.raises(BadReplyError, match="cut"):
        read(WORDS[:end])


def test_speakers_and_chances_are_gathered():
    segment = {"type": "transcript.text.segment", "id": "1", "speaker": "A", "text": "Hi"}
    chance = {"token": "Hi", "logprob": -0.1}
    value, _ = read(
        events(
            {"type": "transcript.text.delta", "delta": "Hi", "logprobs": [chance]},
            segment,
            {"type": "transcript.text.done", "text": "Hi"},
        )
    )
    assert value["segments"] == [{"id": "1", "speaker": "A", "text": "Hi"}]
    assert value["logprobs"] == [chance]


@pytest.mark.parametrize("size", [1, 2, 99])
@pytest.mark.parametrize("text", ["Zó is dat, bare", "WEBVTT\n\n00:00 --> 00:01\nHi\n"])
def test_a_server_may_send_bare_text(size, text):
    raw = text.encode()
    value, shown = read(*(raw[at : at + size] for at in range(0, len(raw), size)))
    assert (value, shown) == ({"text": text}, text)


def test_a_server_may_not_stream_at_all():
    assert read(b'{"text": "Hi"}')[0] == {"text": "Hi"}


def test_a_server_may_speak_of_chunks():
    chunks = [
        {"object": "transcription.chunk", "choices": [{"delta": {"content": "Hi"}}]},
        {"choices": [{"delta": {"content": " you"}, "finish_reason": "stop"}]},
    ]
    assert read(events(*chunks)) == ({"text": "Hi you"}, "Hi you")


def test_a_server_may_send_texts_without_a_type():
    body = b'data: {"text": "Hi"}\n\ndata: {"text": " you"}\n\n'
    assert read(body + b"data: [DONE]\n\n")[0] == {"text": "Hi you"}
    with pytest.raises(BadReplyError, match="cut"):
        read(body)


def test_an_error_in_the_stream_keeps_what_came():
    stream = TranscriptStream()
    stream.feed(WORDS.partition(b"\n\n")[0] + b"\n\n")
    with pytest.raises(ApiStatusError) as raised:
        stream.feed(b'data: {"error": {"message": "too busy", "code": "429"}}\n\n')
    assert raised.value.status == 429
    assert raised.value.partial == "Zó is "


def test_the_shown_text_is_json_s():
    assert json.dumps(read(WORDS)[0])
