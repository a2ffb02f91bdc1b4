"""Step: renders a step, reads its files, checks its body: the last hop before something is sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from runner.engine import refusing
from runner.engine.passed import Passed
from runner.engine.plan_step import StepPlan
from runner.engine.prepare import shape
from runner.engine.press import Pressed, asked, keep, pressed
from runner.engine.reading import attach
from runner.engine.reading.files import Files
from runner.engine.reading.loading import Fetcher, Loader
from runner.engine.tools.hooks import Hooks
from runner.engine.variables import reader
from runner.errors import Fault, RecipeError, RecipeSchemaError, placed
from runner.exchange import Request
from runner.model import Ask, Effect, File, Flow, Open, Ref, Tool
from runner.protocol.providers import Provider
from runner.recipe import ask, template
from runner.recipe.checking.texting import texted
from runner.recipe.checking.words import nearest
from runner.recipe.source import mark_of
from runner.record import Record

INLINE = frozenset(("chat.completions", "responses", "realtime"))
"""The endpoints whose attachments become parts of the last user message."""
UPLOADS = frozenset(("files",))
"""The endpoints whose attachment has a purpose that it must fit."""
SPOOLED = UPLOADS | {"audio.transcriptions", "audio.translations", "images.edits"}
"""The endpoints whose attachments go as they lie on disk, however large."""


class Rendered(Record):
    """A step that can be sent: the record, its first request, and what to warn of.

    One that `awaits` names addresses that were not fetched: it is to be rendered anew. `flow` was
    begun, and waits for the reply to that request: it can be driven once.
    """

    ask: Ask
    request: Request
    warnings: tuple[Fault, ...] = ()
    awaits: bool = False
    flow: Flow | None = None


class Kitchen(Record):
    """What rendering needs beside the step: files, hooks, the provider, the defaults.

    `fetch` gets what an address names; None where nothing is to be fetched yet. `passed` are
    values that need no second check.
    """

    files: Files
    hooks: Hooks
    provider: Provider
    defaults: Ask
    fetch: Fetcher | None = None
    passed: Passed = Passed()


def rendered(
    step: StepPlan, context: Mapping[str, Any], kitchen: Kitchen, now: Callable[[], float]
) -> Rendered:
    """Render a step, and check what it became; RecipeError with every fault."""
    filled = template.kept(step.request)(context)
    attachments = _attachments(filled.pop("attachments", None), step)
    misnamed = [fault for ref in attachments if (fault := _misnamed(ref, step))]
    if misnamed:
        raise RecipeSchemaError.of(*misnamed)
    load = Loader(kitchen.files, kitchen.fetch)
    keys = _resolved(filled, load, kitchen) if step.refers else filled
    press = None if attachments else pressed(kitchen.passed, step.name, keys, kitchen.defaults)
    if press is not None:
        made = asked(press, ask.Reader(keys, step.keys), kitchen.defaults.run_id)
    else:
        written = dict(keys)
        made = _ask(step, keys, attachments, kitchen, load)
        press = keep(kitchen.passed, step.name, Pressed(written, kitchen.defaults, made))
    if step.endpoint.name in UPLOADS:
        from runner.engine.reading import uploads

        mark, strict = mark_of(step.keys, ("attachments",)), kitchen.provider.checks != "off"
        uploads.check(made, attachments, kitchen.files, mark, strict=strict)
    faults = refusing.param_faults(step, made, kitchen.passed) + refusing.schema_faults(step, made)
    refused = [] if load.awaits else refusing.unfit(step, made, kitchen, press)
    if refused:
        raise RecipeSchemaError.of(*refused, *faults)
    flow = step.endpoint.flow(made)
    effect = _begun(step, flow)
    request = _first(step, effect)
    advice = refusing.refusals(step, press, request, kitchen, now)
    faults += [fault for fault in advice if fault.severity == "error"]
    if faults:
        raise RecipeSchemaError.of(*faults)
    warned = [kitchen.files.quote(fault) for fault in advice]
    begun = flow if effect is request else None
    return Rendered(made, request, tuple(warned), load.awaits, begun)


def _begun(step: StepPlan, flow: Flow) -> Effect:
    try:
        return next(flow)
    except RecipeError as error:
        if "{" not in step.endpoint.path:
            raise
        key = "id" if "id" in step.keys else "model"
        raise placed(error, mark_of(step.keys, (key,))) from error


def _resolved(filled: dict[str, Any], load: Loader, kitchen: Kitchen) -> dict[str, Any]:
    """Put what references name in their places; RecipeError with the faults of all."""
    read = reader(kitchen.files)
    try:
        found: dict[str, Any] = attach.resolved(filled, load, read)
    except RecipeError as error:
        if kitchen.fetch is not None:
            raise
        raise type(error).of(*attach.faults(filled, load, read)) from error
    return found


def _first(step: StepPlan, effect: Effect) -> Request:
    """Return the first request of a flow: the one it sends, or opens a channel with."""
    if isinstance(effect, Open):
        return effect.request
    if not isinstance(effect, Request):
        message = f"{step.endpoint.name} does not begin with a request"
        raise TypeError(message)
    return effect


def _ask(
    step: StepPlan, keys: dict[str, Any], refs: list[Ref], kitchen: Kitchen, load: Loader
) -> Ask:
    defaults = kitchen.defaults._replace(endpoint=step.endpoint.name)
    files: tuple[File, ...] = ()
    if step.endpoint.name in INLINE and refs:
        parts = [attach.part(ref, load) for ref in refs]
        keys["messages"] = attach.joined(_said(keys), parts)
    else:
        files = tuple(_file(ref, kitchen.files, step.endpoint.name, load) for ref in refs)
    keys.setdefault("model", defaults.model)
    found = _tools(step, keys, kitchen, defaults)
    if "tool_choice" in keys:
        from runner.recipe import tools

        mark = mark_of(step.keys, ("tool_choice",))
        keys["tool_choice"] = tools.choice(keys["tool_choice"], found, mark)
    if "params" in keys:
        wanted = shape(f"endpoints/{step.endpoint.name}.json")
        keys["params"] = texted(keys["params"], step.keys.get("params"), wanted)
    return ask.ask(ask.Reader(keys, step.keys), found, files, defaults)


def _said(keys: dict[str, Any]) -> list[Any]:
    """Take what is asked as messages, for attachments to join: `input` is another word for it."""
    asked = keys.pop("input", None) if "messages" not in keys else keys["messages"]
    if isinstance(asked, list):
        return asked
    return [] if asked is None else [{"role": "user", "content": asked}]


def _tools(
    step: StepPlan, keys: Mapping[str, Any], kitchen: Kitchen, defaults: Ask
) -> tuple[Tool, ...]:
    if "tools" not in keys:
        return defaults.tools
    from runner.recipe import tools

    written = step.keys.get("tools")
    hooks = kitchen.hooks
    return tools.to_tools(keys["tools"], hooks.lookup, written, hooks.names, hooks.unmarked)


def _file(ref: Ref, files: Files, endpoint: str, load: Loader) -> File:
    if endpoint in SPOOLED and not ref.path.startswith(("http://", "https://", "data:")):
        from runner.engine.reading import uploads

        return uploads.file_of(ref, files)
    return attach.file_of(ref, load(ref))


def _misnamed(ref: Ref, step: StepPlan) -> Fault | None:
    """Find an attachment `as` a field that the endpoint has not: what it needs would be missing."""
    fields = step.endpoint.fields
    if "as" not in ref.options or str(ref.options["as"]) in fields:
        return None
    named = f"{ref.path}: {step.endpoint.name} has no field {str(ref.options['as'])!r} for a file"
    if not fields:
        hint = "leave `as` out: it joins the last user message"
        return Fault(named, ref.mark, "attachments", hint)
    near = nearest(str(ref.options["as"]), fields)
    hint = f"did you mean {near!r}?" if near else f"it has {', '.join(fields)}"
    return Fault(named, ref.mark, "attachments", hint)


def _attachments(value: Any, step: StepPlan) -> list[Ref]:
    """List the attachments; a variable may hold one path or a list of them."""
    if value is None:
        return []
    mark = step.keys.marks["attachments"][1]
    by_variable = isinstance(step.keys["attachments"], str)
    found: list[Ref] = []
    for row in value if isinstance(value, list) else [value]:
        if isinstance(row, Ref):
            found.append(row)
        elif by_variable and isinstance(row, str):
            found.append(Ref("attachment", row, mark))
        else:
            message = f"expected a path, got {row!r}"
            raise RecipeError.of(Fault(message, mark, "attachments"))
    return found
