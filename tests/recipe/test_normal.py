"""The normal form: every shorthand becomes one form, and local files become references."""

from __future__ import annotations

import pytest

from runner.model import Fixed, Ref
from runner.recipe import normal
from tests.recipe.trees import plain, tree


def shown(value):
    """Tell references and what is kept from rendering in short."""
    if isinstance(value, Ref):
        return (value.kind, value.path, *sorted(value.options.items()))
    if isinstance(value, Fixed):
        return {"fixed": shown(value.value)}
    if isinstance(value, dict):
        return {key: shown(item) for key, item in value.items()}
    return [shown(item) for item in value] if isinstance(value, list) else value


def made(text):
    """The normal form of a step."""
    return shown(normal.normal(tree(text)))


def content(text):
    """The content of a user's message."""
    return made(f"messages: [{{user: {text}}}]")["messages"][0]["content"]


@pytest.mark.parametrize("role", ["system", "developer", "user", "assistant", "tool", "function"])
def test_a_role_is_short_for_a_message(role):
    assert made(f"messages: [{{{role}: Hi}}]") == {"messages": [{"role": role, "content": "Hi"}]}


def test_other_fields_of_a_message_stay():
    assert made("messages: [{tool: '3', tool_call_id: i}]")["messages"] == [
        {"role": "tool", "content": "3", "tool_call_id": "i"}
    ]


@pytest.mark.parametrize(
    "message",
    [
        "{role: user, content: Hi}",
        "{role: assistant, tool_calls: [{id: i, function: {name: f, arguments: '{}'}}]}",
        "{type: item_reference, id: i}",
        "{role: user, content: [{type: image_url, image_url: {url: u}}], user: name}",
        "text",
    ],
)
def test_the_api_s_own_form_is_taken_as_it_is(message):
    assert made(f"messages: [{message}]") == {"messages": [plain(tree(message))]}


@pytest.mark.parametrize(
    ("written", "parts"),
    [
        ("[a, 5]", [{"type": "text", "text": "a"}, {"type": "text", "text": 5}]),
        ("[{image: a.png}]", [("image", "a.png")]),
        ("[{image: a.png, detail: low}]", [("image", "a.png", ("detail", "low"))]),
        ("[{audio: a.wav}]", [("audio", "a.wav")]),
        ("[{file: a.pdf}]", [("part", "a.pdf")]),
        ("[{file_id: f}]", [{"type": "file", "file": {"file_id": "f"}}]),
        ("[{type: input_audio, input_audio: {data: x}}]", None),
        ("[{odd: 1}]", [{"odd": 1}]),
        ("{image: a.png}", [("image", "a.png")]),
        ("{file: a.pdf}", [("part", "a.pdf")]),
        ("{file: a.md}", ("file", "a.md")),
        ("[{file: a.md}]", [("part", "a.md")]),
    ],
)
def test_parts_take_the_api_s_form(written, parts):
    assert content(written) == (plain(tree(written)) if parts is None else parts)


@pytest.mark.parametrize("text", ["Hi", "5", "'{{ x }}'", "null"])
def test_content_that_is_no_list_stays(text):
    assert content(text) == plain(tree(text))


def test_a_whole_message_or_all_of_them_may_be_a_file():
    assert made("messages: [{file: m.json}]") == {"messages": [("file", "m.json")]}
    assert made("messages: {file: m.json}") == {"messages": ("file", "m.json")}


def test_a_list_of_messages_may_be_a_template():
    assert made("messages: '{{ x }}'") == {"messages": "{{ x }}"}


@pytest.mark.parametrize(
    ("written", "files"),
    [
        ("[a.png, https://a/b.pdf]", [("attachment", "a.png"), ("attachment", "https://a/b.pdf")]),
        ("[{file: a.png}]", [("attachment", "a.png")]),
        ("[{file: a.png, as: mask}]", [("attachment", "a.png", ("as", "mask"))]),
        ("'{{ files }}'", "{{ files }}"),
        ("[5]", [5]),
    ],
)
def test_attachments_are_references(written, files):
    assert made(f"attachments: {written}") == {"attachments": files}


@pytest.mark.parametrize(
    "text",
    [
        "params: {stop: {file: a.json}}",
        "input: [{role: user, content: {file: a.json}}]",
        "extra: {a: [[{file: a.json}]]}",
        "request: {path: x, body: {file: a.json}}",
    ],
)
def test_a_file_may_stand_for_any_value(text):
    assert "('file', 'a.json')" in str(made(text))


@pytest.mark.parametrize("value", ["{file: a, other: b}", "{file: {name: a}}", "{file: [a]}"])
def test_what_only_looks_like_a_file_stays(value):
    assert made(f"params: {{x: {value}}}") == {"params": {"x": plain(tree(value))}}


def test_references_know_where_they_stand():
    found = normal.normal(tree("messages:\n  - user: [{image: a.png}]\n"))
    ref = found["messages"][0]["content"][0]
    assert (ref.mark.file, ref.mark.line, ref.mark.column) == ("r.yaml", 2, 20)


@pytest.mark.parametrize(
    ("written", "schema"),
    [
        ("{type: object}", {"fixed": {"type": "object"}}),
        ("{file: s.json}", ("file", "s.json")),
        (
            "{file: s.json, name: n, strict: false}",
            ("file", "s.json", ("name", "n"), ("strict", False)),
        ),
        ("{file: {type: string}}", {"fixed": {"file": {"type": "string"}}}),
    ],
)
def test_a_schema_is_no_template_but_its_path_is(written, schema):
    assert made(f"response_schema: {written}") == {"response_schema": schema}


def test_schemas_and_expressions_of_expectations_are_kept_from_rendering():
    text = """
        - that: "{{ a > 1 }}"
        - not: {that: "{{ b }}"}
        - json: {schema: {const: "{{ c }}"}}
        - text: {equals: "{{ d }}"}
    """
    assert shown(normal.NORMAL["expect"](tree(text))) == [
        {"that": {"fixed": "{{ a > 1 }}"}},
        {"not": {"that": {"fixed": "{{ b }}"}}},
        {"json": {"schema": {"fixed": {"const": "{{ c }}"}}}},
        {"text": {"equals": "{{ d }}"}},
    ]


def test_fields_of_those_names_are_rendered():
    """Only an expectation's own keys are kept: a reply may have fields of any name."""
    text = """
        - json: {that: "{{ a }}", if: {equals: "{{ b }}"}, schema: "{{ c }}", until: "{{ d }}"}
        - json: {schema: {equals: "{{ e }}"}, until: {contains: "{{ f }}"}}
        - parsed: {a: {schema: {const: "{{ g }}"}}, schema: {type: object}}
        - tool_calls: [{name: n, arguments: {that: "{{ h }}", schema: "{{ i }}"}}]
        - events: [{that: "{{ j }}"}, {if.schema: {schema: {type: object}}}]
        - judge: {model: "{{ k }}", rubric: r, params: {a: {schema: "{{ m }}"}}}
        - not: {headers: {that: "{{ n }}"}}
        - text: {schema: {file: s.json}}
    """
    found = shown(normal.NORMAL["expect"](tree(text)))
    fixed = [*_fixed(found)]
    assert fixed == [{"const": "{{ g }}"}, {"type": "object"}, ("file", "s.json")]


def _fixed(value):
    if isinstance(value, dict) and set(value) == {"fixed"}:
        yield value["fixed"]
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _fixed(item)


def test_so_are_conditions_and_polls():
    text = 'if: "{{ a }}"\npoll: {until: "{{ b }}", fail_if: "{{ c }}", every: "{{ d }}"}\n'
    assert made(text) == {
        "if": {"fixed": "{{ a }}"},
        "poll": {
            "until": {"fixed": "{{ b }}"},
            "fail_if": {"fixed": "{{ c }}"},
            "every": "{{ d }}",
        },
    }
    assert made("if: true") == {"if": {"fixed": True}}


def test_so_are_a_tool_s_schema_and_its_answer():
    text = 'tools: [a, {name: b, parameters: {x: {type: string}}, returns: "{{ arguments.x }}"}]'
    assert made(text)["tools"] == [
        "a",
        {
            "name": "b",
            "parameters": {"fixed": {"x": {"type": "string"}}},
            "returns": {"fixed": "{{ arguments.x }}"},
        },
    ]


def test_outputs_stay_as_written():
    assert made("output: {text: a.md}") == {"output": {"text": "a.md"}}


def test_files_of_expectations_are_read_and_never_rendered():
    written = normal.NORMAL["expect"](
        tree("[{text: {equals: {file: a.txt}}}, {json: {schema: {file: s.json}}}, {status: 200}]")
    )
    found = shown(normal.settled(written, lambda ref: f"of {ref.path}"))
    assert found == [
        {"text": {"equals": {"fixed": "of a.txt"}}},
        {"json": {"schema": {"fixed": "of s.json"}}},
        {"status": 200},
    ]
    kept = Fixed("x")
    assert normal.settled(kept, lambda ref: 1 / 0) is kept
