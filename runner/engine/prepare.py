"""Prepare: a recipe file becomes a plan that can be run, with every fault found before sending."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner.engine import names
from runner.engine.passed import Passed
from runner.engine.plan_step import StepPlan, drafted, settled
from runner.engine.reading.files import STDIN, Files, own_folder
from runner.engine.reading.quoting import quoting
from runner.engine.rows import rowwise
from runner.engine.user import settings
from runner.engine.user.environment import declared_names, environment
from runner.engine.user.options import Options
from runner.engine.user.secrets import Masker
from runner.engine.variables import given_in, renderer, variables
from runner.errors import Fault, RecipeError, RecipeSchemaError, joined
from runner.model import Ref
from runner.protocol import endpoints
from runner.recipe import build, early, gaps, lint, matrix, normal, template
from runner.recipe.build import Recipe
from runner.recipe.matrix import Cell, repeats
from runner.recipe.source import Map
from runner.recipe.values import Values
from runner.record import Record

if TYPE_CHECKING:
    from runner.engine.rows.dataset import Dataset, Row

CELLS = "give the name of a variable, and read it by {{ env[name] }}"


class Plan(Record):
    """A recipe, ready to run: its steps in normal form, its variables, what it may read.

    `last` holds the expectations that stand beside the steps and judge the last reply. `cell` is
    its combination of the matrix; `run` counts from 1 where it is one of several `repeats`.
    `rows` are its dataset, and `row` the one that this plan is for: the first, as a sample, until
    it is its turn. `varies` is true where variables read the row. `passed` is what was worked out
    and checked, for all its rows. A draft has `faults`, and is not run.
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
    cell: Cell = Cell()
    run: int = 0
    repeats: int = 0
    passes: int = 0
    rows: Dataset | None = None
    row: Row | None = None
    varies: bool = False
    passed: Passed = Passed()
    faults: tuple[Fault, ...] = ()

    @property
    def suffix(self) -> str:
        """What its ids end with: `[model=gpt-4.1,row=12]#2`; "" where the recipe runs once."""
        row = f"row={self.row.id}" if self.row is not None else ""
        label = ",".join(filter(None, (self.cell.label, row)))
        return f"[{label}]" * bool(label) + f"#{self.run}" * bool(self.run)

    @property
    def asked(self) -> tuple[StepPlan, ...]:
        """The steps that are no `finally` steps."""
        return tuple(step for step in self.steps if not step.final)

    @property
    def writes(self) -> bool:
        """Whether it leaves files: what is asked for, its journal, or a reply that is no text."""
        beside = self.rows is not None or "collect" in self.recipe.keys
        return beside or any(
            "output" in step.keys or "text" not in step.endpoint.gives for step in self.steps
        )

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


class Source(Record):
    """A recipe that was read, before its variables have values.

    `broken` are faults of what it includes, and of its shape: it lacks that.
    """

    recipe: Recipe
    settings: settings.Settings
    options: Options
    files: Files
    env: Mapping[str, str]
    secrets: tuple[str, ...]
    broken: tuple[Fault, ...] = ()


def read(
    file: str, options: Options, environ: Mapping[str, str], learn: Callable[[str], None]
) -> Source:
    """Read a recipe and check its shape; RecipeError with every fault, each with its line.

    `learn` is told the secrets, before anything could show one.
    """
    folder = Path.cwd() if file == STDIN else Path(file).parent
    found = settings.load(folder, environ, shape("project.json"), bare=options.untrusted)
    root = own_folder(file, folder) if options.untrusted else found.root
    files = Files(root, (*found.allow_paths, *options.allow_paths), found.key_files)
    files.is_bare = found.project is None and not options.untrusted
    if options.untrusted:
        files.ways = "put it into the recipe's folder, or allow it with --allow-path DIR"
    for path in options.files:
        files.allow(path)
    broken: list[Fault] = []
    with quoting(files):
        keys = build.keys_of(file, files.recipe(file), files.included, broken)
        faults = build.faults(keys, shape("recipe.json"), params)
        if faults:
            told = joined(broken, faults)
            rows = names.maps(keys["steps"]) if "steps" in keys else [keys]
            broken = joined(told, names.unread(keys, rows, found, options))
            keys = gaps.spared(keys, shape("recipe.json"), params, broken)
        try:
            recipe = build.build(file, keys)
            env, secrets = environment(recipe, found, options)
        except RecipeError as error:
            raise type(error).of(*joined(broken, error.faults)) from error
    for secret in secrets:
        learn(secret)
    return Source(recipe, found, options, files, env, secrets, tuple(broken))


def plan(
    file: str,
    options: Options,
    environ: Mapping[str, str],
    learn: Callable[[str], None],
    *,
    check: bool = False,
) -> Plan:
    """Read a recipe, and plan its first run."""
    return plans(read(file, options, environ, learn), check=check)[0]


def plans(source: Source, *, check: bool = False) -> list[Plan]:
    """Plan every run of a recipe: each cell of its matrix, as often as it is repeated.

    RecipeError has every fault of the first cell that has any. With `check`, variables that are
    required and not given are let pass.
    """
    found = drafts(source, check=check)
    for made in found:
        if made.faults:
            raise source.files.quoted(RecipeSchemaError.of(*made.faults))
    return found


def drafts(source: Source, *, check: bool = False) -> list[Plan]:
    """Plan every run of a recipe, up to the first that has faults: there may be more to find."""
    found: list[Plan] = []
    try:
        for cell in _cells(source):
            made = _planned(source, cell, source.files.copy(), check)
            found += [made] if made.faults else _repeated(made)
            if made.faults:
                break
    except RecipeError as error:
        told = joined(source.broken, error.faults)
        rows = [normal.normal(step.keys) for step in source.recipe.steps]
        more = names.unread(source.recipe.keys, rows, source.settings, source.options)
        raise source.files.quoted(type(error).of(*joined(told, more))) from error
    return found


def _cells(source: Source) -> list[Cell]:
    written = source.recipe.key("matrix")
    if written is None:
        return [Cell()]
    missing = lint.env_faults(written, source.env, declared_names(source.recipe))
    if missing:
        raise RecipeSchemaError.of(*missing)
    given = source.options.given
    others = {name: one.value for name, one in given.items() if name not in matrix.names(written)}
    context = {"env": source.env, **others}
    found = matrix.cells(written, renderer(source.files, context)(written, context), given)
    hide = Masker(source.secrets).hide
    if any(hide(text) != text for text in map(str, (cell.values for cell in found))):
        message = "a matrix may hold no secret: its values name the runs"
        raise RecipeSchemaError.of(Fault(message, written.mark, "matrix", CELLS))
    return found


def _repeated(made: Plan) -> list[Plan]:
    times, passes = repeats(made.recipe.keys, made.context)
    if not times:
        return [made]
    return [
        made._replace(
            context={**made.context, "run": number}, run=number, repeats=times, passes=passes
        )
        for number in range(1, times + 1)
    ]


def _planned(source: Source, cell: Cell, files: Files, check: bool) -> Plan:
    recipe, found, options, env = source.recipe, source.settings, source.options, source.env
    own = set(cell.values)
    given = given_in(options, cell, recipe)
    rows = rowwise.dataset(recipe, found, given, files, {"env": env})
    row = rowwise.sample(rows) if rows is not None else None
    seen = {"env": env, **rowwise.seen(row)}
    resolved = variables(recipe, found, given, files, seen, check)
    context = {**seen, "run": 1, **resolved.values}
    made_steps, faults = drafted(recipe, files, context)
    steps, count = tuple(filter(None, made_steps)), len(recipe.steps)
    last = _last(recipe, files, context, faults)
    trees = [
        made.keys if made is not None else normal.normal(step.keys)
        for made, step in zip(made_steps, (*recipe.steps, *recipe.finals), strict=True)
    ]
    written = lint.Written(
        tuple(trees[:count]),
        tuple(trees[count:]),
        tuple(step.name for step in (*recipe.steps, *recipe.finals)),
        recipe.keys,
        frozenset(resolved.values),
        frozenset(_unset(recipe, resolved) if check else ()),
        frozenset(name for name, one in options.given.items() if not one.shared),
        frozenset(row.values if row is not None else ()),
    )
    told = joined(joined(source.broken, _too_early(recipe)), faults)
    faults = joined(told, lint.faults(written))
    for keys in (*(step.keys for step in steps), last, *lint.collected(recipe.keys)):
        faults += lint.env_faults(keys, env, declared_names(recipe))
        faults += _expectation_faults(keys)
    unread = lint.unread(written) - set(template.names(found.section("vars"))) - own
    made = Plan(recipe, found, options, files, resolved, context, steps, last, source.secrets)
    varies = rows is not None and bool(rowwise.reading(recipe, found))
    made = made._replace(unread=unread, cell=cell, rows=rows, row=row, varies=varies)
    return made._replace(passed=Passed(), faults=tuple(dict.fromkeys(faults)))


def _too_early(recipe: Recipe) -> list[Fault]:
    steps = (step.keys for step in (*recipe.steps, *recipe.finals))
    return early.faults((*steps, *lint.shared(recipe.keys)))


def _last(recipe: Recipe, files: Files, context: Mapping[str, Any], found: list[Fault]) -> Map:
    """Return the expectations beside the steps, with the files that they name."""
    last = Map(recipe.keys.mark)

    def read(ref: Ref) -> Any:
        return files.tree(
            template.as_text(template.render(ref.path, context, mark=ref.mark)), ref.mark
        )

    for keys in lint.shared(recipe.keys):
        last.put("expect", settled(keys["expect"], read, found), keys.marks["expect"])
    return last


def _expectation_faults(keys: Map) -> list[Fault]:
    if not keys.get("expect"):
        return []
    from runner import expect

    return expect.faults(keys["expect"], params=params)


def _unset(recipe: Recipe, resolved: Values) -> list[str]:
    return [name for name in names.typed(recipe.keys) if name not in resolved.values]
