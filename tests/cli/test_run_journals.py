"""The journal of a run: whose it is, and what a resume accepts."""

import json
from pathlib import Path

import pytest

from tests.cli.command import runner
from tests.kills.server import CountingServer

RECIPE = """
# A note.
description: Tells of things.
endpoint: chat.completions
model: gpt-4.1-mini
dataset: {file: rows.csv, id: id}
messages: [{user: "Tell of row={{ row_id }};"}]
"""
LINES = "collect: {file: all.jsonl}\n"
TEXTS = 'output: {text: "{{ row_id }}.md"}\n'
ROWS = "id\na\nb\nc\n"


@pytest.fixture
def server():
    with CountingServer(latency=0) as found:
        yield found


def live(server, *words, files=None):
    env = {"OPENAI_BASE_URL": server.url, "OPENAI_API_KEY": "sk-nothing-0000"}
    return runner("run", "r.recipe.yaml", *words, files=files, env=env)


@pytest.mark.parametrize("kind", [LINES, TEXTS])
def test_simulated_answers_are_no_answers_of_a_service(server, kind):
    files = {"r.recipe.yaml": RECIPE + kind, "rows.csv": ROWS}
    assert runner("run", "r.recipe.yaml", "--offline", files=files).code == 0
    found = live(server, "--resume")
    assert found.code == 2
    assert "this changed: provider" in found.err
    assert "--fresh starts anew; --stale leaves what was made offline" in found.err
    assert live(server, "--stale").code == 0
    assert not server.asked
    assert live(server, "--fresh").code == 0
    assert sum(server.asked.values()) == 3


@pytest.mark.parametrize("kind", [LINES, TEXTS])
def test_answers_of_a_service_are_not_replaced_by_simulated_ones(server, kind):
    files = {"r.recipe.yaml": RECIPE + kind, "rows.csv": ROWS}
    assert live(server, files=files).code == 0
    for flag in ("--stale", "--resume"):
        found = runner("run", "r.recipe.yaml", "--offline", flag)
        assert "0 requests" in found.err or "this changed: provider" in found.err


def test_what_goes_on_after_a_change_asks_the_service_where_it_was_simulated(server):
    """Made offline, it is not stale; a run that goes on has no answer of the service yet."""
    files = {"r.recipe.yaml": RECIPE + TEXTS, "rows.csv": ROWS}
    runner("run", "r.recipe.yaml", "--offline", files=files)
    Path("out/a.md").unlink()
    assert live(server, "--stale").code == 0
    assert sum(server.asked.values()) == 1
    assert live(server, "--stale").code == 0
    assert sum(server.asked.values()) == 1
    assert live(server, "--resume").code == 0
    assert sum(server.asked.values()) == 3


def test_outputs_of_another_provider_do_not_stand_for_rows(server):
    files = {"r.recipe.yaml": RECIPE + TEXTS, "rows.csv": ROWS}
    runner("run", "r.recipe.yaml", "--offline", files=files)
    Path("out/.runner/r.db").unlink()
    assert live(server, "--resume").code == 0
    assert sum(server.asked.values()) == 3


def test_another_name_for_a_model_is_another_provider(server):
    project = "providers: {own: {kind: openai, base_url: %s, models: {gpt-4.1-mini: %s}}}\n"
    files = {"r.recipe.yaml": RECIPE + LINES, "rows.csv": ROWS}
    own = ("--provider", "own")
    files["runner.yaml"] = project % (server.url, "one")
    assert live(server, *own, files=files).code == 0
    files["runner.yaml"] = project % (server.url, "two")
    assert "this changed: provider" in live(server, *own, "--resume", files=files).err


@pytest.mark.parametrize("flag", ["--resume", "--stale"])
def test_words_for_people_are_no_change(flag):
    files = {"r.recipe.yaml": RECIPE + LINES, "rows.csv": ROWS}
    runner("run", "r.recipe.yaml", "--offline", files=files)
    said = RECIPE.replace("A note", "Another").replace("of things", "of all") + LINES
    files["r.recipe.yaml"] = said + "tags: [new]\n"
    found = runner("run", "r.recipe.yaml", "--offline", flag, files=files)
    assert found.code == 0, found.err
    assert "0 requests" in found.err


def test_a_variable_of_each_row_that_is_written_otherwise_is_a_change():
    recipe = RECIPE.replace("row={{ row_id }};", "{{ thing }}") + LINES
    files = {"r.recipe.yaml": recipe + 'vars: {thing: "a {{ row_id }}"}\n', "rows.csv": ROWS}
    runner("run", "r.recipe.yaml", "--offline", files=files)
    files["r.recipe.yaml"] = recipe + 'vars: {thing: "the {{ row_id }}"}\n'
    found = runner("run", "r.recipe.yaml", "--offline", "--resume", files=files)
    assert "this changed: variables" in found.err
    assert "3 requests" in runner("run", "r.recipe.yaml", "--offline", "--stale").err


@pytest.mark.parametrize("kind", [LINES, TEXTS], ids=["collect", "output"])
def test_a_row_that_changed_is_asked_again_and_no_other(kind):
    recipe = RECIPE.replace("row_id", "row.word") + kind
    files = {"r.recipe.yaml": recipe, "rows.csv": "id,word\na,x\nb,y\n"}
    runner("run", "r.recipe.yaml", "--offline", files=files)
    files["rows.csv"] = "id,word\na,x\nb,z\n"
    assert "1 request " in runner("run", "r.recipe.yaml", "--offline", "--stale", files=files).err


def test_a_file_that_changed_is_named():
    recipe = RECIPE.replace("[{user:", "[{system: {include: style.md}}, {user:") + LINES
    files = {"r.recipe.yaml": recipe, "rows.csv": ROWS, "style.md": "Be brief."}
    runner("run", "r.recipe.yaml", "--offline", files=files)
    files["style.md"] = "Be kind."
    found = runner("run", "r.recipe.yaml", "--offline", "--resume", files=files)
    assert (found.code, "this changed: file style.md" in found.err) == (2, True), found.err


@pytest.mark.parametrize("flag", ["--resume", "--stale", "--last-failed"])
def test_flags_that_contradict_each_other_are_refused(flag):
    files = {"r.recipe.yaml": RECIPE + LINES, "rows.csv": ROWS}
    found = runner("run", "r.recipe.yaml", "--offline", "--fresh", flag, files=files)
    assert found.code == 2
    assert f"--fresh and {flag}: " in found.err


@pytest.mark.parametrize("first", ["a", "b"])
def test_recipes_of_one_name_keep_their_journals_whatever_command_names_them(first):
    """Without a project file each recipe's own folder is its root."""
    second = "b" if first == "a" else "a"
    files = {f"{name}/rows.csv": ROWS for name in "ab"}
    files |= {f"{name}/r.recipe.yaml": RECIPE + TEXTS.replace("{{", name + "{{") for name in "ab"}
    for name in (first, second):
        found = runner("run", name, "--offline", files=files)
        assert found.code == 0, found.err
    for words in ([first], [second], ["a", "b"], ["b", "a"]):
        found = runner("run", *words, "--offline", "--resume")
        assert "0 requests" in found.err, found.err
    assert len([*Path("out/.runner").glob("r*.db")]) == 2
    assert "3 requests" in runner("run", second, "--offline", "--fresh").err
    assert "0 requests" in runner("run", first, "--offline", "--resume").err


def test_a_recipe_that_was_moved_keeps_its_journal():
    files = {"a/rows.csv": ROWS, "a/r.recipe.yaml": RECIPE + TEXTS}
    runner("run", "a", "--offline", files=files)
    Path("a").rename("b")
    assert "0 requests" in runner("run", "b", "--offline", "--resume").err


def test_a_torn_journal_is_replaced_where_all_begins_anew():
    files = {"r.recipe.yaml": RECIPE + LINES, "rows.csv": ROWS}
    runner("run", "r.recipe.yaml", "--offline", files=files)
    Path("out/.runner/r.db").write_bytes(b"torn" * 1000)
    assert "--fresh replaces it" in runner("run", "r.recipe.yaml", "--offline", "--resume").err
    found = runner("run", "r.recipe.yaml", "--offline", "--fresh")
    assert (found.code, "3 requests" in found.err) == (0, True)
    assert "0 requests" in runner("run", "r.recipe.yaml", "--offline", "--resume").err


def test_reports_of_a_resumed_run_hold_all_rows():
    recipe = RECIPE + TEXTS + "expect: [{text: {not_contains: row=b}}]\n"
    files = {"r.recipe.yaml": recipe, "rows.csv": ROWS}
    runner("run", "r.recipe.yaml", "--offline", "--max-requests", "2", files=files)
    kinds = {"json": "a.json", "jsonl": "a.jsonl", "junit": "a.xml", "html": "a.html"}
    words = [word for kind, path in kinds.items() for word in ("--report", f"{kind}={path}")]
    found = runner("run", "r.recipe.yaml", "--offline", "--resume", *words)
    assert "2 rows were done before, 1 of them missed" in found.err
    whole = json.loads(Path("a.json").read_bytes())
    runs = {run["row_id"]: run for run in whole["runs"]}
    assert {name: run["state"] for name, run in runs.items()} == {
        "a": "passed",
        "b": "missed",
        "c": "passed",
    }
    assert [name for name in "abc" if runs[name].get("before")] == ["a", "b"]
    assert "expected text without 'row=b'" in runs["b"]["steps"][0]["checks"][0]["message"]
    assert runs["a"]["steps"][0]["files"][0]["path"] == "out/a.md"
    assert whole["totals"]["requests"] == 3
    assert whole["totals"]["cost"] > 0
    assert len(Path("a.jsonl").read_text().splitlines()) == 3
    assert Path("a.xml").read_text().count('<property name="before" value="true"/>') == 2
    assert "done before" in Path("a.html").read_text()
    found = runner("run", "r.recipe.yaml", "--offline", "--resume", "--baseline", "a.json")
    assert "1 still failing · 2 as before" in found.err
