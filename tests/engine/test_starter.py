"""A recipe to begin with is right from the start, and points at a schema that is there."""

import json

import pytest

from runner.engine import starter
from runner.errors import OutputError
from runner.protocol import endpoints
from runner.recipe import source
from tests.engine.playing import written


@pytest.fixture
def folder(tmp_path):
    written(tmp_path, {"runner.yaml": "{}", "project/runner.yaml": "{}"})
    return tmp_path / "project"


def first_line(folder, name):
    return (folder / name).read_text(encoding="utf-8").partition("\n")[0]


def test_the_schema_lies_beside_the_recipe_where_there_is_none(folder):
    made = starter.start("hello", "chat.completions", folder)
    assert [path.name for path in made] == ["hello.recipe.yaml", "recipe.schema.json"]
    line = "# yaml-language-server: $schema=recipe.schema.json"
    assert first_line(folder, "hello.recipe.yaml") == line
    schema = json.loads((folder / "recipe.schema.json").read_text(encoding="utf-8"))
    assert "$ref" in json.dumps(schema)
    assert "schemas/" not in json.dumps(schema)


@pytest.mark.parametrize("there", ["recipe.schema.json", "schemas/editor.json"])
def test_a_schema_above_is_pointed_at(folder, there):
    written(folder, {there: "{}"})
    (made,) = starter.start("deep/er/hello", "models", folder)
    assert made == folder / "deep/er/hello.recipe.yaml"
    assert first_line(folder, "deep/er/hello.recipe.yaml").endswith(f"$schema=../../{there}")


def test_a_schema_outside_of_the_project_is_not(folder):
    written(folder.parent, {"recipe.schema.json": "{}"})
    assert len(starter.start("hello", "models", folder)) == 2


def test_a_recipe_is_never_written_over(folder):
    starter.start("hello.recipe.yaml", "models", folder)
    with pytest.raises(OutputError, match="is there already"):
        starter.start("hello", "models", folder)


def test_what_cannot_be_written_is_told(folder):
    with pytest.raises(OutputError, match="too long"):
        starter.start("x" * 300, "models", folder)


@pytest.mark.parametrize("name", ["hello", "a: b", "it's", "ä #1"])
def test_any_name_makes_good_yaml(name):
    tree = source.parse(starter.recipe(name, endpoints.find("models"), "x"), "f")
    assert tree["output"] == {"json": f"{name}.json"}
