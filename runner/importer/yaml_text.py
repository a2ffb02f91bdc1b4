"""YAML text: a tree is written as people write it, and as our own reader reads it back.

Text that spans lines stands below its key after a `|`; text that YAML 1.2 would take for something
else stands in quotes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from runner.recipe.reading.scalars import plain

WIDTH = 100
GROUPS = (
    frozenset(("description", "tags", "vars", "vars_schema", "env", "secrets")),
    frozenset(("output",)),
)
"""Keys that stand apart from those of the request."""
ODD = re.compile("[\x00-\x08\t\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")


class _Dumper(yaml.SafeDumper):
    """Writes block style, lists indented below their key, nothing by reference."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        del indentless
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        del data
        return True


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = None
    if "\n" in value.strip("\n") and not ODD.search(value):
        style = "|"
    elif _is_misread(value) or ODD.search(value) or "\n" in value:
        style = '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style)


def _is_misread(text: str) -> bool:
    """Whether a text without quotes would be read as a template, a number, or the like."""
    try:
        return not isinstance(plain(text), str) or text.startswith(("{", "[", "<<", "="))
    except ValueError:
        return True


def _list(dumper: yaml.SafeDumper, value: list[Any]) -> yaml.SequenceNode:
    return dumper.represent_sequence("tag:yaml.org,2002:seq", value, _is_short(value))


class _Line(dict[str, Any]):
    """A mapping that is short enough for one line."""


def _map(dumper: yaml.SafeDumper, value: dict[str, Any]) -> yaml.MappingNode:
    on_line = not value or isinstance(value, _Line)
    return dumper.represent_mapping("tag:yaml.org,2002:map", value, on_line)


def _lined(tree: Any, depth: int = 0) -> Any:
    """Put the short mappings within a key on one line each."""
    if isinstance(tree, list):
        return [_lined(item, depth + 1) for item in tree]
    if not isinstance(tree, dict):
        return tree
    is_short = len(str(tree)) <= 70 and all(_is_word(item) for item in tree.values())
    kind = _Line if depth > 1 and is_short and len(tree) > 1 else dict
    return kind((key, _lined(item, depth + 1)) for key, item in tree.items())


def _is_short(value: list[Any]) -> bool:
    """A short list of plain words stands on one line."""
    return all(_is_word(item) for item in value) and len(json.dumps(value)) <= 60


def _is_word(value: Any) -> bool:
    if isinstance(value, str):
        return re.fullmatch(r"[\w.-]+", value) is not None
    return not isinstance(value, list | dict)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(list, _list)
_Dumper.add_representer(dict, _map)
_Dumper.add_representer(_Line, _map)


def written(tree: Mapping[str, Any], comments: Iterable[str] = ()) -> str:
    """Write a recipe, with comments above it and a line between its groups of keys."""
    groups: list[dict[str, Any]] = [{}, {}, {}]
    for key, value in tree.items():
        place = 0 if key in GROUPS[0] else 2 if key in GROUPS[1] else 1
        groups[place][key] = value
    head = "".join(f"# {line}\n" for text in comments for line in text.splitlines())
    return head + "\n".join(_dumped(group) for group in groups if group)


def _dumped(group: Mapping[str, Any]) -> str:
    made: str = yaml.dump(
        _lined(dict(group)), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=WIDTH
    )
    return made
