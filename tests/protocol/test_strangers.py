"""What a stranger's recipe may ask of the service, and what not."""

import pytest

from runner.model import Ask, Tool
from runner.protocol import endpoints
from runner.protocol.strangers import ENDPOINTS, refusals

HELLO = ({"role": "user", "content": "Hello"},)
PICTURE = "data:image/png;base64,AAAA"


def found(**fields):
    fields = {"endpoint": "responses", "model": "gpt-4.1", **fields}
    return [(refusal.path, refusal.message) for refusal in refusals(Ask(**fields))]


def paths(**fields):
    return [path for path, _ in found(**fields)]


def part(kind, **fields):
    return ({"role": "user", "content": [{"type": kind, **fields}]},)


@pytest.mark.parametrize(
    "name", ["files", "batches.list", "fine_tuning.jobs", "raw", "responses.retrieve"]
)
def test_what_the_account_holds_is_out_of_reach(name):
    assert paths(endpoint=name) == [("endpoint",)]


def test_each_endpoint_is_known():
    assert set(endpoints.MODULES) >= ENDPOINTS


@pytest.mark.parametrize(
    "fields",
    [
        {"messages": HELLO},
        {"messages": part("image_url", image_url={"url": PICTURE})},
        {"input": [{"type": "function_call_output", "call_id": "c", "output": "1"}]},
        {"messages": ({"role": "assistant", "tool_calls": [{"id": "c", "function": {}}]},)},
        {"params": {"metadata": {"id": "x", "file_id": "y"}, "store": False}},
        {"params": {"previous_response_id": None}},
        {"params": {"instructions": "See https://example.com for more"}},
        {"params": {"text": {"format": {"schema": {"properties": {"id": {}, "url": {}}}}}}},
        {"messages": ({"role": "user", "content": [{"type": "input_text", "text": "id"}]},)},
        {"tools": (Tool("f"), Tool("g", raw={"type": "function", "name": "g"}))},
        {"headers": (("X-Client-Request-Id", "1"),)},
        {"endpoint": "images.generations", "prompt": "a house"},
        {"endpoint": "audio.speech", "input": "Hello", "params": {"voice": "nova"}},
        {"endpoint": "moderations", "input": [{"type": "text", "text": "x"}]},
    ],
)
def test_what_harms_nobody_is_let_pass(fields):
    assert not found(**fields)


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"params": {"previous_response_id": "r"}}, ("params", "previous_response_id")),
        ({"params": {"conversation": {"id": "c"}}}, ("params", "conversation")),
        ({"extra": {"top_k": 40}}, ("extra",)),
        ({"extra": {"input": [{"type": "item_reference", "id": "msg_1"}]}}, ("extra",)),
        ({"extra": {"data_sources": [{"type": "azure_search"}]}}, ("extra",)),
        ({"prompt": {"id": "p"}}, ("prompt",)),
        ({"params": {"prompt": {"id": "p"}}}, ("params", "prompt")),
        ({"params": {"store": True}}, ("params", "store")),
        ({"params": {"background": True}}, ("params", "background")),
        ({"params": {"web_search_options": {}}}, ("params", "web_search_options")),
        ({"params": {"tools": [{"type": "function"}, {}]}}, ("params", "tools", 1)),
        ({"params": {"metadata": None, "user": "https://example.com"}}, ("params", "user")),
        ({"endpoint": "realtime", "params": {"tracing": "auto"}}, ("params", "tracing")),
        ({"tools": (Tool("", raw={"type": "web_search"}),)}, ("tools", 0)),
        ({"headers": (("OpenAI-Project", "p"),)}, ("headers", "OpenAI-Project")),
        ({"input": [{"type": "item_reference", "id": "m"}]}, ("input", 0)),
        ({"input": [{"type": "mcp_approval_response"}]}, ("input", 0)),
        ({"input": [{"type": "message", "role": "user", "id": "msg_1"}]}, ("input", 0, "id")),
        ({"input": [{"type": "reasoning", "id": "rs_1"}]}, ("input", 0, "id")),
        ({"messages": ({"role": "assistant", "id": "msg_1"},)}, ("messages", 0, "id")),
        ({"messages": ({"role": "assistant", "audio": {"id": "a"}},)}, None),
        ({"params": {"voice": {"id": "v"}}}, ("params", "voice", "id")),
        ({"endpoint": "images.edits", "params": {"images": [{"file_id": "f"}]}}, None),
        ({"endpoint": "images.edits", "params": {"mask": {"image_url": "http://x"}}}, None),
        ({"messages": part("input_file", file_id="f")}, None),
        ({"messages": part("file", file={"file_id": "f"})}, None),
        ({"messages": part("input_file", file_url="https://example.com/a.pdf")}, None),
        ({"messages": part("image_url", image_url={"url": "https://example.com/a.png"})}, None),
        ({"messages": part("input_image", image_url="file:///etc/passwd")}, None),
        ({"messages": part("video_url", video_url={"url": "http://10.0.0.1/"})}, None),
    ],
)
def test_what_is_not_the_recipes_is_refused_at_its_place(fields, path):
    told = paths(**fields)
    assert told
    assert path is None or path in told


def test_an_item_by_its_id_alone_stands_for_what_is_stored():
    assert ("input", 0) in paths(input=[{"id": "msg_1"}])


def test_a_refusal_says_the_way_out():
    assert all(one.hint for one in refusals(Ask("responses", params={"store": True})))
