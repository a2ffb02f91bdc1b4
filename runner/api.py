"""From Python: load and run recipes, and get records back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypedDict, Unpack

from runner.engine.prepare import Plan
from runner.engine.suite import Suite
from runner.engine.user.options import Options
from runner.engine.writing.places import parted
from runner.errors import SettingsError, StoppedError
from runner.recipe.values import Given
from runner.results import RunResult

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
) -> RunResult:
    """Run a recipe and return its result; the arguments are the flags of `runner run`.

    `vars` are values of any JSON type, `out` the folder of outputs (`out`), `timeout` seconds or
    text such as "30s" for each attempt, `retries` how many more tries a request gets.

    `result.exit_code` is 0 where all went well, 1 where an expectation was missed.
    `result.steps[-1].answer` has the last reply: `.text`, `.json`, `.usage` in tokens, `.cost` in
    US dollars (None: unknown), `.latency` in seconds.

    Raises RecipeError (nothing was sent), SettingsError, ServiceError, HookError of
    `runner.errors`.
    """
    suite = Suite(_options(vars, offline, flags), _silent)
    try:
        ready_to_run = suite.all_checked([str(recipe)])
        count = sum(checked.rows for checked in ready_to_run)
        if count > 1:
            message = f"{recipe} makes {count:,} runs"
            raise SettingsError(message, hint="runs(...) makes them all")
        ((_, result),) = suite.runs(ready_to_run)
    finally:
        suite.close()
    for step in result.steps:
        if isinstance(step.error, StoppedError):
            raise KeyboardInterrupt from step.error
        if step.error is not None:
            raise step.error
    return result


def runs(
    recipe: str | Path,
    *,
    vars: Mapping[str, Any] | None = None,
    offline: bool = False,
    **flags: Unpack[Flags],
) -> list[RunResult]:
    """Run every cell of a recipe's matrix and every repeat; return their results in order.

    The arguments are those of `run`. What failed is in the results: `result.exit_code`, and
    `result.steps[-1].error`. Raises RecipeError and SettingsError before anything is sent.
    """
    suite = Suite(_options(vars, offline, flags), _silent)
    try:
        found = [result for _, result in suite.runs(suite.all_checked([str(recipe)]))]
    finally:
        suite.close()
    return sorted(found, key=lambda result: result.place)


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
