"""No body has more tokens than it is counted to have."""

import base64

import pytest

from runner.protocol import counting, sounds
from runner.protocol.counting import Count, count

WAV = sounds.wav_header(48_000) + bytes(48_000)


@pytest.mark.parametrize("text", ["", "Hello", "ş" * 100, "日本語", "🙂" * 7])
def test_a_text_has_no_more_tokens_than_bytes(text):
    assert count({"content": text}).text >= len(text.encode())


def test_a_list_of_tokens_counts_each():
    assert count({"input": [1, 2, 3]}).text >= 3


@pytest.mark.parametrize(
    "part",
    [
        {"type": "image_url", "image_url": {"url": "data:image/png;base64," + "A" * 9000}},
        {"type": "input_image", "image_url": "https://example.com/a.png"},
    ],
)
def test_a_picture_counts_as_one_and_not_by_its_bytes(part):
    found = count([{"role": "user", "content": [part]}])
    assert found.pictures == 1
    assert found.text < 200


def test_sound_counts_by_the_time_that_it_tells():
    data = base64.b64encode(WAV).decode()
    found = count({"type": "input_audio", "input_audio": {"data": data, "format": "wav"}})
    assert found.sound == 2 * counting.TOKENS_A_SECOND
    assert found.text < 100


def test_bare_samples_count_by_their_bytes():
    data = base64.b64encode(bytes(96_000)).decode()
    assert count({"type": "input_audio", "audio": data}).sound == 3 * counting.TOKENS_A_SECOND


def test_sound_that_tells_no_time_counts_by_its_bytes():
    assert counting.sound(None, 5_000) == 11 * counting.TOKENS_A_SECOND


@pytest.mark.parametrize(
    "held",
    [
        {"file_id": "file-1"},
        {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf,"}},
        {"previous_response_id": "resp_1"},
        {"conversation": {"id": "conv_1"}},
        {"prompt": {"id": "pmpt_1"}},
        {"input": [{"type": "item_reference", "id": "msg_1"}]},
        {"input": [{"id": "msg_1"}]},
    ],
)
def test_what_the_service_reads_by_itself_is_open(held):
    assert count(held).open


@pytest.mark.parametrize(
    "told",
    [
        {"metadata": {"id": "x", "file_id": "y"}},
        {"response_format": {"json_schema": {"schema": {"properties": {"id": {}}}}}},
        {"tools": [{"type": "function", "function": {"name": "f", "parameters": {"id": {}}}}]},
        {"messages": [{"role": "assistant", "tool_calls": [{"id": "c", "type": "function"}]}]},
        {"previous_response_id": None},
    ],
)
def test_names_that_mean_nothing_there_are_not(told):
    assert not count(told).open
    assert count(told).text >= 10


def test_counts_add_up():
    assert Count(1, 2, 3, True).plus(Count(1, 1, 1)) == Count(2, 3, 4, True)
