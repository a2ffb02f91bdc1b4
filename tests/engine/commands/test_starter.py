"""A recipe to begin with is right from the start, and points at a schema that is there."""

import json
from pathlib import Path

import pytest

from runner.engine.commands import groundwork, starter
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


def tree_of(endpoint):
    return source.parse(starter.recipe("mine", endpoints.find(endpoint), "x"), "f")


@pytest.mark.parametrize("endpoint", groundwork.MODELS)
def test_each_endpoint_is_asked_with_a_model_that_our_recipes_have(endpoint):
    shared = (Path(__file__).parents[3] / "recipes" / "runner.yaml").read_text(encoding="utf-8")
    known = source.parse(shared, "f")["vars"].values()
    assert groundwork.MODELS[endpoint] in known
    assert groundwork.MODELS[endpoint] in starter.recipe("mine", endpoints.find(endpoint), "x")


@pytest.mark.parametrize("endpoint", [name for name in endpoints.MODULES if name != "raw"])
def test_whoever_needs_a_model_is_given_one(endpoint):
    assert ("model" in endpoints.find(endpoint).needs) <= (endpoint in groundwork.MODELS)


@pytest.mark.parametrize("endpoint", ["audio.transcriptions", "audio.translations"])
def test_what_was_said_becomes_plain_text(endpoint):
    assert printed(endpoint)["output"] == {"text": "mine.txt"}


def printed(endpoint, name="mine"):
    """A starter that prints its text, with the output that it shows."""
    told = starter.recipe(name, endpoints.find(endpoint), "x")
    assert "output" not in source.parse(told, "f")
    return source.parse(told.replace("\n# output:", "\noutput:"), "f")


@pytest.mark.parametrize("name", ["hello", "a: b", "{x}"])
def test_a_first_run_shows_the_text_and_how_to_write_it(name):
    assert printed("chat.completions", name)["output"] == {"text": f"{name}.md"}


@pytest.mark.parametrize(
    ("endpoint", "before"),
    [
        ("batches", ["files"]),
        ("batches.cancel", ["files", "batches"]),
        ("fine_tuning.jobs.events", ["files", "fine_tuning.jobs"]),
        ("responses.delete", ["responses"]),
        ("files.content", ["files"]),
    ],
)
def test_what_is_asked_for_by_its_id_is_made_before(endpoint, before):
    steps = tree_of(endpoint)["steps"]
    assert [step["endpoint"] for step in steps] == [*before, endpoint]
    told = json.dumps(steps[-1])
    assert f"steps.{steps[-2]['name']}.json.id" in told
