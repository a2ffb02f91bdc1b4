"""Items: messages of the chat form, told in the dialect of responses."""

from __future__ import annotations

from typing import Any

import pytest

from runner.protocol.endpoints import items


def parts(role, *content):
    """The content of a message, as items hold it."""
    (item,) = items.of([{"role": role, "content": list(content)}])
    return item["content"]


@pytest.mark.parametrize("role", ["system", "developer", "user", "assistant"])
def test_text_stays_text(role):
    message = {"role": role, "content": "Hi"}
    assert items.of([message]) == [message]


def test_text_parts_are_named_after_who_speaks():
    text = {"type": "text", "text": "Hi"}
    assert parts("user", text) == [{"type": "input_text", "text": "Hi"}]
    assert parts("system", text) == [{"type": "input_text", "text": "Hi"}]
    assert parts("assistant", text) == [{"type": "output_text", "text": "Hi"}]


@pytest.mark.parametrize(
    ("part", "item"),
    [
        (
            {"type": "image_url", "image_url": {"url": "https://a", "detail": "low"}},
            {"type": "input_image", "image_url": "https://a", "detail": "low"},
        ),
        (
            {"type": "image_url", "image_url": {"url": "data:x"}},
            {"type": "input_image", "image_url": "data:x"},
        ),
        (
            {"type": "image_url", "image_url": "https://a"},
            {"type": "input_image", "image_url": "https://a"},
        ),
        ({"type": "file", "file": {"file_id": "f"}}, {"type": "input_file", "file_id": "f"}),
        (
            {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:x"}},
            {"type": "input_file", "filename": "a.pdf", "file_data": "data:x"},
        ),
        ({"type": "file", "file": "odd"}, {"type": "file", "file": "odd"}),
        ({"type": "input_file", "file_url": "u"}, {"type": "input_file", "file_url": "u"}),
        ({"type": "input_audio", "input_audio": {}}, {"type": "input_audio", "input_audio": {}}),
        ("odd", "odd"),
    ],
)
def test_parts_take_the_dialect_s_form(part, item):
    assert parts("user", part) == [item]


def test_a_call_is_an_item_of_its_own():
    call = {"id": "i", "type": "function", "function": {"name": "a", "arguments": "{}"}}
    item = {"type": "function_call", "call_id": "i", "name": "a", "arguments": "{}"}
    for content in (None, ""):
        message = {"role": "assistant", "content": content, "tool_calls": [call]}
        assert items.of([message]) == [item]
    message = {"role": "assistant", "content": "Wait.", "tool_calls": [call]}
    assert items.of([message]) == [{"role": "assistant", "content": "Wait."}, item]


def test_arguments_become_text():
    call = {"id": "i", "function": {"name": "a", "arguments": {"b": 1}}}
    (item,) = items.of([{"role": "assistant", "tool_calls": [call]}])
    assert item["arguments"] == '{"b": 1}'


@pytest.mark.parametrize("call", ["odd", {"id": "i", "type": "custom", "custom": {}}])
def test_other_calls_pass_as_they_are(call):
    assert items.of([{"role": "assistant", "tool_calls": [call]}]) == [call]


def test_a_tool_s_result_is_an_output():
    message = {"role": "tool", "tool_call_id": "i", "content": "3"}
    item = {"type": "function_call_output", "call_id": "i", "output": "3"}
    assert items.of([message]) == [item]
    content = [{"type": "text", "text": "3"}]
    assert items.of([message | {"content": content}]) == [
        item | {"output": [{"type": "input_text", "text": "3"}]}
    ]
    assert items.of([message | {"content": None}]) == [item | {"output": ""}]


def test_a_refusal_is_a_part():
    assert items.of([{"role": "assistant", "content": None, "refusal": "No."}]) == [
        {"role": "assistant", "content": [{"type": "refusal", "refusal": "No."}]}
    ]


def test_what_a_chat_service_added_is_left_out():
    message: dict[str, Any] = {
        "role": "assistant",
        "content": "Hi",
        "refusal": None,
        "annotations": [],
        "reasoning_content": "hm",
        "phase": "final_answer",
    }
    assert items.of([message]) == [{"role": "assistant", "content": "Hi", "phase": "final_answer"}]


def test_what_the_recipe_says_of_a_message_stays():
    message = {"type": "message", "role": "user", "content": "Hi", "name": "Ann"}
    assert items.of([message]) == [message]


@pytest.mark.parametrize("item", [{"type": "item_reference", "id": "i"}, "odd"])
def test_the_api_s_own_items_pass_as_they_are(item):
    assert items.of([item]) == [item]


def test_a_message_that_says_nothing_is_none():
    assert items.of([{"role": "assistant", "content": None}]) == []
