"""A bundled schema needs no other file."""

from __future__ import annotations

import json

import pytest

from runner.recipe.bundle import bundle
from tests.schemas import load, names

FILES = {
    "a.json": {"$schema": "d", "allOf": [{"$ref": "b.json"}], "$defs": {"x": {"type": "null"}}},
    "b.json": {"$schema": "d", "items": {"$ref": "deep/c.json#/properties/n"}},
    "deep/c.json": {
        "properties": {"n": {"$ref": "#/$defs/m"}, "up": {"$ref": "../a.json#/$defs/x"}},
        "$defs": {"m": {"type": "number"}},
    },
}


def test_references_to_files_point_into_the_bundle():
    whole = bundle("a.json", FILES)
    assert whole["allOf"] == [{"$ref": "#/$defs/b"}]
    assert whole["$defs"]["b"] == {"items": {"$ref": "#/$defs/deep.c/properties/n"}}
    assert whole["$defs"]["deep.c"]["properties"] == {
        "n": {"$ref": "#/$defs/deep.c/$defs/m"},
        "up": {"$ref": "#/$defs/x"},
    }


def test_what_the_root_has_is_kept_and_the_files_are_not_changed():
    before = json.dumps(FILES)
    assert bundle("a.json", FILES)["$defs"]["x"] == {"type": "null"}
    assert json.dumps(FILES) == before


def test_a_file_that_nothing_refers_to_is_left_out():
    assert bundle("deep/c.json", FILES)["$defs"].keys() == {"m", "a", "b"}
    assert "b" not in bundle("b.json", {**FILES, "z.json": {}})["$defs"]


def test_a_missing_file_is_told():
    with pytest.raises(KeyError, match="gone"):
        bundle("a.json", {"a.json": {"$ref": "gone.json"}})


def test_our_own_recipe_schema_is_whole():
    text = json.dumps(bundle("editor.json", {name: load(name) for name in names()}))
    assert '"$ref": "#/$defs/recipe"' in text
    assert ".json#" not in text
    assert '.json"' not in text
