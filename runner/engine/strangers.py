"""Strangers: `--untrusted`: recipes are pure data, of which nothing is believed.

What the command line says is the user's own word: `--hooks`, `--file` and `--allow-path` hold.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn

from runner.engine.plan_step import StepPlan
from runner.engine.prepare import Plan
from runner.engine.user.options import Options
from runner.errors import AddressError, Fault, Mark, RecipeSchemaError, SettingsError
from runner.model import Ask
from runner.protocol import strangers
from runner.protocol.rules import Refusal
from runner.recipe.source import Map, mark_of

RECORDS = ("record", "auto")


def limited(options: Options, made: Iterable[tuple[Path, Plan]]) -> None:
    """Hold a run to what a stranger's recipes need; SettingsError where it lacks.

    `made` are its plans, each with its folder of outputs.
    """
    if options.max_cost is None and options.max_requests is None:
        message = "--untrusted needs a limit: give --max-cost or --max-requests"
        raise SettingsError(message, hint="such as --max-cost 0.50, or --max-requests 20")
    if options.cassette in RECORDS:
        message = f"--cassette {options.cassette} would write beside a stranger's recipe"
        raise SettingsError(message, hint="replay it; record it once it was read")
    for out, plan in made:
        _stays(out, given=options.out is not None)
        _stays(Path(plan.recipe.file).parent / "cassettes")


def _stays(folder: Path, *, given: bool = False) -> None:
    """Refuse a folder that a checkout may have led elsewhere; one that was `given` may lead."""
    own = folder / ".runner"
    for place in [*([] if given else [folder]), own, *own.rglob("*")]:
        if place.is_symlink():
            message = f"{place} is a link, which may lead anywhere"
            raise SettingsError(message, hint="name an empty folder of your own by --out")


def check(asked: Ask, keys: Map | None = None) -> None:
    """Hold a rendered step to what a stranger may ask; RecipeSchemaError with every fault."""
    faults = [_fault(keys, found) for found in strangers.refusals(asked)]
    if faults:
        raise RecipeSchemaError.of(*faults)


def _mark(keys: Map | None, path: tuple[str | int, ...]) -> Mark | None:
    if keys is None:
        return None
    return mark_of(keys, path if path[0] in keys else ("endpoint",))


def unfit(steps: Iterable[StepPlan]) -> list[Fault]:
    """Find steps that a stranger's recipe may not have."""
    found: list[Fault] = []
    for step in steps:
        if step.endpoint.name not in strangers.ENDPOINTS:
            found.append(_fault(step.keys, strangers.endpoint(step.endpoint.name)))
            continue
        if step.keys.get("extra"):
            found.append(_fault(step.keys, strangers.extra()))
        if "poll" in step.keys:
            message = "poll reads back what the account holds"
            mark = step.keys.marks["poll"][0]
            found.append(Fault(message, mark, "poll", "--untrusted takes the first reply as it is"))
    return found


def _fault(keys: Map | None, one: Refusal) -> Fault:
    return Fault(one.message, _mark(keys, one.path), ".".join(map(str, one.path)), one.hint)


def fetch(address: str) -> NoReturn:
    """Fetch nothing."""
    shown = address.partition("?")[0][:200]
    message = f"{shown}: nothing is fetched for a stranger's recipe"
    raise AddressError(message, hint="put the file beside it; ask for pictures as b64_json")
