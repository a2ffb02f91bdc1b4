"""A recipe over a dataset: checked whole, collected in order, resumed."""

import json
from pathlib import Path

import pytest

from tests.cli.command import runner

ROWS = "sku,name\na1,chair\na2,lamp\na3,mug\n"
RECIPE = """
endpoint: chat.completions
model: gpt-4.1-mini
dataset: {file: items.csv, id: sku}
messages: [{user: "Describe {{ row.name }}."}]
expect: [{text: {not_contains: "{{ bad }}"}}]
vars: {bad: xyzzy}
output: {text: "texts/{{ row_id }}.md"}
collect: {file: all.jsonl, fields: {id: "{{ row_id }}", answer: "{{ text | length > 0 }}"}}
"""
FILES = {"r.recipe.yaml": RECIPE, "items.csv": ROWS}


def run(*args, files=FILES):
    return runner("run", "r.recipe.yaml", "--offline", *args, files=files)


def lines(path="out/all.jsonl"):
    return [json.loads(line) for line in Path(path).read_text().splitlines()]


@pytest.mark.parametrize("jobs", ["1", "4"])
def test_each_row_is_a_run_and_a_line_in_the_dataset_s_order(jobs):
    told = run("--jobs", jobs)
    assert told.code == 0, told.err
    assert lines() == [{"id": sku, "answer": True} for sku in ("a1", "a2", "a3")]
    assert sorted(path.name for path in Path("out/texts").glob("*.md")) == [
        "a1.md",
        "a2.md",
        "a3.md",
    ]
    sidecar = json.loads(Path("out/all.jsonl.run.json").read_text())
    assert sidecar["lines"] == 3
    assert sidecar["rows"] == {"passed": 3}


def test_a_run_that_was_begun_is_neither_lost_nor_made_again_unasked():
    run()
    told = run()
    assert told.code == 2
    assert told.err.startswith("r ran before: all 3 rows are done (out/.runner/r.db)\n")
    assert "--resume" in told.err
    assert "--fresh" in told.err
    told = run("--resume")
    assert told.code == 0
    assert "0 requests" in told.err
    assert len(lines()) == 3
    assert "3 requests" in run("--fresh").err


def test_a_change_is_named_and_only_what_it_concerns_is_asked_again():
    run()
    files = {**FILES, "items.csv": ROWS.replace("lamp", "bulb") + "a4,pot\n"}
    told = run("--resume", files=files)
    assert told.code == 2
    assert "this changed: dataset" in told.err
    told = run("--stale", files=files)
    assert "2 requests" in told.err
    assert [line["id"] for line in lines()] == ["a1", "a2", "a3", "a4"]
    assert "this changed: variables" in run("--resume", "--var", "bad=x", files=files).err


def test_what_was_missed_is_done_and_counts():
    told = run("--var", "bad=mug")
    assert told.code == 1
    assert [line["id"] for line in lines()] == ["a1", "a2", "a3"]
    told = run("--var", "bad=mug", "--resume")
    assert "0 requests" in told.err
    assert told.code == 1


def test_outputs_that_stand_whole_count_though_no_journal_knows_them():
    files = {**FILES, "r.recipe.yaml": RECIPE.partition("collect:")[0]}
    run(files=files)
    Path("out/.runner/r.db").unlink()
    Path("out/texts/a2.md").write_text("torn")
    told = run("--resume", files=files)
    assert "1 request " in told.err
    assert Path("out/texts/a2.md").read_text() != "torn"


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("sku,name\na1,x\na1,y\n", "items.csv:3:1: the id 'a1' stands in two rows"),
        ("sku,title\na1,x\n", "row.name: no such field"),
        ("sku,name\na1,x\na2\n", "items.csv:3:1: expected 2 cells, got 1"),
        ("sku,name\na1,x,y\n", "items.csv:2:1: expected 2 cells, got 3"),
        ("sku,name\na/1,x\n", "may not hold '/'"),
        ("sku,name\n", "the dataset holds no rows"),
    ],
)
def test_the_whole_dataset_is_checked_before_the_first_request(rows, told):
    found = run(files={**FILES, "items.csv": rows})
    assert found.code == 2
    assert told in found.err
    assert not Path("out").exists()


def test_a_field_that_one_row_lacks_is_known_before_the_first_is_sent():
    rows = '{"sku": "a1", "name": "x"}\n{"sku": "a2"}\n'
    recipe = RECIPE.replace("items.csv", "items.jsonl")
    found = run(files={"r.recipe.yaml": recipe, "items.jsonl": rows})
    assert found.code == 2
    assert "items.jsonl:2:1: the row a2 has no field 'name'" in found.err
    assert not Path("out").exists()


def test_two_rows_that_would_write_one_file_are_told():
    files = {**FILES, "r.recipe.yaml": RECIPE.replace("{{ row_id }}.md", "{{ row.name }}.md")}
    found = run(files={**files, "items.csv": "sku,name\na1,x\na2,y\na3,x\n"})
    assert found.code == 2
    assert "row a3 (items.csv:4): it would write texts/x.md, as another row does" in found.err


def test_variables_may_read_the_row():
    recipe = RECIPE.replace("vars: {", 'vars: {thing: "a {{ row.name }}", ').replace(
        "{{ text | length > 0 }}", "{{ thing }}"
    )
    assert run(files={**FILES, "r.recipe.yaml": recipe}).code == 0
    assert [line["answer"] for line in lines()] == ["a chair", "a lamp", "a mug"]


def test_a_matrix_multiplies_the_rows():
    recipe = RECIPE.replace("gpt-4.1-mini", '"{{ model }}"').replace(
        "/{{ row_id", "/{{ model }}{{ row_id"
    )
    recipe += "matrix: {model: [gpt-4.1, gpt-4.1-mini]}\n"
    told = run("--json", files={**FILES, "r.recipe.yaml": recipe})
    ids = [one["run_id"] for one in json.loads(told.out)["runs"]]
    assert len(ids) == 6
    assert ids[0] == "r[model=gpt-4.1,row=a1]"
    assert len(lines()) == 6


def test_a_csv_of_lines_has_a_header():
    files = {**FILES, "r.recipe.yaml": RECIPE.replace("all.jsonl", "all.csv")}
    assert run(files=files).code == 0
    assert Path("out/all.csv").read_text() == "id,answer\na1,true\na2,true\na3,true\n"


MANY = """
endpoint: chat.completions
model: "{{ row.model }}"
dataset: items.csv
messages: [{user: Describe it.}]
expect: [{text: {not_contains: "{{ row.bad }}"}}]
"""
ITEMS = [*["gpt-4.1-mini,xyzzy"] * 3, *["no-such-model,xyzzy"] * 12, *["gpt-4.1-mini,imulated"] * 2]


def of_many(recipe, *words):
    files = {"r.recipe.yaml": recipe, "items.csv": "model,bad\n" + "\n".join(ITEMS)}
    return run(*words, files=files)


def test_rows_that_leave_files_have_no_line_each():
    told = of_many(MANY + "collect: {file: all.jsonl}\n")
    assert told.out == ""
    assert of_many(MANY, "--fresh").out.count("\n") == len(ITEMS)


def test_what_failed_is_told_once_of_each_cause_and_counted_in_the_end():
    told = of_many(MANY + "collect: {file: all.jsonl}\n")
    assert told.code == 3
    assert told.err.count(": the service answered 404") == 1 + 1
    assert told.err.count("r[row=") == 1 + 3 + 2
    assert told.err.count("of more such rows the causes alone are told") == 1
    first = "     12 failed  r[row=4], r[row=5], r[row=6], …: the service answered 404 (model_"
    assert first in told.err
    assert "      2 missed  r[row=16], r[row=17]: r.recipe.yaml:6: text not_contains: " in told.err


def test_what_was_told_of_each_is_not_told_again():
    told = run(
        "--var", "bad=a", files={**FILES, "r.recipe.yaml": RECIPE.replace("name}}.", "name}} a.")}
    )
    assert told.code == 1
    assert told.err.count("text not_contains: ") == 3
    assert "3 missed  first" not in told.err


def test_the_command_that_goes_on_is_told_and_does():
    recipe = MANY + "collect: {file: all.jsonl}\n"
    told = of_many(recipe, "--fresh", "--jobs", "2")
    *_, left, last = told.err.splitlines()
    assert last.startswith("3 passed · 2 missed · 12 failed · 17 requests")
    assert left == "12 failed · to go on: runner run r.recipe.yaml --offline --jobs 2 --resume"
    told = of_many(recipe, "--jobs", "2", "--resume")
    assert "5 rows were done before, 2 of them missed\n" in told.err
    assert told.err.splitlines()[-2].endswith("--jobs 2 --resume")
    assert told.err.splitlines()[-1].startswith("12 failed · 12 requests")
    assert "to go on" not in run("--fresh").err


def test_batches_that_are_left_under_way_are_told_as_that():
    told = run("--via", "batch", "--no-wait")
    assert told.code == 0
    goes_on = "to go on: runner run r.recipe.yaml --offline --via batch --resume"
    assert f"\n3 in batches · {goes_on}\n" in told.err
    told = run("--via", "batch", "--resume")
    assert "keeps no batch from one command to the next: 3 requests are asked again" in told.err
    assert "expired" not in told.err
    assert "3 passed · 3 requests · 3 attempts" in told.err


@pytest.mark.parametrize(
    ("flags", "files", "how_far"),
    [
        (("--var", "bad=mug"), FILES, "all 3 rows are done, 1 of them missed ("),
        (("--max-requests", "2"), FILES, "2 of 3 rows are done ("),
        (
            (),
            {**FILES, "items.csv": ROWS + "a4,pot\n"},
            "3 of 4 rows are done; since then this changed: dataset (",
        ),
    ],
)
def test_of_a_run_before_is_told_how_far_it_came(flags, files, how_far):
    run(*flags)
    told = run(*(flags if "--var" in flags else ()), files=files)
    assert told.code == 2
    assert told.err.startswith(f"r ran before: {how_far}out/.runner/r.db)\n")


def test_where_all_of_it_is_is_told_before_the_totals():
    told = run()
    assert told.err.splitlines()[0] == "wrote out/all.jsonl and 3 files below out/texts/"
    assert told.err.splitlines()[1].startswith("3 passed · ")
    assert "wrote" not in run("--resume").err
    assert run("--fresh", "-q").err == ""


def test_a_collected_file_alone_is_named():
    recipe = RECIPE.replace('output: {text: "texts/{{ row_id }}.md"}\n', "")
    assert run(files={**FILES, "r.recipe.yaml": recipe}).err.startswith("wrote out/all.jsonl\n")


def test_a_row_whose_expectation_cannot_be_judged_has_no_file_and_no_line():
    wanted = '{that: "{{ text and nope[row.sku] }}"}'
    text = RECIPE.replace('{text: {not_contains: "{{ bad }}"}}', wanted)
    text = text.replace("bad: xyzzy", "nope: {a1: true, a3: true}")
    told = run(files={**FILES, "r.recipe.yaml": text})
    assert told.code == 3
    assert "r.recipe.yaml:6:10: that: " in told.err
    assert [line["id"] for line in lines()] == ["a1", "a3"]
    assert sorted(path.name for path in Path("out/texts").glob("*.md")) == ["a1.md", "a3.md"]
    assert runner("run", "r.recipe.yaml", "--offline", "--resume").code == 3


@pytest.mark.parametrize("taken", ["texts/a3.md", "all.jsonl"])
def test_a_row_whose_path_is_taken_is_known_before_the_first_is_sent(taken):
    Path("out", taken).mkdir(parents=True)
    told = run()
    assert told.code == 2
    assert f"out/{taken} is a folder" in told.err
    assert not Path("out/.runner").exists()


def test_rows_that_missed_alone_are_told_how_to_repeat():
    told = run("--var", "bad=mug")
    again = "runner run r.recipe.yaml --offline --var bad=mug --last-failed"
    assert f"\n1 missed · to repeat them: {again}\n" in told.err


def test_what_is_left_in_batches_has_no_totals():
    assert "nothing ran" not in run("--via", "batch", "--no-wait").err


def refused(recipe=RECIPE, rows=ROWS):
    found = run(files={"r.recipe.yaml": recipe, "items.csv": rows})
    assert found.code == 2
    return found.err


def test_a_field_that_every_row_lacks_is_told_once_in_the_recipe():
    told = refused(RECIPE.replace('answer: "{{ text | length > 0 }}"', 'answer: "{{ row.nme }}"'))
    assert told.startswith("r.recipe.yaml:9:65: collect.fields.answer: row.nme: no such field")
    assert "hint: did you mean 'name'?\n1 fault" in told


def test_an_id_that_the_first_row_lacks_is_told_in_the_recipe():
    told = refused(RECIPE.replace("id: sku", "id: nam"))
    assert told.startswith(
        "r.recipe.yaml:4:32: dataset.id: the first row of items.csv has no field"
    )
    assert "hint: did you mean 'name'?" in told


def test_a_table_that_semicolons_part_is_told():
    assert "parted by semicolons: a CSV file needs commas" in refused(rows=ROWS.replace(",", ";"))
    rows = "sku;name\na;b,c\n"
    assert "parted by semicolons" in refused(RECIPE.replace(", id: sku", ""), rows)


def test_an_id_that_stands_twice_is_one_fault():
    told = refused(rows="sku,name\na1,x\na1,y\n")
    assert "stands in two rows" in told
    assert "1 fault" in told
    assert "row_id" not in told


def test_a_key_that_is_missing_ends_the_run_with_the_first_row_that_needs_it():
    assert run("--cassette", "record").code == 0
    files = {"items.csv": ROWS + "a4,cup\na5,bowl\na6,vase\n"}
    told = runner("run", "r.recipe.yaml", "--cassette", "auto", "--fresh", files=files)
    assert told.code == 3
    assert told.err.count("OPENAI_API_KEY is not set") == 1
    assert "\n1 failed, 2 not asked · to go on: runner run" in told.err


def test_of_what_is_not_recorded_no_row_is_asked_where_nothing_can_be_recorded():
    files = {"r.recipe.yaml": RECIPE, "items.csv": ROWS}
    assert run("--cassette", "record", files=files).code == 0
    Path("cassettes/r").write_text("")
    assert run("--cassette", "auto", "--fresh").code == 0
    files["items.csv"] = ROWS + "a4,cup\na5,bowl\n"
    told = run("--cassette", "auto", "--fresh", files=files)
    assert told.code == 3
    assert told.err.count("no recording can be kept in cassettes/r.yaml: ") == 1
    assert "1 failed, 1 not asked" in told.err


def test_only_variables_that_a_recipe_reads_count():
    project = {"runner.yaml": "vars: {tone: plain, style: '{{ tone }}', other: x}\n"}
    files = FILES | project | {"r.recipe.yaml": RECIPE.replace("{{ row.name }}", "{{ style }} x")}
    assert run(files=files).code == 0
    files["other.recipe.yaml"] = "endpoint: models\nheaders: {x-other: '{{ other }}'}\n"
    words = ("run", ".", "--offline", "--resume")
    told = runner(*words, "--var", "other=y", files=files)
    assert told.code == 0, told.err
    assert "3 rows were done before" in told.err
    told = runner(*words, "--var", "tone=loud")
    assert told.code == 2
    assert "since the run was begun this changed: variables" in told.err


def test_rows_that_cannot_be_read_are_told_beside_those_that_are_wrong():
    told = refused(rows="sku,name\na1,x\na2\na1,y\n,z\na3,x,y\n")
    assert [line for line in told.splitlines() if "items.csv" in line] == [
        "items.csv:3:1: expected 2 cells, got 1",
        "items.csv:4:1: the id 'a1' stands in two rows",
        "items.csv:5:1: the id is empty",
        "items.csv:6:1: expected 2 cells, got 3",
    ]


def test_a_first_row_that_cannot_be_read_hides_no_other():
    told = refused(rows="sku,name\na1\na2,x\na3\n")
    assert "items.csv:2:1: expected 2 cells, got 1" in told
    assert "items.csv:4:1: expected 2 cells, got 1" in told


def test_of_many_rows_that_cannot_be_read_twenty_are_told_and_all_are_counted():
    told = refused(rows="sku,name\n" + "a\n" * 5000)
    assert told.startswith("5,000 rows of items.csv are wrong, the first of them:\n")
    assert "21 faults, nothing was sent" in told


def test_a_row_after_which_no_other_can_be_read_ends_the_faults():
    told = refused(rows='sku,name\na1,x\na2\na3,"y\na4\n')
    assert "items.csv:3:1: expected 2 cells, got 1" in told
    assert "items.csv:4:1: the row is no CSV" in told


def test_lines_that_are_no_json_are_all_told():
    recipe = RECIPE.replace("items.csv", "items.jsonl")
    rows = '{"sku": 1, "name": "x"}\n{"sku"\n{"sku": 2, "name": "y"}\n{"sku": "\\ud800"}\n[]\n'
    told = run(files={"r.recipe.yaml": recipe, "items.jsonl": rows}).err
    places = [line.partition(": ")[0] for line in told.splitlines() if "items.jsonl:" in line]
    assert places == ["items.jsonl:2:1", "items.jsonl:4:1", "items.jsonl:5:1"]


def test_one_column_may_be_named_with_a_semicolon():
    recipe = RECIPE.replace("row.name", "row['sku; name']").replace(", id: sku", "")
    files = {"r.recipe.yaml": recipe, "items.csv": "sku; name\nchair\n"}
    assert run(files=files).code == 0


def test_a_table_of_another_kind_is_saved_as_csv():
    files = {"r.recipe.yaml": RECIPE.replace("items.csv", "items.tsv"), "items.tsv": "sku\tname\n"}
    assert "hint: save a table as .csv, with commas between its cells" in run(files=files).err


def test_a_table_in_another_coding_is_saved_as_utf_8():
    told = run(files={"r.recipe.yaml": RECIPE, "items.csv": b"sku,name\na1,caf\xe9\n"}).err
    assert "items.csv:2:7: the line is not UTF-8 text" in told
    assert "hint: save the file as UTF-8" in told


def test_a_dataset_above_the_recipe_needs_a_project_that_holds_both():
    recipe = RECIPE.replace("items.csv", "../items.csv")
    files = {"items.csv": ROWS, "deep/r.recipe.yaml": recipe}
    told = runner("check", "deep/r.recipe.yaml", files=files).err
    assert "deep/r.recipe.yaml:4:17: ../items.csv is outside the project" in told
    assert "hint: make the working directory the project by an empty runner.yaml in it" in told
    assert runner("check", "deep/r.recipe.yaml", files={"runner.yaml": ""}).code == 0
