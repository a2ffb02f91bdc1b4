"""Verify: what can be known to be wrong before the first request is sent."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from runner.engine.context import with_own
from runner.engine.execute import ready
from runner.engine.plan_step import StepPlan, rows_of
from runner.engine.prepare import Plan
from runner.engine.reading import attach
from runner.engine.reading.files import real
from runner.engine.rows.rowwise import NAMES
from runner.engine.step import Rendered
from runner.engine.turn import nothing, provider_of
from runner.engine.user import access
from runner.engine.world import World
from runner.engine.writing import outputs
from runner.engine.writing.landing import Landing
from runner.errors import (
    Fault,
    Mark,
    RecipeError,
    RecipeSchemaError,
    RunnerError,
    joined,
)
from runner.recipe import template
from runner.recipe.source import Map
from runner.recipe.templates.filling import GLOBALS
from runner.record import Record

LATE = frozenset(("if", "for_each", "continue"))
"""Keys that let a step be rendered only when its turn comes."""


class Verified(Record):
    """What came of verifying a plan: its first step where that is rendered, and all warnings."""

    first: Rendered | None
    warnings: tuple[Fault, ...]


def verified(plan: Plan, world: Callable[[Plan], World], landing: Landing) -> Verified:
    """Render every step that can be.

    `landing` learns where its outputs go. RecipeError with every fault, those of a draft among
    them: what else is wrong is told where it does not follow from these.
    """
    faults = _unfit(plan)
    done: dict[str, Rendered] = {}
    for step in plan.steps:
        try:
            context = known(step, plan.context)
            faults += _output_faults(plan, step, context, landing)
            found = _rendered(plan, step, context, world(plan), faults)
        except RunnerError as error:
            faults += _beside(plan, error)
            continue
        if found is None:
            faults += missing_files(plan, step, context, landing.out)
        else:
            done[step.name] = found
    warnings = [warning for one in done.values() for warning in one.warnings]
    for fault in _untrained(plan, done):
        (faults if fault.severity == "error" else warnings).append(plan.files.quote(fault))
    if plan.last.get("expect") and not plan.faults:
        faults += _questions(plan, plan.asked[-1], plan.context, plan.last["expect"])
    if faults or plan.faults:
        raise RecipeSchemaError.of(*dict.fromkeys(joined(plan.faults, faults)))
    return Verified(done.get(plan.steps[0].name), tuple(dict.fromkeys(warnings)))


def _untrained(plan: Plan, done: Mapping[str, Rendered]) -> list[Fault]:
    """Find training files that do not fit the models that are to learn by them."""
    if plan.faults or all(step.endpoint.name != "fine_tuning.jobs" for step in plan.steps):
        return []
    from runner.engine import trained

    return trained.unfit(plan, done)


def _beside(plan: Plan, error: RunnerError) -> list[Fault]:
    """Return the faults of an error; beside others those alone whose place is known."""
    if plan.faults:
        return [fault for fault in getattr(error, "faults", ()) if fault.mark is not None]
    if isinstance(error, RecipeError):
        return list(error.faults)
    raise error


def _rendered(
    plan: Plan, step: StepPlan, context: Mapping[str, Any], world: World, faults: list[Fault]
) -> Rendered | None:
    """Render a step, where it can be before its turn; None where it cannot. `faults` grow."""
    if not plan.faults:
        faults += _questions(plan, step, context, step.keys.get("expect"))
    if step.spoiled:
        from runner.engine import spoiled

        faults += spoiled.faults(plan, step, context, world)
        return None
    if not _is_static(step, context):
        faults += [] if plan.faults else _unpriced(plan, step, context)
        return None
    if plan.faults:
        return ready(plan, step, context, world, nothing())
    found, wrong = foreseen(plan, step, context, world)
    faults += wrong
    return found


def foreseen(
    plan: Plan, step: StepPlan, context: Mapping[str, Any], world: World
) -> tuple[Rendered, list[Fault]]:
    """Render a step, and find what is wrong with it; RecipeError where it is no request."""
    found = ready(plan, step, context, world, nothing())
    return found, _unpriced(plan, step, context, found) + _unbatched(plan, step, found)


def missing_files(plan: Plan, step: StepPlan, context: Mapping[str, Any], out: Path) -> list[Fault]:
    """Find files that a step names and that are not there, though it is not rendered yet.

    What lies below `out` an earlier step may write.
    """
    faults: list[Fault] = []
    refs = [] if {"if", "for_each"} & set(step.keys) else attach.references(step.request)
    for ref in refs:
        if not _reads_only(ref.path, context):
            continue
        try:
            path = template.as_text(template.render(ref.path, context), mark=ref.mark)
            near = (Path(path), Path(ref.mark.file).parent / path)
            if attach.is_local(path) and not any(real(out) in real(one).parents for one in near):
                plan.files.find(path, ref.mark)
        except RecipeError as error:
            faults += error.faults
    return faults


def _unfit(plan: Plan) -> list[Fault]:
    """Find what strangers may not ask, and what no batch can hold."""
    found: list[Fault] = []
    if plan.options.untrusted:
        from runner.engine import strangers

        found += strangers.unfit(plan.steps)
    if plan.options.via == "batch":
        from runner.engine.via_batch import check as via_batch_check

        found += via_batch_check.unfit(plan.steps)
    return found


def _unbatched(plan: Plan, step: StepPlan, found: Rendered) -> list[Fault]:
    if plan.options.via != "batch":
        return []
    from runner.engine.via_batch import check as via_batch_check

    return via_batch_check.misfit(step, found)


def _unpriced(
    plan: Plan, step: StepPlan, context: Mapping[str, Any], found: Rendered | None = None
) -> list[Fault]:
    if plan.options.max_cost is None and plan.settings.default("max_cost") is None:
        return []
    from runner.engine.costs import budget

    return budget.faults(plan, step, context, found)


def _questions(plan: Plan, step: StepPlan, context: Mapping[str, Any], written: Any) -> list[Fault]:
    limited = plan.options.max_cost is not None or plan.settings.default("max_cost") is not None
    if not written or not (limited or plan.options.untrusted):
        return []
    if not _reads_only(step.keys.get("provider"), context):
        return []
    from runner.engine import questions

    return questions.faults(plan, step, context, written)


def reachable(plan: Plan) -> None:
    """Raise SettingsError where a step's provider cannot be asked, for want of a key say."""
    for step in plan.steps:
        if set(template.names(step.keys.get("provider"))) <= set(plan.context):
            access.demand(provider_of(plan, step, plan.context))


def known(step: StepPlan, context: Mapping[str, Any]) -> dict[str, Any]:
    """Add a step's own variables, those that read only what is known; the others hide a name."""
    return with_own(step.keys.get("vars", {}), context, _reads_only)


def _reads_only(tree: Any, context: Mapping[str, Any]) -> bool:
    return set(template.names(tree)) <= {*context, *GLOBALS}


def _is_static(step: StepPlan, context: Mapping[str, Any]) -> bool:
    return not LATE & set(step.keys) and _reads_only(step.request, context)


def _output_faults(
    plan: Plan, step: StepPlan, context: Mapping[str, Any], landing: Landing
) -> list[Fault]:
    """Find output paths that are wrong, or promised twice."""
    faults = _part_faults(step)
    count = len(items(plan, step))
    for path, mark in output_paths(step.keys.get("output")):
        if not set(template.names(path)) <= set(context):
            continue
        try:
            place = outputs.place(landing.out, template.path(path, context))
        except RecipeError as error:
            told = [(fault.message, fault.hint) for fault in error.faults]
            faults += [Fault(_of_row(plan, path, text), mark, "output", way) for text, way in told]
            continue
        except RunnerError as error:
            text = _of_row(plan, path, str(error.args[0]))
            faults.append(Fault(text, mark, "output", error.hint))
            continue
        if "if" in step.keys or not count:
            continue
        if count > 1:
            message = f"the outputs of {count} items would be written to {place}"
            faults.append(Fault(message, mark, "output", "put {{ loop.index }} into the path"))
        if real(place) in landing.claimed:
            message = f"two outputs would be written to {place}"
            faults.append(Fault(message, mark, "output", _apart(plan, path)))
        landing.claimed.add(real(place))
        landing.take(str(place), mark)
    return faults


def _apart(plan: Plan, path: str) -> str:
    """Say how the runs of a recipe get paths of their own."""
    own = [*plan.cell.values, *(["run"] if plan.run else [])]
    lacking = [f"{{{{ {name} }}}}" for name in own if name not in template.names(path)]
    if not lacking:
        return "give each a path of its own"
    return f"put {' and '.join(lacking)} into the path"


def _of_row(plan: Plan, path: str, message: str) -> str:
    """Name the row where a path is made of one."""
    if plan.rows is None or plan.row is None or not NAMES & {*template.names(path)}:
        return message
    return plan.rows.told(plan.row, message)


def items(plan: Plan, step: StepPlan) -> list[Any]:
    """List what a step is run for, None where that is itself; nothing while it is not known."""
    listed = step.keys.get("for_each")
    if listed is None:
        return [None]
    if not _reads_only(listed, plan.context):
        return []
    with contextlib.suppress(RecipeError):
        found = template.render(listed, plan.context)
        return list(found) if isinstance(found, list | tuple) else []
    return []


def _part_faults(step: StepPlan) -> list[Fault]:
    written = step.keys.get("output")
    if not written:
        return []
    from runner.engine.writing import fitting

    return fitting.unreadable(written) + [
        Fault(
            f"{step.endpoint.name} gives no {part}",
            row.marks[part][0],
            "output",
            f"it gives {', '.join(step.endpoint.gives)}",
        )
        for row in rows_of(written)
        for part in row
        if part not in step.endpoint.gives and "content" not in row
    ]


def output_paths(written: Any) -> Iterator[tuple[str, Mark | None]]:
    """List the paths of an `output`, with their places."""
    for row in rows_of(written):
        keys = ["to"] if "content" in row else list(row)
        for key in keys:
            yield row[key], row.marks[key][1] if isinstance(row, Map) else None
