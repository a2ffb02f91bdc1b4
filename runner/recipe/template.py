"""Templates: fill the values of a tree in, once; what is filled in is never rendered again."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, TypeAlias

from runner.errors import Fault, Mark, RecipeError, RecipeTemplateError
from runner.model import Ref
from runner.recipe.templates import bounds
from runner.recipe.templates.bounds import BoundError, Meter
from runner.recipe.templates.filling import (
    OPEN,
    Check,
    Context,
    Fill,
    Reads,
    Text,
    compile_fault,
    dotted,
    filler,
    is_whole,
    mark_in,
    reads_of,
)
from runner.record import Record

Template: TypeAlias = Callable[[Context], Any]
"""A compiled tree: call it with the names that its templates may read."""

MOST_KEPT = 1_000
_KEPT: dict[Any, tuple[Any, Template]] = {}
FAULTS = 20
"""The most faults that one error tells."""
_UNSAFE = re.compile(r"[/\\\x00-\x1f\x7f-\x9f]|\.\.")
_KINDS = {list: "a list", tuple: "a list", str: "text", type(None): "null", bool: "a boolean"}


class _Live(Record):
    """A part of a tree that holds templates; `texts` are those, for telling every fault."""

    fill: Fill
    texts: tuple[tuple[Text, Fill], ...]


def render(
    tree: Any, context: Context, *, at: tuple[Any, ...] = (), mark: Mark | None = None
) -> Any:
    """Fill the templates of a tree in; raises `RecipeTemplateError` with every fault."""
    return compile(tree, at=at, mark=mark)(context)


def compile(
    tree: Any, *, at: tuple[Any, ...] = (), mark: Mark | None = None, check: Check = None
) -> Template:
    """Prepare a tree for rendering many times; raises `RecipeTemplateError` with every fault.

    `at` and `mark` say where the tree stands, for a text that has no place of its own.
    What is constant in it is shared by all results, but for the outermost mapping or list.
    `check` sees each text that is filled in, and may raise.
    """
    if faults := compile_faults(tree, at=at, mark=mark):
        raise RecipeTemplateError.of(*faults)
    part = _prepared(tree, at, mark, check)
    if not isinstance(part, _Live):
        return lambda _: part.copy() if isinstance(part, dict | list) else part

    def template(context: Context) -> Any:
        try:
            return part.fill(context, Meter())
        except RecipeTemplateError as error:
            raise _every(part.texts, context, error) from error.__cause__

    return template


def kept(
    tree: Any, *, at: tuple[Any, ...] = (), mark: Mark | None = None, check: Check = None
) -> Template:
    """Prepare a tree that lives as long as its recipe: once, however often it is rendered."""
    key = id(tree), at, mark, check
    found = _KEPT.get(key)
    if found is None or found[0] is not tree:
        if len(_KEPT) >= MOST_KEPT:
            _KEPT.clear()
        found = _KEPT[key] = tree, compile(tree, at=at, mark=mark, check=check)
    return found[1]


def path(
    source: Any, context: Context, *, at: tuple[Any, ...] = (), mark: Mark | None = None
) -> str:
    """Render the path of an output: what is filled in may hold no separator and no `..`."""
    made = kept(source, at=at, mark=mark, check=_safe)(context)
    return as_text(made, where=dotted(at), mark=mark)


def as_text(value: Any, *, where: str = "", mark: Mark | None = None) -> str:
    """Return a rendered value where text is wanted: numbers and booleans become text."""
    if isinstance(value, str | int | float):
        return bounds.text_of(value, Meter())
    message = f"expected text, got {_kind(value)}"
    raise RecipeTemplateError.of(Fault(message, mark, where, "`| tojson` makes text of any value"))


def expression(
    source: Any, *, where: str = "", mark: Mark | None = None
) -> Callable[[Context], bool]:
    """Prepare a key that is wholly one expression, and gives true or false."""
    text = Text(source, (where,) if where else (), mark)
    hint = 'write the whole value as one expression: "{{ a == b }}"'
    if not isinstance(source, str) or not OPEN.search(source):
        raise _error(text, f"expected one {{{{ expression }}}}, got {_kind(source)}", hint)
    if fault := compile_fault(text):
        raise RecipeTemplateError.of(fault)
    if not is_whole(source):
        raise _error(text, "expected one {{ expression }} and nothing beside it", hint)
    fill = filler(text)

    def judged(context: Context) -> bool:
        value = fill(context, Meter())
        if isinstance(value, bool):
            return value
        way = "compare it: {{ a == b }}, {{ a > 1 }}, {{ a is defined }}, {{ a | length > 0 }}"
        raise _error(text, f"expected true or false, got {_kind(value)}", way)

    return judged


def truth(source: Any, context: Context, where: str = "", mark: Mark | None = None) -> bool:
    """Judge a key that is wholly one expression, and gives true or false."""
    if not isinstance(source, str):
        return expression(source, where=where, mark=mark)(context)
    return _expression(source, where, mark)(context)


@lru_cache(maxsize=256)
def _expression(source: str, where: str, mark: Mark | None) -> Callable[[Context], bool]:
    return expression(source, where=where, mark=mark)


def compile_faults(tree: Any, *, at: tuple[Any, ...] = (), mark: Mark | None = None) -> list[Fault]:
    """Return a fault for every template of a tree that does not compile."""
    found = (compile_fault(text) for text in texts(tree, at, mark))
    return [fault for fault in found if fault]


def names(tree: Any) -> dict[str, Mark | None]:
    """Return the names that a tree reads, each with the place of its first template."""
    return _first_marks((text, reads.names) for text, reads in _reads(tree))


def sure_names(tree: Any) -> dict[str, Mark | None]:
    """Return the names that a tree reads in any case: an error each if undefined."""
    return _first_marks((text, reads.sure) for text, reads in _reads(tree))


def paths_read(tree: Any, root: str, *, sure: bool = False) -> set[str]:
    """Return the fields that a tree reads of a name; the `sure` ones are read in any case."""
    pairs = (reads.sure_paths if sure else reads.paths for _, reads in _reads(tree))
    return {field for found in pairs for name, field in found if name == root}


def texts(tree: Any, at: tuple[Any, ...] = (), mark: Mark | None = None) -> Iterator[Text]:
    """Walk through the templates of a tree."""
    if isinstance(tree, str):
        if OPEN.search(tree):
            yield Text(tree, at, mark)
        return
    for key, child, place in _children(tree, mark):
        yield from texts(child, (*at, key), place)


def _reads(tree: Any) -> Iterator[tuple[Text, Reads]]:
    for text in texts(tree):
        if compile_fault(text) is None:
            yield text, reads_of(text.source)


def _first_marks(found: Iterable[tuple[Text, Iterable[str]]]) -> dict[str, Mark | None]:
    marks: dict[str, Mark | None] = {}
    for text, some in found:
        for name in sorted(some):
            if name not in marks:
                marks[name] = mark_in(text, name=name)
    return marks


def _children(tree: Any, mark: Mark | None) -> Iterator[tuple[Any, Any, Mark | None]]:
    if isinstance(tree, Ref):
        yield "path", tree.path, tree.mark
        yield "options", tree.options, tree.mark
    elif isinstance(tree, Mapping):
        marks, own = getattr(tree, "marks", {}), getattr(tree, "mark", mark)
        for key, value in tree.items():
            yield key, value, marks[key][1] if key in marks else own
    elif isinstance(tree, list | tuple):
        marks, own = getattr(tree, "marks", ()), getattr(tree, "mark", mark)
        for place, item in enumerate(tree):
            yield place, item, marks[place] if place < len(marks) else own


def _prepared(tree: Any, at: tuple[Any, ...], mark: Mark | None, check: Check) -> Any:
    """Return a tree's plain value where it is constant, else its `_Live` part."""
    if isinstance(tree, str) and OPEN.search(tree):
        text = Text(tree, at, mark)
        fill = filler(text, check)
        return _Live(fill, ((text, fill),))
    if not isinstance(tree, Mapping | list | tuple):
        return tree
    children = _children(tree, mark)
    parts = {key: _prepared(child, (*at, key), place, check) for key, child, place in children}
    live = {key: part for key, part in parts.items() if isinstance(part, _Live)}
    whole = _whole_of(tree)
    if not live:
        return whole(parts)
    fills = tuple((key, part.fill) for key, part in live.items())

    def fill_all(context: Context, meter: Meter) -> Any:
        filled = parts.copy()
        for key, fill in fills:
            filled[key] = fill(context, meter)
        return whole(filled)

    return _Live(fill_all, tuple(text for part in live.values() for text in part.texts))


def _whole_of(tree: Any) -> Callable[[dict[Any, Any]], Any]:
    """Return what makes a mapping, a list or a `Ref` of the parts."""
    if isinstance(tree, Ref):
        return lambda parts: tree._replace(path=as_text(parts["path"], mark=tree.mark),
                                           options=parts["options"])  # fmt: skip
    return _itself if isinstance(tree, Mapping) else _listed


def _itself(parts: dict[Any, Any]) -> Any:
    return parts


def _listed(parts: dict[Any, Any]) -> Any:
    return list(parts.values())


def _every(parts: Iterable[tuple[Text, Fill]], context: Context, first: RecipeError) -> RecipeError:
    """Tell every fault and not the first alone, unless the bounds were reached."""
    if isinstance(first.__cause__, BoundError):
        return first
    meter = Meter()
    faults: list[Fault] = []
    for _, fill in parts:
        try:
            fill(context, meter)
        except RecipeTemplateError as error:
            if isinstance(error.__cause__, BoundError):
                break
            faults += error.faults
        if len(faults) >= FAULTS:
            break
    return RecipeTemplateError.of(*faults) if len(faults) > 1 else first


def _error(text: Text, message: str, hint: str) -> RecipeError:
    return RecipeTemplateError.of(Fault(message, text.mark, dotted(text.at), hint))


def _kind(value: Any) -> str:
    if isinstance(value, str):
        return f"the text {value[:60]!r}{'…' * (len(value) > 60)}"
    if isinstance(value, int | float):
        return bounds.text_of(value, Meter())[:60]
    return _KINDS.get(type(value), "a mapping")


def _safe(text: str) -> str:
    if found := _UNSAFE.search(text):
        message = f"a value filled into a path may not hold {found[0]!r}"
        raise ValueError(message)
    return text
