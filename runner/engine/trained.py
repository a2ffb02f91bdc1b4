"""Trained: whether a file that one step uploads is of the form that the model of another learns by.

It can be known before anything is sent where the recipe names file and model, and the job takes the
upload's own id. It is warned of, or refused, as `checks` say.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from runner.engine.plan_step import StepPlan
from runner.engine.prepare import Plan, shape
from runner.engine.reading.uploads import form
from runner.engine.step import Rendered
from runner.engine.turn import provider_of
from runner.errors import Fault
from runner.protocol import training
from runner.recipe import template
from runner.recipe.source import mark_of
from runner.recipe.templates.filling import GLOBALS

FILES = ("training_file", "validation_file")
OF_A_STEP = re.compile(
    r"""\{\{\s*steps(?:\.(\w+)|\[['"]([^'"]+)['"]\])\.(?:json\.id|text)\s*\}\}"""
)


def unfit(plan: Plan, done: Mapping[str, Rendered]) -> list[Fault]:
    """List the files that do not fit their model; `done` are the steps that are rendered."""
    uploads = {name: one for name, one in done.items() if one.ask.endpoint == "files"}
    if not uploads:
        return []
    jobs = [step for step in plan.steps if step.endpoint.name == "fine_tuning.jobs"]
    return [fault for step in jobs for fault in _of_job(plan, step, uploads)]


def _of_job(plan: Plan, step: StepPlan, uploads: Mapping[str, Rendered]) -> list[Fault]:
    model = _known(plan, step.keys.get("model"))
    params = step.keys.get("params") or {}
    method = _known(plan, params.get("method")) or {}
    kind = method.get("type", training.SUPERVISED) if isinstance(method, Mapping) else ""
    if not isinstance(model, str) or not _reads_only(plan, step.keys.get("provider")):
        return []
    checks = provider_of(plan, step, plan.context).checks
    severity = "error" if checks == "fail" else "warning"
    found: list[Fault] = []
    for key in FILES if checks != "off" else ():
        upload = uploads.get(_named(params.get(key)))
        form_of = form(upload.ask) if upload is not None else ""
        told = training.unfit(form_of, model, str(kind), shape("models.json"))
        if told:
            mark = mark_of(step.keys, ("params", key))
            hint = "write its lines in that form, or name a model that is trained on this one"
            found.append(Fault(told, mark, f"params.{key}", hint, severity=severity))
    return found


def _named(value: Any) -> str:
    """Name the step whose reply's id a value is, or ""."""
    match = OF_A_STEP.fullmatch(value.strip()) if isinstance(value, str) else None
    return (match[1] or match[2]) if match else ""


def _known(plan: Plan, written: Any) -> Any:
    """Render what reads only variables; None for what does not."""
    return template.render(written, plan.context) if _reads_only(plan, written) else None


def _reads_only(plan: Plan, written: Any) -> bool:
    return set(template.names(written)) <= {*plan.context, *GLOBALS}
