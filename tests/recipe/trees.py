"""Reading: trees for the tests of this folder, from YAML that stands in them."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent
from typing import Any

import pytest

from runner.errors import Fault, Mark, RecipeError
from runner.recipe import source


def tree(text: str, file: str = "r.yaml") -> Any:
    """Read a tree that knows its places."""
    return source.parse(dedent(text), file)


def reader(**files: str) -> Callable[[str, Mark], Any]:
    """Return what reads these files: `a_yaml` is a.yaml, read as its ending says."""
    named = {name.replace("_", "."): text for name, text in files.items()}

    def read(path: str, mark: Mark) -> Any:
        text = dedent(named[path])
        return tree(text, path) if path.endswith(".yaml") else text.removesuffix("\n")

    return read


def plain(value: Any) -> Any:
    """Return a tree without its places."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


def told(faults: list[Fault]) -> list[str]:
    """Tell faults in short: line, column, where and message."""
    return [
        f"{fault.mark.line}:{fault.mark.column} {fault.where}: {fault.message}"
        if fault.mark
        else f"{fault.where}: {fault.message}"
        for fault in faults
    ]


def refused(action: Callable[[], Any]) -> list[str]:
    """Tell the faults that an action is refused with."""
    with pytest.raises(RecipeError) as caught:
        action()
    return told(list(caught.value.faults))
