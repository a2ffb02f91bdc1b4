import array
import base64
import struct

import pytest

from runner.errors import RecipeError
from runner.protocol.realtime_items import RATE, said_of, samples


def wav(values, rate=RATE, channels=1, bits=16, form=1, extra=b""):
    body = struct.pack(f"<{len(values)}h", *values)
    head = struct.pack("<HHIIHH", form, channels, rate, rate * 2, 2 * channels, bits)
    chunks = b"fmt " + struct.pack("<I", len(head)) + head + extra
    chunks += b"data" + struct.pack("<I", len(body)) + body
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


def heard(content):
    return list(array.array("h", samples(content)))


def test_a_fitting_wav_gives_its_samples():
    assert heard(wav([1, -2, 3])) == [1, -2, 3]


def test_other_chunks_are_passed_over():
    assert heard(wav([1, 2], extra=b"LIST\x03\x00\x00\x00abc\x00")) == [1, 2]


def test_two_channels_become_one():
    assert heard(wav([10, 20, -10, -30], channels=2)) == [15, -20]


@pytest.mark.parametrize(("rate", "count"), [(12_000, 8), (48_000, 2), (8_000, 12)])
def test_another_rate_is_drawn_anew(rate, count):
    found = heard(wav([0, 100, 200, 300], rate=rate))
    assert len(found) == count
    assert found[0] == 0
    assert found == sorted(found)
    assert max(found) <= 300


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"ID3...", "expected a wav file"),
        (b"RIFF\x04\x00\x00\x00WAVE", "holds no sound"),
        (wav([1], bits=8), "16-bit PCM"),
        (wav([1], form=3), "16-bit PCM"),
    ],
)
def test_what_cannot_be_converted_is_refused_with_the_way_out(content, message):
    with pytest.raises(RecipeError, match=message) as caught:
        samples(content)
    assert "ffmpeg" in caught.value.hint


def test_text_takes_the_type_of_its_speaker():
    assert said_of({"role": "assistant", "content": "a"})["content"] == [
        {"type": "output_text", "text": "a"}
    ]
    assert said_of({"role": "system", "content": "a"})["content"][0]["type"] == "input_text"


def test_sound_goes_as_bare_samples():
    part = {"data": base64.b64encode(wav([5])).decode(), "format": "wav"}
    message = {"role": "user", "content": [{"type": "input_audio", "input_audio": part}]}
    (sent,) = said_of(message)["content"]
    assert base64.b64decode(sent["audio"]) == struct.pack("<h", 5)


def test_sound_that_is_no_wav_is_refused():
    part = {"data": "", "format": "mp3"}
    with pytest.raises(RecipeError, match="comes as wav"):
        said_of({"role": "user", "content": [{"type": "input_audio", "input_audio": part}]})


def test_other_items_go_as_they_are():
    item = {"type": "function_call_output", "call_id": "c", "output": "7"}
    assert said_of(item) is item
