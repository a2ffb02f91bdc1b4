"""`runner run --report`, `--baseline`, and what GitHub is shown."""

import json
from pathlib import Path

import pytest
from junitparser import JUnitXml

from runner.cli.screen import Screen
from tests.cli.command import HELLO, KEY, at, runner
from tests.engine.playing import written
from tests.faults.answers import DELTAS, SSE, delta, head
from tests.faults.server import FaultServer

KINDS = ("junit=r/a.xml", "html=r/a.html", "json=r/a.json", "jsonl=r/a.jsonl")
REPORTS = [word for kind in KINDS for word in ("--report", kind)]
MISSED = HELLO + "expect: [{text: {contains: Nowhere}}]\n"
TWO = {"a.recipe.yaml": HELLO, "b.recipe.yaml": MISSED}
MANY = HELLO.replace("gpt-4.1", '"{{ model }}"') + "matrix: {model: [gpt-4.1, gpt-5.1]}\n"


def test_each_report_tells_the_same_runs():
    told = runner("run", ".", "--offline", *REPORTS, files={**TWO, "c.recipe.yaml": MANY})
    assert told.code == 1
    assert sorted(path.name for path in Path("r").iterdir()) == [
        *("a.html", "a.json", "a.jsonl", "a.xml"),
    ]
    runs = json.loads(Path("r/a.json").read_text())["runs"]
    rows = [json.loads(line) for line in Path("r/a.jsonl").read_text().splitlines()]
    assert runs == rows
    ids = ["a", "b", "c[model=gpt-4.1]", "c[model=gpt-5.1]"]
    assert [row["run_id"] for row in rows] == ids
    assert [case.name for suite in JUnitXml.fromfile("r/a.xml") for case in suite] == ids


def test_what_would_be_broken_is_found_before_the_first_request(server):
    Path("folder").mkdir()
    before = server.connections
    told = runner("run", ".", "--report", "junit=folder", files=TWO, env=at(server, "none"))
    assert (told.code, told.err) == (2, "--report junit=folder: is a folder\n")
    told = runner("run", ".", "--baseline", "old.json", env=at(server, "none"))
    assert (told.code, server.connections) == (2, before)


def test_a_recipe_that_is_wrong_leaves_no_report():
    told = runner("run", ".", "--offline", *REPORTS, files={"a.recipe.yaml": "endpoint: x\n"})
    assert told.code == 2
    assert not Path("r").exists()


def test_a_baseline_tells_what_changed_and_fails_by_it_alone():
    runner("run", ".", "--offline", *REPORTS, files=TWO)
    same = ("run", ".", "--offline", "--baseline", "r/a.json", "--fail-on", "regression")
    known = runner(*same)
    assert known.code == 0
    assert "since r/a.json: 1 still failing · 1 as before\n" in known.err
    worse = runner(*same, files={"a.recipe.yaml": MISSED})
    assert worse.code == 1
    assert "  newly failing      a.recipe.yaml  passed → missed\n" in worse.err
    assert "--fail-on regression: 1 regression\n" in worse.err
    assert runner(*same[:-2], files={"a.recipe.yaml": HELLO}).code == 1


def test_a_failure_of_the_service_is_never_forgiven(server):
    env = at(server, "status-400")
    files = {"a.recipe.yaml": HELLO}
    assert runner("run", ".", "--report", "jsonl=old.jsonl", files=files, env=env).code == 3
    words = ("--baseline", "old.jsonl", "--fail-on", "regression")
    assert runner("run", ".", *words, env=env).code == 3


def test_why_a_baseline_fails_a_run_is_told_however_quiet():
    files = {"x/a.recipe.yaml": HELLO, "y/a.recipe.yaml": HELLO}
    runner("run", ".", "--offline", "--report", "jsonl=old.jsonl", files=files)
    text = Path("old.jsonl").read_text().replace('"gpt-4.1"', '"gpt-4.1-old"')
    Path("old.jsonl").write_text(text)
    words = ("run", ".", "--offline", "--baseline", "old.jsonl", "--fail-on", "model")
    quiet = runner(*words, "-q")
    assert (quiet.code, quiet.err) == (1, "--fail-on model: 2 other model\n")
    told = runner(*words).err
    assert "  other model        x/a.recipe.yaml  gpt-4.1-old → gpt-4.1\n" in told
    assert "  other model        y/a.recipe.yaml  gpt-4.1-old → gpt-4.1\n" in told


def test_json_holds_what_changed():
    runner("run", ".", "--offline", "--report", "json=old.json", files=TWO)
    told = runner("run", ".", "--offline", "--baseline", "old.json", "--json")
    assert json.loads(told.out)["baseline"]["counts"] == {"still failing": 1}
    assert "baseline" not in json.loads(runner("run", ".", "--offline", "--json").out)


def test_repeats_that_pass_often_enough_pass_in_every_report():
    recipe = HELLO + 'repeat: 3\npass: 2\nexpect: [{that: "{{ run != 2 }}"}]\n'
    told = runner("run", ".", "--offline", *REPORTS, files={"a.recipe.yaml": recipe})
    assert told.code == 0
    assert told.err.splitlines()[-1].startswith("1 passed · 1 miss tolerated · 3 requests")
    read = JUnitXml.fromfile("r/a.xml")
    assert (read.tests, read.failures) == (3, 0)
    assert json.loads(Path("r/a.json").read_text())["totals"]["tolerated"] == 1


def test_github_gets_annotations_as_they_come_and_a_summary():
    written(Path(), {"sub/b.recipe.yaml": MISSED})
    env = {"GITHUB_STEP_SUMMARY": "summary.md", "GITHUB_WORKSPACE": str(Path.cwd())}
    told = runner("run", "sub", "--offline", "--format", "github", env=env)
    assert told.out.startswith("::error file=sub/b.recipe.yaml,line=4,col=")
    assert "❌ missed | <code>b</code>" in Path("summary.md").read_text(encoding="utf-8")
    assert not runner("run", "sub", "--offline", env=env).out.startswith("::")
    assert Path("summary.md").read_text(encoding="utf-8").count("### runner") == 1


@pytest.mark.parametrize("flags", [(), ("--json",), ("--format", "github"), ("-v",)])
def test_no_answer_is_a_command_of_github(flags):
    recipe = HELLO.replace("Hello", '"\\n::error::x ##[error]y"')
    files = {"a.recipe.yaml": recipe + 'expect: [{that: "{{ text is not string }}"}]\n'}
    env = {"GITHUB_ACTIONS": "true"}
    told = runner("run", ".", "--offline", *flags, files=files, env=env)
    lines = [line.strip() for line in (told.out + told.err).splitlines()]
    assert not [line for line in lines if line.startswith("::") and "title=runner" not in line]
    assert "##[" not in told.out + told.err
    assert "##[error]" in runner("run", ".", "--offline", "--raw", env=env).out


EVIL = "a\\n::error::pwn"
NAMES = {
    "a file": HELLO.replace("user: Hello", f'user: [{{file: "{EVIL}.md"}}]'),
    "an include": HELLO.replace("user: Hello", f'include: "{EVIL}.md"'),
    "a header": HELLO + f'headers: {{"{EVIL}": x}}\n',
    "a key": HELLO + f'"{EVIL}": 1\n',
    "a tool": HELLO + f'tools: [{{type: "{EVIL}"}}]\n',
    "a field": HELLO + f'extra: {{"{EVIL}": 1}}\n',
    "a tag": HELLO + f'tags: ["{EVIL}"]\noutput: {{image: a.png}}\n',
    "a command ##[error]": HELLO.replace("user: Hello", 'user: [{file: "##[error]x.md"}]'),
}
WAYS = [
    ("run", ".", "--offline"),
    ("run", ".", "--offline", "--dry-run"),
    ("run", ".", "--offline", "--untrusted", "--max-requests", "9"),
    ("check", "."),
    ("check", ".", "--untrusted"),
    ("show", "a.recipe.yaml"),
    ("list", "recipes"),
    ("stale", "."),
]


@pytest.mark.parametrize("words", WAYS, ids=" ".join)
@pytest.mark.parametrize("recipe", NAMES.values(), ids=NAMES)
def test_no_name_in_a_recipe_is_a_command_of_github(recipe, words):
    env = {"GITHUB_ACTIONS": "true"}
    told = runner(*words, files={"a.recipe.yaml": recipe}, env=env)
    assert "Traceback" not in told.err
    lines = [line.strip() for line in (told.out + told.err).splitlines()]
    assert not [line for line in lines if line.startswith("::")]
    assert "##[" not in told.out + told.err


def test_no_name_of_a_file_is_a_command_of_github():
    env = {"GITHUB_ACTIONS": "true"}
    files = {"a\n::error::pwn.recipe.yaml": "model: [", "b.recipe.yaml": HELLO}
    for words in (("run", ".", "--offline"), ("check", "."), ("run", "x\n::error::y")):
        told = runner(*words, files=files, env=env)
        assert told.code == 2
        assert not [line for line in told.err.splitlines() if line.startswith("::")]


@pytest.mark.parametrize("raw", [False, True])
def test_nothing_that_is_shown_to_github_is_a_command(raw, monkeypatch, capsys):
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    screen = Screen(raw=raw, quiet=0)
    for show in (screen.data, screen.line, screen.note, screen.wrong):
        show("a\n ::error::x")
    told = "".join(capsys.readouterr())
    assert told.count("\n \\x3a:error::x\n") == (0 if raw else 4)
    assert told.count("\n ::error::x\n") == (4 if raw else 0)


def test_a_stream_is_shown_to_github_whole():
    """A command that comes in two pieces is one in neither."""
    told = [delta("a\n:"), delta(":error::x"), *DELTAS[2:]]

    def slow(talk):
        for piece in (head(kind=SSE, length=sum(map(len, told))), *told):
            talk.say(piece)
            talk.pause(0.05)

    with FaultServer({"slow": slow}) as server:
        env = {**at(server, "slow"), "GITHUB_ACTIONS": "true"}
        shown = runner("run", ".", files={"a.recipe.yaml": HELLO + "stream: true\n"}, env=env)
    assert shown.out == "a\n\\x3a:error::x\n"


def test_no_report_holds_a_secret():
    recipe = HELLO.replace("Hello", '"{{ env.TOKEN }}"') + "secrets: [TOKEN]\n"
    files = {"a.recipe.yaml": recipe + "expect: [{text: {equals: '{{ env.TOKEN }}'}}]\n"}
    env = {"TOKEN": KEY, "GITHUB_STEP_SUMMARY": "r/s.md"}
    told = runner(
        *("run", ".", "--provider", "offline", "--format", "github"),
        *(*REPORTS, "--baseline", "old.jsonl"),
        files={**files, "old.jsonl": baseline(files)},
        env=env,
    )
    assert told.code == 1
    texts = [path.read_text(encoding="utf-8") for path in Path("r").iterdir()]
    assert len(texts) == 5
    assert not [text for text in (*texts, told.out, told.err) if KEY in text]


def baseline(files):
    runner("run", ".", "--offline", "--report", "jsonl=old.jsonl", files=files)
    return Path("old.jsonl").read_text(encoding="utf-8")
