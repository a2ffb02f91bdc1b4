"""A recipe becomes a plan: what it reads of the environment, its variables, and what it may not."""

import pytest

from runner.errors import RecipeError
from tests.engine.playing import CHAT, HELLO, chat, planned, play, written

KEYS = {"OPENAI_API_KEY": "sk-sentinel-0123456789"}


def refused(folder, text, environ=KEYS, **options):
    with pytest.raises(RecipeError) as caught:
        planned(folder, text, environ, **options)
    return str(caught.value)


def test_only_what_is_declared_of_the_environment_is_there(tmp_path):
    text = "env: [HOME, {LANG: C}]\nsecrets: [TOKEN, {OTHER: default-0123}]\n" + HELLO
    environ = {**KEYS, "HOME": "/h", "TOKEN": "tok-0123456", "MORE": "x"}
    made = planned(tmp_path, text, environ)
    assert made.context["env"] == {
        "HOME": "/h",
        "LANG": "C",
        "TOKEN": "tok-0123456",
        "OTHER": "default-0123",
    }
    assert set(made.secrets) == {"tok-0123456", "default-0123"}


def test_the_environment_beats_its_default(tmp_path):
    assert planned(tmp_path, "env: [{A: 1}]\n" + HELLO, {"A": "2"}).context["env"] == {"A": "2"}
    assert planned(tmp_path, "env: [{A: 1}]\n" + HELLO, {}).context["env"] == {"A": "1"}


@pytest.mark.parametrize("section", ["env", "secrets"])
@pytest.mark.parametrize(
    "name", ["OPENAI_API_KEY", "AZURE_OPENAI_API_KEY", "AZURE_OPENAI_AD_TOKEN", "MY_KEY"]
)
def test_a_providers_key_can_never_be_named(tmp_path, section, name):
    written(tmp_path, {"runner.yaml": "providers: {mine: {api_key: {env: MY_KEY}}}"})
    told = refused(tmp_path, f"{section}: [{name}]\n" + HELLO)
    assert f"{name} is a provider's key" in told
    assert "case.recipe.yaml:1:" in told


@pytest.mark.parametrize("key_file", ["key.txt", ".env", "more.env"])
def test_a_file_that_holds_a_key_can_never_be_read(tmp_path, key_file):
    files = {
        "runner.yaml": "env_file: [.env, more.env]\n"
        "providers: {mine: {api_key: {file: key.txt}}}\nallow_paths: [.]\n",
        **dict.fromkeys(("key.txt", ".env", "more.env"), "A=sk-sentinel-9876543210"),
    }
    written(tmp_path, files)
    told = refused(tmp_path, HELLO.replace("Hello", f"{{include: {key_file}}}"))
    assert "holds a key" in told
    assert "sk-sentinel" not in told


def test_a_secret_that_is_short_is_refused_and_not_shown(tmp_path):
    told = refused(tmp_path, "secrets: [PIN]\n" + HELLO, {"PIN": "1234567"})
    assert "fewer than 8 characters" in told
    assert "1234567" not in told


def test_unset_secrets_get_placeholders_offline_alone(tmp_path):
    text = "secrets: [TOKEN]\n" + HELLO.replace("Hello", "'{{ env.TOKEN }}'")
    assert planned(tmp_path, text, {}, offline=True).context["env"]["TOKEN"]
    assert planned(tmp_path, text, {}, provider="offline").context["env"]["TOKEN"]
    assert "TOKEN is not set" in refused(tmp_path, text, {})


def test_what_is_not_declared_is_undefined(tmp_path):
    told = refused(tmp_path, HELLO.replace("Hello", "'{{ env.HOME }}'"), {"HOME": "/h"})
    assert "HOME is not declared" in told
    assert "case.recipe.yaml:3:" in told


@pytest.mark.parametrize(
    "more",
    [
        "attachments: ['{{ env.HOME }}/x.md']",
        "attachments: [{file: '{{ env.HOME }}', as: x}]",
        "messages: [{user: [{image: '{{ env.HOME }}'}]}]",
        "messages: [{user: [{image: 'https://host/{{ env.HOME }}'}]}]",
        "messages: [{user: {include: '{{ env.HOME }}'}}]",
        "messages: [{user: [{type: image_url, image_url: {url: 'https://h/{{ env.HOME }}'}}]}]",
        "extra: {x: {file: '{{ env.HOME }}'}}",
        "output: {text: '{{ env.HOME }}.md'}",
        "output: [{content: x, to: '{{ env.HOME }}.md'}]",
        "vars: {v: '{{ env.HOME }}'}\nattachments: ['{{ v }}']",
        "vars: {w: '{{ env.HOME }}', v: '{{ w }}'}\noutput: {text: '{{ v }}.md'}",
    ],
)
def test_a_value_of_the_environment_enters_no_path_and_no_address(tmp_path, more):
    text = "env: [HOME]\nendpoint: chat.completions\nmodel: m\n" + more + "\n"
    text += "" if "messages" in more else "messages: [{user: x}]\n"
    written(tmp_path, {"x.md": "x"})
    assert "environment" in refused(tmp_path, text, {"HOME": "x.md"})


@pytest.mark.parametrize(
    "step",
    [
        "{endpoint: responses.retrieve, id: '{{ env.HOME }}'}",
        "{endpoint: raw, request: {path: 'x/{{ env.HOME }}'}}",
        "{endpoint: raw, request: {path: x, query: {a: '{{ env.HOME }}'}}}",
        "{endpoint: models, vars: {v: '{{ env.HOME }}'}, output: {text: '{{ v }}.md'}}",
        "{endpoint: models, for_each: ['{{ env.HOME }}'], output: {text: '{{ item }}.md'}}",
    ],
)
def test_nor_those_of_a_step(tmp_path, step):
    told = refused(tmp_path, f"env: [HOME]\nsteps:\n  - {step}\n", {"HOME": "x"})
    assert "environment" in told


def test_where_it_is_no_path_it_may_stand(tmp_path):
    text = "env: [WHO]\n" + HELLO.replace("Hello", "'I am {{ env.WHO }}'")
    played = play(tmp_path, text, chat(), environ={**KEYS, "WHO": "Ada"})
    assert played.script.bodies[0]["messages"][0]["content"] == "I am Ada"


def test_variables_may_come_from_files(tmp_path):
    files = {"p.yaml": "- a\n- '{{ n }}'\n", "d.yaml": "- a\n- '{{ n }}'\n", "t.md": "text\n"}
    written(tmp_path, files)
    text = "vars: {n: 1, p: {include: p.yaml}, d: {file: d.yaml}, t: {file: t.md}}\n" + HELLO
    values = planned(tmp_path, text).values.values
    assert values == {"n": 1, "p": ["a", 1], "d": ["a", "{{ n }}"], "t": "text"}


def test_included_files_have_paths_of_their_own(tmp_path):
    files = {
        "deep/talk.yaml": "- system: {include: guide.md}\n- user: {include: more/ask.md}\n",
        "deep/guide.md": "Be brief.",
        "deep/more/ask.md": "{{ q }}?",
    }
    written(tmp_path, files)
    text = f"vars: {{q: Why}}\n{CHAT}messages:\n  - include: deep/talk.yaml\n  - user: Bye\n"
    played = play(tmp_path, text, chat())
    said = [message["content"] for message in played.script.bodies[0]["messages"]]
    assert said == ["Be brief.", "Why?", "Bye"]


def test_a_file_that_is_data_is_never_rendered(tmp_path):
    written(tmp_path, {"d.md": "{{ nobody }}"})
    played = play(tmp_path, HELLO.replace("Hello", "{file: d.md}"), chat())
    content = played.script.bodies[0]["messages"][0]["content"]
    assert "{{ nobody }}" in str(content)


def test_what_includes_itself_is_told(tmp_path):
    written(tmp_path, {"loop.yaml": "- include: loop.yaml\n"})
    told = refused(
        tmp_path, "endpoint: chat.completions\nmodel: m\nmessages:\n  - include: loop.yaml\n"
    )
    assert "includes itself" in told


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        ("{required: [v]}", "the variable 'v' is required"),
        ("{properties: {w: {enum: [a, b]}}}", "w"),
        ("{file: s.json}", "w"),
        ("{type: strin}", "strin"),
        ("{properties: {w: {$ref: 'https://host.example/x'}}}", "reference within the schema"),
    ],
)
def test_a_schema_says_what_the_variables_are(tmp_path, schema, told):
    written(tmp_path, {"s.json": '{"properties": {"w": {"type": "integer"}}}'})
    text = f"vars: {{w: c}}\nvars_schema: {schema}\n" + HELLO
    assert told in refused(tmp_path, text)


def test_its_defaults_are_no_values(tmp_path):
    text = "vars_schema: {properties: {v: {default: 1}}}\n" + HELLO.replace("Hello", "'{{ v }}'")
    assert "'v'" in refused(tmp_path, text)


def test_a_key_that_is_no_recipe_is_told(tmp_path):
    assert "mapping of keys" in refused(tmp_path, "- 1\n")
    assert "the file is empty" in refused(tmp_path, "")


def test_keys_that_begin_with_x_are_the_users(tmp_path):
    text = "x-mine: &mine {temperature: 0}\nparams: {<<: *mine, seed: 1}\n" + HELLO
    played = play(tmp_path, text, chat())
    assert played.script.bodies[0]["temperature"] == 0
    assert played.script.bodies[0]["seed"] == 1


def test_nothing_is_added_to_the_body(tmp_path):
    played = play(tmp_path, HELLO, chat())
    assert played.script.bodies == [
        {"model": "gpt-4.1", "messages": [{"role": "user", "content": "Hello"}]}
    ]


def test_extra_fields_are_sent_unchecked(tmp_path):
    played = play(tmp_path, HELLO + "extra: {anything: [1, {at: all}]}\n", chat())
    assert played.script.bodies[0]["anything"] == [1, {"at": "all"}]


@pytest.mark.parametrize(
    ("written_as", "timeout"),
    [
        ("60s", (10, 60, 60)),
        ("500ms", (0.5, 0.5, 0.5)),
        ("5", (5, 5, 5)),
        ("{connect: 1s, idle: 2m, total: 1h}", (1, 120, 3600)),
        ("{idle: 3}", (10, 3, 600)),
    ],
)
def test_deadlines(tmp_path, written_as, timeout):
    played = play(tmp_path, HELLO + f"timeout: {written_as}\nretries: 4\n", chat())
    assert tuple(played.script.sent[0].timeout) == timeout
    assert played.script.sent[0].retries == 4
    beaten = play(tmp_path, HELLO + f"timeout: {written_as}\n", chat(), timeout="3s", retries=1)
    assert beaten.script.sent[0].timeout.total == 3
    assert beaten.script.sent[0].retries == 1
