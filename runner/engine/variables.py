"""Variables: works out the values of a recipe's variables, and renders what they are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from runner.engine.reading import attach
from runner.engine.reading.files import Files
from runner.engine.user import settings
from runner.engine.user.environment import declared_names
from runner.engine.user.options import Options
from runner.errors import Fault, RecipeError, RecipeSchemaError
from runner.model import Ref
from runner.recipe import lint, normal, template, values
from runner.recipe.build import Recipe
from runner.recipe.include import included
from runner.recipe.matrix import Cell
from runner.recipe.source import Map
from runner.recipe.values import Given, Values


def variables(  # noqa: PLR0913, PLR0917  the parts of a plan that come before it
    recipe: Recipe,
    found: settings.Settings,
    given: Mapping[str, Given],
    files: Files,
    context: Mapping[str, Any],
    check: bool,
) -> Values:
    """Work out the variables: the project's below the recipe's, the given ones above."""
    own = declared(recipe, found)
    missing = lint.env_faults(own, context["env"], declared_names(recipe))
    if missing:
        raise RecipeSchemaError.of(*missing)
    render = renderer(files, context)
    wanted = _schema(recipe.key("vars_schema"), files)
    if faults := _schema_faults(wanted, recipe):
        raise RecipeSchemaError.of(*faults)
    given = values.coerced(given, wanted)
    resolved = values.resolve(own, given, context, render)
    at = recipe.keys.marks.get("vars_schema", (recipe.keys.mark,))[0]
    faults = values.shape_faults(resolved, wanted, own, at, whole=not check)
    if faults:
        raise RecipeSchemaError.of(*faults)
    return resolved


def declared(recipe: Recipe, found: settings.Settings) -> Map:
    """Return the variables as they are written: the project's and the recipe's."""
    return _below(found.section("vars"), recipe.key("vars") or Map(recipe.keys.mark))


def given_in(options: Options, cell: Cell, recipe: Recipe) -> dict[str, Given]:
    """Return what is given in a cell: its own values, and those of the command line."""
    own = {name: Given(value, _in_matrix(recipe, name)) for name, value in cell.values.items()}
    return {**{name: one for name, one in options.given.items() if name not in own}, **own}


def _in_matrix(recipe: Recipe, name: str) -> str:
    """Say where a matrix gives a variable: by its list, else by a combination that is added."""
    matrix = recipe.key("matrix")
    rows = [matrix, *matrix.get("include", ())] if isinstance(matrix, Map) else []
    found = (row.marks[name][0] for row in rows if isinstance(row, Map) and name in row)
    mark = next(found, recipe.keys.marks["matrix"][0])
    return f"matrix, {mark.file}:{mark.line}"


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
    whole = included(written, files.included)
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
        whole = included(tree, files.included, lambda text: template.render(text, static))
        filled = template.render(normal.references(whole), context)
        return attach.resolved(filled, _no_parts, reader(files))

    return render
