"""Every recipe of the repository runs offline, and its expectations hold."""

from pathlib import Path

import pytest

from runner import run
from runner.protocol import endpoints

ROOT = Path(__file__).parent.parent
RECIPES = sorted((ROOT / "recipes").rglob("*.recipe.yaml"))


@pytest.mark.parametrize("path", RECIPES, ids=lambda p: str(p.relative_to(ROOT / "recipes")))
def test_runs_offline(path, tmp_path):
    result = run(path, offline=True, out=tmp_path)
    missed = [check for step in result.steps for check in step.checks if not check.passed]
    assert not missed
    assert result.exit_code == 0
    assert [step.state for step in result.steps] == ["passed"] * len(result.steps)


@pytest.mark.parametrize("name", endpoints.MODULES)
def test_one_name_four_places(name):
    """The table's key is a schema, a recipe and a row of the README."""
    assert (ROOT / "schemas" / "endpoints" / f"{name}.json").is_file()
    assert (ROOT / "recipes" / f"{name}.recipe.yaml").is_file()
    assert f"`{name}`" in (ROOT / "README.md").read_text(encoding="utf-8")
