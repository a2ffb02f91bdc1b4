import base64
import struct

import pytest

from runner.errors import RecipeError
from runner.protocol.realtime_items import said_of, unfit_sounds
from tests.protocol.test_samples import wav


def test_text_takes_the_type_of_its_speaker():
    assert said_of({"role": "assistant", "content": "a"})["content"] == [
        {"type": "output_text", "text": "a"}
    ]
    assert said_of({"role": "system", "content": "a"})["content"][0]["type"] == "input_text"
    assert said_of({"role": "developer", "content": "a"})["role"] == "system"


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


@pytest.mark.parametrize(
    "item",
    [
        {"type": "message", "role": "user"},
        {"type": "message", "content": [{"type": "input_text"}]},
        {"role": "user", "content": 3},
        ["no item"],
    ],
)
def test_what_is_no_message_is_the_service_s_to_refuse(item):
    assert said_of(item) is item


def test_sounds_that_cannot_be_sent_are_found_where_they_stand():
    def part(data, form="wav"):
        sound = {"data": base64.b64encode(data).decode(), "format": form}
        return {"type": "input_audio", "input_audio": sound}

    bad = {"type": "input_audio", "input_audio": {"data": "%", "format": "wav"}}
    content = [{"type": "text", "text": "Hi"}, part(wav([1])), part(b"ID3", "mp3"), bad]
    messages = [{"role": "system", "content": "a"}, "no message", {"role": "user"}]
    found = list(unfit_sounds([*messages, {"role": "user", "content": content}]))
    assert [one.path for one in found] == [("messages", 3, "content", at) for at in (2, 3)]
    assert ["mp3" in found[0].message, "base64" in found[1].message] == [True, True]
    assert "ffmpeg" in found[0].hint
