"""Asks: a rendered step becomes the record of its endpoint; what does not fit is told in place."""

from __future__ import annotations

import pytest

from runner.errors import RecipeError
from runner.exchange import Timeout
from runner.model import Ask, ResponseSchema, Tool
from runner.recipe import ask, normal
from tests.recipe.trees import plain, refused, tree

BASE = Ask("chat.completions")


def made(text, rendered=None, base=BASE):
    """The record of a step; `rendered` are keys as they came out of rendering."""
    written = normal.normal(tree(text))
    keys = {**plain(written), **(rendered or {})}
    return ask.ask(ask.Reader(keys, written), (), (), base)


def faults(text, rendered=None):
    """What is wrong with a step."""
    return refused(lambda: made(text, rendered))


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        (5, 5.0),
        (0.5, 0.5),
        ("5", 5.0),
        ("500ms", 0.5),
        ("10s", 10.0),
        ("1.5m", 90.0),
        ("2h", 7200.0),
        (" 3 s ", 3.0),
    ],
)
def test_a_duration_is_seconds(written, seconds):
    assert ask.seconds(written) == seconds


@pytest.mark.parametrize(
    "written", ["", "soon", "10 days", "-5s", True, None, "1e3", float("nan"), float("inf"), [1]]
)
def test_anything_else_is_no_duration(written):
    with pytest.raises(ValueError, match="expected a duration such as 10s"):
        ask.seconds(written)


@pytest.mark.parametrize("written", ["745h", "9" * 30 + "h", 10**400, 1e300, "2678401"])
def test_no_duration_is_endless(written):
    with pytest.raises(ValueError, match="of 31 days at most"):
        ask.seconds(written)


@pytest.mark.parametrize(
    ("written", "timeout"),
    [
        (None, Timeout(10, 600, 600)),
        ("60s", Timeout(10, 60, 60)),
        ("5s", Timeout(5, 5, 5)),
        ({"idle": "30s"}, Timeout(10, 30, 600)),
        ({"connect": 1, "idle": "2s", "total": "3m"}, Timeout(1, 2, 180)),
    ],
)
def test_a_timeout_is_one_duration_or_three(written, timeout):
    assert ask.timeout_of(written, Timeout()) == timeout


@pytest.mark.parametrize("written", ["0", "{idle: 0s}", "soon", "{total: soon}", "-1", "800h"])
def test_a_deadline_is_a_time(written):
    (fault,) = faults(f"timeout: {written}\n")
    assert fault.startswith("1:10 timeout: ")


def test_a_step_that_says_nothing_has_the_defaults():
    base = Ask("x", model="m", headers=(("A", "b"),), retries=4, run_id="r", stream=None)
    assert made("endpoint: x\nmodel: m", base=base) == base


def test_each_key_has_its_field():
    found = made(
        """
        model: m
        id: 5
        input: [{a: 1}]
        prompt: {id: p}
        params: {seed: 7}
        extra: {top_k: 3}
        tool_choice: auto
        max_tool_rounds: 0
        stream: false
        retries: 0
        timeout: 5s
        """
    )
    assert (found.model, found.id, found.input, found.prompt) == ("m", "5", [{"a": 1}], {"id": "p"})
    assert (found.params, found.extra) == ({"seed": 7}, {"top_k": 3})
    assert (found.tool_choice, found.max_tool_rounds) == ("auto", 0)
    assert (found.stream, found.retries, found.timeout) == (False, 0, Timeout(5, 5, 5))
    assert found.messages is None


def test_tools_and_files_pass_through():
    tool = Tool("add")
    found = ask.ask(ask.Reader({}, tree("{}")), (tool,), (), BASE)
    assert found.tools == (tool,)


@pytest.mark.parametrize("value", [4.1, True])
def test_text_may_be_a_number_or_a_boolean(value):
    assert made("model: x", {"model": value}).model == str(value).lower()


@pytest.mark.parametrize(
    ("key", "value", "wanted"),
    [
        ("model", None, "expected text, got null"),
        ("model", {}, "expected text, got a mapping"),
        ("id", [1], "expected text, got a list"),
        ("params", None, "expected a mapping, got null"),
        ("params", "x", "expected a mapping, got 'x'"),
        ("extra", [], "expected a mapping, got an empty list"),
        ("stream", "yes", "expected true or false, got 'yes'"),
        ("stream", 1, "expected true or false, got 1"),
        ("retries", -1, "expected a whole number from 0 to 100, got -1"),
        ("retries", 101, "expected a whole number from 0 to 100, got 101"),
        ("retries", True, "expected a whole number from 0 to 100, got True"),
        ("max_tool_rounds", 1.5, "expected a whole number from 0, got 1.5"),
        ("messages", "Hi", "expected a list of messages, got 'Hi'"),
        ("messages", [], "expected a list of messages, got an empty list"),
        ("messages", {"a": 1}, "expected a list of messages, got a mapping"),
        ("response_schema", "x", "expected a JSON Schema, got 'x'"),
        ("response_schema", [1], "expected a JSON Schema, got a list"),
    ],
)
def test_what_does_not_fit_is_told_where_it_stands(key, value, wanted):
    (fault,) = faults(f"a: 1\n{key}: x\n", {key: value})
    assert fault == f"2:{len(key) + 3} {key}: {wanted}"


def test_all_faults_are_told_at_once():
    found = faults("retries: -1\nstream: maybe\nheaders: {Host: x}\n")
    assert len(found) == 3


def test_messages_are_the_api_s_form():
    found = made("messages: [{system: S}, {user: [a, {image: https://a/b}]}]", {
        "messages": [
            {"role": "system", "content": "S"},
            {"role": "user", "content": [{"type": "text", "text": 5}, {"type": "image_url"}]},
        ]
    })  # fmt: skip
    assert found.messages == (
        {"role": "system", "content": "S"},
        {"role": "user", "content": [{"type": "text", "text": "5"}, {"type": "image_url"}]},
    )


@pytest.mark.parametrize(
    "message",
    [
        {"role": "assistant", "content": None, "tool_calls": []},
        {"role": "assistant", "tool_calls": []},
        {"type": "function_call_output", "call_id": "i", "output": "3"},
        {"role": "user", "content": [{"type": "text", "text": "a", "extra": 1}]},
        {"role": "user", "content": "a", "name": "Ann"},
    ],
)
def test_messages_of_a_variable_are_taken_as_they_are(message):
    assert made("messages: [{user: x}]", {"messages": [message]}).messages == (message,)


def test_parts_of_a_variable_may_be_text():
    found = made("messages: [{user: x}]", {"messages": [{"role": "user", "content": ["a", 5]}]})
    assert found.messages == (
        {"role": "user", "content": [{"type": "text", "text": t} for t in ("a", "5")]},
    )


@pytest.mark.parametrize(
    ("message", "where"),
    [
        ("text", "messages.0"),
        ({}, "messages.0"),
        ({"usr": "Hi"}, "messages.0"),
        ([], "messages.0"),
        ({"role": "user", "content": None}, "messages.0.content"),
        ({"role": "user", "content": {"a": 1}}, "messages.0.content"),
        ({"role": "user", "content": [None]}, "messages.0.content.0"),
        ({"role": "user", "content": [[]]}, "messages.0.content.0"),
        ({"role": "user", "content": [{"type": "text"}]}, "messages.0.content.0"),
    ],
)
def test_what_is_no_message_is_told(message, where):
    (fault,) = faults("messages: [{user: x}]", {"messages": [message]})
    assert f" {where}: expected " in fault


def test_a_role_with_a_slip_is_recognised():
    (fault,) = faults("messages: [{usr: Hi}]")
    assert "expected a message, got a mapping with the key 'usr'" in fault


@pytest.mark.parametrize(
    ("schema", "name"),
    [
        ({"type": "object"}, "reply"),
        ({"title": "An article!"}, "An_article_"),
        ({"title": "x" * 100}, "x" * 64),
    ],
)
def test_a_schema_is_named_by_its_title(schema, name):
    found = made("response_schema: {type: object}", {"response_schema": schema})
    assert found.response_schema == ResponseSchema(name, schema, True)


def test_a_schema_s_file_may_say_more():
    text = "response_schema: {file: s.json, name: mine, strict: false}"
    found = made(text, {"response_schema": {"title": "other"}})
    assert found.response_schema == ResponseSchema("mine", {"title": "other"}, False)


def test_a_field_called_file_is_none():
    schema = {"properties": {"file": {"type": "string"}}}
    found = made("response_schema: {properties: {file: {}}}", {"response_schema": schema})
    assert found.response_schema == ResponseSchema("reply", schema, True)


def test_headers_follow_the_defaults():
    base = BASE._replace(headers=(("A", "1"),))
    assert made("headers: {X-B: 2, C: true}", base=base).headers == (
        ("A", "1"),
        ("X-B", "2"),
        ("C", "true"),
    )


@pytest.mark.parametrize(
    "name", ["Authorization", "api-key", "HOST", "Cookie", "content-length", "Content-Type"]
)
@pytest.mark.parametrize("at", ["headers", "request"])
def test_a_recipe_sets_no_key_and_no_host(name, at):
    """The headers of a raw request are a recipe's headers too."""
    headers = f"headers: {{{name}: x}}"
    text = headers if at == "headers" else f"request: {{path: x, {headers}}}"
    if (at, name) == ("request", "Content-Type"):
        assert made(text).request["headers"] == {"Content-Type": "x"}
        return
    (fault,) = faults(text)
    assert f"a recipe may not set the header {name}" in fault


@pytest.mark.parametrize(
    ("name", "variable"),
    [("OpenAI-Organization", "OPENAI_ORG_ID"), ("openai-project", "OPENAI_PROJECT_ID")],
)
def test_a_recipe_does_not_say_who_pays(name, variable):
    with pytest.raises(RecipeError) as caught:
        made(f"headers: {{{name}: x}}")
    (fault,) = caught.value.faults
    assert fault.message == f"a recipe may not set the header {name}"
    assert fault.hint == f"who pays is for your side to say: set {variable}"


@pytest.mark.parametrize(
    ("name", "value"), [("a b", "x"), ("", "x"), ("A", "x\r\nHost: y"), ("A", "ä"), ("A:", "x")]
)
def test_a_header_is_one_line_of_ascii(name, value):
    (fault,) = faults("headers: {A: x}", {"headers": {name: value}})
    assert "expected ASCII text without line breaks" in fault


def test_a_header_s_value_is_text():
    (fault,) = faults("headers: {A: x}", {"headers": {"A": None}})
    assert fault.endswith("headers.A: expected text, got null")


def test_a_raw_request_is_kept():
    found = made("request: {method: POST, path: a/b, body: {c: 1}, query: {d: 2}}").request
    assert found == {
        "method": "POST",
        "path": "a/b",
        "body": {"c": 1},
        "query": {"d": 2},
        "headers": {},
    }
    assert made("model: m").request == {}


@pytest.mark.parametrize(
    "path",
    [
        "../admin",
        "a/../../b",
        "/..",
        "a/%2E%2e/b",
        "a\\..\\b",
        "..%2fb",
        "https://evil.example/x",
        "//evil.example/x",
    ],
)
def test_a_path_stays_below_the_base_url(path):
    (fault,) = faults("request: {path: x}", {"request": {"path": path}})
    assert fault.startswith("1:17 request.path: expected a path below the base URL")


@pytest.mark.parametrize("path", ["x?next=https://a/../b", "a..b/c", "models/ft:x"])
def test_what_only_looks_like_leaving_is_fine(path):
    assert made("request: {path: x}", {"request": {"path": path}}).request["path"] == path


def test_a_path_is_text():
    (fault,) = faults("request: {path: x}", {"request": {"path": None}})
    assert fault.endswith("request.path: expected text, got null")
