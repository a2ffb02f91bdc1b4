"""Lint: faults of templates that can be told before anything runs."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any, NamedTuple

from runner.errors import Fault, Mark
from runner.model import Fixed
from runner.recipe import template
from runner.recipe.source import Map, Seq

ALWAYS = frozenset(("env", "steps", "run", "index"))
IN_ROWS = frozenset(("row", "row_id"))
IN_LOOPS = frozenset(("item", "loop"))
REPLY = frozenset(
    [
        *("text", "texts", "parsed", "json", "status", "headers", "usage", "tool_calls"),
        *("citations", "finish_reason", "images", "audio", "files", "latency", "ttft", "cost"),
        *("model", "request_id", "attempts", "reply", "index"),
    ]
)
AFTER = frozenset(("expect", "output", "collect", "poll"))
"""Keys that are rendered with the reply."""
PATHS = frozenset(("image", "audio", "file", "include", "path", "to"))


class Written(NamedTuple):
    """What is written in a recipe: its steps' keys in normal form, and the names it may read.

    `unset` are variables that have no value yet and may get one; `given` those that the command
    line gave.
    """

    steps: tuple[Map, ...]
    finals: tuple[Map, ...]
    names: tuple[str, ...]
    keys: Map
    values: frozenset[str]
    unset: frozenset[str]
    given: frozenset[str]


def faults(written: Written) -> list[Fault]:
    """List every fault of the recipe's templates."""
    found = _compile_faults(written)
    if found:
        return found
    known = written.values | written.unset | ALWAYS
    if "dataset" in written.keys:
        known |= IN_ROWS
    for step in (*written.steps, *written.finals):
        found += _unknown(step, known)
        found += _steps_read(step, written.names)
    found += _too_early(written)
    return found + _tainted(written)


def _trees(written: Written) -> tuple[Map, ...]:
    return (*written.steps, *written.finals)


def _compile_faults(written: Written) -> list[Fault]:
    found: list[Fault] = []
    for tree in _trees(written):
        found += template.compile_faults(opened(tree, expressions=True))
    return found


def opened(tree: Any, *, expressions: bool = False) -> Any:
    """Return a tree with its expressions (`that`, `if`, …) put back; schemas stay closed."""
    if isinstance(tree, Fixed):
        return tree.value if expressions and isinstance(tree.value, str) else None
    if isinstance(tree, Map):
        done = Map(tree.mark)
        for key, value in tree.items():
            done.put(key, opened(value, expressions=expressions), tree.marks[key])
        return done
    if isinstance(tree, Seq):
        items = Seq(tree.mark)
        for item, mark in zip(tree, tree.marks, strict=True):
            items.add(opened(item, expressions=expressions), mark)
        return items
    return tree


def _unknown(step: Map, known: frozenset[str]) -> list[Fault]:
    found: list[Fault] = []
    own = frozenset(step.get("vars", ()))
    names = known | own | (IN_LOOPS if "for_each" in step else frozenset())
    for key in step:
        here = names | REPLY if key in AFTER else names
        if key == "tools":
            here = here | {"arguments"}
        one = Map(step.mark)
        one.put(key, step[key], step.marks[key])
        read = template.sure_names(opened(one, expressions=True))
        found += [
            _no_such(name, mark, here, key) for name, mark in read.items() if name not in here
        ]
    return found


def _no_such(name: str, mark: Mark | None, known: Iterable[str], key: str) -> Fault:
    near = get_close_matches(name, sorted(known), 1)
    if near:
        hint = f"did you mean {near[0]!r}?"
    elif name in REPLY:
        hint = "a reply is there only in expect, output, collect and poll"
    else:
        hint = f"give it under vars, or with --var {name}=VALUE"
    return Fault(f"the template reads {name!r}, which nothing gives", mark, key, hint)


def _steps_read(step: Map, names: tuple[str, ...]) -> list[Fault]:
    """Find steps that are read and are not there."""
    return [
        _no_step(name, text.mark, names)
        for text in template.texts(opened(step, expressions=True))
        for name in sorted(template.paths_read(text.source, "steps"))
        if name not in names
    ]


def _too_early(written: Written) -> list[Fault]:
    """Find steps that are read before their turn has come."""
    return [
        Fault(f"the step {name!r} has not run yet", text.mark, "steps", "read a step above")
        for place, step in enumerate(_trees(written))
        for text in template.texts(opened(step, expressions=True))
        for name in sorted(template.paths_read(text.source, "steps", sure=True))
        if name in written.names[place:]
    ]


def _no_step(name: str, mark: Mark | None, names: tuple[str, ...]) -> Fault:
    near = get_close_matches(name, names, 1)
    there = ", ".join(one for one in names if one)
    hint = f"did you mean {near[0]!r}?" if near else f"there are: {there}" if there else ""
    return Fault(f"no step is named {name!r}", mark, "steps", hint)


def unread(written: Written) -> frozenset[str]:
    """Return the values of the command line that nothing in the recipe reads."""
    if not written.given:
        return frozenset()
    read: set[str] = set()
    for tree in (*_trees(written), written.keys):
        read |= set(template.names(opened(tree, expressions=True)))
    return written.given - read


def no_reader(name: str, declared: Iterable[str]) -> Fault:
    """Word a value of the command line that nothing reads."""
    near = get_close_matches(name, sorted({*declared} - {name}), 1)
    hint = f"did you mean {near[0]!r}?" if near else ""
    return Fault(f"nothing reads the variable {name!r}", None, "--var", hint)


def env_faults(tree: Any, present: Iterable[str], declared: Iterable[str]) -> list[Fault]:
    """Find environment variables that a tree reads and that are not set, or not declared."""
    known, named = set(present), set(declared)
    found: list[Fault] = []
    for text in template.texts(opened(tree, expressions=True)):
        read = template.paths_read(text.source, "env", sure=True)
        found += [_no_env(name, text.mark, name in named) for name in sorted(read - known)]
    return found


def _no_env(name: str, mark: Mark | None, declared: bool) -> Fault:
    if declared:
        hint = "set it, or give it a default: `env: [{NAME: value}]`"
        return Fault(f"the environment variable {name} is not set", mark, "env", hint)
    message = f"the environment variable {name} is not declared"
    return Fault(message, mark, "env", f"name it under env: `env: [{name}]`")


def _tainted(written: Written) -> list[Fault]:
    """Find paths and addresses that a value of `env` or `secrets` would enter."""
    if "env" not in written.keys and "secrets" not in written.keys:
        return []
    dirty = {"env"}
    for name, value in (written.keys.get("vars") or {}).items():
        if dirty & set(template.names(value)):
            dirty.add(name)
    found: list[Fault] = []
    for step in _trees(written):
        found += [
            Fault(
                f"a value of the environment may enter no {what}",
                mark,
                "",
                "write the value itself, or give it with --var",
            )
            for what, text, mark in _places(step)
            if dirty & set(template.names(text))
        ]
    return found


def _places(tree: Any, key: str = "") -> Iterable[tuple[str, str, Mark | None]]:
    """List the paths and addresses of a step: references, outputs, the path of a raw request."""
    from runner.model import Ref

    if isinstance(tree, Ref):
        yield "path or address", tree.path, tree.mark
    elif isinstance(tree, Map):
        for name, value in tree.items():
            mark = tree.marks[name][1]
            if isinstance(value, str) and (key == "output" or name in PATHS or name == "url"):
                yield "path or address", value, mark
            yield from _places(value, "output" if name in ("output", "collect") else key)
    elif isinstance(tree, Seq):
        for item in tree:
            yield from _places(item, key)
