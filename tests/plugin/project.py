"""A project of recipes that a test session of its own runs in, within this process."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from _pytest import junitxml, stepwise

from runner import pytest_plugin, run
from runner.engine.user import settings
from runner.testing import items
from runner.transport import http, recording, replaying, retry

ASK = """\
endpoint: chat.completions
model: gpt-4.1
messages: [{user: What is the OpenAI mission?}]
expect:
  - text: {contains: humanity}
output: {text: answer.md}
"""
MISSED = ASK.replace("humanity", "canals")
CELLS = """\
endpoint: chat.completions
matrix: {model: [gpt-4.1, meta/llama-3.3]}
model: "{{ model }}"
messages: [{user: What is the OpenAI mission?}]
output: {text: "{{ model | slug }}.md"}
"""


@pytest.fixture(scope="session")
def read(tmp_path_factory) -> None:
    """Read all that a run reads: what an inner session reads it forgets again."""
    assert all((items, recording, replaying, retry, http, stepwise, junitxml))
    folder = tmp_path_factory.mktemp("read")
    (folder / "ask.recipe.yaml").write_text(MISSED, encoding="utf-8")
    run(folder / "ask.recipe.yaml", offline=True, out=folder / "out")


class Project:
    """A folder of recipes, and pytest in it, without what else is installed."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self.pytester = pytester
        self.path: Path = pytester.path
        self.tmp = self.path / "tmp"

    def write(self, name: str, text: str) -> Path:
        """Write a file."""
        place = self.path / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
        return place

    def run(self, *words: str) -> pytest.RunResult:
        """Run pytest."""
        return self.pytester.runpytest_inprocess(
            f"--basetemp={self.tmp}", *words, plugins=[pytest_plugin]
        )

    def offline(self, *words: str) -> pytest.RunResult:
        """Run pytest against the simulated service."""
        return self.run("--recipes-offline", *words)

    def files(self) -> set[str]:
        """Name the files that there are."""
        found = (path for path in self.path.rglob("*") if path.is_file())
        return {str(path.relative_to(self.path)) for path in found}


@pytest.fixture
def project(read, pytester, monkeypatch) -> Project:
    for name in [*settings.KEYS, *(one for one in os.environ if one.startswith("OPENAI_"))]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.delenv("CI", raising=False)
    return Project(pytester)
