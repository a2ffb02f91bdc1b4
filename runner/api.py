"""From Python: load and run recipes, and get records back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from runner.engine.prepare import Plan
from runner.engine.settings import Options
from runner.engine.suite import Suite
from runner.model import RunResult
from runner.recipe.values import Given

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


def run(  # noqa: PLR0913  one argument for each flag of the command
    recipe: str | Path,
    *,
    vars: Mapping[str, Any] | None = None,
    offline: bool = False,
    provider: str = "",
    out: str | Path | None = None,
    hooks: Sequence[str | Path] = (),
    timeout: str | float | None = None,
    retries: int | None = None,
) -> RunResult:
    """Run a recipe and return its result.

    Args:
        recipe: The path of a recipe file.
        vars: Values for its variables, of any JSON type.
        offline: Ask the simulated service: no key, no network.
        provider: The provider to ask, in place of the recipe's.
        out: The folder of outputs; `out` in the working directory if left out.
        hooks: Python files of registered functions, beside the project's.
        timeout: A deadline for each attempt: seconds, or text such as "30s".
        retries: How many more tries a request gets.

    Returns:
        The result: `result.exit_code` is 0 where all went well and 1 where an expectation was
        missed; `result.steps[-1].answer.text` is the text of the last reply, `.usage` its tokens,
        `.cost` US dollars or None where the price is unknown, `.latency` seconds.

    Raises:
        runner.errors.RecipeError: The recipe is wrong; nothing was sent.
        runner.errors.SettingsError: A key is missing, or the project file is wrong.
        runner.errors.ServiceError: The service, the network or a job failed.
        runner.errors.HookError: A registered function failed.
    """
    options = Options(
        _given(vars),
        provider=provider,
        offline=offline,
        out=Path(out) if out is not None else None,
        hooks=tuple(Path(path) for path in hooks),
        timeout=None if timeout is None else str(timeout),
        retries=retries,
    )
    suite = Suite(options, _silent)
    try:
        ((_, result),) = suite.runs([str(recipe)])
    finally:
        suite.close()
    for step in result.steps:
        if step.error is not None:
            raise step.error
    return result


def _given(values: Mapping[str, Any] | None) -> dict[str, Given]:
    return {name: Given(value, "vars") for name, value in (values or {}).items()}


def _silent(text: str) -> None:
    del text
