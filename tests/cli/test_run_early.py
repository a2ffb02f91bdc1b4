"""What is wrong with a row is told before the first request, with the row's own place."""

import json
import re
from pathlib import Path

import pytest

from tests.cli.command import runner

HEAD = "endpoint: chat.completions\nmodel: gpt-4.1-mini\n"
ROWS = '{"name": "a", "x": 1, "f": "one.txt"}\n{"name": "b", %s}\n'


def run(body, second, *words, command="run"):
    recipe = HEAD + "dataset: {file: rows.jsonl, id: name}\n" + body
    if "messages" not in body:
        recipe += "messages: [{user: Hello}]\n"
    files = {"r.recipe.yaml": recipe, "rows.jsonl": ROWS % second, "one.txt": "one"}
    return runner(command, "r.recipe.yaml", "--offline", *words, files=files)


@pytest.mark.parametrize("command", ["run", "check"])
@pytest.mark.parametrize(
    ("body", "second", "told"),
    [
        ('attachments: ["{{ row.f }}"]\n', '"f": "two.txt"', "no file is named two.txt"),
        ('attachments: ["{{ row.f }}"]\n', '"f": "../two.txt"', "is outside the project"),
        ('params: {temperature: "{{ row.x }}"}\n', '"x": "high"', "expected a number"),
        ('params: {temperature: "{{ row.x }}"}\n', '"x": 3', "expected a number from 0 to 2"),
        ('messages: [{user: "{{ row.x }}"}]\n', '"x": null', "expected text, got null"),
        ('messages: [{user: "{{ 1 / row.x }}"}]\n', '"x": 0', "a division by zero"),
        ('vars: {v: "{{ 1 / row.x }}"}\nmessages: [{user: "{{ v }}"}]\n', '"x": 0', "by zero"),
        ('headers: {X-Name: "{{ row.x }}"}\n', '"x": "é"', "expected ASCII text"),
        ('vars: {k: x}\nmessages: [{user: "{{ row[k] }}"}]\n', '"y": 1', "no such field"),
        ('expect: [{text: {min_length: "{{ 4 // row.x }}"}}]\n', '"x": 0', "expect.0.text."),
        ('collect: {file: a.jsonl, fields: {a: "{{ 1 / row.x }}"}}\n', '"x": 0', "by zero"),
    ],
)
def test_it_is_found_beforehand(body, second, told, command):
    found = run(body, second, command=command)
    assert found.code == 2, found.err
    said = found.err + found.out
    assert told in said
    assert "row b (rows.jsonl:2): " in said
    assert not Path("out").exists()


def test_of_many_rows_that_are_wrong_some_are_told_and_all_are_counted():
    rows = "".join(json.dumps({"name": f"r{n}", "x": 0 if n else 1}) + "\n" for n in range(100))
    recipe = HEAD + "dataset: rows.jsonl\n" + 'messages: [{user: "{{ 1 / row.x }}"}]\n'
    found = runner(
        "run", "r.recipe.yaml", "--offline", files={"r.recipe.yaml": recipe, "rows.jsonl": rows}
    )
    assert found.code == 2
    assert found.err.startswith("99 rows of rows.jsonl are wrong, the first of them:\n")
    assert "row 2 (rows.jsonl:2): a division by zero" in found.err
    more = re.search(r"… and (\d+) more", found.err)
    assert found.err.count("a division by zero") + int(more[1] if more else 0) <= 21
    assert len(found.err.encode()) <= 4096


def test_a_row_that_fails_late_leaves_what_was_sent_in_the_exit_code():
    body = 'collect: {file: a.jsonl, fields: {a: "{{ text | length / row.x }}"}}\n'
    assert run(body, '"x": 0').code == 3


@pytest.mark.parametrize(
    ("name", "content", "line"),
    [
        ("rows.json", '[{"name": "a"},\n\n{"name": "a/b"}]', 3),
        ("rows.yaml", "- {name: a}\n- {name: a/b}\n", 2),
        ("rows.csv", "name\na\na/b\n", 3),
        ("rows.csv", "name\na\nA.run.json\n", 3),
        ("rows.csv", f"name\na\n{'日' * 100}\n", 3),
        ("rows.csv", "name\n../a\n", 2),
    ],
)
def test_an_id_that_is_no_file_name_is_told_by_its_line(name, content, line):
    recipe = HEAD + f"dataset: {{file: {name}, id: name}}\nmessages: [{{user: Hello}}]\n"
    recipe += 'output: {text: "{{ row_id }}"}\n'
    found = runner(
        "run", "r.recipe.yaml", "--offline", files={"r.recipe.yaml": recipe, name: content}
    )
    assert found.code == 2
    assert f"({name}:{line}): " in found.err
    assert not Path("out").exists()


CHOSEN = (
    HEAD
    + """
dataset: {file: rows.csv, id: name}
messages: [{user: "Tell of {{ row.name }}."}]
collect: {file: a.jsonl, fields: {id: "{{ row_id }}"}}
"""
)
TABLE = {"r.recipe.yaml": CHOSEN, "rows.csv": "name\na\nb\nc\n"}


def told():
    return [json.loads(line)["id"] for line in Path("out/a.jsonl").read_text().splitlines()]


def test_rows_are_chosen_one_by_one():
    found = runner("run", "r.recipe.yaml", "--offline", "-k", "row=b", files=TABLE)
    assert (found.code, told()) == (0, ["b"])
    assert "1 passed" in found.err
    assert "not asked" not in found.err
    runner("run", "r.recipe.yaml", "--offline", "-k", "row=c or row=b", "--resume")
    assert told() == ["b", "c"]
    assert "1 request " in runner("run", "r.recipe.yaml", "--offline", "--resume").err
    assert told() == ["a", "b", "c"]


def test_rows_that_are_not_chosen_stay_as_they_are():
    runner("run", "r.recipe.yaml", "--offline", files=TABLE)
    changed = {**TABLE, "r.recipe.yaml": CHOSEN.replace("Tell", "Say")}
    words = ("run", "r.recipe.yaml", "--offline")
    found = runner(*words, "--stale", "-k", "row=b", files=changed)
    assert "1 request " in found.err
    assert told() == ["a", "b", "c"]
    assert "2 requests" in runner(*words, "--resume").err


def test_a_choice_of_no_row_is_told():
    found = runner("run", "r.recipe.yaml", "--offline", "-k", "row=z", files=TABLE)
    assert (found.code, "nothing is chosen by -k 'row=z'" in found.err) == (2, True)


def test_what_only_looks_goes_by_the_chosen_rows():
    found = runner("run", "r.recipe.yaml", "--offline", "--dry-run", "-k", "row=c", files=TABLE)
    assert "Tell of c." in found.out
    assert "Tell of a." not in found.out
    assert "1 request" in found.err
