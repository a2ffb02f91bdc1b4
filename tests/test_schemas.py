"""The schemas name what the contract names, and read well."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from runner.protocol.endpoints import MODULES
from tests import make_editor
from tests.schemas import FOLDER, endpoints, load, names

KEYS = """
description tags extends vars vars_schema env secrets provider endpoint model messages input prompt
continue tools tool_choice max_tool_rounds on_tool_error attachments params extra stream
response_schema headers timeout retries request id poll steps finally expect repeat pass output
collect matrix dataset
"""
ONLY_TOP = "tags extends vars_schema env secrets steps finally repeat pass collect matrix dataset"
SCHEMAS = [name for name in names() if name not in ("models.json", "prices.json")]


def nodes(tree: Any, path: str = "") -> Any:
    """Walk a tree of JSON: each mapping with its path."""
    if isinstance(tree, dict):
        yield path, tree
        for key, value in tree.items():
            yield from nodes(value, f"{path}/{key}")
    elif isinstance(tree, list):
        for place, value in enumerate(tree):
            yield from nodes(value, f"{path}/{place}")


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_valid_and_names_its_dialect(name):
    schema = load(name)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_has_no_one_of_and_no_address_of_its_own(name):
    """Messages of `oneOf` help nobody; an `$id` would send editors to the network."""
    assert [path for path, node in nodes(load(name)) if "oneOf" in node or "$id" in node] == []


@pytest.mark.parametrize("name", [name for name in SCHEMAS if name != "editor.json"])
def test_only_what_editors_read_refers_to_other_files(name):
    told = [node["$ref"] for _, node in nodes(load(name)) if "$ref" in node]
    assert [ref for ref in told if not ref.startswith("#/")] == []


def test_a_recipe_has_the_keys_of_the_contract():
    assert sorted(load("recipe.json")["properties"]) == sorted([*KEYS.split(), "$schema"])


def test_a_step_has_the_keys_of_a_recipe_but_those_of_the_whole():
    step = load("recipe.json")["$defs"]["step"]["properties"]
    asked = {name for name, rule in step.items() if "doNotSuggest" not in rule}
    assert asked == ({*KEYS.split(), "name", "if", "for_each"} - set(ONLY_TOP.split()))


@pytest.mark.parametrize("name", ["recipe.json", "project.json"])
def test_every_key_says_what_it_is(name):
    schema = load(name)
    told = [
        *schema["properties"].items(),
        *schema["$defs"].get("step", schema)["properties"].items(),
    ]
    for key, rule in told:
        target = rule.get("$ref", "").rpartition("/")[2]
        assert "description" in (rule | schema["$defs"].get(target, {})) or key == "$schema", key


def test_the_endpoints_are_those_of_the_table():
    assert load("recipe.json")["$defs"]["endpoint"]["else"]["enum"] == list(MODULES)
    assert set(endpoints()) == set(MODULES)


@pytest.mark.parametrize("name", endpoints())
def test_params_are_closed_and_every_field_says_what_it_is(name):
    schema = load(f"endpoints/{name}.json")
    assert schema["type"] == "object"
    assert schema["additionalProperties"] is False
    assert [
        field for field, rule in schema["properties"].items() if "description" not in rule
    ] == []


@pytest.mark.parametrize("name", endpoints())
def test_hard_lists_of_values_are_structure_only(name):
    """What changes with time is a soft list, `x-values`, that follows the project's checks."""
    hard = [path for path, node in nodes(load(f"endpoints/{name}.json")) if "enum" in node]
    assert [path for path in hard if path.rpartition("/")[2] not in ("type", "mode")] == []


def test_the_editors_file_is_up_to_date():
    told = (FOLDER / "editor.json").read_text(encoding="utf-8")
    assert told == make_editor.page(FOLDER), "run python tests/make_editor.py"
