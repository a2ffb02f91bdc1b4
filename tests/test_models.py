"""Models: those of the reference are known to end, and no recipe stands on one that did."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from runner.engine.user import settings
from runner.protocol.retired import retirement
from runner.recipe import source
from tests.cli.command import runner

ROOT = Path(__file__).parent.parent
MODELS = settings.table("models.json")
TODAY = "2026-11-22"
OF_THE_REFERENCE = {
    "gpt-3.5-turbo": "gpt-5.6-terra",
    "gpt-4": "gpt-5.6-sol",
    "o1-mini": "gpt-5.6-terra",
    "o1-pro": "gpt-5.6-sol",
    "gpt-4o-search-preview": "gpt-5-search-api",
    "gpt-4o-audio-preview": "gpt-audio-1.5",
    "gpt-4o-mini-realtime": "gpt-realtime-2.1",
    "gpt-4o-mini-realtime-preview": "gpt-realtime-2.1",
    "gpt-image-1": "gpt-image-2.5-sunburst",
    "gpt-5": "gpt-6.1-sol",
    "davinci": "gpt-6-luna",
    "davinci:ft-personal-2023-05-05-15-39-01": "gpt-6-luna",
}
"""Those that ended, or end within a month, and what the service names in their place."""
LATER = ("gpt-4o", "gpt-4o-mini-tts", "gpt-4o-transcribe")
RECIPES = sorted(
    path
    for path in (ROOT / "recipes").rglob("*.recipe.yaml")
    if "reference" not in path.relative_to(ROOT).parts
)


def commanded() -> set[str]:
    """The models that the commands of the reference name."""
    folder = ROOT / "tests" / "data" / "reference"
    texts = [path.read_text(encoding="utf-8") for path in folder.glob("*.sh")]
    return {name for text in texts for name in re.findall(r'model(?:": ?"|=\'?)([\w.:-]+)', text)}


def test_every_model_of_the_reference_is_known():
    assert commanded() <= {*OF_THE_REFERENCE, *LATER}


@pytest.mark.parametrize(("model", "successor"), OF_THE_REFERENCE.items())
def test_check_warns_of_it_and_names_its_successor(model, successor, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    recipe = f"endpoint: models.retrieve\nmodel: '{model}'\n"
    told = runner("check", "one.recipe.yaml", files={"one.recipe.yaml": recipe})
    assert told.code == 0
    if date.today().isoformat() >= TODAY:
        assert f"one.recipe.yaml:2:8: warning: model: {model} w" in told.err
        assert "shut down on 20" in told.err
        assert "its successor is " in told.err
    found = retirement(model, MODELS, TODAY)
    assert found is not None
    assert found.message.partition("its successor is ")[2] == successor


@pytest.mark.parametrize("model", LATER)
def test_those_with_months_to_go_are_dated_without_a_warning(model):
    assert MODELS["shutdowns"][model]["date"] > TODAY
    assert retirement(model, MODELS, TODAY) is None


def test_run_asks_it_all_the_same(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    recipe = "endpoint: models.retrieve\nmodel: davinci\n"
    told = runner("run", "one.recipe.yaml", "--offline", files={"one.recipe.yaml": recipe})
    assert told.code == 0


@pytest.mark.parametrize("checks", ["off", "warn", "fail"])
@pytest.mark.parametrize("command", [("check",), ("run", "--offline")])
def test_it_is_never_more_than_a_warning(command, checks, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    recipe = "endpoint: models.retrieve\nmodel: o1-mini\n"
    files = {"one.recipe.yaml": recipe, "runner.yaml": f"checks: {checks}\n"}
    told = runner(*command, "one.recipe.yaml", files=files)
    assert told.code == 0
    assert ("warning: model: o1-mini was shut down on 2025-10-27" in told.err) == (checks != "off")


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.name)
def test_a_recipe_takes_its_model_from_a_variable(path):
    tree = source.parse(path.read_bytes(), path.name)
    for asked in (tree, *tree.get("steps", ()), *tree.get("finally", ())):
        assert "{{" in asked.get("model", "{{")


@pytest.mark.parametrize(
    ("name", "model"),
    [
        (name, model)
        for name, model in source.parse(
            (ROOT / "recipes" / "runner.yaml").read_bytes(), "runner.yaml"
        )["vars"].items()
        if name.endswith("_model")
    ],
)
def test_the_models_of_the_recipes_are_current(name, model):
    assert retirement(model, MODELS, TODAY) is None
