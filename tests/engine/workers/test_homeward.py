"""What rows of other processes write is written by the one that keeps the journal."""

import json
import os
from pathlib import Path

import pytest

from runner.engine.writing import outputs
from tests.cli.command import at, runner
from tests.faults.faults import good
from tests.faults.server import FaultServer

ROWS = 40
RECIPE = """
endpoint: chat.completions
model: gpt-4.1-mini
dataset: {file: items.csv, id: name}
messages: [{user: "Describe {{ row.name }}."}]
output: {text: "{{ row.name }}.md"}
"""


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run the rows with eight jobs; return what was told, and who wrote each file."""
    monkeypatch.chdir(tmp_path)
    if len(os.sched_getaffinity(0)) < 2:
        pytest.skip("one processor: rows are run by one process")

    def ran(recipe=RECIPE, **files):
        names = "name\n" + "".join(f"item{n}\n" for n in range(ROWS))
        files = {"r.recipe.yaml": recipe, "items.csv": names, **files}
        with FaultServer({"chat": good}) as server:
            return runner(
                "run", "r.recipe.yaml", "--jobs", "8", files=files, env=at(server, "chat")
            )

    return ran


def test_the_files_of_all_rows_are_written_with_their_sidecars(run, monkeypatch):
    bunches: list[int] = []
    land = outputs.land

    def counted(drafts, taken):
        bunches.append(len(drafts))
        return land(drafts, taken)

    monkeypatch.setattr(outputs, "land", counted)
    assert run().code == 0
    found = {path.name for path in Path("out").glob("item*")}
    names = [f"item{n}.md" for n in range(ROWS)]
    assert found == {*names, *(f"{name}.run.json" for name in names)}
    assert sum(bunches) == ROWS  # by this process, which keeps the journal


def test_a_file_that_cannot_be_written_fails_its_row_alone_and_is_kept(run, monkeypatch):
    claim = outputs._claim

    def claimed(out, places, taken):
        (out / "item7.md" / "within").mkdir(parents=True, exist_ok=True)
        claim(out, places, taken)

    monkeypatch.setattr(outputs, "_claim", claimed)
    told = run()
    assert told.code == 3
    assert "item7.md: is a directory" in told.err
    assert "39 passed · 1 failed" in told.err
    assert len([*Path("out").glob("*.md.run.json")]) == ROWS - 1
    (kept,) = Path("out/.runner/failed").iterdir()
    assert kept.name == "r-row-item7-.body"
    assert json.loads(kept.read_bytes())["choices"]  # the whole reply
    assert not [*Path("out").glob(".*tmp-runner")]


def test_a_link_out_of_the_folder_is_found_by_who_writes(run, monkeypatch, tmp_path):
    claim = outputs._claim

    def claimed(out, places, taken):
        out.mkdir(exist_ok=True)
        if not (link := out / "item7.md").is_symlink():
            link.symlink_to(tmp_path / "elsewhere")
        claim(out, places, taken)

    monkeypatch.setattr(outputs, "_claim", claimed)
    told = run()
    assert "leads out of out" in told.err
    assert not (tmp_path / "elsewhere").exists()


def test_big_files_are_written_where_they_were_made(run, monkeypatch):
    monkeypatch.setattr(outputs, "LIGHT", 10)
    heard: list[int] = []
    land = outputs.land

    def landed(drafts, taken):
        heard.extend(len(draft.files) for draft in drafts)
        return land(drafts, taken)

    monkeypatch.setattr(outputs, "land", landed)
    assert run().code == 0
    assert heard == [0] * ROWS  # Where they lie is heard of, for no other to lie there.
    assert len([*Path("out").glob("*.md")]) == ROWS


def test_a_later_step_reads_what_an_earlier_one_wrote(run):
    told = run("""
dataset: {file: items.csv, id: name}
steps:
  - name: first
    endpoint: chat.completions
    model: gpt-4.1-mini
    messages: [{user: "Describe {{ row.name }}."}]
    output: {text: "{{ row.name }}.md"}
  - name: second
    endpoint: chat.completions
    model: gpt-4.1-mini
    messages: [{user: [Read, {file: "{{ steps.first.files[0] }}"}]}]
""")
    assert told.code == 0, told.err


PICTURES = """
endpoint: images.generations
model: gpt-image-1
dataset: {file: items.csv, id: name}
prompt: "{{ row.name }}"
"""


@pytest.mark.parametrize("light", [0, 1 << 20])
def test_ids_that_look_alike_have_files_of_their_own(run, monkeypatch, light):
    monkeypatch.setattr(outputs, "LIGHT", light)
    names = "name\n" + "".join(f"a {n}\na-{n}\n" for n in range(10))
    told = run(PICTURES, **{"items.csv": names})
    assert told.code == 0, told.err
    assert len([*Path("out").glob("*.png")]) == 20
