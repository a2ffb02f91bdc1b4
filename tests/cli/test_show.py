"""`runner show`: the normal form, the request, each value with its source; no secret."""

import json

import pytest
import yaml

from tests.cli.command import HELLO, KEY, runner

TEXT = """\
extends: base.yaml
vars: {city: Oslo, n: 3}
secrets: [TOKEN]
endpoint: chat.completions
model: gpt-4.1
messages:
  - system: {include: guide.md}
  - user: ["Where is {{ city }}?", {image: p.png, detail: low}]
params: {seed: "{{ n }}"}
extra: {token: "{{ env.TOKEN }}"}
expect:
  - that: "{{ text | length > 0 }}"
  - text: {schema: {file: s.json}}
"""
FILES = {
    "a.recipe.yaml": TEXT,
    "base.yaml": "headers: {X-A: b}\n",
    "guide.md": "Be brief about {{ city }}.\n",
    "p.png": b"\x89PNG\r\n\x1a\n" + bytes(3000),
    "s.json": "{}",
}
TOKEN = {"TOKEN": "tok-0123456789"}


def show(*flags, files=FILES, env=TOKEN):
    told = runner("show", "a.recipe.yaml", *flags, files=files, env=env)
    assert (told.code, told.err) == (0, "")
    assert TOKEN["TOKEN"] not in told.out
    return told.out


def test_the_normal_form_and_the_request():
    form, _, request = show().partition("---\n")
    (step,) = yaml.safe_load(form)["steps"]
    assert step["name"] == "a"
    assert step["messages"] == [
        {"role": "system", "content": "Be brief about {{ city }}."},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "Where is {{ city }}?"},
                {"image": "p.png", "detail": "low"},
            ],
        },
    ]
    assert step["expect"][1] == {"text": {"schema": {}}}
    assert request.startswith("POST https://api.openai.com/v1/chat/completions\nX-A: b\n")
    assert "Where is Oslo?" in request
    assert "characters)" in request
    assert len(request) < 1000
    assert '"token": "***"' in request


def test_as_json():
    found = json.loads(show("--json"))
    assert found["schema_version"] == 1
    assert found["recipe"]["vars"] == {"city": "Oslo", "n": 3}
    request = found["request"]
    assert (request["method"], request["headers"]) == ("POST", {"X-A": "b"})
    assert request["body"]["seed"] == 3
    assert request["body"]["messages"][0]["content"] == "Be brief about Oslo."


def test_each_value_with_its_source():
    lines = [line.split() for line in show("--origin").splitlines()]
    found = {line[0]: (line[1], line[-1]) for line in lines}
    assert found["city"] == ('"Oslo"', "(a.recipe.yaml:2)")
    assert found["headers"][1] == "(base.yaml:1)"
    assert found["model"] == ('"gpt-4.1"', "(a.recipe.yaml:5)")
    assert '"Rome"  (--var city)' in show("--origin", "--var", "city=Rome")


def test_values_of_the_project_and_of_files_have_their_source():
    files = {**FILES, "runner.yaml": "vars: {n: 4}", "v.yaml": "city: Rome"}
    files["a.recipe.yaml"] = TEXT.replace("vars: {city: Oslo, n: 3}", "vars: {city: Oslo}")
    out = show("--origin", "--vars-file", "v.yaml", files=files)
    assert '"Rome"  (v.yaml:1)' in out
    files = {**files, "v.json": '{"city": "Rome"}'}
    assert '"Rome"  (v.json)' in show("--origin", "--vars-file", "v.json", files=files)
    assert "4  (runner.yaml:1)" in out


def test_the_environment_the_matrix_and_each_param_have_their_source():
    text = (
        "env: [{TONE: kind}, WHO]\nsecrets: [TOKEN]\nendpoint: chat.completions\n"
        "model: '{{ model }}'\nmatrix:\n  model: [gpt-4.1]\n  include: [{model: b, heat: 1}]\n"
        "messages: [{user: '{{ env.TONE }} {{ env.WHO }} {{ env.TOKEN }}'}]\n"
        "params:\n  temperature: 0\n  seed: 7\n"
    )
    env = {"WHO": "Piet", "TOKEN": "sk-sentinel-token"}
    lines = show("--origin", files={"a.recipe.yaml": text}, env=env).splitlines()
    assert [line for line in lines if line.startswith(("env", "params"))] == [
        'env.TONE            "kind"  (a.recipe.yaml:1)',
        'env.WHO             "Piet"  (the environment)',
        'env.TOKEN           "***"  (the environment)',
        "params.temperature  0  (a.recipe.yaml:10)",
        "params.seed         7  (a.recipe.yaml:11)",
    ]
    assert 'model               "gpt-4.1"  (matrix, a.recipe.yaml:6)' in lines
    told = show("--origin", "--offline", "--var", "model=b", files={"a.recipe.yaml": text}, env=env)
    assert "heat                1  (matrix, a.recipe.yaml:7)" in told


def test_what_a_realtime_session_would_say_is_shown():
    text = (
        "endpoint: realtime\nmodel: gpt-realtime\nmessages: [{user: Hi}]\n"
        "secrets: [TOKEN]\nparams: {instructions: 'Be {{ env.TOKEN }}.'}\n"
    )
    files, env = {"a.recipe.yaml": text}, {"TOKEN": "sk-sentinel-token"}
    said = json.loads(show("--json", files=files, env=env))["request"]["messages"]
    kinds = ["session.update", "conversation.item.create", "response.create"]
    assert [one["type"] for one in said] == kinds
    dry = runner("run", ".", "--dry-run", files=files, env={**env, "OPENAI_API_KEY": KEY}).out
    for out in (show(files=files, env=env).partition("---\n")[2], dry):
        places = [out.index(f'"type": "{kind}"') for kind in kinds]
        assert places == sorted(places)
        assert '"instructions": "Be ***."' in out
        assert "sk-sentinel" not in out


def test_as_a_curl_command_and_as_a_script():
    out = show("--curl")
    assert out.startswith("curl -sS https://api.openai.com/v1/chat/completions \\\n")
    assert '-H "Authorization: Bearer $OPENAI_API_KEY"' in out
    assert "import requests" in show("--python")


def test_the_deadline_of_a_recipe_goes_along():
    files = {"a.recipe.yaml": HELLO + "timeout: 1500ms\n"}
    assert " \\\n  --max-time 1.5 \\\n" in show("--curl", files=files)
    assert "timeout=1.5)" in show("--python", files=files)
    files = {"a.recipe.yaml": HELLO}
    assert "--max-time" not in show("--curl", files=files)
    assert "timeout=600)" in show("--python", files=files)


def test_the_key_is_never_shown():
    for flags in ((), ("--json",), ("--curl",), ("--python",), ("--origin",)):
        assert KEY not in show(*flags, env={**TOKEN, "OPENAI_API_KEY": KEY})


AZURE = {
    "AZURE_OPENAI_ENDPOINT": "https://r.openai.azure.com/",
    "AZURE_OPENAI_API_KEY": KEY,
}
MODELS = "providers: {azure: {models: {gpt-4.1: my deployment}%s}}\n"


@pytest.mark.parametrize(
    ("project", "env", "path"),
    [
        ("", {}, "/openai/v1/chat/completions"),
        (", api_version: v1", {}, "/openai/v1/chat/completions"),
        (", api_version: preview", {}, "/openai/v1/chat/completions?api-version=preview"),
        (
            ', api_version: "2024-10-21"',
            {},
            "/openai/deployments/my%20deployment/chat/completions?api-version=2024-10-21",
        ),
        (
            "",
            {"OPENAI_API_VERSION": "2024-10-21"},
            "/openai/deployments/my%20deployment/chat/completions?api-version=2024-10-21",
        ),
        (
            ', api_version: "2024-10-21", base_url: https://r.openai.azure.com/openai/v1',
            {},
            "/openai/v1/chat/completions",
        ),
    ],
)
def test_azures_routes(project, env, path):
    files = {"a.recipe.yaml": "provider: azure\n" + HELLO, "runner.yaml": MODELS % project}
    found = json.loads(show("--json", files=files, env={**AZURE, **env}))["request"]
    assert found["url"] == f"https://r.openai.azure.com{path}"
    assert found["body"].get("model", "my deployment") == "my deployment"
    out = show("--curl", files=files, env={**AZURE, **env})
    assert '-H "api-key: $AZURE_OPENAI_API_KEY"' in out


def test_azure_needs_no_settings_to_be_shown():
    files = {"a.recipe.yaml": "provider: azure\n" + HELLO}
    assert "https://RESOURCE.openai.azure.com/openai/v1/" in show("--curl", files=files)


def test_a_request_that_is_not_known_yet_is_said_to_be():
    text = "steps:\n  - {name: one, endpoint: models, if: '{{ true }}'}\n"
    files = {"a.recipe.yaml": text + "finally: [{name: end, endpoint: models}]\n"}
    out = show(files=files)
    assert "(the first request depends on values that are not known yet)" in out
    assert yaml.safe_load(out.partition("---")[0])["finally"] == [
        {"name": "end", "endpoint": "models"}
    ]
    assert "request" not in json.loads(show("--json", files=files))
    told = runner("show", "a.recipe.yaml", "--curl")
    assert told.code == 2
    assert "not known yet" in told.err


@pytest.mark.parametrize(
    ("own", "asked"),
    [("{q: 'Why {{ n }}?', n: 4}", "Why 3?"), ("{n: 4, q: 'Why {{ n }}?'}", "Why 4?")],
)
def test_own_variables_are_rendered_where_they_are_known(own, asked):
    step = "endpoint: responses, model: gpt-4.1, input: '{{ q }}', output: {text: '{{ n }}.md'}"
    text = f"vars: {{n: 3}}\nsteps:\n  - {{name: one, vars: {own}, {step}}}\n"
    files = {"a.recipe.yaml": text}
    assert json.loads(show("--json", files=files))["request"]["body"]["input"] == asked
    ran = runner("run", "a.recipe.yaml", "--offline", "--dry-run", files=files)
    assert (ran.code, f'"input": "{asked}"' in ran.out) == (0, True)


@pytest.mark.parametrize("how", ["--curl", "--python", "--json"])
def test_of_a_matrix_the_first_request_is_shown(how):
    text = (
        HELLO.replace("gpt-4.1", "'{{ m }}'") + "matrix: {m: [gpt-4.1, gpt-4.1-mini]}\nrepeat: 2\n"
    )
    told = runner("show", "a.recipe.yaml", how, files={"a.recipe.yaml": text})
    assert told.code == 0
    assert "gpt-4.1" in told.out.replace("gpt-4.1-mini", "")


def test_one_recipe_is_shown():
    told = runner("show", ".", files={"a.recipe.yaml": HELLO, "b.recipe.yaml": HELLO})
    assert told.code == 2
    assert "2 recipes" in told.err


def test_control_characters_are_escaped():
    files = {"a.recipe.yaml": HELLO.replace("Hello", '"a\\x9bb"').replace("gpt-4.1", '"m\\x9b"')}
    for flags in ((), ("--json",), ("--curl",), ("--python",), ("--origin",)):
        assert "\x9b" not in show(*flags, files=files)
    assert json.loads(show("--json", files=files))["request"]["body"]["model"] == "m\x9b"


def test_a_form_is_shown_by_its_fields():
    files = {"a.recipe.yaml": "endpoint: raw\nrequest: {path: x, body: some text}\n"}
    out = show(files=files)
    assert "POST https://api.openai.com/v1/x" in out
