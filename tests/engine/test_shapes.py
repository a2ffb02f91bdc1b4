"""No value of a wrong shape, under whatever key, is more than a fault of the recipe."""

import json
from contextlib import suppress
from pathlib import Path

import pytest

from runner.engine.selection import Selection
from runner.engine.suite import Suite
from runner.engine.user.options import Options
from runner.errors import RecipeError, SettingsError

SHAPE = Path(__file__).parents[2] / "schemas" / "recipe.json"
KEYS = [*json.loads(SHAPE.read_text(encoding="utf-8"))["properties"], "other"]
ASKED = {
    "endpoint": "chat.completions",
    "model": "gpt-4.1",
    "messages": "[{user: 'Hi, {{ city }}'}]",
}
ODD = ("", "true", "[{city: Oslo}]", "{file: nowhere}", "'{{ city }}'")


@pytest.mark.parametrize("key", KEYS)
def test_a_wrong_shape_is_no_fault_of_ours(key, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    place = tmp_path / "odd.recipe.yaml"
    suite = Suite(Options(), lambda _: None, {})
    for value in ODD:
        lines = [f"{name}: {one}" for name, one in {**ASKED, key: value}.items()]
        for text in ("\n".join(lines), "steps:\n  - " + "\n    ".join(lines)):
            place.write_text(text, encoding="utf-8")
            with suppress(RecipeError, SettingsError):
                suite.cases(str(place), Selection(), check=True)
    suite.close()
