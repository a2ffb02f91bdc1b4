"""Tools: the recipe's `tools` and `tool_choice`, their short forms in one normal form.

A tool is a registered function by its name, a function that the recipe describes itself, or one
of the API's own. Only the user's side registers functions; a recipe can but name them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from runner.errors import Fault, Mark, RecipeSchemaError, UnknownNameError
from runner.exchange import Json
from runner.model import Fixed, Ref, Tool
from runner.recipe.source import mark_of
from runner.record import Record

NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
KEYS = ("name", "description", "parameters", "returns", "strict")
CHOICES = ("auto", "none", "required")
EMPTY: Mapping[str, Json] = {"type": "object", "properties": {}, "additionalProperties": False}
FROM = "functions come from `hooks: [hooks.py]` in runner.yaml, or --hooks FILE"
MARK = "write @hook above it, after `from runner import hook`"
TEMPLATE = re.compile(r"\{[{%]")


class ToolForm(Record):
    """A tool as a recipe has it. `schema` is None where it gives none.

    `bare` tools are names of registered functions; `raw` ones the API's own.
    """

    name: str
    description: str = ""
    schema: Json = None
    strict: bool | None = None
    returns: Json = None
    bare: bool = False
    raw: Mapping[str, Json] | None = None
    mark: Mark | None = None
    where: str = ""


class Forms(Record):
    """The tools of a step, and what is wrong with them."""

    forms: tuple[ToolForm, ...]
    faults: tuple[Fault, ...]


def normal(tree: Any, written: Any = None) -> Forms:
    """Put `tools` in normal form, as written or rendered; what is still a template is let pass.

    `written` is the tree with the marks, where `tree` lost its own by being rendered.
    """
    if isinstance(tree, str) and TEMPLATE.search(tree):
        return Forms((), ())
    return _Reader(tree if written is None else written).forms(tree)


class _Reader:
    """Reads the items of `tools`, and gathers what is wrong with them."""

    def __init__(self, written: Any) -> None:
        self.written = written
        self.faults: list[Fault] = []

    def wrong(self, message: str, *path: str | int, hint: str = "") -> None:
        where = ".".join(str(step) for step in ("tools", *path))
        self.faults.append(Fault(message, mark_of(self.written, path), where, hint))

    def forms(self, tree: Any) -> Forms:
        if not isinstance(tree, list | tuple):
            self.wrong(f"expected a list of tools, got {_kind(tree)}", hint="tools: [get_weather]")
            return Forms((), tuple(self.faults))
        forms = [self._form(_plain(item), place) for place, item in enumerate(tree)]
        seen: set[str] = set()
        for place, form in enumerate(forms):
            if form.name in seen:
                self.wrong(f"two tools have the name {form.name!r}", place)
            if form.raw is None and NAME.fullmatch(form.name):
                seen.add(form.name)
        return Forms(tuple(forms), tuple(self.faults))

    def _form(self, item: Any, place: int) -> ToolForm:
        mark, where = mark_of(self.written, (place,)), f"tools.{place}"
        if isinstance(item, str):
            return ToolForm(self._name(item, place), bare=True, mark=mark, where=where)
        if not isinstance(item, Mapping) or not ("name" in item or "type" in item):
            hint = "write the name of a registered function, or {name, description, parameters}"
            self.wrong(f"expected a tool, got {_kind(item)}", place, hint=hint)
            return ToolForm("", mark=mark, where=where)
        kind = item.get("type", "function")
        if kind != "function":
            return ToolForm(_own_name(item), raw=item, mark=mark, where=where)
        return self._function(_flat(item), place)._replace(mark=mark, where=where)

    def _function(self, item: Mapping[str, Any], place: int) -> ToolForm:
        for key in item:
            if key not in KEYS:
                self.wrong(f"a tool has no {key!r}", place, key, hint=_hint(key, KEYS))
        description = item.get("description", "")
        if description is None or isinstance(description, Mapping | list):
            self.wrong(f"expected text, got {_kind(description)}", place, "description")
        strict = item.get("strict")
        if not (strict is None or isinstance(strict, bool) or _is_template(strict)):
            self.wrong(f"expected true or false, got {strict!r}", place, "strict")
        schema = item.get("parameters")
        # A tool that gives null back is no tool that gives nothing back.
        returns = "null" if item.get("returns", "") is None else item.get("returns")
        return ToolForm(
            self._name(item.get("name"), place),
            str(description),
            None if schema is None else self._schema(schema, place),
            strict,
            returns,
        )

    def _name(self, name: Any, place: int) -> str:
        if isinstance(name, str) and (NAME.fullmatch(name) or _is_template(name)):
            return name
        message = f"{name!r} is no tool name" if isinstance(name, str) else "a tool needs a name"
        self.wrong(message, place, hint="letters, digits, _ and -, at most 64")
        return str(name)

    def _schema(self, schema: Any, place: int) -> Json:
        """Make a JSON Schema of the short form, in which every name is required."""
        if isinstance(schema, Ref) or _is_template(schema):
            return schema
        if not isinstance(schema, Mapping):
            self.wrong(f"expected a mapping, got {_kind(schema)}", place, "parameters")
            return EMPTY
        if _is_whole(schema):
            return self._whole(schema, place)
        for name, shape in schema.items():
            if not isinstance(shape, Mapping | bool):
                hint = f"write {name}: {{type: string}}"
                message = f"expected the schema of an argument, got {_kind(shape)}"
                self.wrong(message, place, "parameters", name, hint=hint)
            else:
                self._judge(shape, place, "parameters", name)
        made = {"type": "object", "properties": dict(schema), "additionalProperties": False}
        return {**made, "required": list(schema)} if schema else made

    def _whole(self, schema: Mapping[str, Any], place: int) -> Json:
        if schema.get("type", "object") != "object":
            message = f"expected the schema of an object, got type {schema['type']!r}"
            hint = "arguments have names: {type: object, properties: {…}}"
            self.wrong(message, place, "parameters", "type", hint=hint)
        self._judge(schema, place, "parameters")
        return {"type": "object", **schema}

    def _judge(self, schema: Json, *path: str | int) -> None:
        from runner.recipe.schema import schema_faults

        self.faults += schema_faults(schema, self.written, at=path)


def _is_whole(schema: Mapping[str, Any]) -> bool:
    """Whether it is a JSON Schema: arguments may be called `type` or `properties` as well."""
    properties = schema.get("properties")
    if isinstance(properties, Mapping):
        return all(isinstance(shape, Mapping | bool) for shape in properties.values())
    words = ("type", "$ref", "$schema")
    lists = ("anyOf", "oneOf", "allOf")
    return any(isinstance(schema.get(key), str) for key in words) or any(
        isinstance(schema.get(key), list) for key in lists
    )


def _flat(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """Take the API's two forms of a function, `{type, function: {…}}` and `{type, name, …}`."""
    inner = _plain(item.get("function"))
    if isinstance(inner, Mapping):
        rest = {key: value for key, value in item.items() if key not in ("type", "function")}
        return {**inner, **rest}
    return {key: value for key, value in item.items() if key != "type"}


def _own_name(item: Mapping[str, Any]) -> str:
    """Name one of the API's own tools: custom ones have a name, others a type."""
    kind = str(item["type"])
    inner = item.get(kind)
    name = inner.get("name") if isinstance(inner, Mapping) else item.get("name")
    return str(name or kind)


def _plain(value: Any) -> Any:
    """Take schemas and templates out of what kept them from being rendered."""
    if isinstance(value, Fixed):
        return _plain(value.value)
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def _is_template(value: Any) -> bool:
    return isinstance(value, str) and TEMPLATE.search(value) is not None


def _kind(value: Any) -> str:
    if value is None or isinstance(value, Mapping):
        return "null" if value is None else "a mapping"
    return "a list" if isinstance(value, list | tuple) else f"{value!r}"


def _hint(name: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches

    names = sorted(known)
    near = get_close_matches(name, names, 1)
    return f"did you mean {near[0]!r}?" if near else f"there are {', '.join(names) or 'none'}"


def to_tools(
    tree: Any,
    lookup: Callable[[str], Tool | None],
    written: Any = None,
    names: Callable[[], Iterable[str]] = tuple,
    unmarked: Callable[[str], str] = lambda _: "",
) -> tuple[Tool, ...]:
    """Make the tools of rendered `tools`; `lookup` finds registered functions, `names` lists them.

    Raises RecipeSchemaError with every fault of their form, UnknownNameError for names alone that
    no function is registered under; `unmarked` tells where one is that could be.
    """
    forms, faults = normal(tree, written)
    if faults:
        raise RecipeSchemaError.of(*faults)
    found: list[Tool] = []
    unknown: list[Fault] = []
    for form in forms:
        registered = None if form.raw or form.returns is not None else lookup(form.name)
        if form.bare and registered is None:
            unknown.append(_unregistered(form, names(), unmarked(form.name)))
        found.append(_tool(form, registered))
    if unknown:
        raise UnknownNameError.of(*unknown)
    return tuple(found)


def _tool(form: ToolForm, registered: Tool | None) -> Tool:
    if form.raw is not None:
        return Tool(form.name, raw=form.raw)
    under = registered or Tool(form.name, schema=EMPTY)
    return Tool(
        form.name,
        form.description or under.description,
        under.schema if form.schema is None else form.schema,
        form.strict,
        runs=registered is not None or form.returns is not None,
        returns=form.returns,
    )


def _unregistered(form: ToolForm, names: Iterable[str], place: str) -> Fault:
    message, hint = f"no function is registered as {form.name!r}", FROM
    if place:
        message, hint = f"{place} has {form.name}, without @hook: it is not registered", MARK
    elif known := sorted(names):
        hint = f"{_hint(form.name, known)}; {FROM}"
    return Fault(message, form.mark, form.where, hint)


def choice(value: Json, tools: Iterable[Tool] | None = None, mark: Mark | None = None) -> Json:
    """Put `tool_choice` in normal form: a word, `{name}` of a function, or the API's own form.

    Raises UnknownNameError where it names none of `tools`; without them any name will do.
    """
    if value is None or (isinstance(value, str) and value in CHOICES):
        return value
    if not isinstance(value, str | Mapping):
        message = f"expected auto, none, required or a tool's name, got {_kind(value)}"
        raise RecipeSchemaError.of(Fault(message, mark, "tool_choice"))
    name = value if isinstance(value, str) else _chosen(value)
    if name is None:
        return value
    known = {tool.name: tool for tool in tools or ()}
    if name not in known and tools is not None:
        message = f"no tool of this step has the name {name!r}"
        raise UnknownNameError.of(Fault(message, mark, "tool_choice", _hint(name, known)))
    raw = known[name].raw if name in known else None
    return {"name": name} if raw is None else _own_choice(raw)


def _chosen(value: Mapping[str, Json]) -> str | None:
    """Find the function that the API's own form names, in either dialect."""
    if value.get("type", "function") != "function":
        return None
    inner = value.get("function")
    name = inner.get("name") if isinstance(inner, Mapping) else value.get("name")
    return name if isinstance(name, str) else None


def _own_choice(raw: Mapping[str, Json]) -> Json:
    kind = raw["type"]
    if isinstance(raw.get(kind), Mapping) and "name" in raw[kind]:
        return {"type": kind, kind: {"name": raw[kind]["name"]}}
    return {"type": kind, "name": raw["name"]} if "name" in raw else {"type": kind}
