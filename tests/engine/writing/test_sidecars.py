"""Outputs are found again by the runs that made them, those of the last time alone."""

import json

import pytest

from runner.engine.writing.sidecars import Shelf, digest_of, read


def kept(out, name, id, time, *outputs, items=None):
    told = {
        "schema_version": 1,
        "recipe": "a.yaml",
        "id": id,
        "time": time,
        "items": items,
        "outputs": [name, *outputs],
        "sha256": {"inputs": {}, "hooks": {}},
    }
    (out / name).write_text("x")
    (out / f"{name}.run.json").write_text(json.dumps(told))


def anything(path):
    return path


def test_what_a_run_left_last_is_found(tmp_path):
    kept(tmp_path, "b.png", "a", "2026-01-01T00:00:00", "c.png")
    kept(tmp_path, "d.png", "a", "2026-01-02T00:00:00", "e.png")
    kept(tmp_path, "f.png", "other", "2026-01-03T00:00:00")
    shelf = Shelf(tmp_path)
    assert shelf.outputs("a.yaml", "a", anything) == ("d.png", "e.png")
    assert shelf.outputs("a.yaml", "a", lambda path: path == "b.png") == ("b.png", "c.png")
    assert shelf.outputs("b.yaml", "a", anything) == ()


@pytest.mark.parametrize("day", ["04", "05"])
def test_items_that_are_left_of_a_longer_list_are_none(tmp_path, day):
    for place, count, when in ((1, 2, "05"), (2, 2, "05"), (3, 4, day), (4, 4, day)):
        time = f"2026-01-{when}T00:00:00"
        kept(tmp_path, f"{place}.md", f"a[{place}]", time, items=count)
    kept(tmp_path, "other.md", "a[model=x]", "2026-02-01T00:00:00")
    assert Shelf(tmp_path).items("a.yaml", "a") == ["a[1]", "a[2]"]
    assert Shelf(tmp_path).items("a.yaml", "b") == []


def test_what_the_runner_keeps_for_itself_is_no_output(tmp_path):
    (tmp_path / ".runner").mkdir()
    kept(tmp_path / ".runner", "b.png", "a", "2026-01-01T00:00:00")
    assert Shelf(tmp_path).outputs("a.yaml", "a", anything) == ()


@pytest.mark.parametrize("content", ["", "1", "[" * 100_000, '{"sha256": {"inputs": []}}'])
def test_a_sidecar_that_is_none_is_told(tmp_path, content):
    (tmp_path / "a.md.run.json").write_text(content)
    assert read(tmp_path / "a.md").wrong is not None


def test_what_cannot_be_read_has_no_digest(tmp_path):
    assert digest_of(tmp_path) is None
    assert digest_of(tmp_path / "none") is None
