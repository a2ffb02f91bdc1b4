"""Lint: faults of templates that can be told before anything runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from runner.errors import Fault, Mark, RecipeTemplateError
from runner.model import Fixed
from runner.recipe import normal, taint, template
from runner.recipe.source import Map, Seq
from runner.recipe.templates.filling import mark_in
from runner.recipe.values import as_read, misnamed
from runner.record import Record

ALWAYS = frozenset(("env", "steps", "run"))
IN_ROWS = frozenset(("row", "row_id"))
IN_LOOPS = frozenset(("item", "loop"))
REPLY = frozenset(
    [
        *("text", "texts", "parsed", "json", "status", "headers", "usage", "tool_calls"),
        *("citations", "finish_reason", "images", "audio", "files", "latency", "ttft", "cost"),
        *("model", "request_id", "attempts", "reply"),
    ]
)
EXPRESSIONS = frozenset((*normal.EXPRESSIONS, "returns"))
"""Keys whose text is rendered later than the rest."""
AFTER = frozenset(("expect", "output", "collect", "poll"))
"""Keys that are rendered with the reply."""
BESIDE = {"tools": frozenset(("arguments",)), "output": frozenset(("index",))}
"""Names that a key has for itself."""


class Written(Record):
    """What is written in a recipe: its steps' keys in normal form, and the names it may read.

    `unset` are variables that have no value yet and may get one; `given` those that the command
    line gave. `fields` are those of a row.
    """

    steps: tuple[Map, ...]
    finals: tuple[Map, ...]
    names: tuple[str, ...]
    keys: Map
    values: frozenset[str]
    unset: frozenset[str]
    given: frozenset[str]
    fields: frozenset[str] = frozenset()


def faults(written: Written) -> list[Fault]:
    """List every fault of the recipe's templates."""
    found = _compile_faults(written)
    known = written.values | written.unset | ALWAYS
    if "dataset" in written.keys:
        known |= IN_ROWS
    for step in _trees(written):
        found += _unknown(step, known, written.fields)
        found += _steps_read(step, written.names)
    found += _too_early(written)
    found += [fault for step in _trees(written) for fault in _own_misnamed(step)]
    return found + taint.faults(written.keys, _trees(written), written.given)


def _trees(written: Written) -> tuple[Map, ...]:
    return (*written.steps, *written.finals, *shared(written.keys), *collected(written.keys))


def shared(keys: Map) -> tuple[Map, ...]:
    """Return the expectations beside `steps`, which judge the last reply, as if of a step."""
    if "steps" not in keys or "expect" not in keys:
        return ()
    last = Map(keys.mark)
    last.put("expect", normal.NORMAL["expect"](keys["expect"]), keys.marks["expect"])
    return (last,)


def collected(keys: Map) -> tuple[Map, ...]:
    """Return what is collected of a run, as if of a step."""
    if "collect" not in keys:
        return ()
    last = Map(keys.mark)
    last.put("collect", keys["collect"], keys.marks["collect"])
    return (last,)


def _own(step: Map) -> Map:
    own = step.get("vars")
    return own if isinstance(own, Map) else Map(step.mark)


def _own_misnamed(step: Map) -> list[Fault]:
    own = _own(step)
    found = (misnamed(name, own.marks[name][0], f"vars.{name}") for name in own)
    return [fault for fault in found if fault is not None]


def _compile_faults(written: Written) -> list[Fault]:
    found: list[Fault] = []
    for tree in _trees(written):
        texts = opened(tree, expressions=True)
        found += [*template.compile_faults(texts), *_mixed(texts)]
    return found


def _mixed(tree: Map) -> list[Fault]:
    """Find expressions that have something beside them: that is text, and never true or false."""
    found: list[Fault] = []
    for text in template.texts(tree):
        if _is_judged(text.at) and not template.compile_faults(text.source):
            try:
                template.expression(text.source, where=str(text.at[-1]), mark=text.mark)
            except RecipeTemplateError as error:
                found += error.faults
    return found


def _is_judged(at: tuple[Any, ...]) -> bool:
    """Whether a text stands where an expression does, and not in a field of such a name."""
    if at[0] == "expect":
        return at[-1] == "that" and set(at[2:-1]) <= {"not"}
    return at == ("if",) or at in (("poll", "until"), ("poll", "fail_if"))


def opened(tree: Any, *, expressions: bool = False, key: str = "") -> Any:
    """Return a tree with its expressions put back; schemas and what files hold stay closed."""
    if isinstance(tree, Fixed):
        is_text = key in EXPRESSIONS and isinstance(tree.value, str)
        return tree.value if expressions and is_text else None
    if isinstance(tree, Map):
        done = Map(tree.mark)
        for name, value in tree.items():
            done.put(name, opened(value, expressions=expressions, key=name), tree.marks[name])
        return done
    if isinstance(tree, Seq):
        items = Seq(tree.mark)
        for item, mark in zip(tree, tree.marks, strict=True):
            items.add(opened(item, expressions=expressions), mark)
        return items
    return tree


def _unknown(step: Map, known: frozenset[str], fields: frozenset[str]) -> list[Fault]:
    found: list[Fault] = []
    names = as_read(known | frozenset(_own(step)))
    names |= IN_LOOPS if "for_each" in step else frozenset()
    for key in step:
        here = names | REPLY if key in AFTER else names
        here = here | BESIDE.get(key, frozenset())
        one = Map(step.mark)
        one.put(key, step[key], step.marks[key])
        read = template.sure_names(opened(one, expressions=True))
        found += [
            _no_such(name, mark, here, key, fields)
            for name, mark in read.items()
            if name not in here
        ]
    return found


def _no_such(
    name: str, mark: Mark | None, known: Iterable[str], key: str, fields: frozenset[str]
) -> Fault:
    near = _near(name, sorted(known))
    if name in fields:
        hint = f"a field of the row is read as row.{name}"
    elif near:
        hint = f"did you mean {near[0]!r}?"
    elif name in REPLY:
        hint = "a reply is there only in expect, output, collect and poll"
    else:
        hint = f"give it under vars, or with --var {name}=VALUE"
    return Fault(f"the template reads {name!r}, which nothing gives", mark, key, hint)


def _steps_read(step: Map, names: tuple[str, ...]) -> list[Fault]:
    """Find steps that are read and are not there."""
    return [
        _no_step(name, mark_in(text, name="steps"), names)
        for text in template.texts(opened(step, expressions=True))
        for name in sorted(template.paths_read(text.source, "steps"))
        if name not in names
    ]


def _too_early(written: Written) -> list[Fault]:
    """Find steps that are read before their turn has come."""
    return [
        Fault(f"the step {name!r} has not run yet", mark, "steps", "read a step above")
        for place, step in enumerate(_trees(written))
        for text in template.texts(opened(step, expressions=True))
        for name in sorted(template.paths_read(text.source, "steps", sure=True))
        for mark in (mark_in(text, name="steps"),)
        if name in written.names[place:]
    ]


def _no_step(name: str, mark: Mark | None, names: tuple[str, ...]) -> Fault:
    near = _near(name, names)
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
    known = sorted({*declared} - {name})
    near = _near(name, known)
    there = f"the variables here are {', '.join(known)}" if known else "there are no variables here"
    hint = f"did you mean {near[0]!r}?" if near else there
    return Fault(f"nothing reads the variable {name!r}", None, "--var", hint)


def env_faults(tree: Any, present: Iterable[str], declared: Mapping[str, str]) -> list[Fault]:
    """Find environment variables that a tree reads and that are not set, or not declared.

    `declared` says of each that the recipe names under which key it does: `env` or `secrets`.
    """
    known = set(present)
    found: list[Fault] = []
    for text in template.texts(opened(tree, expressions=True)):
        read = template.paths_read(text.source, "env", sure=True)
        mark = mark_in(text, name="env")
        found += [_no_env(name, mark, declared.get(name, "")) for name in sorted(read - known)]
    return found


def _no_env(name: str, mark: Mark | None, section: str) -> Fault:
    if section == "secrets":
        hint = "set it in the environment; with --offline a placeholder stands in for it"
        return Fault(f"the secret {name} is not set", mark, "env", hint)
    if section:
        hint = f"set it, or give it a default: `env: [{{{name}: value}}]`"
        return Fault(f"the environment variable {name} is not set", mark, "env", hint)
    message = f"the environment variable {name} is not declared"
    return Fault(message, mark, "env", f"name it under env: `env: [{name}]`")


def _near(name: str, known: Iterable[str]) -> list[str]:
    from difflib import get_close_matches  # only what is wrong needs it

    return get_close_matches(name, [*known], 1)
