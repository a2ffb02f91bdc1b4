"""Items: what pytest collects of recipes: files, and a case for each cell of their matrices.

A case asks while pytest sets it up, and is judged when pytest calls it: so a service that fails
is an error to pytest and to its reports, and a missed expectation a failure.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runner.cli.options import is_recipe
from runner.engine.groups import MISSED
from runner.engine.suite import Checked
from runner.errors import RunnerError
from runner.testing.session import recipes_of
from runner.testing.showing import Reports
from runner.testing.told import FailedError, MissedError, Told

STOPS = (130, 143)
REPORTS = "recipe_reports"


class RecipeFile(pytest.File):
    """A recipe."""

    def collect(self) -> Iterator[RecipeCase]:
        """Check the recipe, and list its cases; nothing is sent."""
        recipes = recipes_of(self.config)
        try:
            cases = recipes.cases(self.path)
        except RunnerError as error:
            raise self.CollectError(recipes.hide(str(error))) from None
        for name, runs in cases.items():
            yield RecipeCase.from_parent(self, name=name, runs=runs)


class RecipeCase(pytest.Item):
    """A run of a recipe, or the repeats and rows that are judged together."""

    def __init__(self, *, runs: list[Checked], **others: Any) -> None:
        super().__init__(**others)
        self._runs = runs
        self._missed: MissedError | None = None
        for tag in runs[0].plan.recipe.key("tags") or ():
            self.add_marker(recipes_of(self.config).marker(str(tag)))

    def reportinfo(self) -> tuple[Path, int, str]:
        """Say where the case stands, and its name for people."""
        return self.path, 0, f"recipe {self.name}"

    def setup(self) -> None:
        """Ask; raise FailedError where that failed."""
        if self.config.getoption("setuponly", False):
            return
        recipes = recipes_of(self.config)
        told = Told(recipes.hide)
        try:
            for checked, result in recipes.runs(self._runs, self.name):
                told.take(checked, result)
        except RunnerError as error:
            raise FailedError(recipes.hide(str(error))) from None
        finally:
            found = told.properties()
            others = [one for one in self.user_properties if one[0] not in found]
            self.user_properties[:] = [*others, *found.items()]
        if told.verdict.code in STOPS:
            raise KeyboardInterrupt
        if told.budget:
            self.session.shouldstop = told.budget
        if told.verdict.code not in (0, MISSED):
            raise FailedError(*told.words())
        self._missed = MissedError(*told.words()) if told.verdict.code else None

    def probe(self) -> None:
        """Raise SettingsError where what is to be recorded cannot be kept."""
        recipes_of(self.config).probe(self._runs)

    def runtest(self) -> None:
        """Judge; raise MissedError where an expectation was missed."""
        if self._missed is not None:
            raise self._missed


def probe(session: pytest.Session) -> None:
    """End the session where what its cases are to record cannot be kept."""
    try:
        for item in session.items:
            if isinstance(item, RecipeCase):
                item.probe()
    except RunnerError as error:
        pytest.exit(recipes_of(session.config).hide(str(error)), pytest.ExitCode.INTERRUPTED)


def collected(path: Path, parent: pytest.Collector) -> RecipeFile | None:
    """Collect a recipe, but for one that a run wrote: unless it was asked for by its name."""
    root = parent.config.rootpath
    folder = root if path.is_relative_to(root) else path.parent
    if not parent.session.isinitpath(path) and not is_recipe(path, folder):
        return None
    if not parent.config.pluginmanager.has_plugin(REPORTS):
        parent.config.pluginmanager.register(Reports(), REPORTS)
    file: RecipeFile = RecipeFile.from_parent(parent, path=path)
    return file
