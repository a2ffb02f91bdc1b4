"""Rules: what a model family refuses, and which values are known.

All of it is data, `schemas/models.json`, and advice: the caller makes warnings or faults of it, as
the project's `checks` say. A model's name is never held against a list of known ones.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Set
from typing import TypeAlias

from runner.exchange import Json
from runner.record import Record

WORDS = ("messages", "input", "prompt")
"""Fields that hold what is asked."""
Path: TypeAlias = tuple[str | int, ...]


class Refusal(Record):
    """Something the service will refuse: where in the body, why, and the way out."""

    path: Path
    message: str
    hint: str = ""


class _Case(Record):
    endpoint: str
    model: str
    body: Mapping[str, Json]
    hints: Mapping[str, str]


def faults(
    endpoint: str,
    model: str,
    body: Mapping[str, Json],
    families: Mapping[str, Json],
    unknown: Set[str] = frozenset(),
) -> list[Refusal]:
    """Find what the model's family refuses in a body, in its wire form, for this endpoint.

    `families` is what `models.json` holds. Where the family is not served at all, only that is
    told. Paths are the body's. What hangs on fields that are `unknown` is let pass.
    """
    case = _Case(endpoint, model, body, families.get("hints", {}))
    rules = list(_rules(endpoint, base(model), families))
    advice = _elsewhere(endpoint, base(model), rules, families)
    if advice is not None:
        return [Refusal(("model",), f"{model} is not served on {endpoint}", advice)]
    return [
        refusal
        for rule in rules
        if not (_is_lifted(rule, body) or unknown & _hangs_on(rule))
        for kind, find in FINDERS.items()
        if kind in rule
        for refusal in find(case, rule)
    ]


def _elsewhere(
    endpoint: str, name: str, rules: list[Mapping[str, Json]], families: Mapping[str, Json]
) -> str | None:
    """Advise where to ask a model that is not served on an endpoint; None where it may be."""
    for rule in rules:
        if rule.get("serves") is False:
            return str(rule.get("hint", ""))
    own = next((one["serves"] for one in _known(name, families) if "serves" in one), None)
    if own is None or endpoint in own:
        return None
    if not any(endpoint in family.get("serves", ()) for family in families["families"]):
        return None  # It takes models of any kind, as what retrieves one does.
    return f"ask the endpoint {_listed(own)}, or name a model for {endpoint}"


def unnamed(families: Mapping[str, Json]) -> dict[str, Json]:
    """Leave out what a name alone tells, for services whose models have names of their own."""
    rows = [{key: row[key] for key in row if key != "serves"} for row in families["families"]]
    return {**families, "families": rows, "windows": []}


def defaults(endpoint: str, model: str, families: Mapping[str, Json]) -> dict[str, Json]:
    """Return what fields mean to the model's family that are left out, as far as it is certain."""
    rules = _rules(endpoint, base(model), families)
    return {name: value for rule in rules for name, value in rule.get("defaults", {}).items()}


def outline(body: Mapping[str, Json]) -> Json:
    """Return what is asked of a body without its words.

    Bodies that are otherwise the same and alike here are refused alike.
    """
    return [_outlined(body[name]) if name in body else None for name in WORDS]


def _outlined(value: Json) -> Json:
    if not isinstance(value, list):
        return "" if isinstance(value, str) else value
    return [
        {**item, "content": ""}
        if isinstance(item, dict) and isinstance(item.get("content"), str)
        else item
        for item in value
    ]


def base(model: str) -> str:
    """Return the model that a fine-tuned one was made of, else the model itself.

    Those of 2023 were named the other way round: `davinci:ft-…`.
    """
    if model.startswith("ft:"):
        return model.split(":")[1]
    return model.partition(":ft-")[0] or model


def trains(model: str, method: str, families: Mapping[str, Json]) -> str:
    """Name the key of the lines that a model is trained on by a method; "" where not known."""
    rules = _rules("fine_tuning.jobs", base(model), families) if families else iter(())
    known = [rule["trains"].get(method, "") for rule in rules if "trains" in rule]
    return str(known[0]) if known else ""


def _rules(endpoint: str, name: str, families: Mapping[str, Json]) -> Iterator[Mapping[str, Json]]:
    for family in _known(name, families):
        yield from family["rules"].get(endpoint, ())


def _known(name: str, families: Mapping[str, Json]) -> Iterator[Mapping[str, Json]]:
    return (family for family in families["families"] if re.search(family["match"], name))


def _hangs_on(rule: Mapping[str, Json]) -> set[str]:
    """Return the fields on whose absence a rule hangs."""
    paths = (*rule.get("unless", ()), *rule.get("needs", ()))
    return {path.partition(".")[0] for path in paths}


def _is_lifted(rule: Mapping[str, Json], body: Mapping[str, Json]) -> bool:
    unless = rule.get("unless", {})
    return any(_at(body, path) in values for path, values in unless.items())


def _at(body: Json, path: str) -> Json:
    """Return the value at a dotted path, None where there is none."""
    for name in path.split("."):
        body = body.get(name) if isinstance(body, Mapping) else None
    return body


def _fields(case: _Case, rule: Mapping[str, Json]) -> Iterator[Refusal]:
    for path, taken in rule["fields"].items():
        value = _at(case.body, path)
        if value is None or value in taken:
            continue
        shown = f" {value!r}" if isinstance(value, str | int | float) and taken else ""
        hint = rule.get("hint") or _advice(taken)
        hint = case.hints.get(path, hint)
        yield Refusal(tuple(path.split(".")), f"{case.model} refuses {path}{shown}", hint)


def _advice(taken: list[Json]) -> str:
    if not taken:
        return "leave it out"
    return f"use {_listed(taken)}, or leave it out"


def _listed(values: list[Json]) -> str:
    words = [str(value) for value in values]
    return f"{', '.join(words[:-1])} or {words[-1]}" if len(words) > 1 else words[0]


def _roles(case: _Case, rule: Mapping[str, Json]) -> Iterator[Refusal]:
    for place, message in enumerate(_messages(case.body)):
        role = message.get("role")
        if role in rule["roles"]:
            text = f"{case.model} refuses the role {role!r}"
            yield Refusal(("messages", place, "role"), text, rule.get("hint", ""))


def _parts(case: _Case, rule: Mapping[str, Json]) -> Iterator[Refusal]:
    for path, part in _content(case.body):
        if part.get("type") in rule["parts"]:
            text = f"{case.model} refuses the part {part['type']!r}"
            yield Refusal(path, text, rule.get("hint", ""))


def _tools(case: _Case, rule: Mapping[str, Json]) -> Iterator[Refusal]:
    tools = case.body.get("tools") or ()
    kinds = {tool.get("type") for tool in tools if isinstance(tool, Mapping)}
    for kind in rule["tools"]:
        if kind in kinds:
            effort = _at(case.body, "reasoning_effort")
            told = f"with reasoning_effort {effort}" if effort else "without reasoning_effort: none"
            message = f"{case.model} refuses {kind} tools on {case.endpoint} {told}"
            yield Refusal(("tools",), message, rule.get("hint", ""))


def _values(case: _Case, rule: Mapping[str, Json]) -> Iterator[Refusal]:
    for path, refused in rule["values"].items():
        value = _at(case.body, path)
        if isinstance(value, str) and value in refused:
            text = f"{case.model} refuses {path} {value!r}"
            yield Refusal(tuple(path.split(".")), text, rule.get("hint", ""))


def _needs(case: _Case, rule: Mapping[str, Json]) -> Iterator[Refusal]:
    for path, beside in rule["needs"].items():
        if _at(case.body, path) is None:
            message = f"{case.model} needs {path} beside {beside}"
            yield Refusal(tuple(beside.split(".")), message, rule.get("hint", ""))


def _size(case: _Case, rule: Mapping[str, Json]) -> Iterator[Refusal]:
    found = re.fullmatch(r"(\d{1,5})x(\d{1,5})", str(_at(case.body, "size")))
    if found is None:
        return
    step, ratio, most = (rule["size"][name] for name in ("step", "ratio", "most"))
    shorter, longer = sorted(map(int, found.groups()))
    why = ""
    if shorter % step or longer % step:
        why = f"width and height must be divisible by {step}"
    elif longer > ratio * shorter:
        why = f"the aspect ratio must be between 1:{ratio} and {ratio}:1"
    elif longer > most[0] or shorter > most[1]:
        why = f"the maximum supported resolution is {most[0]}x{most[1]}"
    if why:
        message = f"{case.model} refuses size {found[0]!r}: {why}"
        yield Refusal(("size",), message, rule.get("hint", ""))


def _audio(case: _Case, rule: Mapping[str, Json]) -> Iterator[Refusal]:
    heard = any(part.get("type") == "input_audio" for _, part in _content(case.body))
    spoken = "audio" in (case.body.get("modalities") or ())
    if not heard and not spoken:
        message = f"{case.model} needs audio in or out"
        yield Refusal(("messages",), message, rule.get("hint", ""))


FINDERS: Mapping[str, Callable[[_Case, Mapping[str, Json]], Iterator[Refusal]]] = {
    "fields": _fields,
    "roles": _roles,
    "parts": _parts,
    "tools": _tools,
    "audio": _audio,
    "values": _values,
    "needs": _needs,
    "size": _size,
}


def _messages(body: Mapping[str, Json]) -> list[Mapping[str, Json]]:
    messages = body.get("messages") or ()
    return [message if isinstance(message, Mapping) else {} for message in messages]


def _content(
    body: Mapping[str, Json],
) -> Iterator[tuple[tuple[str | int, ...], Mapping[str, Json]]]:
    for place, message in enumerate(_messages(body)):
        content = message.get("content")
        for i, part in enumerate(content if isinstance(content, list) else ()):
            if isinstance(part, Mapping):
                yield ("messages", place, "content", i), part


def soft_values(body: Json, schema: Mapping[str, Json]) -> list[Refusal]:
    """Find the values that are not on a schema's lists of known ones (`x-values`)."""
    return list(_unknown(body, schema, ()))


def _unknown(value: Json, schema: Json, path: Path) -> Iterator[Refusal]:
    if not isinstance(schema, Mapping):
        return
    known = schema.get("x-values", ())
    if known and isinstance(value, str) and value not in known:
        from difflib import get_close_matches

        near = get_close_matches(value.lower(), known, 1, 0.7)
        there = f"known are {', '.join(known)}"
        hint = f"did you mean {near[0]!r}? {there}" if near else there
        yield Refusal(path, f"{value!r} is not a known value", hint)
    for name, inner, rule in _inner(value, schema):
        yield from _unknown(inner, rule, (*path, name))


def _inner(value: Json, schema: Mapping[str, Json]) -> Iterator[tuple[str | int, Json, Json]]:
    if isinstance(value, Mapping):
        fields, rest = schema.get("properties", {}), schema.get("additionalProperties")
        for name, item in value.items():
            yield name, item, fields.get(name, rest)
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield place, item, schema.get("items")
