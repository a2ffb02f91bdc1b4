"""The smaller commands, and what is common to all."""

import json
import sys
from pathlib import Path

import click
import pytest

from runner import __version__
from runner.cli import COMMANDS, faults
from runner.errors import Fault, RecipeError, ServiceError, SettingsError
from runner.protocol import endpoints
from tests.cli.command import HELLO, HOOK, KEY, runner

ESC = "\x1b"


def test_the_version():
    assert runner("--version").out == f"runner, version {__version__}\n"


def test_help_names_every_command_within_80_columns():
    out = runner("--help").out
    for name, summary in COMMANDS.items():
        assert name in out
        assert summary.split(";")[0][:40] in " ".join(out.split())
    for name in COMMANDS:
        out += runner(name, "--help").out
    assert max(map(len, out.splitlines())) <= 80


def test_the_summaries_are_those_of_the_commands():
    from runner.cli import cli

    context = click.Context(cli)
    for name, summary in COMMANDS.items():
        command = cli.get_command(context, name)
        assert command is not None
        assert summary.startswith(command.get_short_help_str(200)[:10])


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("rum",), "rum"),
        (("run",), "Missing argument"),
        (("run", "a", "--nope"), "--nope"),
        (("run", "a", "--retries", "x"), "--retries"),
        (("run", "a", "--retries", "-1"), "--retries"),
        (("list", "things"), "things"),
        (("new", "x", "--endpoint", "chat"), "did you mean 'chat.completions'?"),
        (("schema", "chat"), "no schema is named 'chat'"),
    ],
)
def test_wrong_usage_has_its_exit_code(words, told):
    found = runner(*words)
    assert (found.code, found.out) == (2, "")
    assert told in found.err


def test_endpoints_are_listed():
    out = runner("list", "endpoints").out
    for name in endpoints.MODULES:
        assert any(line.startswith(f"{name} ") for line in out.splitlines())
    rows = json.loads(runner("list", "endpoints", "--json").out)
    assert rows["schema_version"] == 1
    assert rows["rows"][0]["endpoint"] == "chat.completions"
    assert "messages" in rows["rows"][0]["takes"]


def test_tools_are_those_that_the_users_side_registered():
    files = {"hooks.py": HOOK.format('"""Look."""'), "runner.yaml": "hooks: [hooks.py]"}
    out = runner("list", "tools", files=files).out
    assert "look" in out
    rows = json.loads(runner("list", "tools", "--json").out)["rows"]
    assert {"look"} <= {row["tool"] for row in rows}


def test_expectations_are_listed():
    out = runner("list", "expectations").out
    assert "finish_reason" in out
    assert "tool_calls" in out


def test_providers_are_listed_with_their_state():
    files = {"runner.yaml": "providers: {mine: {base_url: http://localhost:1}}"}
    rows = json.loads(runner("list", "providers", "--json", files=files).out)["rows"]
    states = {row["provider"]: (row["base_url"], row["state"]) for row in rows}
    assert states == {
        "openai": ("https://api.openai.com/v1", "OPENAI_API_KEY is not set"),
        "azure": ("", "AZURE_OPENAI_ENDPOINT is not set"),
        "offline": ("", "ready"),
        "mine": ("http://localhost:1", "ready"),
    }


def test_recipes_are_listed_with_what_they_say():
    files = {
        "a.recipe.yaml": 'tags: [x, y]\ndescription: "One\\e[31m"\n' + HELLO,
        "b.recipe.yaml": "steps: [{endpoint: models}, {endpoint: models}]",
    }
    told = runner("list", "recipes", files=files)
    words = [[word for word in line.split() if word[0] != "$"] for line in told.out.splitlines()]
    assert [" ".join(line) for line in words] == [
        r"a.recipe.yaml 1 run 1 request at most chat.completions x, y One\x1b[31m",
        "b.recipe.yaml 1 run 2 requests free models",
    ]
    rows = json.loads(runner("list", "recipes", "--json", ".").out)["rows"]
    assert rows[0]["tags"] == ["x", "y"]


def test_without_its_package_serve_names_the_extra(monkeypatch):
    from runner.cli.serve import command

    monkeypatch.setitem(sys.modules, "aiohttp", None)
    monkeypatch.delitem(sys.modules, "runner.engine.commands.serve", raising=False)
    with pytest.raises(SettingsError) as caught:
        command.main([], standalone_mode=False)
    assert "needs the package aiohttp" in str(caught.value)
    assert "pip install -e '.[serve]'" in caught.value.hint


def test_a_broken_recipe_hides_no_other():
    files = {"a.recipe.yaml": "endpoint: chats\ncolour: red\n", "b.recipe.yaml": HELLO}
    told = runner("list", "recipes", "--json", files=files)
    assert told.code == 0
    broken, good = json.loads(told.out)["rows"]
    assert (broken["recipe"], broken["endpoints"]) == ("a.recipe.yaml", "")
    assert broken["description"].startswith("broken: ")
    assert "chats" in broken["description"] or "colour" in broken["description"]
    assert (good["recipe"], good["endpoints"]) == ("b.recipe.yaml", "chat.completions")


def test_nothing_to_list_is_said():
    from runner.engine.commands.listing import as_text

    assert as_text([]) == "(none)"


@pytest.mark.parametrize(
    ("words", "title"),
    [((), "A recipe"), (("project",), "A project file"), (("chat.completions",), None)],
)
def test_schemas_are_printed(words, title):
    schema = json.loads(runner("schema", *words).out)
    assert schema["$schema"].startswith("https://json-schema.org/")
    assert title is None or schema["title"] == title


@pytest.mark.parametrize("endpoint", endpoints.MODULES)
def test_a_new_recipe_runs_offline(endpoint):
    told = runner("new", "mine", "--endpoint", endpoint, files={"runner.yaml": "{}"})
    assert (told.code, told.out) == (0, "")
    assert "try it: runner run mine.recipe.yaml --offline" in told.err
    assert runner("check", "mine.recipe.yaml").code == 0
    found = runner("run", "mine.recipe.yaml", "--offline")
    assert found.code == 0, found.err
    again = runner("new", "mine", "--endpoint", endpoint)
    assert again.code == 2
    assert "is there already" in again.err


def test_doctor_says_what_is_missing_and_is_safe_to_paste():
    told = runner("doctor", env={"OPENAI_API_KEY": KEY, "HTTPS_PROXY": "http://me:secret@p"})
    assert told.code == 0
    assert KEY not in told.out
    assert "secret" not in told.out
    assert "no runner.yaml here or above" in told.out
    assert "https://api.openai.com/v1, a key is set" in told.out
    assert "AZURE_OPENAI_ENDPOINT is not set" in told.out
    assert "HTTPS_PROXY" in told.out
    rows = json.loads(runner("doctor", "--json").out)
    assert rows["schema_version"] == 1
    assert ["ok", "runner", __version__] == list(rows["rows"][0].values())


def test_what_doctor_tells_machines_steers_nothing():
    Path("runner.yaml").write_text('providers: {"a\\x9b\\u202e##[error]b": {}}\n')
    told = runner("doctor", "--json").out
    assert told.isascii()
    assert "##[" not in told
    names = [row["what"] for row in json.loads(told)["rows"]]
    assert "provider a\x9b\u202e##[error]b" in names


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"runner.yaml": "hook: x"}, "did you mean"),
        ({"runner.yaml": "hooks: [none.py]"}, "none.py"),
        ({"runner.yaml": "providers: {x: {api_key: {file: k}}}"}, "the key file of provider x"),
    ],
)
def test_doctor_says_what_is_wrong(files, words):
    told = runner("doctor", files=files)
    assert told.code == 2
    assert words in told.out
    assert "wrong" in told.out


def test_doctor_knows_the_project_and_its_hooks():
    files = {"hooks.py": HOOK.format("pass"), "runner.yaml": "hooks: [hooks.py]"}
    out = runner("doctor", files=files).out
    assert "runner.yaml" in out
    assert "look" in out


LOOPBACK = "providers: {mine: {base_url: 'http://127.0.0.1:9/v1', api_key: {env: MINE}}}\n"


def test_a_loopback_provider_whose_key_is_not_set_is_told():
    told = "MINE is not set: asked without a key"
    rows = json.loads(runner("doctor", "--json", files={"runner.yaml": LOOPBACK}).out)["rows"]
    found = next(row for row in rows if row["what"] == "provider mine")
    assert (found["state"], found["words"]) == ("note", f"http://127.0.0.1:9/v1, {told}")
    rows = json.loads(runner("list", "providers", "--json").out)["rows"]
    assert next(row["state"] for row in rows if row["provider"] == "mine") == f"ready; {told}"
    assert told not in runner("doctor", env={"MINE": KEY}).out


def test_a_key_that_is_too_short_to_be_masked_everywhere_is_told():
    weak = "the key has fewer than 8 characters: it cannot be masked everywhere"
    files = {"runner.yaml": LOOPBACK, "r.recipe.yaml": f"{HELLO}provider: mine\n"}
    assert f"a key is set; {weak}" in runner("doctor", files=files, env={"MINE": "1234567"}).out
    words = ("run", "r.recipe.yaml", "--retries", "0")
    found = runner(*words, env={"MINE": "1234567"})
    assert found.err.count(f"provider mine: {weak}\n") == 1
    assert weak not in runner(*words, env={"MINE": KEY}).err


def told_by(error, capsys):
    code = faults.report(error)
    out, err = capsys.readouterr()
    assert out == ""
    return code, err


def test_an_error_at_the_door_has_its_exit_code_and_way_out(capsys):
    assert told_by(ServiceError("it broke", hint="mend it"), capsys) == (
        3,
        "it broke\n  hint: mend it\n",
    )


def test_an_error_at_the_door_is_bounded_and_steers_no_terminal(capsys):
    for error in (
        ServiceError(f"{ESC}[31m" + "ö" * 9000),
        RecipeError.of(*(Fault(f"{ESC} {i} " + "ö" * 300) for i in range(99))),
        RecipeError.of(Fault("ö" * 9000), Fault("two")),
    ):
        _, err = told_by(error, capsys)
        assert len(err.encode()) <= 4096
        assert ESC not in err
        assert "…" in err or "more" in err


def test_a_fault_of_ours_is_said_to_be_one(capsys, monkeypatch):
    monkeypatch.delenv("RUNNER_TRACEBACK", raising=False)
    code, err = told_by(ValueError("odd \x1b"), capsys)
    assert code == 70
    assert err.startswith(r"a fault of ours: ValueError: odd \x1b")
    assert "Traceback" not in err
    monkeypatch.setenv("RUNNER_TRACEBACK", "1")
    code, err = told_by(ValueError("odd"), capsys)
    assert code == 70
    assert err.startswith("ValueError: odd\n")


@pytest.mark.parametrize("shown", ["", "1"])
def test_a_fault_of_ours_shows_no_key(capsys, monkeypatch, shown):
    monkeypatch.setenv("RUNNER_TRACEBACK", shown)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-sentinel-0123456789")
    try:
        raise ValueError("no header: 'Bearer sk-sentinel-0123456789'")
    except ValueError as error:
        code, err = told_by(error, capsys)
    assert code == 70
    assert "'Bearer ***'" in err
    assert "sentinel-0123" not in err
    assert ("test_a_fault_of_ours_shows_no_key" in err) is bool(shown)


def test_faults_that_no_command_expects_end_with_70(monkeypatch):
    from runner.cli import cli

    def broken(context):
        raise ZeroDivisionError

    monkeypatch.setattr(cli.get_command(click.Context(cli), "schema"), "invoke", broken)
    told = runner("schema")
    assert told.code == 70
    assert "ZeroDivisionError" in told.err


@pytest.mark.parametrize(
    ("raised", "code"),
    [(KeyboardInterrupt(), 130), (KeyboardInterrupt(15), 143), (click.Abort(), 130)],
)
def test_stops_have_their_exit_codes(raised, code, monkeypatch):
    from runner.cli import cli

    def stopped(context):
        raise raised

    monkeypatch.setattr(cli.get_command(click.Context(cli), "schema"), "invoke", stopped)
    assert runner("schema").code == code
