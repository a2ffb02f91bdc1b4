"""Desk: a folder with files and a recipe, and what `show` says of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from runner.curl import Call
from runner.engine.commands.show import call
from runner.engine.suite import Suite
from runner.engine.user.options import Options
from runner.errors import RecipeError
from runner.exchange import JsonBody

CHAT = "endpoint: chat.completions\nmodel: m\n"
HELLO = f"{CHAT}messages: [{{user: Hello}}]\n"
PNG = b"\x89PNG\r\n\x1a\n"
PAGE = "data:application/pdf;base64,JVBERi0="
PICTURE = "data:image/png;base64,iVBORw0KGgo="
FILES: dict[str, str | bytes] = {
    "guide.md": "Be {{ tone }}.\n",
    "data.txt": "{{ raw }}\n",
    "piet.yaml": "- user: My dog's name is {{ name }}\n- include: deep/more.yaml\n",
    "deep/more.yaml": "- {system: {include: own.md}}\n",
    "deep/own.md": "deep",
    "params.yaml": "seed: 7\nstop: ['{{ name }}']\n",
    "shape.json": '{"type": "object", "title": "an answer", "default": "{{ x }}"}',
    "names.json": '{"properties": {"name": {"type": "string"}, "n": {"type": "integer"}}}',
    "vars.yaml": "name: Piet\ntone: kind\n",
    "a.png": PNG,
    "a.wav": b"RIFF0000WAVE",
    "a.pdf": b"%PDF-",
}


class Desk:
    """A folder with files and a recipe, and what `show` says of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name, content in FILES.items():
            self.write(name, content)

    def write(self, name: str, content: str | bytes) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())

    def call(self, text: str, environ: Mapping[str, str] = {}, **options: Any) -> Call:
        """The first request of a recipe."""
        self.write("r.recipe.yaml", dedent(text))
        suite = Suite(Options(**options), lambda text: None)
        suite.environ = dict(environ)
        (checked,) = suite.all_checked([str(self.folder / "r.recipe.yaml")])
        return call(checked)

    def body(self, text: str, **options: Any) -> Any:
        """The body of the first request."""
        found = self.call(text, **options).body
        assert isinstance(found, JsonBody)
        return found.value

    def said(self, messages: str, head: str = CHAT) -> Any:
        """The messages of the first request."""
        return self.body(f"{head}messages: {messages}\n")["messages"]

    def refused(self, text: str, **options: Any) -> list[str]:
        """The messages of the faults of a recipe."""
        with pytest.raises(RecipeError) as caught:
            self.call(text, **options)
        return [f"{f.mark.line if f.mark else 0}: {f.message}" for f in caught.value.faults]
