"""What `show --curl` prints for a recipe, imported again, makes the same request."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from runner import curl
from runner.engine.commands import importing
from runner.engine.commands.show import VIEWS, call
from runner.engine.suite import Checked, Suite
from runner.engine.user.options import Options
from runner.exchange import JsonBody, Multipart, Part, Spool
from tests.cli.command import AZURE, UNSET

ROOT = Path(__file__).parent.parent.parent
FOLDER = ROOT / "recipes"
RECIPES = [str(path.relative_to(FOLDER)) for path in sorted(FOLDER.rglob("*.recipe.yaml"))]


@pytest.fixture(scope="module")
def copied(tmp_path_factory):
    place = tmp_path_factory.mktemp("again")
    shutil.copytree(FOLDER, place / "recipes")
    return place


@pytest.fixture(autouse=True)
def folder(copied, monkeypatch):
    """A copy of the recipes to stand in, and an environment that says nothing."""
    monkeypatch.chdir(copied)
    for name in (*UNSET, *AZURE):
        monkeypatch.delenv(name, raising=False)


def checked(path: str) -> Checked:
    return Suite(Options(), lambda text: None).checked(path)


def sent(made: curl.Call) -> tuple[Any, ...]:
    """What goes over the wire: the parts of a form in any order."""
    body: Any = made.body
    if isinstance(body, JsonBody):
        body = body.value
    elif isinstance(body, Multipart):
        body = sorted(map(part, body.parts))
    url, _, query = made.url.partition("?")
    return made.method, url, sorted(query.split("&")), sorted(made.headers), body


def part(one: Part) -> tuple[str, str, str, str]:
    """A field: its file by its place."""
    text = one.body.path if isinstance(one.body, Spool) else one.body.decode()
    return one.name, one.file_name, one.media_type, text


def project(text: str) -> str:
    """The project file that the comments above a recipe tell of."""
    _, found, after = text.partition("# In runner.yaml:\n")
    lines = [line for line in after.splitlines() if line.startswith("#   ")]
    return "\n".join(line.removeprefix("#   ") for line in lines) if found else ""


@pytest.mark.parametrize("path", RECIPES)
def test_a_recipe_comes_back(path):
    first = checked(f"recipes/{path}")
    if first.first is None or first.first.awaits:
        pytest.skip("its first request is not known before it runs")
    if first.first.ask.endpoint == "realtime":
        pytest.skip("curl cannot make it")
    wanted = call(first)
    made = importing.recipe(VIEWS["curl"](first), Path(), "2026-11-22")
    Path("runner.yaml").write_text(project(made.text), encoding="utf-8")
    Path("again.recipe.yaml").write_text(made.text, encoding="utf-8")
    again = checked("again.recipe.yaml")
    assert sent(call(again)) == sent(wanted)
    assert again.first is not None
    assert first.first.ask.endpoint in (again.first.ask.endpoint, "raw")
