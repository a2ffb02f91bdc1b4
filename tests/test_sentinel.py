"""A secret stands in no file and no stream that the runner writes, however a service echoes it."""

from __future__ import annotations

import sys
import threading
import time
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest

from runner import api
from runner.errors import RecipeError, RunnerError
from tests.cli.command import Told, runner
from tests.echo import FAULTS, KEY, TOKEN, needles, session
from tests.faults.server import FaultServer
from tests.kills.server import CountingServer
from tests.kills.trial import Plan, Trial

HEAD = "secrets: [TOKEN]\nprovider: {}\nretries: 0\n"
MINE = "headers: {X-Mine: '{{ env.TOKEN }}'}\n"
CHAT = (
    f"{MINE}endpoint: chat.completions\nmodel: gpt-4.1\n"
    "messages: [{user: 'Say {{ env.TOKEN }}'}]\n"
)
MISSED = """\
expect:
  - text: {equals: x, contains: [nothing, "{{ env.TOKEN }}!"]}
  - text: {matches: '^$', max_length: 3, is_json: true, similar_to: x}
  - text: "one\\ntwo {{ env.TOKEN }}"
  - json: {choices: {length: 9}, usage: {type: string}, nothing.there: 1}
  - headers: {x-echo: nothing}
  - that: '{{ text == env.TOKEN }}'
  - model: {one_of: ['{{ env.TOKEN }}']}
"""
ROWS = f"{CHAT}dataset: rows.csv\n"
RECIPES = {
    "whole": ("whole", f"{CHAT}matrix: {{n: [1, 2]}}\n"),
    "missed": ("whole", f"{CHAT}{MISSED}"),
    "pieces": ("whole", f"{CHAT}stream: true\nexpect: [{{events: [nothing]}}, {{text: x}}]\n"),
    "tool": ("tool", f"{CHAT}tools: [look]\nexpect: [{{tool_calls: [{{name: nothing}}]}}]\n"),
    "tool-fails": ("tool", f"{CHAT}tools: [look]\non_tool_error: fail\n"),
    "refused": ("refused", CHAT),
    "cut": ("cut", CHAT),
    "broken": ("broken", CHAT),
    "elsewhere": ("elsewhere", CHAT),
    "judge": ("judge", f"{CHAT}expect: [{{judge: {{model: gpt-4.1-mini, rubric: Names it.}}}}]\n"),
    "shape": ("whole", f"{CHAT}response_schema: {{type: object}}\n"),
    "template": ("whole", f"{CHAT}expect: [{{that: '{{{{ text.nothing }}}}'}}]\n"),
    "rows": (
        "whole",
        f"{ROWS}expect: [{{text: {{contains: '{{{{ row.name }}}}'}}}}]\n"
        "output: {json: 'exact/{{ row_id }}.json'}\n",
    ),
    "rows-fail": ("faulty", ROWS),
    "image": (
        "image",
        f"{MINE}endpoint: images.generations\nmodel: gpt-image-1\nprompt: '{{{{ env.TOKEN }}}}'\n"
        "output: {image: exact/a.png}\n",
    ),
    "sound": (
        "sound",
        "endpoint: audio.speech\nmodel: tts-1\ninput: '{{ env.TOKEN }}'\nparams: {voice: nova}\n"
        "output: {audio: exact/a.mp3}\n",
    ),
    "steps": (
        "whole",
        "steps:\n"
        "  - {name: one, endpoint: chat.completions, model: m, messages: [{user: Hello}]}\n"
        "  - {name: two, continue: one, messages: [{user: '{{ steps.one.text }}'}]}\n"
        "expect: [{text: nothing}]\n",
    ),
    "talk": (
        "talk",
        "endpoint: realtime\nmodel: gpt-realtime\nmessages: [{user: '{{ env.TOKEN }}'}]\n"
        "expect: [{events: [nothing]}]\n",
    ),
}
HOOKS = """\
import os

from runner import hook


@hook
def look(what: str) -> str:
    if what == "fail":
        raise ValueError(os.environ["KEY"] + os.environ["TOKEN"])
    return what
"""
REPORTS = tuple(f"--report={kind}=r.{kind}" for kind in ("junit", "html", "json", "jsonl"))
GITHUB = {"GITHUB_STEP_SUMMARY": "summary.md", "GITHUB_ACTIONS": "true"}
SHOWN = ("show", "missed.recipe.yaml")


@pytest.fixture
def talk() -> Iterator[str]:
    sync = pytest.importorskip("websockets.sync.server", reason="websockets is not installed")
    with sync.serve(session, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.socket.getsockname()[1]}"
        server.shutdown()
        thread.join()


@pytest.fixture
def desk(tmp_path, monkeypatch, talk) -> Iterator[Path]:
    """A folder with recipes, each of which asks a service that echoes in its own way."""
    monkeypatch.chdir(tmp_path)
    with FaultServer(FAULTS) as server:
        bases = {name: server.base(name) for name in FAULTS} | {"talk": talk}
        rows = [
            f"  {name}: {{base_url: '{base}', api_key: {{env: KEY}}}}\n"
            for name, base in bases.items()
        ]
        Path("runner.yaml").write_text(f"hooks: [hooks.py]\nproviders:\n{''.join(rows)}")
        Path("hooks.py").write_text(HOOKS)
        Path("rows.csv").write_text("name\nPiet\nAnna\n")
        for name, (provider, text) in RECIPES.items():
            Path(f"{name}.recipe.yaml").write_text(HEAD.format(provider) + text)
        yield tmp_path


def call(*words: str, **env: str) -> Told:
    told = runner(*words, env={"KEY": KEY, "TOKEN": TOKEN, **env})
    name = "-".join(words).replace("/", "")[:40]
    Path(f"{name}.out").write_text(told.out)
    Path(f"{name}.err").write_text(told.err)
    return told


def leaks(folder: Path) -> list[str]:
    """Name the files that hold a secret, or are named by one; exact outputs may."""
    found = []
    looked_for = [part.encode() for secret in (KEY, TOKEN) for part in needles(secret)]
    for path in folder.rglob("*"):
        if path.is_file() and "exact" not in path.parts:
            content = str(path.relative_to(folder)).encode() + b"\n" + path.read_bytes()
            found += [f"{path.name}: {part!r}" for part in looked_for if part in content]
    return found


def test_no_secret_is_in_what_runs_write(desk):
    recorded = call("run", ".", "--cassette=record", "--jobs=4", "-vv", "--events=ev.txt", *REPORTS)
    assert recorded.code == 3
    assert "cassettes/sound.yaml: 1 of the recordings not saved" in recorded.err
    assert "requests · " in recorded.err
    assert call("run", ".", "--fresh", "--baseline=r.json", "--format=github", **GITHUB).code == 3
    assert call("run", ".", "--fresh", "--cassette=replay", "-v", *REPORTS[1:2]).code == 3
    assert call("run", ".", "--last-failed", "--format=json").code == 3
    for name in ("pieces", "talk", "whole", "missed"):
        assert call("run", f"{name}.recipe.yaml", "-v", "-k", "not 2").code == (name != "whole")
    assert leaks(desk) == []
    assert "***" in (desk / "r.html").read_text()
    assert len(list((desk / "cassettes").glob("*.yaml"))) > 12


def test_no_secret_is_in_what_python_is_told(desk, monkeypatch):
    """Errors and expectations are for people, and end in the logs of other programs."""
    for name, value in (("KEY", KEY), ("TOKEN", TOKEN)):
        monkeypatch.setenv(name, value)
    told = []
    for name in ("missed", "refused", "tool-fails", "cut", "broken", "elsewhere", "talk"):
        for result in api.runs(f"{name}.recipe.yaml"):
            told += [f"{check} {check!r}" for step in result.steps for check in step.checks]
        try:
            api.run(f"{name}.recipe.yaml", out=name)
        except RunnerError as error:
            told += traceback.format_exception(error)
    Path("told").write_text("".join(told))
    assert Path("told").read_text().count("***") > 20
    assert leaks(desk) == []


WRONG = {
    "param": "params: {temperature: '{{ env.TOKEN }}'}\n",
    "address": "attachments: ['https://x.invalid/{{ env.TOKEN }}']\n",
    "matrix": "matrix: {said: ['{{ env.TOKEN }}']}\n",
    "template": "vars: {a: '{{ env.TOKEN[0:40] | from_json }}'}\n",
}


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("call", [api.load, api.run])
def test_no_secret_is_in_what_python_is_told_of_a_wrong_recipe(desk, monkeypatch, name, call):
    for key, value in (("KEY", KEY), ("TOKEN", TOKEN)):
        monkeypatch.setenv(key, value)
    Path("wrong.recipe.yaml").write_text(HEAD.format("whole") + CHAT + WRONG[name])
    with pytest.raises(RecipeError) as caught:
        call("wrong.recipe.yaml")
    Path("told").write_text("".join(traceback.format_exception(caught.value)))
    assert leaks(desk) == []
    assert caught.value.__cause__ is not caught.value


@pytest.mark.parametrize("how", ["", "--curl", "--python", "--origin"])
def test_no_secret_is_shown(desk, how):
    assert call(*SHOWN, *filter(None, [how])).code == 0
    assert leaks(desk) == []


@pytest.mark.parametrize(
    "words",
    [
        ("run", ".", "--dry-run"),
        ("stale", "."),
        ("list", "recipes", "--runs"),
        ("check", ".", "--format=github"),
        ("check", ".", "--format=json"),
        ("doctor",),
    ],
)
def test_no_secret_is_told(desk, words):
    assert call(*words).code == (words[0] == "stale")
    assert leaks(desk) == []


@pytest.mark.parametrize("how", ["", "--curl", "--python"])
def test_a_header_of_the_project_that_is_a_key_is_one(desk, how):
    written = Path("runner.yaml").read_text()
    own = f"headers: {{X-Gateway-Key: '{KEY}', X-Auth: 'Basic {KEY}'}}, api_key"
    Path("runner.yaml").write_text(written.replace("api_key", own))
    assert call("show", "whole.recipe.yaml", *filter(None, [how]), KEY="another-key").code == 0
    assert call("run", "whole.recipe.yaml", "--cassette=record", KEY="another-key").code == 0
    Path("runner.yaml").unlink()
    assert leaks(desk) == []


def test_a_secret_names_no_runs(desk):
    text = "matrix: {said: ['{{ env.TOKEN }}']}\n"
    Path("whole.recipe.yaml").write_text(HEAD.format("whole") + CHAT + text)
    told = call("run", "whole.recipe.yaml")
    assert told.code == 2
    assert "a matrix may hold no secret: its values name the runs" in told.err
    assert leaks(desk) == []


GIVEN = {
    "an env file": ("env_file: exact/keys.env\n", "api_key: {env: KEY}"),
    "a key file": ("", "api_key: {file: exact/key.txt}"),
}


@pytest.mark.parametrize("way", GIVEN)
def test_a_key_that_a_file_holds_is_a_secret_too(desk, way):
    head, given = GIVEN[way]
    written = Path("runner.yaml").read_text()
    Path("runner.yaml").write_text(head + written.replace("api_key: {env: KEY}", given))
    Path("exact").mkdir()
    Path("exact/keys.env").write_text(f"KEY='{KEY}'\n")
    Path("exact/key.txt").write_text(f"{KEY}\n")
    names = ("whole", "pieces", "refused", "cut", "elsewhere", "rows", "talk")
    words = [f"{name}.recipe.yaml" for name in names]
    told = runner("run", *words, "--cassette=record", "-vv", *REPORTS, env={"TOKEN": TOKEN})
    Path("told").write_text(told.out + told.err)
    assert told.code == 3
    assert "***" in told.out + told.err
    shown = runner("show", "whole.recipe.yaml", "--curl", env={"TOKEN": TOKEN})
    Path("shown").write_text(shown.out + shown.err)
    assert leaks(desk) == []


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells of processes by files")
def test_no_key_is_a_word_of_a_process(tmp_path):
    key = "sk-nothing-0000"  # the one that trials are given
    with CountingServer() as server:
        server.gate.clear()
        trial = Trial(Plan("texts", 40, 16), tmp_path / "r", server, 1)
        run = trial.begin(*trial.words())
        deadline = time.monotonic() + 30
        while sum(server.asked.values()) < 16 and time.monotonic() < deadline:
            time.sleep(0.01)
        words = [words_of(place) for place in Path("/proc").iterdir() if place.name.isdecimal()]
        server.gate.set()
        assert trial.end(run) == 0
    assert sum("r.recipe.yaml" in one for one in words) >= 2  # several processes share the rows
    assert [one for one in words if key in one] == []


def words_of(process: Path) -> str:
    """Return the words that a process was begun with."""
    try:
        return (process / "cmdline").read_bytes().decode("utf-8", "replace").replace("\0", " ")
    except OSError:
        return ""
