"""Which folder would hold a recipe and what it names, if it were the project."""

from pathlib import Path

import pytest

from tests.cli.command import runner

ASK = "endpoint: chat.completions\nmodel: gpt-4.1\n"
ROWS = ASK + 'dataset: {id: name, file: ../data/x.csv}\nmessages: [{user: "{{ row.name }}"}]\n'
HINT = "hint: make the working directory the project by an empty runner.yaml in it"


def told(*words, files):
    return runner("check", "r/a.recipe.yaml", *words, files=files)


def test_without_a_project_file_the_folder_above_is_suggested_for_one():
    files = {"r/a.recipe.yaml": ROWS, "data/x.csv": "name\na\n"}
    found = told(files=files)
    assert found.err.startswith("r/a.recipe.yaml:3:27: ../data/x.csv is outside the project")
    assert HINT in found.err
    assert told(files={**files, "runner.yaml": ""}).code == 0


def test_where_a_project_file_is_there_it_says_what_may_be_read():
    files = {"r/a.recipe.yaml": ROWS, "r/runner.yaml": "", "data/x.csv": "name\na\n"}
    found = told(files=files)
    assert HINT not in found.err
    assert "or allow_paths in runner.yaml" in found.err


@pytest.mark.parametrize("path", ["../" * 40 + "etc/x.csv", "/etc/x.csv"])
def test_no_project_is_as_wide_as_the_disk(path):
    found = told(files={"r/a.recipe.yaml": ROWS.replace("../data/x.csv", path)})
    assert "the project by an empty" not in found.err
    assert "allow it with --allow-path DIR" in found.err


def test_nor_as_wide_as_a_home(monkeypatch):
    monkeypatch.setenv("HOME", str(Path.cwd()))
    assert HINT not in told(files={"r/a.recipe.yaml": ROWS}).err
