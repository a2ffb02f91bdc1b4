"""The recipes of `recipes/batch` run over all their rows, on the simulated service."""

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


def run(name, *words):
    told = runner("run", BATCH / f"{name}.yaml", "--offline", "--jobs", "4", *words)
    assert told.code == 0, told.err
    return told


def names(folder, suffix):
    return sorted(path.stem for path in Path("out/batch", folder).glob(f"*{suffix}"))


def test_a_thousand_products_have_an_id_each_and_two_hundred_are_featured():
    assert len(ROWS) == len({row["sku"] for row in ROWS}) == 1_000
    assert len(FEATURED) == 200


def test_they_are_asked_for_by_name_alone():
    """They cost: what runs or replays the folder leaves them out, and says so."""
    told = runner("run", BATCH, "--offline")
    assert told.code == 2
    assert "no recipes (*.recipe.yaml) in" in told.err
    assert "hint: a file of another name is run by it: " in told.err
    assert "batch/pictures.yaml" in told.err


@pytest.mark.parametrize("name", ["texts", "pictures", "voices"])
def test_what_would_be_asked_is_told(name):
    told = run(name, "--dry-run")
    count = 1_000 if name == "texts" else 200
    assert f"{count:,} requests" in told.err


@pytest.mark.slow
def test_a_thousand_texts_are_in_one_file_in_their_order():
    assert "1,000 requests" in run("texts").err
    lines = list(csv.DictReader(Path("out/batch/texts.csv").read_text("utf-8").splitlines()))
    assert [line["sku"] for line in lines] == [row["sku"] for row in ROWS]
    for line, row in zip(lines, ROWS, strict=True):
        assert row["name"] in line["text"]
    sidecar = json.loads(Path("out/batch/texts.csv.run.json").read_text())
    assert sidecar["lines"] == 1_000
    assert "0 requests" in run("texts", "--resume").err


@pytest.mark.slow
def test_two_hundred_have_a_picture_and_a_voice():
    told = runner("run", *(BATCH / f"{name}.yaml" for name in ("pictures", "voices")), "--offline")
    assert told.code == 0, told.err
    assert "400 requests" in told.err
    assert names("pictures", ".png") == names("voices", ".mp3") == sorted(FEATURED)
    assert names("pictures", ".png.run.json") == [f"{sku}.png.run" for sku in sorted(FEATURED)]
    found = [path.read_bytes() for path in Path("out/batch/pictures").glob("*.png")]
    assert len({*found}) == 200
    looks = [pictures.look(content) for content in found]
    assert {(look.width, look.height) for look in looks if look} == {(1024, 1024)}
