"""The hook of pre-commit is one that pre-commit takes, and checks what it should."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

from runner.cli import COMMANDS

ROOT = Path(__file__).parent.parent
NEEDED = {"id", "name", "entry", "language"}
KNOWN = NEEDED | {"description", "files", "types", "types_or", "exclude", "pass_filenames", "args"}
"""The keys of pre-commit's own schema that may matter here."""


@pytest.fixture(scope="module")
def hook():
    (found,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    return found


def test_the_hook_has_the_keys_of_pre_commit(hook):
    assert hook.keys() >= NEEDED
    assert hook.keys() <= KNOWN
    assert all(isinstance(value, str) for value in hook.values())


def test_the_hook_calls_a_command_that_is_installed(hook):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    script, command = hook["entry"].split()
    assert script in project["project"]["scripts"]
    assert command in COMMANDS
    assert hook["language"] == "python"


@pytest.mark.parametrize(
    ("file", "is_checked"),
    [("a.recipe.yaml", True), ("b/c.recipe.yml", True), ("runner.yaml", False), ("a.yaml", False)],
)
def test_the_hook_takes_recipes_alone(hook, file, is_checked):
    assert bool(re.search(hook["files"], file)) is is_checked
