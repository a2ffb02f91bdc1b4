"""The recipe of `recipes/batch` runs over all its rows, on the simulated service."""

import csv
import json
from pathlib import Path

import pytest

from runner.protocol import pictures
from tests.cli.command import runner

BATCH = Path(__file__).parent.parent / "recipes" / "batch"
ROWS = list(csv.DictReader((BATCH / "products.csv").read_text(encoding="utf-8").splitlines()))
FEATURED = [row["sku"] for row in ROWS if row["featured"] == "yes"]


@pytest.fixture(autouse=True)
def apart(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def run(*words):
    told = runner("run", BATCH / "products.yaml", "--offline", "--jobs", "4", *words)
    assert told.code == 0, told.err
    return told


def names(folder, suffix):
    return sorted(
        path.name.removesuffix(suffix) for path in Path("out/batch", folder).glob(f"*{suffix}")
    )


def test_a_thousand_products_have_an_id_each_and_two_hundred_are_featured():
    assert len(ROWS) == len({row["sku"] for row in ROWS}) == 1_000
    assert len(FEATURED) == 200


def test_it_is_asked_for_by_name_alone():
    """It costs: what runs or replays the folder leaves it out, and says so."""
    told = runner("run", BATCH, "--offline")
    assert told.code == 2
    assert "no recipes (*.recipe.yaml) in" in told.err
    assert "hint: a file of another name is run by it: " in told.err
    assert "batch/products.yaml" in told.err


def test_what_would_be_asked_is_told():
    told = run("--dry-run").err.splitlines()[-1]
    assert told.startswith("1,000 rows · 1,400 requests · about ")


@pytest.mark.slow
def test_every_product_has_its_text_and_the_featured_a_picture_and_a_voice():
    assert "1,000 passed · 1,400 requests" in run().err
    lines = list(csv.DictReader(Path("out/batch/texts.csv").read_text("utf-8").splitlines()))
    assert [line["sku"] for line in lines] == [row["sku"] for row in ROWS]
    for line, row in zip(lines, ROWS, strict=True):
        assert row["name"] in line["text"]
    sidecar = json.loads(Path("out/batch/texts.csv.run.json").read_text())
    assert sidecar["lines"] == 1_000
    assert names("pictures", ".png") == names("voices", ".mp3") == sorted(FEATURED)
    assert names("pictures", ".png.run.json") == sorted(FEATURED)
    found = [path.read_bytes() for path in Path("out/batch/pictures").glob("*.png")]
    assert len({*found}) == 200
    looks = [pictures.look(content) for content in found]
    assert {(look.width, look.height) for look in looks if look} == {(1024, 1024)}
    assert "0 requests" in run("--resume").err
