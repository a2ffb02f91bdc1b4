"""A run over a dataset that goes on where it stopped."""

import json
import os
from pathlib import Path

import pytest

from tests.cli.command import runner
from tests.cli.test_run_rows import RECIPE, ROWS, lines
from tests.kills.server import CountingServer

IDS = [f"r{number}" for number in range(1, 9)]
ASK = """
endpoint: chat.completions
model: gpt-4.1-mini
dataset: {file: rows.csv, id: id}
vars: {word: none}
messages: [{user: "Tell of row={{ row_id }}; not {{ word }}."}]
"""
LINES = "collect: {file: all.jsonl, fields: {id: '{{ row_id }}', text: '{{ text }}'}}\n"
TEXTS = "output: {text: 'texts/{{ row_id }}.md'}\n"
TABLE = "id\n" + "".join(f"{name}\n" for name in IDS)


class Desk:
    """A server, and the command that asks it."""

    def __init__(self, server):
        self.server = server
        self.files = {"r.recipe.yaml": ASK + LINES, "rows.csv": TABLE}

    def run(self, *words):
        self.server.asked.clear()
        env = {"OPENAI_BASE_URL": self.server.url, "OPENAI_API_KEY": "sk-nothing-0000"}
        return runner("run", "r.recipe.yaml", "--retries", "0", *words, files=self.files, env=env)

    @property
    def asked(self):
        return sorted(self.server.asked.elements())


@pytest.fixture
def desk():
    with CountingServer(latency=0) as server:
        yield Desk(server)


def told():
    return [line["id"] for line in lines()]


@pytest.mark.parametrize("jobs", ["1", "3"])
def test_rows_that_failed_are_asked_again_and_others_never(desk, jobs):
    desk.server.refuses = {"r2": 400, "r5": 400}
    assert desk.run("--jobs", jobs).code == 3
    assert told() == [name for name in IDS if name not in ("r2", "r5")]
    desk.server.refuses = {"r5": 400}
    assert desk.run("--jobs", jobs, "--resume").code == 3
    assert desk.asked == ["r2", "r5"]
    assert told() == [name for name in IDS if name != "r5"]
    desk.server.refuses = {}
    assert desk.run("--jobs", jobs, "--resume").code == 0
    assert desk.asked == ["r5"]
    assert told() == IDS
    assert desk.run("--resume").code == 0
    assert desk.asked == []


def test_what_failed_or_missed_last_is_asked_again_and_nothing_else(desk):
    desk.files["r.recipe.yaml"] += "expect: [{text: {not_contains: to r3}}]\n"
    desk.server.refuses = {"r2": 400, "r6": 401}
    assert desk.run().code == 3
    assert desk.asked == IDS[:6]  # The key is wrong: no more were sent.
    desk.server.refuses = {}
    assert desk.run("--last-failed").code == 1
    assert desk.asked == ["r2", "r3", "r6"]
    assert told() == IDS[:6]
    assert desk.run("--last-failed").code == 1
    assert desk.asked == ["r3"]
    assert desk.run("--resume").code == 1
    assert desk.asked == ["r7", "r8"]


def test_without_a_journal_nothing_failed_last(desk):
    found = desk.run("--last-failed")
    assert found.code == 0
    assert "nothing failed or missed when it ran last" in found.err
    assert not Path("out").exists()


@pytest.mark.parametrize("kind", [LINES, TEXTS, TEXTS + LINES])
@pytest.mark.parametrize("words", [("--fresh",), ("--stale", "--var", "word=x")])
def test_what_is_made_anew_is_not_taken_for_done_when_it_goes_on(desk, kind, words):
    desk.files["r.recipe.yaml"] = ASK + kind
    assert desk.run().code == 0
    desk.server.refuses = {"r4": 401}
    assert desk.run(*words).code == 3
    assert desk.asked == IDS[:4]
    desk.server.refuses = {}
    assert desk.run("--resume", *words[1:]).code == 0
    assert desk.asked == IDS[3:]


def test_a_variable_that_changed_is_named_though_others_read_the_row(desk):
    desk.files["r.recipe.yaml"] = ASK.replace("{word: none}", "{word: x, w: '{{ row_id }}'}")
    assert desk.run("--var", "word=a").code == 0
    assert "this changed: variables" in desk.run("--resume", "--var", "word=b").err
    assert desk.asked == []


def test_outputs_made_with_other_values_do_not_stand_for_rows(desk):
    desk.files["r.recipe.yaml"] = ASK + TEXTS
    desk.run("--var", "word=a")
    Path("out/.runner/r.db").unlink()
    assert desk.run("--resume", "--var", "word=a").code == 0
    assert desk.asked == []
    Path("out/.runner/r.db").unlink()
    assert desk.run("--resume", "--var", "word=b").code == 0
    assert desk.asked == IDS


@pytest.mark.parametrize("jobs", ["1", "3"])
def test_a_collected_file_keeps_what_is_recorded_when_it_is_stopped_early(desk, jobs):
    desk.server.refuses = {"r1": 400}
    desk.run("--jobs", jobs)
    assert told() == IDS[1:]
    desk.server.refuses = {"r1": 401}
    assert desk.run("--jobs", jobs, "--resume").code == 3
    assert told() == IDS[1:]


def test_rows_times_cells_times_repeats_are_all_done_once(desk):
    desk.files["r.recipe.yaml"] = (
        ASK
        + "matrix: {tone: [a, b]}\nrepeat: 2\n"
        + "collect: {file: all.jsonl, fields: {id: '{{ row_id }}{{ tone }}{{ run }}'}}\n"
    )
    desk.server.refuses = {"r3": 400}
    found = desk.run("--jobs", "4")
    assert len(desk.asked) == 32, found.err
    desk.server.refuses = {}
    assert desk.run("--jobs", "4", "--resume").code == 0
    assert desk.asked == ["r3"] * 4
    assert sorted(told()) == sorted(f"{name}{t}{n}" for name in IDS for t in "ab" for n in "12")


def test_fail_fast_stops_at_the_first_row_and_goes_on_from_there(desk):
    desk.server.refuses = {"r3": 400}
    assert desk.run("--fail-fast").code == 3
    assert desk.asked == IDS[:3]
    desk.server.refuses = {}
    assert desk.run("--resume").code == 0
    assert desk.asked == IDS[2:]


def test_a_budget_stops_the_rows_and_a_higher_one_goes_on(desk):
    assert desk.run("--max-requests", "3").code == 5
    assert desk.asked == IDS[:3]
    assert desk.run("--max-requests", "9", "--resume").code == 0
    assert desk.asked == IDS[3:]
    assert told() == IDS


@pytest.mark.parametrize("jobs", ["1", "4"])
def test_rows_that_a_budget_stopped_are_not_asked_and_did_not_fail(desk, jobs):
    found = desk.run("--max-requests", "3", "--jobs", jobs)
    assert found.code == 5
    assert found.err.count("stopped before request 4: --max-requests is 3") == 1
    assert "failed" not in found.err
    again = f"runner run r.recipe.yaml --retries 0 --max-requests 3 --jobs {jobs} --resume"
    assert f"\n5 not asked · to go on with as much again: {again}\n" in found.err
    found = desk.run("--max-requests=0", "--resume")
    way = "to go on with a higher limit: runner run r.recipe.yaml --retries 0 --max-requests=N"
    assert f"\n5 not asked · {way} --resume\n" in found.err
    assert desk.asked == []
    assert desk.run("--max-requests", "5", "--resume").code == 0
    assert told() == IDS


def test_retries_count_for_a_budget(desk):
    desk.server.refuses = {"r2": 503}
    assert desk.run("--max-requests", "3", "--retries", "2").code == 5
    assert desk.asked == ["r1", "r2", "r2"]


@pytest.mark.parametrize("jobs", [1, 4])
def test_an_account_without_money_stops_the_rows(desk, jobs):
    ids = [f"r{number:02}" for number in range(50)]
    desk.files["rows.csv"] = "id\n" + "".join(f"{name}\n" for name in ids)
    desk.server.limit = 3
    assert desk.run("--jobs", str(jobs)).code == 3
    assert 4 <= len(desk.asked) <= 3 + 3 * jobs
    done = told()
    desk.server.limit = None
    assert desk.run("--resume").code == 0
    assert desk.asked == [name for name in ids if name not in done]
    assert told() == ids


def test_hooks_that_changed_are_named(desk):
    hook = "from runner import hook\n\n\n@hook\ndef look() -> str:\n    {}\n    return ''\n"
    desk.files["r.recipe.yaml"] += "tools: [look]\n"
    desk.files["hooks.py"] = hook.format("'Look.'")
    assert desk.run("--hooks", "hooks.py").code == 0
    desk.files["hooks.py"] = hook.format("'See.'")
    assert "this changed: hooks" in desk.run("--hooks", "hooks.py", "--resume").err


def test_hooks_that_are_named_twice_are_the_same(desk):
    hook = "from runner import hook\n\n\n@hook\ndef look() -> str:\n    'Look.'\n    return ''\n"
    desk.files["r.recipe.yaml"] += "tools: [look]\n"
    desk.files |= {"hooks.py": hook, "runner.yaml": "hooks: [hooks.py]\n"}
    assert desk.run().code == 0
    assert desk.run("--resume", "--hooks", "hooks.py").code == 0


def test_two_recipes_of_one_name_have_journals_of_their_own(desk):
    table = {"a/rows.csv": TABLE, "b/rows.csv": TABLE, "runner.yaml": "vars: {}\n"}
    texts = ASK + "output: {text: '{{ folder }}/{{ row_id }}.md'}\n"
    for folder in "ab":
        table[f"{folder}/r.recipe.yaml"] = texts.replace("none", f"none, folder: {folder}")
    env = {"OPENAI_BASE_URL": desk.server.url, "OPENAI_API_KEY": "sk-nothing-0000"}
    assert runner("run", "a", "b", files=table, env=env).code == 0
    assert len(desk.asked) == 16
    assert len([*Path("out/.runner").iterdir()]) == 2
    for paths in (["a", "b"], ["b"], ["a"], ["b", "a"]):
        found = runner("run", *paths, "--resume", env=env)
        assert found.code == 0, found.err
        assert "0 requests" in found.err


@pytest.mark.parametrize("words", [("check",), ("run", "--dry-run")])
def test_what_only_looks_counts_the_rows_and_writes_nothing(desk, words):
    command, *more = words
    found = runner(command, "r.recipe.yaml", *more, files=desk.files)
    assert found.code == 0, found.err
    assert not Path("out").exists()
    assert desk.asked == []
    if more:
        assert "8 requests" in found.err


def test_a_changed_row_of_a_table_that_was_checked_is_told_by_its_place(desk):
    desk.server.refuses = {"r2": 400}
    desk.run()
    desk.files["rows.csv"] = TABLE.replace("r8\n", "r8,9\n")
    found = desk.run("--resume")
    assert found.code == 2
    assert "rows.csv:9:1: expected 1 cells, got 2" in found.err
    assert desk.asked == []


@pytest.mark.parametrize("kind", [TEXTS, TEXTS + LINES])
@pytest.mark.parametrize("size", [0, 16, 1000, 4096, 9000])
def test_a_torn_journal_is_told_and_outputs_stand_for_it(desk, kind, size):
    desk.files["r.recipe.yaml"] = ASK + kind + "expect: [{text: {not_contains: to r3}}]\n"
    assert desk.run().code == 1
    before = Path("out/all.jsonl").read_bytes() if LINES in kind else b""
    place = Path("out/.runner/r.db")
    place.write_bytes(place.read_bytes()[:size])
    found = desk.run("--resume")
    if found.code == 2:
        assert desk.asked == []
        assert "--resume then goes by the outputs that stand whole" in found.err
        place.unlink()
        found = desk.run("--resume")
    assert (found.code, desk.asked) == (1, []), found.err
    assert (Path("out/all.jsonl").read_bytes() if LINES in kind else b"") == before


def test_the_rows_of_standard_input_are_there_for_every_cell_and_every_resume():
    recipe = RECIPE.replace("items.csv", "'-'").replace("/{{ row_id", "/{{ run_model }}{{ row_id")
    recipe += "matrix: {run_model: [a, b]}\n"
    words = ("run", "r.recipe.yaml", "--offline")
    found = runner(*words, files={"r.recipe.yaml": recipe}, given=ROWS)
    assert found.code == 0, found.err
    assert len(lines()) == 6
    assert "0 requests" in runner(*words, "--resume", given=ROWS).err
    assert "this changed: dataset" in runner(*words, "--resume", given=ROWS + "a4,pot\n").err
    assert json.loads(Path("out/all.jsonl.run.json").read_bytes())["lines"] == 6


@pytest.mark.parametrize("kind", ["folder", "pipe", "beneath a file", "a way out"])
def test_a_place_that_takes_no_lines_is_told_before_anything_is_sent(desk, kind, tmp_path_factory):
    desk.files["r.recipe.yaml"] = ASK + LINES.replace("all.jsonl", "sub/all.jsonl")
    place = Path("out/sub/all.jsonl")
    Path("out").mkdir()
    if kind == "folder":
        place.mkdir(parents=True)
    elif kind == "pipe":
        place.parent.mkdir()
        os.mkfifo(place)
        held = os.open(place, os.O_RDWR | os.O_NONBLOCK)
        os.write(held, b"x" * 4096)  # Whoever reads of it is not to wait.
    elif kind == "beneath a file":
        place.parent.touch()
    else:
        place.parent.symlink_to(tmp_path_factory.mktemp("elsewhere"))
    found = desk.run()
    assert (found.code, desk.asked) == (2, []), found.err
    assert "sub" in found.err


def test_the_lines_of_each_cell_are_there_as_they_come(desk):
    own = LINES.replace("all.jsonl", "'{{ tone }}.jsonl'")
    desk.files["r.recipe.yaml"] = ASK + own + "matrix: {tone: [a, b]}\n"
    desk.server.refuses = {"r2": 400}
    desk.run("--jobs", "3")
    desk.server.refuses = {}
    assert desk.run("--jobs", "3", "--resume").code == 0
    for tone in "ab":
        told = Path(f"out/{tone}.jsonl").read_text().splitlines()
        assert [json.loads(line)["id"] for line in told] == IDS


def test_two_recipes_collect_in_no_one_file(desk):
    files = {**desk.files, "s.recipe.yaml": desk.files["r.recipe.yaml"]}
    env = {"OPENAI_BASE_URL": desk.server.url, "OPENAI_API_KEY": "sk-nothing-0000"}
    for words in (("run", "r.recipe.yaml", "s.recipe.yaml"), ("check", ".")):
        found = runner(*words, files=files, env=env)
        assert "collect: two would be written to" in found.err
    assert (found.code, desk.asked) == (2, []), found.err
