"""Recipes as pytest sees them: a file of cases, a case for each cell of its matrix.

A case asks while pytest sets it up, and is judged when pytest calls it: so a service that fails
is an error to pytest and to its reports, and a missed expectation a failure.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Generator, Iterator
from itertools import count
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest

from runner.cli.options import is_recipe
from runner.engine.groups import MISSED, Verdict
from runner.engine.options import Options
from runner.engine.selection import Selection
from runner.engine.suite import Checked, Suite
from runner.errors import BudgetError, Mark, ReplayMissError, RunnerError
from runner.pytest_plugin import mode_of
from runner.report import console
from runner.report.totals import totals
from runner.results import RunResult

STOPS = (130, 143)
MOST_TOLD = 20
TAKEN = ("and", "or", "not", "skip", "skipif", "xfail", "parametrize", "usefixtures")
"""What pytest reads otherwise than as the name of a marker."""
RECORDING = "--recipes-record records it; --recipes-offline and --recipes-live need no recording"


class CaseError(Exception):
    """What a case came to, in words for people, and the place in the recipe."""

    def __init__(self, message: str, mark: Mark | None = None) -> None:
        super().__init__(message)
        self.mark = mark


class FailedError(CaseError):
    """The service, the network or a hook failed."""


class MissedError(CaseError, AssertionError):
    """An expectation was missed."""


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
        recipes = recipes_of(self.config)
        told = _Told(recipes)
        try:
            for checked, result in recipes.runs(self._runs, self.name):
                told.take(checked, result)
        except RunnerError as error:
            raise FailedError(recipes.hide(str(error))) from None
        finally:
            self.user_properties[:] = told.properties()
        if told.verdict.code in STOPS:
            raise KeyboardInterrupt
        if told.budget:
            self.session.shouldstop = told.budget
        if told.verdict.code not in (0, MISSED):
            raise FailedError(*told.words())
        self._missed = MissedError(*told.words()) if told.verdict.code else None

    def runtest(self) -> None:
        """Judge; raise MissedError where an expectation was missed."""
        if self._missed is not None:
            raise self._missed


class Reports:
    """Shows the recipe's lines where a case failed, and no traceback of ours."""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Put our words in the place of the traceback."""
        report = yield
        if call.excinfo is not None and isinstance(call.excinfo.value, CaseError):
            report.longrepr = _shown(call.excinfo, item.path)
        return report


def _shown(excinfo: pytest.ExceptionInfo[BaseException], path: Path) -> Any:
    """Say what a case came to as pytest has it: text, and where it crashed."""
    error = excinfo.value
    shown = excinfo.getrepr(style="value", chain=False)
    crash = shown.reprcrash
    if crash is not None and isinstance(error, CaseError):
        mark = error.mark or Mark(_named(path), 1, 1)
        crash.path, crash.lineno = mark.file, mark.line
        first = str(error).split("\n")[0]
        crash.message = first.removeprefix(f"{mark.file}:{mark.line}:{mark.column}: ")
    return shown


class _Told:
    """What is told of the runs of a case."""

    def __init__(self, recipes: Recipes) -> None:
        self.verdict = Verdict()
        self.budget = ""
        self._hide = recipes.hide
        self._results: list[RunResult] = []
        self._words: list[str] = []
        self._mark: Mark | None = None

    def take(self, checked: Checked, result: RunResult) -> None:
        """Take a run that is over."""
        self.verdict.take(result)
        self._results.append(result)
        for step in result.steps:
            if isinstance(step.error, ReplayMissError):
                step.error.hint = RECORDING
            if isinstance(step.error, BudgetError):
                self.budget = self._hide(str(step.error.args[0]))
        if result.exit_code:
            problems = console.problems(result, checked.plan.files.line)
            self._words.append("\n".join(filter(None, [problems, console.kept(result)])))
            self._mark = self._mark or _place(result)

    def words(self) -> tuple[str, Mark | None]:
        """Say what went wrong, and where the first of it stands."""
        more = len(self._words) - MOST_TOLD
        rest = [f"… and {more} more runs"] if more > 0 else []
        return self._hide("\n".join([*self._words[:MOST_TOLD], *rest])), self._mark

    def properties(self) -> list[tuple[str, object]]:
        """Tell what reports keep beside a case."""
        whole = totals(self._results)
        answers = [step.answer for one in self._results for step in one.steps if step.answer]
        models = dict.fromkeys(answer.model for answer in answers if answer.model)
        found: dict[str, object] = {
            "recipe": next((one.recipe for one in self._results), ""),
            "model": self._hide(", ".join(models)),
            "requests": whole.requests,
            "attempts": whole.attempts,
        }
        if whole.measured:
            found |= {"input_tokens": whole.input_tokens, "output_tokens": whole.output_tokens}
        if whole.cost or not whole.unpriced:
            found["cost"] = whole.cost
        if whole.unpriced:
            found["unpriced"] = whole.unpriced
        return [*found.items()]


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
        config.pluginmanager.register(Reports())
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
        source = self._suite.read(_named(path))
        if self._is_scratch:
            own = self._base / str(next(self._numbers))
            source = source._replace(options=source.options._replace(out=own))
        found: dict[str, list[Checked]] = {}
        for checked in self._suite.cases(source, Selection()):
            plan = checked.plan
            name = plan.recipe.name + plan._replace(run=0).suffix
            # Each is rendered in its turn: what was rendered may hold whole pictures.
            found.setdefault(name, []).append(checked._replace(first=None))
        return found

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


def collected(path: Path, parent: pytest.Collector) -> RecipeFile | None:
    """Collect a recipe, but for one that a run wrote: unless it was asked for by its name."""
    root = parent.config.rootpath
    folder = root if path.is_relative_to(root) else path.parent
    if not parent.session.isinitpath(path) and not is_recipe(path, folder):
        return None
    file: RecipeFile = RecipeFile.from_parent(parent, path=path)
    return file


def marker(tag: str) -> str:
    """Name a tag as a marker: one word, that means nothing else to pytest."""
    word = re.sub(r"\W", "_", tag)
    return word if word[:1].isalpha() and word not in TAKEN else f"tag_{word}"


def _within(out: Path, checked: Checked) -> Checked:
    plan = checked.plan
    return checked._replace(plan=plan._replace(options=plan.options._replace(out=out)))


def _named(path: Path) -> str:
    """Name a recipe as the command line would: from the working directory, where it is below."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _place(result: RunResult) -> Mark | None:
    """Return the place of the first expectation that was missed."""
    checks = [check for step in result.steps for check in step.checks if not check.passed]
    return next((check.mark for check in checks if check.mark), None)
