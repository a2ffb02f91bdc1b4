"""`runner check`: every fault with its place and the way out; nothing is sent, nothing called."""

import json

import pytest

from tests.cli.command import HELLO, HOOK, KEY, at, runner

GOOD = {"a.recipe.yaml": HELLO}
BAD = {
    **GOOD,
    "b.recipe.yaml": "endpoint: chat.completions\nmodle: x\nmessages: [{user: '{{ nobody }}'}]\n",
    "c.recipe.yaml": "endpoint: raw\nrequest: {path: x}\noutput: {text: ../a.md}\n",
}


def test_a_good_recipe_is_good():
    assert runner("check", "a.recipe.yaml", files=GOOD) == (0, "", "good\n")


def test_faults_of_all_files_are_told():
    told = runner("check", ".", files=BAD)
    assert (told.code, told.out) == (2, "")
    assert "b.recipe.yaml:2:1: " in told.err
    assert "did you mean 'model'" in told.err
    assert "'nobody'" in told.err
    assert "c.recipe.yaml:3:16: output" in told.err
    assert told.err.splitlines()[-1].startswith("1 of 3 recipes are good · ")


def test_as_json():
    told = runner("check", ".", "--format", "json", files=BAD)
    found = json.loads(told.out)
    assert (told.code, told.err, found["schema_version"]) == (2, "", 1)
    assert {fault["file"] for fault in found["faults"]} == {"b.recipe.yaml", "c.recipe.yaml"}
    assert found["errors"] == len(found["faults"]) >= 2
    good = runner("check", "a.recipe.yaml", "--format", "json")
    assert json.loads(good.out)["faults"] == []


def test_as_annotations():
    told = runner("check", ".", "--format", "github", files=BAD)
    assert told.out.startswith("::error file=b.recipe.yaml,line=2,col=1,")
    assert runner("check", "a.recipe.yaml", "--format", "github").out == ""


def test_warnings_are_told_and_are_no_faults():
    text = HELLO.replace("gpt-4.1", "o3") + "params: {temperature: 0.5}\n"
    told = runner("check", "a.recipe.yaml", files={"a.recipe.yaml": text})
    assert told.code == 0
    assert "a.recipe.yaml:4:" in told.err
    assert "warning: " in told.err
    assert told.err.splitlines()[-1].startswith("good · ")


def test_nothing_is_sent_and_no_key_is_needed(server):
    before = len(server.log)
    assert runner("check", "a.recipe.yaml", files=GOOD, env=at(server, "none")).code == 0
    assert runner("check", "a.recipe.yaml").code == 0
    assert len(server.log) == before


def test_no_hook_is_called():
    files = {
        "hooks.py": HOOK.format("raise SystemExit"),
        "runner.yaml": "hooks: [hooks.py]\n",
        "a.recipe.yaml": HELLO + "tools: [look]\n",
    }
    assert runner("check", "a.recipe.yaml", files=files).code == 0
    files["a.recipe.yaml"] = HELLO + "tools: [lock]\n"
    told = runner("check", "a.recipe.yaml", files=files)
    assert told.code == 2
    assert "did you mean 'look'" in told.err


def test_variables_that_are_wanted_and_not_given_are_let_pass():
    text = "vars_schema: {required: [v], properties: {v: {type: string}}}\n"
    files = {"a.recipe.yaml": text + HELLO.replace("Hello", "'{{ v }}'")}
    assert runner("check", "a.recipe.yaml", files=files).code == 0
    told = runner("run", "a.recipe.yaml", "--offline", files=files)
    assert told.code == 2
    assert "the variable 'v' is required" in told.err
    assert "--var v=VALUE" in told.err


def test_standard_input_is_checked():
    told = runner("check", "-", given=BAD["b.recipe.yaml"])
    assert told.code == 2
    assert told.err.startswith("-:2:1: ")


@pytest.mark.parametrize(
    ("more", "place", "told"),
    [
        ("expect: [{text: {matches: '('}}]", "4:", "no regular expression"),
        ("expect: [{txt: a}]", "4:", "did you mean 'text'"),
        ("expect: [{text: {schema: {type: strin}}}]", "4:", "strin"),
        ("expect: [{usage: {total_tokens: {at_most: x}}}]", "4:", "number"),
        ("params: {temperature: '0.2'}", "4:", "expected a number"),
        ("params: {temprature: 1}", "4:", "did you mean 'temperature'"),
        ("params: {messages: []}", "4:", "messages"),
        ("response_schema: {type: strin}", "4:", "strin"),
        ("output: {txt: a.md}", "4:", "text"),
        ("output: {text: a.md.run.json}", "4:", "sidecar"),
        ("output: {text: nul}", "4:", "reserved"),
        ("output: {text: a.png}", "4:", "a.png would hold text"),
        ("output: [{content: x, to: a.mp3}]", "4:", "a.mp3 would hold text"),
        ("output: {text: a.md, json: a.md}", "4:", "a.md"),
        ("output: {text: '{{ env.HOME }}.md'}\nenv: [HOME]", "4:", "environment"),
        ("attachments: ['{{ env.HOME }}.md']\nenv: [HOME]", "4:", "environment"),
        ("attachments: ['{{ v }}']\nvars: {v: '{{ env.HOME }}.md'}\nenv: [HOME]", "4:", "environm"),
        ("attachments: [none.md]", "4:", "none.md"),
        ("attachments: [../../x]", "4:", "outside the project"),
        ("env: [OPENAI_API_KEY]", "4:", "provider's key"),
        ("secrets: [{OPENAI_API_KEY: x}]", "4:", "provider's key"),
        ("secrets: [{TOKEN: short}]", "4:", "fewer than 8"),
        ("extra: {x: '{{ env.HOME }}'}", "4:", "not declared"),
        ("extra: {x: '{{ steps.one.text }}'}", "4:", "no step is named 'one'"),
        ("extra: {x: '{{ text }}'}", "4:", "'text'"),
        ("extra: {x: {{ v }} }", "4:", "quote"),
        ("extra: {x: '{{ 1 + }}'}", "4:", ""),
        ("headers: {Authorization: x}", "4:", "may not set the header"),
        ("headers: {Host: x}", "4:", "may not set the header"),
        ('headers: {X-A: "a\\nb"}', "4:", "line breaks"),
        ("timeout: 0", "4:", ""),
        ("timeout: {idle: soon}", "4:", "duration"),
        ("retries: -1", "4:", "whole number"),
        ("stream: maybe", "4:", "true or false"),
        ("provider: nobody", "4:", "no provider is named 'nobody'"),
        ("tools: [{name: 'a b'}]", "4:", "letters"),
        ("tool_choice: look", "4:", "look"),
        ("expect: [{that: '{{ index == 1 }}'}]", "4:", "'index'"),
        ("request: {path: x}", "4:", "takes no request"),
        ("extends: none.yaml", "4:", "none.yaml"),
        ("extends: a.recipe.yaml", "4:", "extends itself"),
        ("if: '{{ true }}'", "4:", "if"),
        ("model: again", "4:", "model"),
    ],
)
def test_what_is_wrong_is_found_with_its_place(more, place, told, monkeypatch):
    monkeypatch.setenv("HOME", "/home/somebody")
    found = runner("check", "a.recipe.yaml", files={"a.recipe.yaml": f"{HELLO}{more}\n"})
    assert (found.code, found.out) == (2, "")
    assert f"a.recipe.yaml:{place}" in found.err
    assert told in found.err
    assert len(found.err.encode()) <= 4096


def test_own_variables_that_are_known_are_rendered():
    step = "{name: a, endpoint: models, vars: {v: '{{ n }}', n: '{{ n[3] }}'}}"
    text = f"vars: {{n: [1, 2]}}\nsteps:\n  - {step}\n"
    found = runner("check", "a.recipe.yaml", files={"a.recipe.yaml": text})
    assert found.code == 2
    assert "a.recipe.yaml:3:57: vars.n: n.3: a list has no 3" in found.err


@pytest.mark.parametrize("later", ["{{ item }}", "{{ steps.one.text }}"])
def test_own_variables_that_are_not_known_yet_hide_those_of_the_recipe(later):
    own = f"vars: {{n: '{later}', path: '{{{{ n }}}}'}}"
    output = "output: {text: '{{ path }}'}"
    step = f"{{name: a, endpoint: models, for_each: [1, 2], {own}, {output}}}"
    text = f"vars: {{n: x, path: y}}\nsteps:\n  - {{name: one, endpoint: models}}\n  - {step}\n"
    assert runner("check", "a.recipe.yaml", files={"a.recipe.yaml": text}).code == 0


@pytest.mark.parametrize("listed", ["[1, 2]", "'{{ many }}'", "'{{ range(2) | list }}'"])
def test_items_that_would_share_a_path_are_found(listed):
    step = f"{{name: a, endpoint: models, for_each: {listed}, output: {{text: '{{{{ n }}}}.md'}}}}"
    text = f"vars: {{many: [1, 2], n: x}}\nsteps:\n  - {step}\n"
    found = runner("check", "a.recipe.yaml", files={"a.recipe.yaml": text})
    assert found.code == 2
    assert "the outputs of 2 items would be written to out/x.md" in found.err
    assert "a.recipe.yaml:3:" in found.err


@pytest.mark.parametrize(
    ("listed", "more"),
    [
        ("[1]", ""),
        ("[]", ""),
        ("[1, 2]", ", if: '{{ item == 1 }}'"),
        ("[1, 2]", ", vars: {n: '{{ item }}'}"),
    ],
)
def test_items_that_may_have_a_path_each_are_let_pass(listed, more):
    step = (
        f"{{name: a, endpoint: models, for_each: {listed}{more}, output: {{text: '{{{{ n }}}}'}}}}"
    )
    text = f"vars: {{n: x}}\nsteps:\n  - {step}\n"
    assert runner("check", "a.recipe.yaml", files={"a.recipe.yaml": text}).code == 0


def test_a_drawing_may_be_written_as_text():
    text = f"{HELLO}output: [{{content: x, to: a.svg}}]\n"
    assert runner("check", "a.recipe.yaml", files={"a.recipe.yaml": text}).code == 0


@pytest.mark.parametrize(
    ("request_", "told"),
    [
        ("{path: 'https://elsewhere.example/x'}", "below the base URL"),
        ("{path: ../admin}", "below the base URL"),
        ("{path: '//elsewhere.example'}", "below the base URL"),
        ("{path: x, headers: {Authorization: x}}", "may not set the header"),
        ("{path: x, headers: {host: x}}", "may not set the header"),
        ("{path: '{{ env.HOME }}'}", "environment"),
        ("{path: x, query: {a: '{{ env.HOME }}'}}", "environment"),
        ("{paht: x}", "did you mean 'path'"),
    ],
)
def test_a_raw_request_stays_with_its_provider(request_, told):
    text = f"env: [HOME]\nendpoint: raw\nrequest: {request_}\n"
    found = runner("check", "a.recipe.yaml", files={"a.recipe.yaml": text}, env={"HOME": "/h"})
    assert found.code == 2
    assert told in found.err
    assert "a.recipe.yaml:3:" in found.err


def test_a_long_list_of_faults_is_cut_at_the_door():
    rows = "".join(f"  x{i}: '{{{{ nobody_{i} }}}}'\n" for i in range(400))
    files = {"a.recipe.yaml": f"{HELLO}extra:\n{rows}"}
    for command in ("run", "show"):
        told = runner(command, "a.recipe.yaml", files=files)
        assert told.code == 2
        assert len(told.err.encode()) <= 4096
        *_, cut, last = told.err.splitlines()
        assert "more" in (last if command == "show" else cut)
        assert (last == "400 faults, nothing was sent") == (command == "run")


def test_a_fault_shows_no_key():
    files = {"a.recipe.yaml": HELLO + f"headers: {{X: '{KEY}\\n'}}\nmodle: {KEY}\n"}
    told = runner("check", "a.recipe.yaml", files=files, env={"OPENAI_API_KEY": KEY})
    assert told.code == 2
    assert KEY not in told.err


@pytest.mark.parametrize("command", ["check", "run"])
def test_what_is_wrong_is_told_to_machines(command):
    files = {"a.recipe.yaml": "endpoint: chats\n"}
    code, out, err = runner(command, "a.recipe.yaml", "--json", files=files)
    assert code == 2
    whole = json.loads(out)
    assert (whole["schema_version"], whole["errors"]) == (1, 1)
    (fault,) = whole["faults"]
    assert (fault["file"], fault["line"]) == ("a.recipe.yaml", 1)
    assert (command == "run") <= ("chats" in err)


def test_wrong_settings_are_told_to_machines_too():
    code, out, err = runner("run", "none.recipe.yaml", "--json")
    assert code == 2
    assert "none.recipe.yaml" in json.loads(out)["faults"][0]["message"]
    assert "none.recipe.yaml" in err
