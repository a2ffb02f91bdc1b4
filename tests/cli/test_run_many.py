"""One recipe, many runs: matrix, repeats, selection, several at once."""

import json
from pathlib import Path

import pytest

from tests.cli.command import HELLO, at, runner

MANY = """
endpoint: chat.completions
model: "{{ model }}"
tags: [smoke]
matrix:
  model: [gpt-4.1, gpt-4.1-mini]
  city: [Paris, Rome]
messages: [{user: "Where is {{ city }}?"}]
expect: [{that: "{{ city == 'Rome' or run < 3 }}"}]
output: {text: "{{ model }}-{{ city }}-{{ run }}.md"}
repeat: 3
pass: 2
"""
FILES = {"many.recipe.yaml": MANY}
ONE = """
endpoint: chat.completions
model: gpt-4.1
messages: [{user: Hi}]
"""


def ids(told):
    return [run["run_id"] for run in json.loads(told.out)["runs"]]


@pytest.mark.parametrize("jobs", ["1", "5"])
def test_every_cell_runs_as_often_as_it_is_repeated(jobs):
    told = runner("run", ".", "--offline", "--json", "--jobs", jobs, files=FILES)
    cells = [f"model={m},city={c}" for m in ("gpt-4.1", "gpt-4.1-mini") for c in ("Paris", "Rome")]
    assert ids(told) == [f"many[{cell}]#{run}" for cell in cells for run in (1, 2, 3)]
    assert told.code == 0


def test_too_few_that_pass_are_a_miss():
    told = runner("run", ".", "--offline", files={"many.recipe.yaml": MANY.replace("< 3", "< 2")})
    assert told.code == 1


def test_a_cell_is_told_in_the_line_of_its_run():
    told = runner("run", ".", "--offline", "-k", "paris and mini", files=FILES)
    lines = told.out.splitlines()
    assert len(lines) == 3
    assert "many.recipe.yaml[model=gpt-4.1-mini,city=Paris]#1" in lines[0]


def test_what_failed_last_is_asked_again_and_then_nothing():
    runner("run", ".", "--offline", files=FILES)
    again = runner("run", ".", "--offline", "--json", "--last-failed", files=FILES)
    assert ids(again) == [
        "many[model=gpt-4.1,city=Paris]#3",
        "many[model=gpt-4.1-mini,city=Paris]#3",
    ]
    good = {"many.recipe.yaml": MANY.replace("< 3", "< 4")}
    assert len(ids(runner("run", ".", "--offline", "--json", "--last-failed", files=good))) == 2
    none = runner("run", ".", "--offline", "--json", "--last-failed", files=good)
    assert ids(none) == []
    assert "nothing failed or missed when it ran last" in none.err
    assert none.code == 0


def test_recipes_are_chosen_by_their_tags():
    files = {**FILES, "one.recipe.yaml": ONE}
    assert len(ids(runner("run", ".", "--offline", "--json", "--tag", "smoke", files=files))) == 12
    told = runner("run", ".", "--offline", "--tag", "slow", files=files)
    assert told.code == 2
    assert "nothing is chosen by --tag slow" in told.err


def test_a_variable_narrows_the_matrix():
    told = runner("run", ".", "--offline", "--json", "--var", "city=Rome", files=FILES)
    assert len(ids(told)) == 6
    told = runner("run", ".", "--offline", "--var", "city=Oslo", files=FILES)
    assert told.code == 2
    assert "no combination of the matrix has city=Oslo" in told.err
    assert "it has city: Paris, Rome" in told.err


def test_cells_that_would_write_one_file_are_known_before_sending():
    text = MANY.replace("-{{ city }}-", "-")
    told = runner("run", ".", "--offline", files={"many.recipe.yaml": text})
    assert told.code == 2
    assert "two outputs would be written to out/gpt-4.1-1.md" in told.err
    assert "hint: put {{ city }} into the path" in told.err


def test_repeats_that_would_write_one_file_are_told_what_counts_them():
    repeated = HELLO + "repeat: 2\noutput: {text: a.md}\n"
    told = runner("check", ".", files={"a.recipe.yaml": repeated})
    assert "hint: put {{ run }} into the path" in told.err
    told = runner("check", ".", files={"a.recipe.yaml": repeated + "matrix: {tone: [a, b]}\n"})
    assert "hint: put {{ tone }} and {{ run }} into the path" in told.err


def test_fail_fast_waits_until_a_case_can_no_longer_pass():
    text = MANY.replace("run < 3", "run > 9")
    told = runner(
        "run", ".", "--offline", "--json", "--fail-fast", files={"many.recipe.yaml": text}
    )
    assert ids(told) == ["many[model=gpt-4.1,city=Paris]#1", "many[model=gpt-4.1,city=Paris]#2"]
    assert told.code == 1


def test_sound_without_an_output_gets_a_name_of_its_own():
    text = "endpoint: audio.speech\nmodel: tts-1\ninput: Hi\nmatrix: {voice: [nova, coral]}\n"
    text += 'params: {voice: "{{ voice }}"}\n'
    told = runner("run", ".", "--offline", "--json", files={"say.recipe.yaml": text})
    assert told.code == 0, told.err
    names = [run["steps"][0]["files"][0]["path"] for run in json.loads(told.out)["runs"]]
    assert names == ["out/say-voice-nova.mp3", "out/say-voice-coral.mp3"]


def test_of_many_cells_that_fail_alike_the_causes_alone_are_told(server):
    text = ONE.replace("gpt-4.1", '"{{ m }}"') + f"matrix: {{m: {[f'm{n}' for n in range(30)]}}}\n"
    files = {"a.recipe.yaml": text}
    told = runner("run", ".", files=files, env=at(server, "status-400"))
    assert told.code == 3
    assert told.out.count("failed  a.recipe.yaml[m=m") == 30
    assert told.err.count(": the service answered 400") == 1 + 1
    assert told.err.count("of more such runs the causes alone are told, in the end\n") == 1
    assert "\n     30 failed  a[m=m0], a[m=m1], a[m=m2], …: the service answered 400" in told.err
    assert "to go on" not in told.err


def test_recipes_that_fail_by_themselves_are_told_in_full(server):
    files = {f"a{n:02}.recipe.yaml": ONE for n in range(12)}
    told = runner("run", ".", files=files, env=at(server, "status-400"))
    assert told.err.count(": the service answered 400") == 12


def test_a_report_is_not_written_over_a_recipe():
    files = {"a.recipe.yaml": ONE, "b.yaml": ONE}
    for place in ("a.recipe.yaml", "other.recipe.yaml", "b.yaml"):
        told = runner("run", ".", "b.yaml", "--offline", "--report", f"json={place}", files=files)
        assert (told.code, told.out) == (2, "")
        assert told.err.startswith(f"--report json={place}: this is a recipe\n")
        assert Path("a.recipe.yaml").read_text() == ONE


def test_who_answered_is_told():
    files = {"a.recipe.yaml": ONE}
    words = ("run", ".", "--offline", "--cassette", "auto")
    assert runner(*words, files=files).err.endswith(" (simulated)\n")
    assert runner(*words).err.endswith(" (replayed)\n")
    files["b.recipe.yaml"] = ONE
    assert runner(*words, files=files).err.endswith(" (1 of 2 replayed, simulated)\n")
