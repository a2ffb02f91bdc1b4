"""Prepare: a recipe file becomes a plan that can be run, with every fault found before sending."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from runner.engine import attach, settings
from runner.engine.files import STDIN, Files
from runner.engine.options import Options
from runner.engine.plan_step import StepPlan, steps_of
from runner.engine.secrets import SHORTEST
from runner.errors import Fault, Mark, RecipeError, RecipeSchemaError
from runner.model import Ref
from runner.protocol import endpoints
from runner.recipe import build, lint, normal, template, values
from runner.recipe.build import Recipe
from runner.recipe.include import included
from runner.recipe.source import Map
from runner.recipe.values import Values


class Plan(NamedTuple):
    """A recipe, ready to run: its steps in normal form, its variables, what it may read.

    `last` holds the expectations that stand beside the steps and judge the last reply.
    """

    recipe: Recipe
    settings: settings.Settings
    options: Options
    files: Files
    values: Values
    context: Mapping[str, Any]
    steps: tuple[StepPlan, ...]
    last: Map
    secrets: tuple[str, ...] = ()
    unread: frozenset[str] = frozenset()

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


def params(endpoint: str) -> dict[str, Any] | None:
    """Return the schema of an endpoint's params; None where no endpoint has the name."""
    return shape(f"endpoints/{endpoint}.json") if endpoint in endpoints.MODULES else None


def plan(
    file: str,
    options: Options,
    environ: Mapping[str, str],
    learn: Callable[[str], None],
    *,
    check: bool = False,
) -> Plan:
    """Read and check a recipe; RecipeError with every fault, each with its line.

    With `check`, variables that are required and not given are let pass. `learn` is told the
    secrets, before anything could show one.
    """
    folder = Path.cwd() if file == STDIN else Path(file).parent
    found = settings.load(folder, environ, shape("project.json"))
    allowed = (*found.allow_paths, *options.allow_paths)
    files = Files(found.root, allowed, found.key_files)
    for path in options.files:
        files.allow(path)
    try:
        keys = build.keys_of(file, files.recipe(file), files.tree)
        faults = build.faults(keys, shape("recipe.json"), params)
        if faults:
            raise RecipeSchemaError.of(*faults, *_unread_names(keys, found, options))
        recipe = build.build(file, keys)
        env, secrets = _environment(recipe, found, options)
        for secret in secrets:
            learn(secret)
        made = _planned(recipe, found, options, files, env, check)
        return made._replace(secrets=secrets)
    except RecipeError as error:
        raise files.quoted(error) from error


def _planned(  # noqa: PLR0913, PLR0917  the parts of a plan
    recipe: Recipe,
    found: settings.Settings,
    options: Options,
    files: Files,
    env: dict[str, str],
    check: bool,
) -> Plan:
    resolved = _values(recipe, found, options, files, {"env": env}, check)
    context = {"env": env, "run": 1, **resolved.values}
    steps = steps_of(recipe, files, context)
    last = _last(recipe, files, context)
    made = Plan(recipe, found, options, files, resolved, context, steps, last)
    written = lint.Written(
        tuple(step.keys for step in made.asked),
        tuple(step.keys for step in made.finals),
        tuple(step.name for step in steps),
        recipe.keys,
        frozenset(resolved.values),
        frozenset(_unset(recipe, resolved) if check else ()),
        frozenset(name for name, one in options.given.items() if not one.shared),
    )
    faults = lint.faults(written)
    for keys in (*(step.keys for step in steps), last):
        faults += lint.env_faults(keys, env, _names(recipe))
        faults += _expectation_faults(keys)
    if faults:
        raise RecipeSchemaError.of(*faults)
    read = set(template.names(found.section("vars")))
    return made._replace(unread=lint.unread(written) - read)


def _last(recipe: Recipe, files: Files, context: Mapping[str, Any]) -> Map:
    """Return the expectations beside the steps, with the files that they name."""
    last = Map(recipe.keys.mark)

    def read(ref: Ref) -> Any:
        return files.tree(template.as_text(template.render(ref.path, context)), ref.mark)

    for keys in lint.shared(recipe.keys):
        last.put("expect", normal.settled(keys["expect"], read), keys.marks["expect"])
    return last


def _expectation_faults(keys: Map) -> list[Fault]:
    if not keys.get("expect"):
        return []
    from runner import expect

    return expect.faults(keys["expect"])


def _names(recipe: Recipe) -> list[str]:
    """List the environment variables that a recipe declares."""
    return [name for part in ("env", "secrets") for name, _, _ in _declared(recipe, part)]


def _unread_names(keys: Map, found: settings.Settings, options: Options) -> list[Fault]:
    """Find templates that read what nothing gives, in a recipe whose shape is wrong too."""
    own = keys.get("vars")
    named = {*found.section("vars"), *(own if isinstance(own, Map) else ()), *options.given}
    named |= {*keys["matrix"]} if isinstance(keys.get("matrix"), Map) else set()
    steps = keys.get("steps", (keys,))
    rows = tuple(row for row in steps if isinstance(row, Map))
    names = tuple(str(row.get("name")) for row in rows)
    written = lint.Written(rows, (), names, keys, frozenset(named), frozenset(), frozenset())
    return lint.faults(written)


def _unset(recipe: Recipe, resolved: Values) -> list[str]:
    wanted = recipe.key("vars_schema")
    properties = wanted.get("properties", {}) if isinstance(wanted, Mapping) else {}
    return [name for name in properties if name not in resolved.values]


def _environment(
    recipe: Recipe, found: settings.Settings, options: Options
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Read the environment variables that the recipe declares; secrets are listed apart."""
    env: dict[str, str] = {}
    secrets: list[str] = []
    faults: list[Fault] = []
    for section in ("env", "secrets"):
        for name, default, mark in _declared(recipe, section):
            value = found.environ.get(name, default)
            if value is None and section == "secrets" and options.is_keyless:
                value = f"placeholder-for-{name}"
            if name in found.key_names:
                faults.append(_provider_key(name, section, mark))
            elif value is not None:
                env[name] = value
                secrets += [value] if section == "secrets" else []
                faults += _too_short(name, value, section, mark)
    if faults:
        raise RecipeSchemaError.of(*faults)
    return env, tuple(secrets)


def _too_short(name: str, value: str, section: str, mark: Mark) -> list[Fault]:
    if section == "env" or len(value) >= SHORTEST:
        return []
    message = f"the secret {name} has fewer than {SHORTEST} characters"
    return [Fault(message, mark, section, "a shorter one cannot be masked safely")]


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
    options: Options,
    files: Files,
    context: Mapping[str, Any],
    check: bool,
) -> Values:
    """Work out the variables: the project's below the recipe's, the given ones above."""
    own = recipe.key("vars") or Map(recipe.keys.mark)
    own = _below(found.section("vars"), own)
    missing = lint.env_faults(own, context["env"], _names(recipe))
    if missing:
        raise RecipeSchemaError.of(*missing)
    render = renderer(files, context)
    wanted = _schema(recipe.key("vars_schema"), files)
    if faults := _schema_faults(wanted, recipe):
        raise RecipeSchemaError.of(*faults)
    given = values.coerced(options.given, wanted)
    resolved = values.resolve(own, given, context, render)
    at = recipe.keys.marks.get("vars_schema", (recipe.keys.mark,))[0]
    faults = values.shape_faults(resolved.values, wanted, own, at, whole=not check)
    if faults:
        raise RecipeSchemaError.of(*faults)
    return resolved


def _below(project: Mapping[str, Any], own: Map) -> Map:
    """Put the project's variables below the recipe's: a name is replaced, never merged into."""
    if not isinstance(project, Map):
        return own
    both = Map(own.mark)
    for vars in (project, own):
        for name in vars:
            both.put(name, vars[name], vars.marks[name])
    return both


def _schema(written: Any, files: Files) -> Any:
    if written is None:
        return None
    whole = included(written, files.tree)
    return attach.resolved(normal.references(whole), _no_parts, reader(files))


def _schema_faults(wanted: Any, recipe: Recipe) -> list[Fault]:
    from runner.recipe.schema import schema_faults

    if wanted is None:
        return []
    if isinstance(wanted, Map):
        return schema_faults(wanted)
    return schema_faults(wanted, recipe.keys, at=("vars_schema",))


def _no_parts(ref: Ref) -> bytes:
    raise RecipeError.of(Fault(f"{ref.path}: a file cannot stand here", ref.mark))


def reader(files: Files) -> Callable[[Ref], Any]:
    """Return what reads a `{file: PATH}`: its value, as data."""
    return lambda ref: files.tree(ref.path, ref.mark)


def renderer(files: Files, static: Mapping[str, Any]) -> values.Render:
    """Return what renders a tree of values: includes spliced in, files read, templates filled."""

    def render(tree: Any, context: Mapping[str, Any]) -> Any:
        whole = included(tree, files.tree, lambda text: template.render(text, static))
        filled = template.render(normal.references(whole), context)
        return attach.resolved(filled, _no_parts, reader(files))

    return render
