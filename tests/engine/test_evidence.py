"""Pictures, sounds and events are looked into where an expectation asks for that."""

import json
import struct
import time
from base64 import b64encode

import pytest

from runner import run
from runner.engine import evidence
from runner.engine.verdict import wanted
from runner.exchange import Reply, Spool
from runner.expect import judge
from runner.model import Answer, Artifact
from tests.engine.playing import HELLO, chat, play, reply, stream
from tests.protocol.test_pixels import png

SPEECH = (
    "endpoint: audio.speech\nmodel: tts-1\ninput: Hi\nparams: {voice: nova, response_format: %s}\n"
)
DRAWN = "endpoint: images.generations\nmodel: gpt-image-1\nprompt: x\n"


def drawn(*pictures):
    return reply({"data": [{"b64_json": b64encode(one).decode()} for one in pictures]})


def missed(played):
    return [check.message for check in played.result.steps[0].checks if not check.passed]


def test_only_what_is_expected_is_looked_for():
    rows = [
        {"text": "x"},
        {"image": {"blank": False}},
        {"not": {"not": {"image": {"width": 1}}}},
        {"not": {"events": ["x"]}},
    ]
    assert wanted(rows) == {"image": {"blank", "width"}, "events": set()}
    assert wanted(None) == {}


def test_pictures_are_judged_by_their_bytes(tmp_path):
    even = png([[(1, 2, 3)] * 4] * 2, 8, 2)
    odd = png([[(1, 2, 3)] * 3 + [(1, 2, 4)]] * 2, 8, 2)
    text = (
        DRAWN
        + "expect: [{image: {format: png, width: 4, height: 2, alpha: false, blank: false}}]\n"
    )
    assert missed(play(tmp_path, text, drawn(odd))) == []
    assert missed(play(tmp_path, text, drawn(even))) == ["blank: expected false, got true"]
    (told,) = missed(play(tmp_path, text, drawn(odd, even)))
    assert told == "picture 2 of 2: blank: expected false, got true"


def test_a_picture_that_cannot_be_looked_into_is_missed_with_its_reason(tmp_path):
    cut = png([[(1, 2, 3)] * 40] * 40, 8, 2).replace(b"IDAT", b"iDAT")
    text = DRAWN + "expect: [{image: {blank: false}}, {not: {image: {blank: false}}}]\n"
    told = missed(play(tmp_path, text, drawn(cut)))
    assert len(told) == 2
    assert all("cannot be looked into: its pixels are cut" in one for one in told)


@pytest.mark.parametrize(
    ("loudness", "silent"),
    [(0, True), (9000, False)],
)
def test_speech_on_disk_is_listened_to(tmp_path, loudness, silent):
    samples = struct.pack("<h", loudness) * 24000
    text = SPEECH % "pcm" + (
        f"expect: [{{audio: {{format: pcm, seconds: {{between: [0.9, 1.1]}}, channels: 1,"
        f" sample_rate: 24000, silent: {str(silent).lower()}}}}}]\n"
        "output: {audio: a.pcm}\n"
    )
    played = play(tmp_path, text, Reply(200, {"content-type": "audio/pcm"}, samples))
    assert missed(played) == []
    place = tmp_path / "spool"
    place.write_bytes(samples)
    spooled = Artifact("audio", "audio/pcm", Spool(str(place), len(samples), ""))
    found = evidence.with_evidence({}, Answer(artifacts=(spooled,)), {"audio": {"silent"}})
    assert found["audio"][0]["silent"] is silent


def test_whether_an_mp3_is_silent_is_not_guessed(tmp_path):
    text = SPEECH % "mp3" + "expect: [{audio: {silent: false}}]\n"
    mp3 = Reply(200, {"content-type": "audio/mpeg"}, (b"\xff\xfb\x90\x00" + bytes(413)) * 9)
    (told,) = missed(play(tmp_path, text, mp3))
    assert "whether mp3 is silent cannot be told: ask for wav or pcm" in told


def test_the_events_of_a_chat_stream_have_their_object_for_a_type(tmp_path):
    text = HELLO + (
        "stream: true\n"
        "expect:\n"
        "  - events: [{choices.0.delta.content: a}, {choices.0.delta.content: b}, '[DONE]']\n"
        "  - not: {events: [{choices.0.delta.content: b}, {choices.0.delta.content: a}]}\n"
    )
    assert missed(play(tmp_path, text, stream("a", "b"))) == []


@pytest.mark.parametrize(
    ("event", "name"),
    [
        ('data: {"type": "a", "object": "b"}', "a"),
        ('event: n\ndata: {"object": "b"}', "n"),
        ('data: {"object": "b"}', "b"),
        ('data: {"x": 1}', "message"),
        ("data: [DONE]", "[DONE]"),
        ("event: n\ndata: text", "n"),
        ("data: [1]", "message"),
    ],
)
def test_every_event_has_a_type(tmp_path, event, name):
    body = f"{event}\n\n".encode()
    place = tmp_path / "body"
    place.write_bytes(body)
    for held in (body, Spool(str(place), len(body), "")):
        answer = Answer(headers={"content-type": "text/event-stream"}, body=held)
        (found,) = evidence.events(answer) or ()
        assert found["type"] == name


def test_a_reply_that_is_no_stream_has_no_events(tmp_path):
    text = HELLO + "expect: [{events: [x]}]\n"
    (told,) = missed(play(tmp_path, text, chat()))
    assert "the reply was no stream" in told


def test_many_events_are_looked_through_in_seconds():
    row = {"choices": [{"index": 0, "delta": {"content": "word "}}]}
    body = b"data: %s\n\n" % json.dumps(row).encode() * 30_000 + b"data: [DONE]\n\n"
    answer = Answer(headers={"content-type": "text/event-stream"}, body=body)
    reply = evidence.with_evidence({}, answer, {"events": set()})
    started = time.process_time()
    (check,) = judge([{"events": [{"choices.0.delta.content": "word "}, "[DONE]"]}], reply)
    assert check.passed
    assert time.process_time() - started < 10


@pytest.mark.parametrize(
    ("head", "events"),
    [
        (
            "endpoint: realtime\nmodel: gpt-realtime\nmessages: [{user: Hi}]\n",
            "[session.created, {type: response.created}, response.done]",
        ),
        (
            SPEECH.replace("tts-1", "gpt-4o-mini-tts") % "wav" + "stream: true\n",
            "[{type: speech.audio.delta, audio: {min_length: 9}}, speech.audio.done]",
        ),
        (
            "endpoint: responses\nmodel: gpt-4.1\ninput: Hi\nstream: true\n",
            "[response.created, {type: response.output_text.delta, delta: {contains: s}}]",
        ),
        (DRAWN + "stream: true\n", "[{contains: completed}]"),
    ],
)
def test_every_stream_has_events(tmp_path, head, events):
    """Those of a session too, and those that lie on disk."""
    place = tmp_path / "r.recipe.yaml"
    for written, code in ((events, 0), ("[no.such.event]", 1)):
        place.write_text(f"{head}expect: [{{events: {written}}}]\n", encoding="utf-8")
        assert run(place, offline=True, out=tmp_path / "out").exit_code == code


def test_what_stands_beside_steps_sees_the_events_of_a_session(tmp_path):
    place = tmp_path / "r.recipe.yaml"
    step = "{name: talk, endpoint: realtime, model: gpt-realtime, messages: [{user: Hi}]}"
    for events, code in (("[session.created, response.done]", 0), ("[no.such.event]", 1)):
        place.write_text(f"steps: [{step}]\nexpect: [{{events: {events}}}]\n", encoding="utf-8")
        assert run(place, offline=True, out=tmp_path / "out").exit_code == code
