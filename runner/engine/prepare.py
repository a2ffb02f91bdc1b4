"""Prepare: a recipe file becomes a plan that can be run, with every fault found before sending."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from runner.engine import attach, settings
from runner.engine.files import STDIN, Files
from runner.errors import Fault, Mark, RecipeError, RecipeSchemaError, UnknownNameError
from runner.model import Ref
from runner.protocol import endpoints
from runner.protocol.endpoint import Endpoint
from runner.recipe import build, lint, normal, template, values
from runner.recipe.build import Recipe, Step
from runner.recipe.source import Map, merge
from runner.recipe.values import Values

LATE = frozenset(("expect", "output", "collect", "poll", "if", "for_each", "vars"))
"""Keys of a step that are not part of its request."""


class StepPlan(NamedTuple):
    """A step in normal form. `request` are the keys that render before sending."""

    name: str
    endpoint: Endpoint
    keys: Map
    request: Map
    final: bool = False


class Plan(NamedTuple):
    """A recipe, ready to run: its steps in normal form, its variables, what it may read."""

    recipe: Recipe
    settings: settings.Settings
    options: settings.Options
    files: Files
    values: Values
    context: Mapping[str, Any]
    steps: tuple[StepPlan, ...]
    secrets: tuple[str, ...] = ()

    @property
    def asked(self) -> tuple[StepPlan, ...]:
        """The steps that are no `finally` steps."""
        return tuple(step for step in self.steps if not step.final)

    @property
    def finals(self) -> tuple[StepPlan, ...]:
        """The `finally` steps."""
        return tuple(step for step in self.steps if step.final)


@cache
def shape(name: str) -> dict[str, Any]:
    """Return one of our schemas, read once."""
    return settings.table(name)


def plan(
    file: str, options: settings.Options, environ: Mapping[str, str], *, check: bool = False
) -> Plan:
    """Read and check a recipe; RecipeError with every fault, each with its line.

    With `check`, variables that are required and not given are let pass.
    """
    folder = Path.cwd() if file == STDIN else Path(file).parent
    found = settings.load(folder, environ, shape("project.json"))
    files = Files(found.root, (*found.allow_paths, *options.allow_paths))
    for path in options.files:
        files.allow(path)
    try:
        recipe = build.build(file, files.recipe(file), files.tree, shape("recipe.json"))
        return _planned(recipe, found, options, files, check)
    except RecipeError as error:
        raise files.quoted(error) from error


def _planned(
    recipe: Recipe, found: settings.Settings, options: settings.Options, files: Files, check: bool
) -> Plan:
    env, secrets = _environment(recipe, found, options)
    resolved = _values(recipe, found, options, files, {"env": env}, check)
    context = {"env": env, **resolved.values}
    steps = [_step(step, recipe, files, context, False) for step in recipe.steps]
    steps += [_step(step, recipe, files, context, True) for step in recipe.finals]
    made = Plan(recipe, found, options, files, resolved, context, tuple(steps), secrets)
    faults = lint.faults(
        lint.Written(
            tuple(step.keys for step in made.asked),
            tuple(step.keys for step in made.finals),
            tuple(step.name for step in steps),
            recipe.keys,
            frozenset(resolved.values),
            frozenset(_unset(recipe, resolved) if check else ()),
            frozenset(options.given),
        )
    )
    if faults:
        raise RecipeSchemaError.of(*faults)
    return made


def _unset(recipe: Recipe, resolved: Values) -> list[str]:
    wanted = recipe.key("vars_schema")
    properties = wanted.get("properties", {}) if isinstance(wanted, Mapping) else {}
    return [name for name in properties if name not in resolved.values]


def _environment(
    recipe: Recipe, found: settings.Settings, options: settings.Options
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Read the environment variables that the recipe declares; secrets are listed apart."""
    env: dict[str, str] = {}
    secrets: list[str] = []
    faults: list[Fault] = []
    for section in ("env", "secrets"):
        for name, default, mark in _declared(recipe, section):
            if name in found.key_names:
                faults.append(_provider_key(name, section, mark))
                continue
            value = found.environ.get(name, default)
            if value is None and section == "secrets" and options.offline:
                value = f"placeholder-for-{name}"
            if value is None:
                continue
            env[name] = value
            if section == "secrets" and len(value) < 8:
                faults.append(Fault(f"the secret {name} has fewer than 8 characters", mark, name))
            elif section == "secrets":
                secrets.append(value)
    if faults:
        raise RecipeSchemaError.of(*faults)
    return env, tuple(secrets)


def _provider_key(name: str, section: str, mark: Mark) -> Fault:
    message = f"{name} is a provider's key: no recipe may read it"
    return Fault(message, mark, section, "the runner sends it by itself; leave it out")


def _declared(recipe: Recipe, section: str) -> list[tuple[str, str | None, Mark]]:
    declared = recipe.key(section)
    if isinstance(declared, Map):
        return [(k, _default(v), declared.marks[k][0]) for k, v in declared.items()]
    rows: list[tuple[str, str | None, Mark]] = []
    for item, mark in zip(declared or (), getattr(declared, "marks", ()), strict=True):
        if isinstance(item, Map):
            rows += [(k, _default(v), item.marks[k][0]) for k, v in item.items()]
        else:
            rows.append((str(item), None, mark))
    return rows


def _default(value: Any) -> str | None:
    return None if value is None else str(value)


def _values(  # noqa: PLR0913, PLR0917  the parts of a plan that come before it
    recipe: Recipe,
    found: settings.Settings,
    options: settings.Options,
    files: Files,
    context: Mapping[str, Any],
    check: bool,
) -> Values:
    """Work out the variables: the project's below the recipe's, the given ones above."""
    own = recipe.key("vars") or Map(recipe.keys.mark)
    if isinstance(found.section("vars"), Map):
        own = merge(found.section("vars"), own)
    render = renderer(files, context)
    wanted = _schema(recipe.key("vars_schema"), files)
    given = values.coerced(options.given, wanted)
    resolved = values.resolve(own, given, context, render)
    faults = values.shape_faults(resolved.values, wanted, own, recipe.keys.mark)
    if check:
        faults = [fault for fault in faults if "has no value" not in fault.message]
    if faults:
        raise RecipeSchemaError.of(*faults)
    return resolved


def _schema(written: Any, files: Files) -> Any:
    if written is None:
        return None
    whole = build.included(written, files.tree, str)
    return attach.resolved(normal.references(whole), _no_parts, reader(files))


def _no_parts(ref: Ref) -> bytes:
    raise RecipeError.of(Fault(f"{ref.path}: a file cannot stand here", ref.mark))


def reader(files: Files) -> Callable[[Ref], Any]:
    """Return what reads a `{file: PATH}`: its value, as data."""
    return lambda ref: files.tree(ref.path, ref.mark)


def renderer(files: Files, static: Mapping[str, Any]) -> values.Render:
    """Return what renders a tree of values: includes spliced in, files read, templates filled."""

    def render(tree: Any, context: Mapping[str, Any]) -> Any:
        whole = build.included(tree, files.tree, lambda text: template.render(text, static))
        filled = template.render(normal.references(whole), context)
        return attach.resolved(filled, _no_parts, reader(files))

    return render


def _step(
    step: Step, recipe: Recipe, files: Files, context: Mapping[str, Any], final: bool
) -> StepPlan:
    def static(text: Any) -> Any:
        return template.render(text, context)

    keys = build.included(step.keys, files.tree, static)
    endpoint = _endpoint(keys, recipe, static)
    keys = normal.normal(_fitting(keys, step.defaults, endpoint))
    request = Map(keys.mark)
    for key in keys:
        if key not in LATE:
            request.put(key, keys[key], keys.marks[key])
    return StepPlan(step.name, endpoint, keys, request, final)


def _endpoint(keys: Map, recipe: Recipe, static: Callable[[Any], Any]) -> Endpoint:
    if "endpoint" not in keys and "continue" in keys:
        return _endpoint(_continued(keys, recipe), recipe, static)
    if "endpoint" not in keys:
        message = "a step needs an endpoint"
        raise RecipeSchemaError.of(Fault(message, keys.mark, "endpoint"))
    name = str(static(keys["endpoint"]))
    if name not in endpoints.MODULES:
        raise UnknownNameError.of(_unknown(name, keys.marks["endpoint"][1]))
    return endpoints.find(name)


def _continued(keys: Map, recipe: Recipe) -> Map:
    """Find the keys of the step that this one continues."""
    for step in recipe.steps:
        if step.name == keys["continue"] and step.keys is not keys:
            return step.keys
    mark = keys.marks["continue"][1]
    message = f"no step is named {keys['continue']!r}"
    raise UnknownNameError.of(Fault(message, mark, "continue"))


def _unknown(name: str, mark: Mark) -> Fault:
    from difflib import get_close_matches

    near = get_close_matches(name, endpoints.MODULES, 1)
    known = ", ".join(endpoints.MODULES)
    hint = f"did you mean {near[0]!r}?" if near else f"there are: {known}"
    return Fault(f"no endpoint is named {name!r}", mark, "endpoint", hint)


COMMON = frozenset(
    [
        "provider",
        "endpoint",
        "params",
        "extra",
        "headers",
        "timeout",
        "retries",
        "poll",
        "expect",
        "output",
        "if",
        "for_each",
        "vars",
        "model",
    ]
)


def _fitting(keys: Map, defaults: frozenset[str], endpoint: Endpoint) -> Map:
    """Refuse keys that the endpoint does not take; leave out defaults that it does not."""
    faults = []
    fitting = Map(keys.mark)
    for key in keys:
        if key in endpoint.takes or key in COMMON:
            fitting.put(key, keys[key], keys.marks[key])
        elif key not in defaults:
            faults.append(_not_taken(key, keys, endpoint))
    faults += [
        Fault(f"{endpoint.name} needs {key}", keys.marks["endpoint"][0], key)
        for key in endpoint.needs
        if key not in keys and "continue" not in keys
    ]
    if faults:
        raise RecipeSchemaError.of(*faults)
    return fitting


def _not_taken(key: str, keys: Map, endpoint: Endpoint) -> Fault:
    takes = ", ".join(endpoint.takes) or "params alone"
    message = f"{endpoint.name} takes no {key}"
    return Fault(message, keys.marks[key][0], key, f"it takes {takes}")
