"""A sidecar tells what an output was made from, and nothing of the machine."""

from pathlib import Path

import pytest

from runner.engine.writing.provenance import Origin, commit, day, moment, record
from runner.model import Answer
from tests.engine.playing import written

HEX = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize(
    "files",
    [
        {".git/HEAD": HEX},
        {".git/HEAD": "ref: refs/heads/main\n", ".git/refs/heads/main": f"{HEX}\n"},
        {
            ".git/HEAD": "ref: refs/heads/main",
            ".git/packed-refs": f"# pack-refs\n{'f' * 40} refs/heads/mainly\n{HEX} refs/heads/main",
        },
        {
            "below/.git": "gitdir: ../.git/worktrees/one\n",
            ".git/HEAD": "f" * 40,
            ".git/worktrees/one/HEAD": "ref: refs/heads/one",
            ".git/worktrees/one/commondir": "../..\n",
            ".git/refs/heads/one": HEX,
        },
    ],
)
def test_the_commit_is_read_from_gits_own_files(tmp_path, files):
    written(tmp_path, files)
    (tmp_path / "below/deep").mkdir(parents=True)
    assert commit(tmp_path / "below/deep") == HEX


@pytest.mark.parametrize(
    "files", [{".git/HEAD": ""}, {".git/HEAD": "ref: refs/heads/new"}, {".git/HEAD": b"\xff\xfe"}]
)
def test_where_there_is_no_commit_none_is_told(tmp_path, files):
    written(tmp_path, files)
    assert commit(tmp_path) is None


def test_times_are_utc():
    assert moment(1_750_000_000.9) == "2025-06-15T15:06:40+00:00"
    assert day(1_750_000_000) == "2025-06-15"


def test_files_are_named_from_the_projects_root(tmp_path, monkeypatch):
    root = tmp_path / "project"
    (root / "recipes").mkdir(parents=True)
    monkeypatch.chdir(root / "recipes")
    origin = Origin(
        recipe="./a.recipe.yaml",
        inputs={
            "a.recipe.yaml": "1",
            str(root / "hooks/x.md"): "2",
            "../../other/y.md": "3",
            "-": "4",
        },
        hooks={str(root / "hooks.py"): "5"},
        request="6",
        passed=True,
        time=0.0,
        root=root,
        meaning="8",
        values={"city": "9"},
    )
    told = record(origin, Answer(), "text", "7")
    assert told["recipe"] == "recipes/a.recipe.yaml"
    assert told["sha256"] == {
        "output": "7",
        "recipe": "1",
        "request": "6",
        "inputs": {"-": "4", "../other/y.md": "3", "hooks/x.md": "2"},
        "hooks": {"hooks.py": "5"},
        "row": None,
        "meaning": "8",
        "values": {"city": "9"},
    }


def test_a_recipe_from_standard_input_has_a_digest_too():
    origin = Origin("-", {"-": "1"}, {}, "", False, 0.0, Path())
    told = record(origin, Answer(latency=1.23456789), "json", "2")
    assert (told["recipe"], told["sha256"]["recipe"], told["passed"]) == ("-", "1", False)
    assert (told["model"], told["latency"]) == (None, 1.234568)
