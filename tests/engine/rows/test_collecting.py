"""A collected file holds whole lines in order, and a sidecar only where it is as that says."""

import json
import os

import pytest

from runner.engine.rows.collecting import Collection
from runner.errors import OutputError

WHOLE = "".join(f'{{"n": {n}}}\n' for n in range(3))


@pytest.fixture
def place(tmp_path):
    return tmp_path / "out" / "all.jsonl"


@pytest.fixture
def sidecar(place):
    return place.with_name("all.jsonl.run.json")


def collected(place, numbers=(0, 1, 2)):
    """Collect so many lines and end."""
    made = Collection(place, "jsonl")
    for where, number in enumerate(numbers):
        made.settle(where, {"n": number})
    made.end({})


def test_lines_stand_in_the_order_of_their_places(place):
    made = Collection(place, "jsonl")
    for where in (2, 0, 1):
        made.settle(where, {"n": where})
    made.end({})
    assert place.read_text() == WHOLE


def test_what_waits_behind_a_place_that_is_never_settled_is_kept(place):
    made = Collection(place, "jsonl")
    for where in (2, 1):
        made.settle(where, {"n": where})
    assert place.read_text() == ""
    made.end({})
    assert [json.loads(line)["n"] for line in place.read_text().splitlines()] == [1, 2]


def test_a_file_that_is_written_otherwise_has_no_sidecar_until_it_ends(place, sidecar):
    collected(place)
    made = Collection(place, "jsonl")
    made.settle(0, {"n": 0})
    assert sidecar.exists()  # As yet it goes on as it was.
    made.settle(1, {"n": 7})
    assert not sidecar.exists()
    assert place.read_text() == '{"n": 0}\n{"n": 7}\n'
    made.end({})
    assert sidecar.exists()


def test_a_file_ends_where_its_lines_end(place, sidecar):
    collected(place)
    collected(place, (0, 1))
    assert place.read_text() == '{"n": 0}\n{"n": 1}\n'
    assert json.loads(sidecar.read_text())["lines"] == 2


def test_a_file_lasts_before_its_sidecar_is_there(place, sidecar, monkeypatch):
    lasting: list[tuple[str | bool, ...]] = []
    fsync = os.fsync

    def noted(handle):
        known = os.fstat(handle).st_ino
        names = [path.name for path in (place, place.parent) if path.stat().st_ino == known]
        lasting.append((*names, sidecar.exists()))
        fsync(handle)

    monkeypatch.setattr(os, "fsync", noted)
    collected(place)
    assert lasting[:2] == [("all.jsonl", False), ("out", False)]


def test_a_file_that_could_not_be_written_to_gets_no_sidecar(place, sidecar):
    made = Collection(place, "jsonl")
    made.settle(0, {"n": 0})
    made.close()
    made._file = place.open("rb", buffering=0)  # it takes no more
    with pytest.raises(OutputError, match=r"all\.jsonl"):
        made.settle(1, {"n": 1})
    made.end({})
    made.close()
    assert not sidecar.exists()


def test_a_place_that_takes_no_lines_is_told_with_the_way_out(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="let it be written to, or collect into another"):
        Collection(tmp_path / "file" / "all.jsonl", "jsonl")
