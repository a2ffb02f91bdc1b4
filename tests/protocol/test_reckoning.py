"""About how many tokens a body is: as services count them, not as JSON is long."""

import base64
import json

import pytest

from runner.protocol.counting import Count
from runner.protocol.reckoning import BEGUN, FILE, MESSAGE, count


def picture(width, height):
    head = b"\x89PNG\r\n\x1a\n" + bytes(4) + b"IHDR"
    content = head + width.to_bytes(4) + height.to_bytes(4) + bytes(100)
    return "data:image/png;base64," + base64.b64encode(content).decode()


def asked(content, **fields):
    return {"messages": [{"role": "user", "content": content}], **fields}


def test_a_message_is_its_text_and_a_little_more():
    assert count(asked("a" * 40)) == Count(10 + MESSAGE + BEGUN)
    assert count(asked([{"type": "text", "text": "a" * 40}])).text == 10 + MESSAGE + BEGUN
    assert count({"input": "a" * 40}).text == 10
    assert count({"input": [1, 2, 3]}).text == 3


def test_settings_are_not_read():
    told = {"model": "gpt-4.1", "max_completion_tokens": 100, "metadata": {"a": "b" * 400}}
    assert count(asked("Hi", **told)) == count(asked("Hi"))


def test_tools_and_schemas_are_read():
    tool = {"type": "function", "function": {"name": "now", "parameters": {}}}
    more = count(asked("Hi", tools=[tool])).text - count(asked("Hi")).text
    assert more == -(-len(json.dumps(tool)) // 4)


@pytest.mark.parametrize(
    ("model", "size", "detail", "tokens"),
    [
        ("gpt-4o", (1024, 1024), "high", 765),
        ("gpt-4o", (2048, 4096), "high", 1105),
        ("gpt-4o", (4096, 8192), "low", 85),
        ("gpt-4o", (512, 512), "auto", 255),
        ("gpt-4o-mini", (512, 512), "high", 8500),
        ("gpt-4.1-mini", (1024, 1024), "high", 1659),
        ("gpt-5-nano", (4096, 4096), "low", 3779),
        ("o3", (1024, 1024), "high", 675),
    ],
)
def test_a_picture_counts_by_the_rule_of_its_model(model, size, detail, tokens):
    url = picture(*size)
    part = {"type": "image_url", "image_url": {"url": url, "detail": detail}}
    assert count(asked([part], model=model)).pictures == tokens
    part = {"type": "input_image", "image_url": url, "detail": detail}
    assert count({"input": [{"role": "user", "content": [part]}]}, model).pictures == tokens


def test_an_address_counts_as_a_picture_of_a_usual_size():
    part = {"type": "input_image", "image_url": "https://example.org/a.png"}
    assert count({"input": [{"role": "user", "content": [part]}]}, "gpt-4o").pictures == 765


def test_files_and_sounds_do_not_count_by_their_letters():
    file = {"type": "file", "file": {"file_data": "data:application/pdf;base64," + "A" * 9999}}
    assert count(asked([file])).text == FILE + MESSAGE + BEGUN
    sound = {"type": "input_audio", "input_audio": {"data": "A" * 8000, "format": "wav"}}
    assert 0 < count(asked([sound])).sound < 300


def test_a_session_reads_its_instructions():
    assert count({"session": {"instructions": "a" * 40, "voice": "sage"}, "items": []}).text == 10
