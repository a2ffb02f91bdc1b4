"""Source: text becomes a tree that knows where each of its keys and values was written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NoReturn

from runner.errors import Fault, FileMark, Mark, RecipeSyntaxError
from runner.model import Fixed

MAX_SIZE = 16 * 1024 * 1024
MAX_DEPTH = 64
"""How deep values may nest: what walks them later may recurse without fear."""
MAX_VALUES = 500_000
NOWHERE = Mark("", 1, 1)
HOLDERS = ("collect", "dataset")
"""Keys whose own `file` is a field like the others."""
LINE_END = re.compile("\r\n|\r|\n")


class Map(dict[str, Any]):
    """A mapping. `marks` holds, for every key, the place of the key and of its value."""

    __slots__ = ("mark", "marks")

    def __init__(self, mark: Mark = NOWHERE) -> None:
        self.mark = mark
        self.marks: dict[str, tuple[Mark, Mark]] = {}

    def put(self, key: str, value: Any, marks: tuple[Mark, Mark]) -> None:
        """Set a key together with its places."""
        self[key] = value
        self.marks[key] = marks


class Seq(list[Any]):
    """A list. `marks` holds the place of every item."""

    __slots__ = ("mark", "marks")

    def __init__(self, mark: Mark = NOWHERE) -> None:
        self.mark = mark
        self.marks: list[Mark] = []

    def add(self, value: Any, mark: Mark) -> None:
        """Append an item together with its place."""
        self.append(value)
        self.marks.append(mark)


class Words(str):
    """The text of a file, less a last newline. `mark` is where it begins."""

    __slots__ = ("mark",)
    mark: FileMark

    @classmethod
    def of(cls, text: str, file: str) -> Words:
        """Mark a text with the name of its file."""
        made = cls(text)
        made.mark = FileMark(file, 1, 1)
        return made


def merge(base: Map, over: Map) -> Map:
    """Merge two mappings, deeply: the nearer `over` wins; what is no mapping is replaced.

    `{file: PATH}` and `{include: PATH}` stand for what the file holds, and merge with nothing.
    """
    merged = Map(over.mark)
    merged.update(base)
    merged.marks.update(base.marks)
    for key, value in over.items():
        below = base.get(key)
        if isinstance(below, Map) and isinstance(value, Map):
            apart = key not in HOLDERS and (is_reference(below) or is_reference(value))
            value = value if apart else merge(below, value)
        merged.put(key, value, over.marks[key])
    return merged


def is_reference(tree: Map) -> bool:
    """Whether a mapping stands for what a file holds."""
    if isinstance(tree.get("include"), str):
        return len(tree) == 1
    return isinstance(tree.get("file"), str) and set(tree) <= {"file", "name", "strict"}


def unfixed(tree: Any) -> Any:
    """Return what a `Fixed` holds, and all else as it is."""
    return tree.value if isinstance(tree, Fixed) else tree


def mark_of(tree: Any, path: Sequence[str | int], *, key: bool = False) -> Mark | None:
    """Return the deepest known place on a path: the value's, or the last key's own."""
    mark: Mark | None = getattr(tree, "mark", None)
    for place, step in enumerate(path, 1):
        tree = unfixed(tree)
        if isinstance(tree, Map) and step in tree.marks:
            name = str(step)
            mark = tree.marks[name][0 if key and place == len(path) else 1]
            tree = tree.get(name)
        elif isinstance(tree, Seq) and isinstance(step, int) and step < len(tree.marks):
            mark, tree = tree.marks[step], tree[step]
        else:
            break
    return mark


def parse(text: str | bytes, file: str, *, pure: bool = False) -> Any:
    """Read one YAML document; None where it is empty. `pure` does without libyaml.

    Raises `RecipeSyntaxError` with every fault found.
    """
    from runner.recipe.reading import yaml_source

    return yaml_source.read(_decoded(text, file), file, pure)


def parse_json(text: str | bytes, file: str) -> Any:
    """Read a JSON file into nodes of the same kinds, which all bear the mark of its start.

    Raises `RecipeSyntaxError`.
    """
    from runner.recipe.reading import json_source

    return json_source.read(_decoded(text, file), file)


def refuse(message: str, mark: Mark, *, hint: str = "", source: str = "") -> NoReturn:
    """Raise the error of a single fault."""
    raise RecipeSyntaxError.of(Fault(message, mark, hint=hint, source=source))


def _decoded(content: str | bytes, file: str) -> str:
    """Return the content as text, without a byte order mark."""
    if len(content) > MAX_SIZE:
        refuse(f"the file is larger than {MAX_SIZE >> 20} MiB", Mark(file, 1, 1))
    if isinstance(content, str):
        return content.removeprefix("\ufeff")
    content = content.removeprefix(b"\xef\xbb\xbf")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = LINE_END.split(content[: error.start].decode("utf-8"))
        mark = Mark(file, len(before), len(before[-1]) + 1)
        message = f"expected UTF-8 text, got the byte 0x{content[error.start]:02x}"
        fault = Fault(message, mark, hint="save the file as UTF-8", source=before[-1] + "\ufffd")
        raise RecipeSyntaxError.of(fault) from error
