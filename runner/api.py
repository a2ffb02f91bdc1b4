"""From Python: load and run recipes, and get records back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypedDict, Unpack

from runner.engine import masked
from runner.engine.groups import Verdict
from runner.engine.prepare import Plan
from runner.engine.suite import Checked, Suite
from runner.engine.user.options import Options
from runner.engine.writing.places import parted
from runner.errors import StoppedError
from runner.recipe import build
from runner.recipe.values import Given
from runner.results import RunResult, SuiteResult

SCHEMA_VERSION = 1
"""Of the records: it grows when a field changes its meaning or goes."""


def load(
    recipe: str | Path,
    *,
    vars: Mapping[str, Any] | None = None,
    offline: bool = False,
) -> Plan:
    """Read and check a recipe; nothing is sent.

    Args:
        recipe: The path of a recipe file.
        vars: Values for its variables, of any JSON type.
        offline: Whether unset secrets get placeholders, as `run(..., offline=True)` gives them.

    Returns:
        The plan: `plan.recipe.steps` as written, `plan.steps` in normal form, `plan.values`.

    Raises:
        runner.errors.RecipeError: The recipe is wrong; `faults` has each with its line.
        runner.errors.SettingsError: The project file is wrong.
    """
    suite = Suite(Options(_given(vars), offline=offline), _silent)
    return suite.checked(str(recipe)).plan


class Flags(TypedDict, total=False):
    """What the flags of `runner run` say, for `run`."""

    provider: str
    out: str | Path
    hooks: Sequence[str | Path]
    timeout: str | float
    retries: int
    jobs: int
    resume: bool
    fresh: bool
    stale: bool
    last_failed: bool
    cassette: str
    max_age: str
    max_cost: float
    max_requests: int
    untrusted: bool
    allow_env: Sequence[str]


def run(
    recipe: str | Path,
    *,
    vars: Mapping[str, Any] | None = None,
    offline: bool = False,
    **flags: Unpack[Flags],
) -> RunResult | SuiteResult:
    """Run a recipe and return its result; the arguments are the flags of `runner run`.

    `vars` are values of any JSON type, `out` the folder of outputs (`out`), `timeout` seconds or
    text such as "30s" for each attempt, `retries` how many more tries a request gets.

    A recipe that runs once gives a `RunResult`, one with a dataset or several runs a `SuiteResult`
    of them; `result.runs` has the runs of either. `result.exit_code` is 0 where all went well, 1
    where an expectation was missed. `result.steps[-1].answer` has the last reply: `.text`, `.json`,
    `.usage` in tokens, `.cost` in US dollars (None: unknown), `.latency` in seconds.

    Raises RecipeError (nothing was sent), SettingsError, ServiceError, HookError of
    `runner.errors`: of several runs the first that failed, once all were made. `runs` raises none
    of them.
    """
    found, verdict, checked = _made(recipe, _options(vars, offline, flags))
    for step in (step for one in found for step in one.steps):
        if isinstance(step.error, StoppedError):
            raise KeyboardInterrupt from step.error
        if step.error is not None:
            raise step.error
    if len(found) == 1 and all(one.plan.rows is None for one in checked):
        return found[0]
    name = str(recipe)
    return SuiteResult(name, build.name_of(name), (*found,), verdict.code)


def runs(
    recipe: str | Path,
    *,
    vars: Mapping[str, Any] | None = None,
    offline: bool = False,
    **flags: Unpack[Flags],
) -> list[RunResult]:
    """Run every cell of a recipe's matrix, every repeat and row; return their results in order.

    The arguments are those of `run`. What failed is in the results: `result.exit_code`, and
    `result.steps[-1].error`. Raises RecipeError and SettingsError before anything is sent.
    """
    return _made(recipe, _options(vars, offline, flags))[0]


def _made(recipe: str | Path, options: Options) -> tuple[list[RunResult], Verdict, list[Checked]]:
    suite, verdict = Suite(options, _silent), Verdict()
    found: list[RunResult] = []
    try:
        with masked.errors(suite.masker.hide):
            ready_to_run = suite.all_checked([str(recipe)])
            for _, result in suite.runs(ready_to_run):
                verdict.take(result)
                found.append(masked.result(result, suite.masker.hide))
            verdict.recall(suite.before[1])
    finally:
        suite.close()
    return sorted(found, key=lambda result: result.place), verdict, ready_to_run


def _options(vars: Mapping[str, Any] | None, offline: bool, flags: Flags) -> Options:
    out, store = parted(flags.get("out"))
    timeout = flags.get("timeout")
    return Options(
        _given(vars),
        provider=flags.get("provider", ""),
        offline=offline,
        out=out,
        store=store,
        hooks=tuple(Path(path) for path in flags.get("hooks", ())),
        timeout=None if timeout is None else str(timeout),
        retries=flags.get("retries"),
        jobs=flags.get("jobs"),
        resume=flags.get("resume", False),
        fresh=flags.get("fresh", False),
        stale=flags.get("stale", False),
        last_failed=flags.get("last_failed", False),
        cassette=flags.get("cassette", "off"),
        max_age=flags.get("max_age"),
        max_cost=flags.get("max_cost"),
        max_requests=flags.get("max_requests"),
        untrusted=flags.get("untrusted", False),
        allow_env=tuple(flags.get("allow_env", ())),
    )


def _given(values: Mapping[str, Any] | None) -> dict[str, Given]:
    return {name: Given(value, "vars") for name, value in (values or {}).items()}


def _silent(text: str) -> None:
    del text
