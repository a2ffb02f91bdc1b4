"""Build: a tree becomes a `Recipe`: what it extends merged in, its steps in order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runner.errors import Fault, Mark, RecipeError, RecipeSchemaError
from runner.recipe import meant, normal, schema
from runner.recipe.checking.holes import is_hole
from runner.recipe.checking.words import described
from runner.recipe.include import DEPTH, Read, included, is_include
from runner.recipe.meant import Shapes
from runner.recipe.source import Map, Seq, mark_of, merge
from runner.record import Record

FILES = 100
"""How many files a recipe may extend, those that these extend included."""
WHOLE = frozenset(
    [
        "description",
        "tags",
        "extends",
        "vars",
        "vars_schema",
        "env",
        "secrets",
        "matrix",
        "dataset",
        "collect",
        "repeat",
        "pass",
        "steps",
        "finally",
    ]
)
"""Keys of a recipe that no step has."""
LISTS = ("steps", "finally")
WRITTEN = frozenset((*LISTS, "vars", "env", "secrets", "output"))
"""Keys whose value is written in the recipe: no template makes it as a whole."""
TWICE = (
    ("messages", ("input",)),
    ("response_schema", ("params", "response_format")),
    ("response_schema", ("params", "text", "format")),
)
"""Keys of a step, and the places that say the same."""
DEFAULTS = ("provider", "model", "headers", "tools", "timeout", "retries")
"""Top-level keys that are defaults for the steps whose endpoint takes them."""
SHARED = frozenset((*DEFAULTS, "expect"))


class Step(Record):
    """One step: its name and keys as written. `defaults` are keys that came from the top level."""

    name: str
    keys: Map
    defaults: frozenset[str] = frozenset()


class Recipe(Record):
    """A recipe: always a list of steps. `keys` are its top-level keys, merged."""

    file: str
    name: str
    keys: Map
    steps: tuple[Step, ...]
    finals: tuple[Step, ...]

    def key(self, name: str, default: Any = None) -> Any:
        """Return a top-level key, or the default."""
        return self.keys.get(name, default)


def keys_of(file: str, tree: Any, read: Read, broken: list[Fault] | None = None) -> Map:
    """Return a recipe's top-level keys: what it extends and includes merged in, no `x-` keys.

    An include whose path is a template stays: variables have no values yet. With `broken`, one
    within a step whose file cannot be read stays too, and that gets its faults.
    """
    if not isinstance(tree, Map):
        raise RecipeSchemaError.of(_no_recipe(file, tree))
    keys = extended(tree, _counted(read))
    done = Map(tree.mark)
    for key in keys:
        if key == "include":
            done.put(key, keys[key], keys.marks[key])  # It is no key of a recipe: no file is read.
        elif not key.startswith("x-") and key != "$schema":
            known = None if key in WHOLE and key not in LISTS else broken
            one = Map(tree.mark)
            one.put(key, keys[key], keys.marks[key])
            found = included(one, read, broken=known)
            done.put(key, found[key], found.marks[key])
    rows = [done.get(key) for key in LISTS]
    steps = [step for row in rows if isinstance(row, Seq) for step in row]
    if broken and any(map(is_include, (*rows, *steps))):
        raise RecipeError.of(*broken)
    return done


def _counted(read: Read) -> Read:
    """Bound how many files are read: what extends several that extend several multiplies."""
    left = iter(range(FILES))

    def counted(path: str, mark: Mark) -> Any:
        if next(left, None) is None:
            message = f"more than {FILES} files are extended"
            raise RecipeError.of(Fault(message, mark, "extends"))
        return read(path, mark)

    return counted


def _no_recipe(file: str, tree: Any) -> Fault:
    if tree is None:
        hint = "`runner new NAME` writes a recipe to start from"
        return Fault("the file is empty", Mark(file, 1, 1), hint=hint)
    wanted = "expected a mapping of keys such as endpoint, model and messages"
    hint = "one file holds one recipe; several calls go under steps"
    mark = getattr(tree, "mark", Mark(file, 1, 1))
    hint = hint if isinstance(tree, Seq) else ""
    return Fault(f"{wanted}, got {described(tree)}", mark, hint=hint)


def faults(keys: Map, shape: Mapping[str, Any], params: Shapes) -> list[Fault]:
    """List what is wrong with the shape of a recipe, and of the params of its steps."""
    found = schema.check(keys, shape, templates=True)
    found += filled_in(keys, shape["properties"], shape)
    found += [] if found else _misplaced(keys)
    for section in ("", "steps", "finally"):
        rows = keys.get(section, ()) if section else (keys,)
        for place, step in enumerate(rows if isinstance(rows, Seq | tuple) else ()):
            at = (section, place, "params") if section else ("params",)
            if section and isinstance(step, Map):
                found += filled_in(step, shape["$defs"]["step"]["properties"], shape)
            found = meant.redirected(found, step, params)
            found += _param_faults(step, params, at, keys)
            found += [
                _said_twice(key, path, step) for key, path in TWICE if _holds(step, key, path)
            ]
    return found


def filled_in(keys: Map, fields: Mapping[str, Any], shape: Mapping[str, Any]) -> list[Fault]:
    """Find templates and files in the place of what a recipe is read by."""
    one = Map(keys.mark)
    for key in keys:
        is_open = is_hole(keys[key], True) and (key in LISTS or not is_include(keys[key]))
        if key in WRITTEN and is_open:
            one.put(key, keys[key], keys.marks[key])
    return schema.check(one, {"properties": fields, "$defs": shape["$defs"]})


def _holds(step: Any, key: str, path: tuple[str, ...]) -> bool:
    found = step if isinstance(step, Map) and key in step else None
    for name in path:
        found = found.get(name) if isinstance(found, Map) else None
    return found is not None


def _said_twice(key: str, path: tuple[str, ...], step: Map) -> Fault:
    message = f"{key} and {'.'.join(path)} would say the same to the service"
    return Fault(message, mark_of(step, path, key=True), "", f"leave out {'.'.join(path)}")


def _param_faults(step: Any, params: Shapes, at: tuple[str | int, ...], keys: Map) -> list[Fault]:
    written = step.get("params") if isinstance(step, Map) else None
    wanted = params(str(step.get("endpoint"))) if isinstance(written, Map) else None
    if written is None or wanted is None:
        return []
    return schema.check(written, wanted, templates=True, at=at, marks=keys)


def build(file: str, keys: Map) -> Recipe:
    """Make a recipe of keys whose shape is right."""
    if "collect" in keys:
        marks = keys.marks["collect"]
        keys = merge(keys, Map(keys.mark))
        keys.put("collect", normal.collection(keys["collect"], marks[1]), marks)
    return Recipe(file, name_of(file), keys, _steps(keys, "steps"), _steps(keys, "finally"))


def name_of(file: str) -> str:
    """Return the recipe's name: its file's, without folders and endings."""
    bare = file.replace("\\", "/").rpartition("/")[2]
    for ending in (".recipe.yaml", ".recipe.yml", ".yaml", ".yml"):
        bare = bare.removesuffix(ending)
    return bare or "recipe"


def extended(tree: Map, read: Read, seen: tuple[tuple[str, str], ...] = ()) -> Map:
    """Merge what a tree extends below it: the nearer wins, `expect` lists join."""
    if "extends" not in tree:
        return tree
    mark = tree.marks["extends"][1]
    merged = Map(tree.mark)
    for name in _paths(tree["extends"], mark):
        if (name, mark.file) in seen or len(seen) >= DEPTH:
            raise RecipeError.of(Fault(f"{name} extends itself", mark, "extends"))
        base = read(name, mark)
        if not isinstance(base, Map):
            message = f"expected a file of keys such as vars and model, got {name}"
            raise RecipeError.of(Fault(message, mark, "extends"))
        merged = joined(merged, extended(base, read, (*seen, (name, mark.file))))
    own = Map(tree.mark)
    for key in tree:
        if key != "extends":
            own.put(key, tree[key], tree.marks[key])
    return joined(merged, own)


def _paths(extends: Any, mark: Mark) -> list[str]:
    names = list(extends) if isinstance(extends, Seq) else [extends]
    if names and all(isinstance(name, str) and name for name in names):
        return names
    message = "expected the path of a recipe, or a list of paths"
    raise RecipeSchemaError.of(Fault(message, mark, "extends"))


def joined(base: Map, over: Map) -> Map:
    """Merge two trees; the `expect` lists of both hold."""
    merged = merge(base, over)
    first, second = base.get("expect"), over.get("expect")
    if isinstance(first, Seq) and isinstance(second, Seq):
        both = Seq(second.mark)
        both.extend([*first, *second])
        both.marks = [*first.marks, *second.marks]
        merged.put("expect", both, over.marks["expect"])
    return merged


def _misplaced(keys: Map) -> list[Fault]:
    """Find request keys that stand beside `steps`, and a recipe without any request."""
    if "steps" not in keys:
        return [] if "endpoint" in keys else [_nothing_asked(keys)]
    allowed = WHOLE | SHARED
    return [
        Fault(
            f"the key {key!r} belongs to a step where there are steps",
            keys.marks[key][0],
            "",
            f"move it into a step; beside steps stand {', '.join(sorted(SHARED))}",
        )
        for key in keys
        if key not in allowed
    ]


def _nothing_asked(keys: Map) -> Fault:
    return Fault(
        "a recipe needs an endpoint, or steps",
        keys.mark,
        "",
        "add a line such as `endpoint: chat.completions`",
    )


def _steps(keys: Map, section: str) -> tuple[Step, ...]:
    if section in keys:
        steps = tuple(_step(keys, item, i) for i, item in enumerate(keys[section]))
        _distinct(steps)
        return steps
    if section == "finally" or "steps" in keys:
        return ()
    own = Map(keys.mark)
    for key in keys:
        if key not in WHOLE:
            own.put(key, keys[key], keys.marks[key])
    return (Step("", own),)


def _step(keys: Map, item: Map, place: int) -> Step:
    """Give a step its name and the defaults of the top level."""
    own = Map(item.mark)
    inherited = [key for key in DEFAULTS if key in keys and key not in item and "steps" in keys]
    for key in inherited:
        own.put(key, keys[key], keys.marks[key])
    for key in item:
        if key != "name":
            own.put(key, item[key], item.marks[key])
    if isinstance(keys.get("headers"), Map) and isinstance(item.get("headers"), Map):
        own.put("headers", merge(keys["headers"], item["headers"]), item.marks["headers"])
    return Step(str(item.get("name", f"step{place + 1}")), own, frozenset(inherited))


def _distinct(steps: tuple[Step, ...]) -> None:
    seen: set[str] = set()
    for step in steps:
        if step.name in seen:
            message = f"two steps have the name {step.name!r}"
            hint = "give each a name of its own"
            raise RecipeSchemaError.of(Fault(message, step.keys.mark, "", hint))
        seen.add(step.name)
