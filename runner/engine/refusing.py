"""Refusing: what endpoint, outputs and model refuse of a rendered step, found before it is sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from runner.engine.passed import Passed
from runner.engine.plan_step import StepPlan
from runner.engine.prepare import shape
from runner.engine.press import Pressed
from runner.errors import Fault, Mark
from runner.exchange import Request
from runner.model import Ask
from runner.protocol import asked, providers
from runner.recipe import schema
from runner.recipe.source import NOWHERE, Map, mark_of

if TYPE_CHECKING:
    from runner.engine.step import Kitchen
    from runner.protocol.rules import Refusal


def unfit(step: StepPlan, made: Ask, kitchen: Kitchen, press: Pressed) -> list[Fault]:
    """List what provider and endpoint find wrong, and outputs that name another kind of file."""
    found: list[Fault] = []
    if (unserved := providers.unserved(kitchen.provider, step.endpoint.name)) is not None:
        found.append(Fault(unserved[0], _mark(step, ("endpoint",)), "endpoint", unserved[1]))
    if step.endpoint.check is not None:
        refusals = step.endpoint.check(made, kitchen.provider.checks != "off")
        found += [
            Fault(r.message, _mark(step, r.path), ".".join(map(str, r.path)), r.hint)
            for r in refusals
        ]
    if step.endpoint.makes is not None and "output" in step.keys:
        name = "output", step.name
        known: list[Fault] | None = kitchen.passed.found(name, press)
        if known is None:
            known = _misfits(step, made, kitchen)
            kitchen.passed.keep(name, press, known)
        found += known
    return found


def _misfits(step: StepPlan, made: Ask, kitchen: Kitchen) -> list[Fault]:
    from runner.engine.writing import fitting, promised

    output, makes = step.keys["output"], step.endpoint.makes
    found = promised.crowded(output, made.params.get("n"))
    if makes is None:
        return found
    return [*fitting.misnamed(output, makes(_whole(made, kitchen)), step.endpoint.kind_by), *found]


def _whole(made: Ask, kitchen: Kitchen) -> Ask:
    """Fill in what fields mean that are left out, where the service is known."""
    if kitchen.provider.checks == "off":
        return made
    from runner.protocol import rules

    known = rules.defaults(made.endpoint, made.model, shape("models.json"))
    return made._replace(params={**known, **made.params}) if known else made


def param_faults(step: StepPlan, made: Ask, passed: Passed) -> list[Fault]:
    """Check `params` against the endpoint's schema: types and names always."""
    name = step.endpoint.name, step.name, "params"
    if passed.found(name, made.params) is not None:
        return []
    written = step.keys.get("params")
    wanted = shape(f"endpoints/{step.endpoint.name}.json")
    found = (
        schema.check(dict(made.params), wanted, at=("params",), marks=step.keys)
        if (written is not None or made.params or "required" in wanted)
        else []
    )
    return found or passed.keep(name, made.params, found)


def schema_faults(step: StepPlan, made: Ask) -> list[Fault]:
    """Check the schema that the answer must fit, in the recipe or in a file of its own."""
    if made.response_schema is None or "response_schema" not in step.keys:
        return []
    written = made.response_schema.schema
    if isinstance(written, Map):
        return schema.schema_faults(written)
    return schema.schema_faults(written, step.keys, at=("response_schema",))


def refusals(
    step: StepPlan, press: Pressed, request: Request, kitchen: Kitchen, now: Callable[[], float]
) -> list[Fault]:
    """List what the model's family refuses, soft lists of values, and retirement.

    They are faults or warnings, as `checks` say; but a model that is gone is only ever warned of.
    """
    if kitchen.provider.checks == "off":
        return []
    from runner.protocol import rules

    made = press.made  # What it asks may be another row's: the body says what this one asks.
    body = asked.fields(request.body) or made.params
    name, case = (step.endpoint.name, step.name), (press, rules.outline(body))
    known: list[Fault] | None = kitchen.passed.found(name, case)
    if known is not None:
        return known
    severity = "error" if kitchen.provider.checks == "fail" else "warning"
    found = [fault(step, one, severity, made) for one in _refused(step, made, body, kitchen)]
    found += [fault(step, one, "warning", made) for one in _retired(made.model, now)]
    found.sort(key=lambda fault: fault.mark or NOWHERE)
    kitchen.passed.keep(name, case, found)
    return found


def _refused(step: StepPlan, made: Ask, body: Mapping[str, Any], kitchen: Kitchen) -> list[Refusal]:
    from runner.protocol import rules, strictness

    found = list(rules.faults(step.endpoint.name, made.model, body, families(kitchen.provider)))
    found += strictness.refusals(body, made.response_schema is not None)
    found += rules.soft_values(body, shape(f"endpoints/{step.endpoint.name}.json"))
    return found


def _retired(model: str, now: Callable[[], float]) -> list[Refusal]:
    from runner.engine.writing.provenance import day
    from runner.protocol import retired

    gone = retired.retirement(model, shape("models.json"), day(now())) if model else None
    return [gone] if gone is not None else []


def families(provider: providers.Provider) -> dict[str, Any]:
    """Return what is known of models, as far as it holds for a provider."""
    from runner.protocol import rules

    known = shape("models.json")
    return rules.unnamed(known) if provider.own_names else known


def fault(step: StepPlan, refusal: Refusal, severity: str, made: Ask | None = None) -> Fault:
    """Make a fault of a refusal, or a warning, at the place in the recipe that it is of."""
    where = ".".join(map(str, refusal.path))
    mark = _mark(step, refusal.path, made)
    return Fault(refusal.message, mark, where, refusal.hint, severity=severity)


MADE_OF = {
    "stream_format": "stream",
    "response_format": "response_schema",
    "text": "response_schema",
}
"""The keys that make fields of other names, where `params` do not hold these."""


def _mark(step: StepPlan, path: tuple[str | int, ...], made: Ask | None = None) -> Mark | None:
    """Find where a path of the body is written: in the recipe, or in the file of a schema."""
    for key in ("params", "extra"):
        if path and path[0] in (step.keys.get(key) or {}):
            return mark_of(step.keys, (key, *path))
    asked = made.response_schema if made is not None and path[:1] == ("response_schema",) else None
    if asked is not None and isinstance(asked.schema, Map):
        return mark_of(asked.schema, path[1:])
    if path[:1] == ("tools",) and path[2:3] == ("function",):
        tool = step.keys["tools"][path[1]] if "tools" in step.keys else {}
        path = path if "function" in tool else (*path[:2], *path[3:])
    if path and path[0] in step.keys:
        return mark_of(step.keys, path)
    made_of = MADE_OF.get(str(path[0]) if path else "", "")
    return mark_of(step.keys, (made_of if made_of in step.keys else "model",))
