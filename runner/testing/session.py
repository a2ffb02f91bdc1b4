"""Session: the recipes of a test session, checked and run by one suite."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from tempfile import mkdtemp

import pytest

from runner.engine.selection import Selection
from runner.engine.suite import Checked, Suite
from runner.engine.user.options import Options
from runner.pytest_plugin import mode_of
from runner.results import RunResult

TAKEN = ("and", "or", "not", "skip", "skipif", "xfail", "parametrize", "usefixtures")
"""What pytest reads otherwise than as the name of a marker."""


class Recipes:
    """The recipes of a test session, in one suite: hooks are read once, connections are kept."""

    def __init__(self, config: pytest.Config) -> None:
        mode, out = mode_of(config), config.getoption("recipes_out")
        self._is_scratch = not out
        self._folders = getattr(config, "_tmp_path_factory", None)
        self._base = Path(out) if out else self._scratch(config)
        options = Options(out=self._base, chosen=True)
        if mode == "offline":
            options = options._replace(offline=True)
        elif mode != "live":
            options = options._replace(cassette=mode)
        self._suite = Suite(options, lambda text: print(text, file=sys.stderr))
        self.hide = self._suite.masker.hide
        self._numbers = count(1)
        self._config = config
        self._markers: set[str] = set()
        config.add_cleanup(self._suite.close)

    def _scratch(self, config: pytest.Config) -> Path:
        """Return the folder below which each case has its own; none is made to collect alone."""
        if config.getoption("collectonly"):
            return Path("out")
        if self._folders is None:
            return Path(mkdtemp(prefix="recipes-"))
        return Path(self._folders.getbasetemp())

    def cases(self, path: Path) -> dict[str, list[Checked]]:
        """Check a recipe, and list the runs of each case by its name."""
        source = self._suite.read(named(path))
        if self._is_scratch:
            own = self._base / str(next(self._numbers))
            source = source._replace(options=source.options._replace(out=own))
        found: dict[str, list[Checked]] = {}
        for checked in self._suite.cases(source, Selection()):
            cell = checked.plan.cell.label
            name = checked.plan.recipe.name + (f"[{cell}]" if cell else "")
            # Each is rendered in its turn: what was rendered may hold whole pictures.
            found.setdefault(name, []).append(checked._replace(first=None))
        return found

    def probe(self, runs: list[Checked]) -> None:
        """Raise SettingsError where what a case is to record cannot be kept."""
        for checked in runs:
            self._suite.tapes.probe(checked.plan)

    def runs(self, runs: list[Checked], name: str) -> Iterator[tuple[Checked, RunResult]]:
        """Make the runs of a case, in a folder of their own unless one was named for all."""
        if self._is_scratch:
            out = self._folder(re.sub(r"[^\w.-]+", "_", name)[:60])
            runs = [_within(out, checked) for checked in runs]
        return self._suite.runs(runs)

    def marker(self, tag: str) -> str:
        """Return the marker of a tag, which pytest is told of before it is used."""
        name = marker(tag)
        if name not in self._markers:
            self._markers.add(name)
            self._config.addinivalue_line("markers", f"{name}: recipes with the tag {tag}")
        return name

    def _folder(self, name: str) -> Path:
        if self._folders is None:
            return Path(mkdtemp(prefix=name, dir=self._base))
        return Path(self._folders.mktemp(name))


RECIPES: pytest.StashKey[Recipes] = pytest.StashKey()


def recipes_of(config: pytest.Config) -> Recipes:
    """Return the recipes of a session."""
    if RECIPES not in config.stash:
        config.stash[RECIPES] = Recipes(config)
    return config.stash[RECIPES]


def marker(tag: str) -> str:
    """Name a tag as a marker: one word, that means nothing else to pytest."""
    word = re.sub(r"\W", "_", tag)
    return word if word[:1].isalpha() and word not in TAKEN else f"tag_{word}"


def _within(out: Path, checked: Checked) -> Checked:
    plan = checked.plan
    return checked._replace(plan=plan._replace(options=plan.options._replace(out=out)))


def named(path: Path) -> str:
    """Name a recipe as the command line would: from the working directory, where it is below."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
