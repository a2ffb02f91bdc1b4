"""The language: what a recipe says is what is sent; each line of it by an example."""

from __future__ import annotations

from textwrap import dedent

import pytest

from runner.exchange import JsonBody
from runner.recipe.values import Given
from tests.desk import CHAT, HELLO, PAGE, PICTURE, Desk


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def given(value, text=True):
    return Given(value, "--var", text)


def test_nothing_is_added_that_the_recipe_does_not_say(desk):
    sent = desk.call(HELLO)
    assert (sent.method, sent.url) == ("POST", "https://api.openai.com/v1/chat/completions")
    assert sent.headers == ()
    assert sent.body == JsonBody({"model": "m", "messages": [{"role": "user", "content": "Hello"}]})


def test_includes_are_rendered_as_if_written_there(desk):
    head = f"vars: {{name: Piet, tone: kind}}\n{CHAT}"
    assert desk.said("[{system: {include: guide.md}}, {include: piet.yaml}]", head) == [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "My dog's name is Piet"},
        {"role": "system", "content": "deep"},
    ]


def test_any_value_may_be_included(desk):
    text = f"vars: {{include: vars.yaml}}\n{HELLO}params: {{include: params.yaml}}\n"
    assert desk.body(text)["stop"] == ["Piet"]
    assert desk.body(text)["seed"] == 7


def test_the_path_of_an_include_may_be_a_template(desk):
    head = f"vars: {{tone: kind, which: guide}}\n{CHAT}"
    assert desk.said("[{user: {include: '{{ which }}.md'}}]", head)[0]["content"] == "Be kind."


def test_a_file_is_data_and_never_rendered(desk):
    head = f"vars: {{d: {{file: data.txt}}}}\n{CHAT}"
    assert desk.said("[{user: '{{ d }}'}, {user: 'so: {{ d }}'}]", head) == [
        {"role": "user", "content": "{{ raw }}"},
        {"role": "user", "content": "so: {{ raw }}"},
    ]
    assert desk.body(f"{HELLO}params: {{stop: {{file: data.txt}}}}\n")["stop"] == "{{ raw }}"


@pytest.mark.parametrize("value", ["7", "true", "0.5"])
@pytest.mark.parametrize(
    ("endpoint", "key"),
    [
        ("embeddings", "input"),
        ("moderations", "input"),
        ("completions", "prompt"),
        ("images.generations", "prompt"),
        ("audio.speech", "input"),
    ],
)
def test_a_number_or_boolean_that_is_asked_becomes_text(desk, endpoint, key, value):
    for written in (value, '"{{ v }}"'):
        text = f"vars: {{v: {value}}}\nendpoint: {endpoint}\nmodel: m\n{key}: {written}\n"
        text += "params: {voice: nova}\n" if endpoint == "audio.speech" else ""
        assert desk.body(text)[key] == value


def test_short_messages_are_no_items_of_the_api(desk):
    head = "endpoint: responses\nmodel: m\n"
    told = desk.refused(f"{head}input: [{{role: user, content: a}}, {{user: hi}}]\n")
    assert told == ["3: expected an item of the API, got a mapping with the key 'user'"]


def test_a_number_of_a_template_is_text_where_params_take_text_alone(desk):
    head = f"vars: {{n: 5, m: {{a: 1.5, b: true}}}}\n{HELLO}"
    body = desk.body(f"{head}params: {{metadata: {{id: '{{{{ n }}}}'}}, seed: '{{{{ n }}}}'}}\n")
    assert (body["metadata"], body["seed"]) == ({"id": "5"}, 5)
    body = desk.body(f"{head}params: {{metadata: '{{{{ m }}}}', stop: ['{{{{ n }}}}', b]}}\n")
    assert (body["metadata"], body["stop"]) == ({"a": "1.5", "b": "true"}, ["5", "b"])
    assert desk.refused(f"{HELLO}params: {{metadata: {{id: 5}}}}\n") == ["4: expected text, got 5"]
    told = desk.refused(f"vars: {{n: null}}\n{HELLO}params: {{metadata: {{id: '{{{{ n }}}}'}}}}\n")
    assert told == ["5: expected text, got nothing"]


def test_parts_of_a_message(desk):
    parts = "[look, {image: a.png, detail: low}, {audio: a.wav}, {file: a.pdf}, {file: data.txt}]"
    assert desk.said(f"[{{user: {parts}}}]")[0]["content"] == [
        {"type": "text", "text": "look"},
        {"type": "image_url", "image_url": {"url": PICTURE, "detail": "low"}},
        {"type": "input_audio", "input_audio": {"data": "UklGRjAwMDBXQVZF", "format": "wav"}},
        {"type": "file", "file": {"filename": "a.pdf", "file_data": PAGE}},
        {"type": "text", "text": "data.txt:\n\n{{ raw }}\n"},
    ]


@pytest.mark.parametrize("part", ["{image: a.wav}", "{audio: a.png}", "{image: a.pdf}"])
def test_a_part_is_what_it_says(desk, part):
    (fault,) = desk.refused(f"{CHAT}messages: [{{user: [{part}]}}]\n")
    assert "expected" in fault
    assert fault.startswith("3: ")


@pytest.mark.parametrize(
    "asked",
    [
        "messages: [{user: What?}, {assistant: Hm}]",
        "input: What?",
        "input: [{role: user, content: What?}]",
    ],
)
def test_attachments_join_the_last_user_message(desk, asked):
    body = desk.body(f"endpoint: responses\nmodel: m\n{asked}\nattachments: [a.png]\n")
    assert body["input"][0] == {
        "role": "user",
        "content": [
            {"type": "input_text", "text": "What?"},
            {"type": "input_image", "image_url": PICTURE},
        ],
    }


def test_attachments_may_be_a_variable(desk):
    text = f"vars: {{f: [a.png, a.pdf]}}\n{HELLO}attachments: '{{{{ f }}}}'\n"
    assert [part["type"] for part in desk.body(text)["messages"][0]["content"]] == [
        "text",
        "image_url",
        "file",
    ]


def test_messages_serve_responses_in_its_own_dialect(desk):
    text = """
        endpoint: responses
        model: m
        messages:
          - developer: Be kind.
          - user: [{image: 'https://a.example/a.png'}, {file_id: f}]
    """
    assert desk.body(text)["input"] == [
        {"role": "developer", "content": "Be kind."},
        {
            "role": "user",
            "content": [
                {"type": "input_image", "image_url": "https://a.example/a.png"},
                {"type": "input_file", "file_id": "f"},
            ],
        },
    ]


def test_messages_that_come_from_a_variable_are_data(desk):
    rows = (
        '[{"role": "user", "content": "{{ x }}"}, {"role": "user", "content": {"file": "a.png"}}]'
    )
    text = f"vars: {{m: [{{role: user, content: x}}]}}\n{CHAT}messages: '{{{{ m }}}}'\n"
    assert desk.body(text)["messages"] == [{"role": "user", "content": "x"}]
    (fault,) = desk.refused(text, given={"m": given(rows)})
    assert "expected text, got a mapping" in fault


@pytest.mark.parametrize("endpoint", ["chat.completions", "responses"])
@pytest.mark.parametrize(
    ("schema", "name", "strict"),
    [
        ("{type: object, title: an answer}", "an_answer", True),
        ("{file: shape.json}", "an_answer", True),
        ("{file: shape.json, name: mine, strict: false}", "mine", False),
        ("{include: shape.json}", "an_answer", True),
        ("{type: object}", "reply", True),
    ],
)
def test_a_response_schema_has_three_forms(desk, endpoint, schema, name, strict):
    text = f"endpoint: {endpoint}\nmodel: m\nmessages: [{{user: a}}]\nresponse_schema: {schema}\n"
    body = desk.body(text)
    chat = endpoint == "chat.completions"
    form = body["response_format"]["json_schema"] if chat else body["text"]["format"]
    assert (form["name"], form["strict"]) == (name, strict)
    assert form["schema"]["type"] == "object"
    assert form["schema"].get("default", "{{ x }}") == "{{ x }}"


def test_templates_keep_types_and_tell_json_in_text(desk):
    body = desk.body(
        """
        vars: {n: 7, t: true, m: {a: x}, l: [1], z: null}
        endpoint: chat.completions
        model: m
        messages: [{user: "{{ t }} {{ m }} {{ l }} {{ z }}"}, {user: "{{ n }}"}]
        params: {seed: "{{ n }}", metadata: "{{ m }}"}
        """
    )
    texts = [message["content"] for message in body["messages"]]
    assert texts == ['true {"a": "x"} [1] null', "7"]
    assert (body["seed"], body["metadata"]) == (7, {"a": "x"})


@pytest.mark.parametrize("value", ["null", "{a: 1}"])
def test_null_and_mappings_are_no_text(desk, value):
    (fault,) = desk.refused(f"vars: {{x: {value}}}\n{CHAT}messages: [{{user: '{{{{ x }}}}'}}]\n")
    assert "expected text, got" in fault


def test_which_value_wins(desk):
    desk.write("runner.yaml", "vars: {a: project, b: project, c: project, d: project}\n")
    desk.write("base.yaml", "vars: {b: extends, c: extends, d: extends}\n")
    text = f"extends: base.yaml\nvars: {{c: recipe, d: recipe}}\n{CHAT}"
    text += "messages: [{user: '{{ a }} {{ b }} {{ c }} {{ d }}'}]\n"
    body = desk.body(text, given={"d": given("line")})
    assert body["messages"][0]["content"] == "project extends recipe line"


def test_variables_take_the_types_of_their_schema(desk):
    head = f"vars_schema: {{file: names.json}}\nvars: {{name: x}}\n{CHAT}"
    text = f"{head}messages: [{{user: '{{{{ name }}}}'}}]\nparams: {{seed: '{{{{ n }}}}'}}\n"
    body = desk.body(text, given={"n": given("7"), "name": given("8")})
    assert (body["seed"], body["messages"][0]["content"]) == (7, "8")
    (fault,) = desk.refused(text, given={"n": given("7", text=False), "name": given("8")})
    assert "n: expected a whole number" in fault


def test_a_variable_that_nothing_reads_is_an_error(desk):
    (fault,) = desk.refused(HELLO, given={"city": given("x")})
    assert "nothing reads the variable 'city'" in fault


def test_the_environment_is_declared(desk):
    text = f"env: [A, {{B: b}}]\n{CHAT}messages: [{{user: '{{{{ env.A }}}}{{{{ env.B }}}}'}}]\n"
    sent = desk.call(text, {"A": "a"})
    assert isinstance(sent.body, JsonBody)
    assert sent.body.value["messages"][0]["content"] == "ab"
    (fault,) = desk.refused(text)
    assert fault == "4: the environment variable A is not set"
    (fault,) = desk.refused(f"{CHAT}messages: [{{user: '{{{{ env.A }}}}'}}]\n", environ={"A": "a"})
    assert fault == "3: the environment variable A is not declared"


@pytest.mark.parametrize(
    "path", ["../a.png", "/etc/passwd", ".env", "deep/../../x.png", "deep/.hidden"]
)
def test_paths_stay_within_the_project(desk, path):
    desk.write("deep/.hidden", "x")
    desk.write(".env", "x")
    assert len(desk.refused(f"{CHAT}messages: [{{user: [{{image: {path}}}]}}]\n")) == 1
    assert len(desk.refused(f"{CHAT}messages: [{{user: {{include: {path}}}}}]\n")) == 1


def test_a_file_that_an_expectation_names_is_there(desk):
    desk.call(f"{HELLO}expect: [{{text: {{equals: {{file: data.txt}}}}}}]\n")
    (fault,) = desk.refused(f"{HELLO}expect: [{{text: {{equals: {{file: gone.txt}}}}}}]\n")
    assert fault.startswith("4: ")
    steps = "steps: [{name: a, endpoint: models}]\n"
    (fault,) = desk.refused(f"{steps}expect: [{{text: {{equals: {{file: gone.txt}}}}}}]\n")
    assert fault.startswith("2: ")


def test_params_are_checked_and_extra_is_not(desk):
    body = desk.body(f"{HELLO}params: {{seed: 7}}\nextra: {{top_k: any}}\n")
    assert (body["seed"], body["top_k"]) == (7, "any")
    assert len(desk.refused(f"{HELLO}params: {{sed: 7, n: two}}\n")) == 2


def test_headers_are_said_but_no_key(desk):
    assert desk.call(f"{HELLO}headers: {{X-A: 1}}\n").headers == (("X-A", "1"),)
    (fault,) = desk.refused(f"{HELLO}headers: {{authorization: x}}\n")
    assert "a recipe may not set the header authorization" in fault


def test_steps_may_be_included(desk):
    message = "messages: [{user: A}]"
    desk.write("steps.yaml", f"[{{endpoint: chat.completions, model: m, {message}}}]")
    assert desk.body("steps: [{include: steps.yaml}]\n")["messages"][0]["content"] == "A"


def test_an_azure_project_speaks_by_its_deployments(desk):
    desk.write(
        "runner.yaml",
        dedent("""
            providers:
              mine:
                kind: azure
                base_url: https://r.openai.azure.com
                api_version: "2024-10-21"
                api_key: {env: MY_KEY}
                models: {m: my-m}
                headers: {X-Team: a}
        """),
    )
    sent = desk.call(f"provider: mine\n{HELLO}")
    root = "https://r.openai.azure.com/openai/deployments/my-m/chat/completions"
    assert sent.url == f"{root}?api-version=2024-10-21"
    assert (sent.key, sent.headers) == (("api-key", "", "MY_KEY"), (("X-Team", "a"),))
    assert sent.body == JsonBody({"messages": [{"role": "user", "content": "Hello"}]})
    assert desk.refused(f"provider: mine\nenv: [MY_KEY]\n{HELLO}")
