"""`runner run`: data on standard output, all else on standard error, an exit code for each end."""

import json
from io import StringIO
from pathlib import Path

import pytest

from runner.cli import cli
from runner.cli.screen import colours
from tests.cli.command import HELLO, HOOK, KEY, at, runner
from tests.engine.playing import written

ONE = {"a.recipe.yaml": HELLO}
TWO = {**ONE, "b.recipe.yaml": HELLO}
ESC = "\x1b[31m"


def test_a_single_run_prints_its_text(server):
    told = runner("run", "a.recipe.yaml", files=ONE, env=at(server, "none"))
    assert (told.code, told.out) == (0, "Hello there\n")
    assert told.err == "1 passed · 1 request · 1 attempt · 3 + 2 tokens · $0.000022\n"


def test_a_single_run_without_text_prints_its_json(server):
    files = {"a.yaml": "endpoint: raw\nrequest: {path: x}\n"}
    told = runner("run", "a.yaml", files=files, env=at(server, "none"))
    assert json.loads(told.out)["id"] == "chatcmpl-1"


def test_a_run_that_writes_files_prints_no_data():
    files = {"a.recipe.yaml": HELLO + "output: {text: a.md}\n"}
    told = runner("run", "a.recipe.yaml", "--offline", files=files)
    assert (told.code, told.out) == (0, "")
    assert told.err.startswith("wrote out/a.md (")
    assert "(simulated)" in told.err
    assert Path("out/a.md").exists()


def test_several_runs_print_a_line_each():
    told = runner("run", ".", "--offline", files=TWO)
    assert [line.split()[:2] for line in told.out.splitlines()] == [
        ["ok", "a.recipe.yaml"],
        ["ok", "b.recipe.yaml"],
    ]
    assert told.err.startswith("2 passed · 2 requests · 2 attempts · ")


def test_a_missed_expectation_says_what_and_where(server):
    files = {"a.recipe.yaml": HELLO + "expect: [{text: {contains: Bye}}]\n"}
    told = runner("run", "a.recipe.yaml", files=files, env=at(server, "none"))
    assert (told.code, told.out) == (1, "Hello there\n")
    assert "a.recipe.yaml:4:" in told.err
    assert "'Bye'" in told.err
    assert "4 | expect: [{text: {contains: Bye}}]" in told.err


@pytest.mark.parametrize(
    ("fault", "code", "word"),
    [("status-400", 3, "400"), ("closed-unanswered", 3, "closed"), ("html-200", 3, "HTML")],
)
def test_a_failed_service_is_told(server, fault, code, word):
    env = at(server, fault)
    told = runner("run", "a.recipe.yaml", "--retries", "0", files=ONE, env=env)
    assert (told.code, told.out) == (code, "")
    assert word in told.err
    assert "1 failed · 1 request" in told.err
    assert KEY not in told.err


@pytest.mark.parametrize("form", [("--json",), ("--format", "json")])
def test_json_is_all_there_is_on_standard_output(form):
    told = runner("run", ".", "--offline", *form, files=TWO)
    value = json.loads(told.out)
    assert value["schema_version"] == 1
    assert [run["recipe"] for run in value["runs"]] == ["a.recipe.yaml", "b.recipe.yaml"]
    assert value["totals"]["requests"] == 2


def test_github_gets_annotations():
    files = {"a.recipe.yaml": HELLO + "expect: [{text: Bye}]\n"}
    told = runner("run", "a.recipe.yaml", "--offline", "--format", "github", files=files)
    assert told.out.startswith("::error file=a.recipe.yaml,line=4,")
    assert told.code == 1


def test_a_stream_is_shown_and_ends_with_a_line_end(server):
    files = {"a.recipe.yaml": HELLO + "stream: true\n"}
    told = runner("run", "a.recipe.yaml", files=files, env=at(server, "none"))
    assert (told.code, told.out) == (0, "Hello there\n")


def test_a_cut_stream_is_no_answer(server):
    files = {"a.recipe.yaml": HELLO + "stream: true\noutput: {text: a.md}\n"}
    told = runner("run", "a.recipe.yaml", files=files, env=at(server, "sse-cut"))
    assert (told.code, told.out) == (3, "")
    assert Path("out/.runner/failed/a.partial").read_text() == "Hello there"
    assert not Path("out/a.md").exists()


def said(text):
    return {
        "a.recipe.yaml": f"endpoint: chat.completions\nmodel: m\nmessages: [{{user: '{text}'}}]\n"
    }


@pytest.mark.parametrize("stream", ["", "stream: true\n"])
def test_control_characters_are_escaped(stream):
    files = {"a.recipe.yaml": HELLO.replace("Hello", '"Say \\e[31m"') + stream}
    told = runner("run", "a.recipe.yaml", "--offline", files=files)
    assert ESC not in told.out
    assert r"\x1b[31m" in told.out
    assert ESC in runner("run", "a.recipe.yaml", "--offline", "--raw").out


def test_names_that_steer_a_terminal_are_escaped():
    name = "a\x1b[31m.recipe.yaml"
    told = runner("run", name, "--offline", files={name: HELLO + "expect: [{text: Z}]\n"})
    assert ESC not in told.out + told.err
    told = runner("run", name, "--offline", files={name: "endpoint: x\n"})
    assert ESC not in told.out + told.err


SECRET = "tok-0123456789/ä"
TOKEN = {"TOKEN": SECRET}


@pytest.mark.parametrize("stream", ["", "stream: true\n"])
@pytest.mark.parametrize("flags", [(), ("--json",), ("-v",), ("--dry-run",)])
def test_a_secret_is_shown_nowhere(stream, flags):
    text = HELLO.replace("Hello", '"My token is {{ env.TOKEN }}"') + "secrets: [TOKEN]\n" + stream
    files = {"a.recipe.yaml": text}
    told = runner("run", "a.recipe.yaml", "--offline", *flags, files=files, env=TOKEN)
    assert told.code == 0
    assert "***" in told.out
    assert SECRET not in told.out + told.err
    assert json.dumps(SECRET)[1:-1] not in told.out + told.err


@pytest.mark.parametrize(
    "more",
    [
        'params: {temperature: "{{ env.TOKEN }}"}\n',
        'vars: {v: "{{ env.TOKEN }}"}\nvars_schema: {properties: {v: {enum: [x]}}}\n',
        'expect: [{text: {contains: "{{ env.TOKEN }}"}}]\n',
        'headers: {X-Token: "{{ env.TOKEN }}\\n"}\n',
    ],
)
def test_a_fault_shows_no_secret(more):
    files = {"a.recipe.yaml": HELLO + "secrets: [TOKEN]\n" + more}
    for flags in ((), ("--json",), ("--format", "github")):
        told = runner("run", "a.recipe.yaml", "--offline", *flags, files=files, env=TOKEN)
        assert told.code in (1, 2)
        assert SECRET not in told.out + told.err


def test_quiet_says_only_what_went_wrong(server):
    files = {"a.recipe.yaml": HELLO + "expect: [{text: Bye}]\n"}
    told = runner("run", "a.recipe.yaml", "-q", files=files, env=at(server, "none"))
    assert "expected" in told.err
    assert "passed" not in told.err
    assert "request" not in told.err
    files = {"a.recipe.yaml": HELLO}
    assert runner("run", "a.recipe.yaml", "-q", files=files, env=at(server, "none")).err == ""


def test_verbose_says_more(server):
    told = runner("run", "a.recipe.yaml", "-v", files=ONE, env=at(server, "none"))
    assert "status 200 · gpt-4.1" in told.err


@pytest.mark.parametrize("env", [{}, {"NO_COLOR": "1"}])
def test_nothing_is_coloured_where_nobody_looks(env):
    told = runner("run", ".", "--offline", files=TWO, env=env)
    assert ESC[0] not in told.out + told.err


def test_what_hooks_print_is_no_data():
    files = {
        "hooks.py": HOOK.format("print('aside')"),
        "runner.yaml": "hooks: [hooks.py]\n",
        "a.recipe.yaml": HELLO + "tools: [look]\n",
    }
    told = runner("run", "a.recipe.yaml", "--offline", "--json", files=files)
    assert told.code == 0
    json.loads(told.out)
    assert "aside" in told.err


def test_steps_print_the_last_text():
    text = (
        "steps:\n"
        "  - {name: one, endpoint: responses, model: m, input: A, stream: true}\n"
        "  - {name: two, endpoint: models, expect: [{status: 200}]}\n"
    )
    told = runner("run", "a.recipe.yaml", "--offline", files={"a.recipe.yaml": text})
    assert told.code == 0
    assert "simulated" not in told.out
    assert "gpt" in told.out


class Terminal(StringIO):
    def __init__(self, watched):
        super().__init__()
        self.watched = watched

    def isatty(self):
        return self.watched


@pytest.mark.parametrize(
    ("watched", "no_color", "text"),
    [
        (True, "", "\x1b[31mx\x1b[0m"),
        (True, "1", "x"),
        (False, "", "x"),
    ],
)
def test_colours_are_for_those_who_look_and_want_them(monkeypatch, watched, no_color, text):
    monkeypatch.setenv("NO_COLOR", no_color)
    assert colours(Terminal(watched))("x", "failed") == text


@pytest.mark.parametrize("name", ["stdout", "stderr"])
def test_each_stream_is_coloured_by_who_looks_at_it(monkeypatch, name):
    monkeypatch.delenv("NO_COLOR", raising=False)
    streams = {"stdout": Terminal(watched=False), "stderr": Terminal(watched=False)}
    streams[name] = Terminal(watched=True)
    for key, stream in streams.items():
        monkeypatch.setattr(f"sys.{key}", stream)
    written(Path(), TWO)
    cli(["run", ".", "--offline"], standalone_mode=False)
    assert {key for key, one in streams.items() if ESC[0] in one.getvalue()} == {name}
    ok = ESC.replace("31", "32") + "ok    " + ESC.replace("31", "0")
    assert streams["stdout"].getvalue().count(ok) == (2 if name == "stdout" else 0)


def test_what_was_written_is_told_quietly(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    terminal = Terminal(watched=True)
    monkeypatch.setattr("sys.stderr", terminal)
    written(Path(), {"a.recipe.yaml": HELLO + "output: {text: a.md}\n"})
    cli(["run", "a.recipe.yaml", "--offline"], standalone_mode=False)
    assert terminal.getvalue().startswith(f"{ESC.replace('31', '2')}wrote out/a.md")


def test_offline_asks_no_provider_that_a_recipe_names(server):
    project = f"providers: {{mine: {{base_url: '{server.base('none')}'}}}}\n"
    files = {"runner.yaml": project, "a.recipe.yaml": "provider: mine\n" + HELLO}
    before = server.connections
    told = runner("run", "a.recipe.yaml", "--offline", files=files)
    assert (told.code, server.connections) == (0, before)
