"""Lines: what runs without a dataset leave in the collected files of their recipe."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import runner
from tests.cli.command import HELLO
from tests.cli.command import runner as command

CELLS = HELLO.replace("gpt-4.1", "'{{ model }}'") + "matrix: {model: [gpt-4.1, gpt-4.1-mini]}\n"
PATH = "out/all.jsonl"


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def run(text, *words):
    return command("run", "a.recipe.yaml", "--offline", *words, files={"a.recipe.yaml": text})


def lines(path=PATH):
    return [json.loads(line) for line in Path(path).read_text().splitlines()]


def sidecar(path=PATH):
    return json.loads(Path(f"{path}.run.json").read_text())


def test_a_single_run_is_a_line_and_prints_no_text():
    told = run(HELLO + "collect: {file: all.jsonl, fields: {n: '{{ usage.total_tokens }}'}}\n")
    assert (told.code, told.out) == (0, "")
    assert told.err.startswith(f"wrote {PATH} (1 line)\n1 passed")
    assert isinstance(lines()[0]["n"], int)
    assert (sidecar()["lines"], sidecar()["rows"]) == (1, {"passed": 1})


@pytest.mark.parametrize("jobs", ["1", "4"])
def test_each_cell_and_each_repeat_is_a_line_in_the_matrix_s_order(jobs):
    assert run(CELLS + "repeat: 2\ncollect: all.jsonl\n", "--jobs", jobs).code == 0
    told = [(line["model"], line["run"]) for line in lines()]
    assert told == [("gpt-4.1", 1), ("gpt-4.1", 2), ("gpt-4.1-mini", 1), ("gpt-4.1-mini", 2)]
    assert all("simulated" in line["text"] for line in lines())


def test_cells_and_repeats_may_have_files_of_their_own():
    run(CELLS + "repeat: 2\ncollect: '{{ model }}-{{ run }}.csv'\n")
    for name in ("gpt-4.1-1", "gpt-4.1-2", "gpt-4.1-mini-1", "gpt-4.1-mini-2"):
        assert Path(f"out/{name}.csv").read_text().startswith("model,run,text\n")


def test_steps_are_seen_and_the_last_reply():
    keys = ", ".join(HELLO.splitlines())
    for names in ("ab", "a"):
        steps = "".join(f" - {{name: {name}, {keys}}}\n" for name in names)
        fields = "{first: '{{ steps.a.text }}', last: '{{ text }}'}"
        told = run(f"steps:\n{steps}collect: {{file: all.jsonl, fields: {fields}}}\n")
        assert told.code == 0, told.err
        assert lines()[0]["first"] == lines()[0]["last"] != ""


def test_what_stands_beside_outputs_is_collected_too():
    run(HELLO + "output: {text: a.md}\ncollect: {file: all.jsonl, fields: {f: '{{ files[0] }}'}}\n")
    assert lines() == [{"f": "out/a.md"}]


def test_a_run_that_failed_has_no_line_and_leaves_what_was_there():
    text = HELLO + "collect: {file: all.jsonl, fields: {n: '{{ usage.total_tokens }}'}}\n"
    run(text)
    before = Path(PATH).read_bytes(), sidecar()
    told = run(text.replace("usage.total_tokens", "json.nothing"))
    assert told.code == 3
    assert (Path(PATH).read_bytes(), sidecar()) == before
    Path(PATH).unlink()
    run(text.replace("usage.total_tokens", "json.nothing"))
    assert not Path(PATH).exists()


def test_of_several_runs_those_that_did_not_fail_have_lines():
    field = "{{ model if model == 'gpt-4.1' else json.nothing }}"
    assert run(CELLS + f'collect: {{file: all.jsonl, fields: {{a: "{field}"}}}}\n').code == 3
    assert lines() == [{"a": "gpt-4.1"}]
    assert sidecar()["rows"] == {"passed": 1, "failed": 1}
    assert command("stale", ".", "--offline").out == f"{PATH}: 1 of its runs failed\n"


def test_one_that_missed_an_expectation_has_a_line():
    assert run(HELLO + "expect: [{text: Z}]\ncollect: all.jsonl\n").code == 1
    assert len(lines()) == 1
    assert sidecar()["rows"] == {"missed": 1}


def test_what_was_stopped_is_not_finished():
    text = CELLS + "expect: [{text: Z}]\ncollect: all.jsonl\n"
    run(text)
    assert run(text, "--fail-fast").code == 1
    assert len(lines()) == 1
    assert not Path(f"{PATH}.run.json").exists()


def test_stale_makes_all_the_lines_of_a_file():
    text = CELLS + "collect: all.jsonl\n"
    run(text)
    assert "nothing is stale" in run(text, "--stale").err
    told = run(text.replace("Hello", "Bye"), "--stale")
    assert "out/all.jsonl: a.recipe.yaml changed" in told.err
    assert "2 passed" in told.err
    both = CELLS + "output: {text: '{{ model }}.md'}\ncollect: all.jsonl\n"
    run(both)
    Path("out/gpt-4.1.md").unlink()
    assert "2 passed" in run(both, "--stale").err


def test_what_failed_last_is_asked_again_with_all_whose_lines_stand_beside_its_own():
    text = CELLS + "expect: [{that: \"{{ model == 'gpt-4.1' }}\"}]\ncollect: all.jsonl\n"
    assert run(text).code == 1
    told = run(text, "--last-failed")
    assert "1 passed, 1 missed" in told.err.replace(" · ", ", ")
    assert len(lines()) == 2


@pytest.mark.parametrize("dataset", ["", "dataset: d.csv\n"])
def test_check_looks_at_the_fields_and_at_the_file(dataset):
    files = {"d.csv": "word\none\n"}
    for collect, place in (
        ("{file: all.jsonl, fields: {a: '{{ nope }}'}}", "40"),
        ("'{{ nope }}.jsonl'", "10"),
        ("{file: '{{ nope }}.csv'}", "17"),
        ("{file: all.jsonl, fields: {a: '{{ steps.b.text }}'}}", "40"),
        ("all.txt", "10"),
    ):
        text = HELLO + dataset + f"collect: {collect}\n"
        told = command("check", ".", files={**files, "a.recipe.yaml": text})
        row = len(text.splitlines())
        assert (told.code, told.err.count("a.recipe.yaml")) == (2, 1), told.err
        assert told.err.startswith(f"a.recipe.yaml:{row}:{place}: "), told.err
        assert f"\n  {row} | collect" in told.err


def test_one_file_cannot_be_named_by_rows():
    for name, more in (("row.word", ""), ("w", "vars: {w: '{{ row.word }}'}\n")):
        text = HELLO + more + f"dataset: d.csv\ncollect: {{file: '{{{{ {name} }}}}.csv'}}\n"
        told = command("check", ".", files={"d.csv": "word\none\n", "a.recipe.yaml": text})
        assert "one file holds the lines of all rows" in told.err


def test_the_short_form_has_a_normal_one():
    told = command("show", "a.recipe.yaml", files={"a.recipe.yaml": HELLO + "collect: r.csv\n"})
    assert "collect:\n  file: r.csv\n" in told.out


def test_lines_are_collected_from_python():
    Path("a.recipe.yaml").write_text(CELLS + "collect: all.jsonl\n")
    runner.runs("a.recipe.yaml", offline=True)
    assert [line["model"] for line in lines()] == ["gpt-4.1", "gpt-4.1-mini"]
