"""Show: a recipe in normal form, the request it would send, and where each value comes from."""

from __future__ import annotations

import hashlib
import json
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from runner import curl, script
from runner.engine.plan_step import StepPlan
from runner.engine.prepare import Plan
from runner.engine.step import Rendered
from runner.engine.suite import Checked
from runner.engine.turn import provider_of
from runner.engine.user.environment import default_of
from runner.engine.verify import known, output_paths
from runner.errors import RecipeError
from runner.exchange import JsonBody, Multipart, Part, RequestBody, Spool, Timeout
from runner.model import Flow, Open, Say, Told
from runner.protocol import providers
from runner.protocol.media import MEDIA
from runner.recipe import template
from runner.recipe.meaning import plain
from runner.recipe.source import Map
from runner.report.encoding import encode

SCHEMA_VERSION = 1
LONGEST = 2000


def normal(checked: Checked) -> dict[str, Any]:
    """Return a recipe in normal form: always a list of steps."""
    plan = checked.plan
    rows = {True: [], False: []}  # type: dict[bool, list[Any]]
    for step in plan.steps:
        name = {"name": step.name or plan.recipe.name}
        rows[step.final].append({**name, **plain(step.keys)})
    whole = {
        key: plain(value)
        for key, value in plan.recipe.keys.items()
        if key not in ("steps", "finally") and (key not in plan.steps[0].keys or key == "vars")
    }
    return {**whole, "steps": rows[False], **({"finally": rows[True]} if rows[True] else {})}


def call(checked: Checked) -> curl.Call:
    """Return the first request of a recipe, as it goes over the wire, without its key."""
    plan, step = checked.plan, checked.plan.asked[0]
    if checked.first is None:
        message = "the first request depends on values that are not known yet"
        raise RecipeError(message, hint="give the variables with --var")
    context = known(step, plan.context)
    provider = provider_of(plan, step, context)
    if provider.kind == "azure" and not provider.base_url:
        provider = provider._replace(base_url="https://RESOURCE.openai.azure.com")
    request = providers.outgoing(provider, checked.first.request)
    headers = provider.headers + request.headers
    key = providers.key_header(provider)
    address = providers.url(provider, request)
    body, saves = _placed(request.body, plan.files.digests), _saves(checked.first, step, context)
    says = _says(step.endpoint.flow(checked.first.ask))
    total = request.timeout.total
    timeout = None if total == Timeout().total else total
    return curl.Call(request.method, address, headers, key, body, saves, says, timeout)


def _placed(body: RequestBody, digests: Mapping[str, str]) -> RequestBody:
    """Name the files of a form by their places: those that were read are known by their bytes."""
    if not isinstance(body, Multipart):
        return body
    places = {digest: place for place, digest in digests.items()}
    return Multipart(tuple(_at_place(part, places) for part in body.parts))


def _at_place(part: Part, places: Mapping[str, str]) -> Part:
    if not part.file_name or isinstance(part.body, Spool):
        return part
    place = places.get(hashlib.sha256(part.body).hexdigest(), part.file_name)
    return part._replace(body=Spool(place, len(part.body), ""))


def _saves(first: Rendered, step: StepPlan, context: Mapping[str, Any]) -> str:
    """Name the file that a reply of bytes goes to: the recipe's output, else one by its kind."""
    written = [path for path, _ in output_paths(step.keys.get("output"))]
    named = [path for path in written if set(template.names(path)) <= set(context)]
    if step.endpoint.name not in SAVED or (written and not named):
        return ""
    if named:
        return PurePosixPath(template.path(named[0], context)).name
    kind = step.endpoint.makes(first.ask) if step.endpoint.makes else ""
    return f"reply{next((end for end, media in MEDIA.items() if media == kind), '.bin')}"


def _says(flow: Flow) -> tuple[Any, ...] | None:
    """Play a flow's channel until it asks for an answer; None where it opens none."""
    if not isinstance(next(flow), Open):
        return None
    said: list[Any] = []
    events = deque([{"type": "session.created"}])
    effect = next(flow)
    while not said or said[-1].get("type") != "response.create":
        if isinstance(effect, Say):
            said.append(effect.message)
            events.append({"type": CONFIRMS.get(effect.message["type"], "")})
            effect = next(flow)
        else:
            effect = flow.send(Told(events.popleft(), 0.0))
    return tuple(said)


CONFIRMS = {
    "session.update": "session.updated",
    "conversation.item.create": "conversation.item.added",
}
"""What a session answers to what it is told."""


SAVED = ("audio.speech", "files.content")
"""The endpoints whose replies are bytes, and nothing for a screen."""


def first_request(checked: Checked) -> str:
    """Write the first request as people read it."""
    found = call(checked)
    lines = [f"{found.method} {found.url}"]
    lines += [f"{name}: {value}" for name, value in found.headers]
    body = found.body
    if isinstance(body, JsonBody):
        lines += ["", json.dumps(shortened(body.value), ensure_ascii=False, indent=2)]
    elif isinstance(body, Multipart):
        lines += [
            "",
            *(f"{part.name}: {part.file_name or _text(part.body)}" for part in body.parts),
        ]
    for message in found.says or ():
        lines += ["", json.dumps(shortened(message), ensure_ascii=False, indent=2)]
    return "\n".join(lines)


def _text(body: Any) -> str:
    return body.decode("utf-8", "replace") if isinstance(body, bytes) else str(body)


def shortened(value: Any) -> Any:
    """Cut long data URIs and the like, for people."""
    if isinstance(value, str) and len(value) > LONGEST and " " not in value[:200].strip():
        return f"{value[:60]}… ({len(value)} characters)"
    if isinstance(value, Mapping):
        return {key: shortened(item) for key, item in value.items()}
    return [shortened(item) for item in value] if isinstance(value, list) else value


def _both(checked: Checked) -> str:
    import yaml

    text = yaml.safe_dump(normal(checked), sort_keys=False, allow_unicode=True, width=100)
    asked = "(the first request depends on values that are not known yet)"
    if checked.first is not None:
        asked = first_request(checked)
    return f"{text}---\n{asked}"


def _json(checked: Checked) -> str:
    found: dict[str, Any] = {"schema_version": SCHEMA_VERSION, "recipe": normal(checked)}
    if checked.first is not None:
        made = call(checked)
        body = made.body.value if isinstance(made.body, JsonBody) else None
        found["request"] = {
            "method": made.method,
            "url": made.url,
            "headers": dict(made.headers),
            "body": body,
            **({"messages": list(made.says)} if made.says is not None else {}),
        }
    return encode(found)


def _origin(checked: Checked) -> str:
    """List every value with its source."""
    plan = checked.plan
    rows = [
        (name, json.dumps(value, ensure_ascii=False, default=str), plan.values.origins[name])
        for name, value in plan.values.values.items()
    ]
    rows += [
        (f"env.{name}", json.dumps(value, ensure_ascii=False), _of_env(name, plan))
        for name, value in plan.context["env"].items()
    ]
    for step in plan.steps:
        prefix = f"{step.name}." if step.name else ""
        rows += [(f"{prefix}{name}", told, origin) for name, told, origin in _of_keys(step.keys)]
    width = max((len(name) for name, _, _ in rows), default=0)
    return "\n".join(f"{name:{width}}  {value}  ({origin})" for name, value, origin in rows)


def _of_env(name: str, plan: Plan) -> str:
    granted = not plan.options.untrusted or name in plan.options.allow_env
    if granted and name in plan.settings.environ:
        return "the environment"
    mark = default_of(plan.recipe, name)
    return f"{mark.file}:{mark.line}" if mark else "a placeholder"


def _of_keys(keys: Map) -> Iterator[tuple[str, str, str]]:
    """List the keys of a step with their lines, each param by itself."""
    for key, marks in keys.marks.items():
        value = keys[key]
        if key == "params" and isinstance(value, Map):
            for name, own in value.marks.items():
                yield f"params.{name}", _short(value[name]), f"{own[0].file}:{own[0].line}"
        else:
            yield key, _short(value), f"{marks[0].file}:{marks[0].line}"


def _short(value: Any) -> str:
    text = json.dumps(plain(value), ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:57]}…"


VIEWS: Mapping[str, Callable[[Checked], str]] = {
    "normal": _both,
    "json": _json,
    "origin": _origin,
    "curl": lambda checked: curl.command(call(checked)),
    "python": lambda checked: script.python(call(checked)),
}
