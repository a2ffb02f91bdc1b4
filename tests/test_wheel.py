"""The wheel holds all that a recipe needs: built, installed in a fresh environment, run from."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
RECIPE = """\
endpoint: chat.completions
model: gpt-4.1
messages: [{user: What is the capital of Sweden?}]
expect: [{text: {contains: Stockholm}}]
"""


def _pip(python: Path | str, *words: str) -> None:
    subprocess.run([str(python), "-m", "pip", "-q", *words], check=True, timeout=300)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel that pip builds of the project."""
    folder = tmp_path_factory.mktemp("wheel")
    _pip(sys.executable, "wheel", "--no-deps", "-w", str(folder), str(ROOT))
    return next(folder.glob("*.whl"))


@pytest.mark.slow
def test_the_wheel_adds_one_package_and_nothing_else(wheel):
    with zipfile.ZipFile(wheel) as packed:
        names = packed.namelist()
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {"runner"}
    assert "runner/_shipped/schemas/recipe.json" in names
    assert "runner/_shipped/recipes/chat.completions.recipe.yaml" in names
    assert "runner/cassette/form.py" in names
    assert [name for name in names if "/cassettes/" in name] == []
    assert {"runner/report/html/page/page.html", "runner/report/html/page/main.js"} < set(names)


@pytest.mark.slow
def test_a_recipe_runs_from_the_wheel(wheel, tmp_path):
    home = tmp_path / "home"
    subprocess.run([sys.executable, "-m", "venv", str(home)], check=True, timeout=120)
    _pip(home / "bin" / "python", "install", str(wheel))
    (tmp_path / "ask.recipe.yaml").write_text(RECIPE, encoding="utf-8")
    clean = {"PATH": f"{home}/bin:{os.environ['PATH']}"}
    for command in ("runner", "recipe-runner"):
        done = subprocess.run(
            [str(home / "bin" / command), "run", "ask.recipe.yaml", "--offline"],
            cwd=tmp_path,
            env=clean,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert "Stockholm" in done.stdout
    listed = subprocess.run(
        [str(home / "bin" / "runner"), "schema"],
        capture_output=True,
        text=True,
        check=True,
        env=clean,
        timeout=60,
    )
    assert '"$schema"' in listed.stdout
