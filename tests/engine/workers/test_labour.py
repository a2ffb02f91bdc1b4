"""What a worker of a cluster does with the rows that it is sent."""

import tempfile
from pathlib import Path

import pytest

from runner.engine.suite import Suite
from runner.engine.user.options import Options
from runner.engine.workers import labour, sealing, shipping
from runner.engine.workers.labour import Labour, Work
from runner.errors import SettingsError

RECIPE = """\
endpoint: chat.completions
model: gpt-4.1
dataset: {file: rows.csv, id: id}
messages: [{user: "Describe {{ row.name }}"}]
"""
COLLECT = "collect: {file: all.jsonl}\n"
OUTPUT = 'output: {text: "{{ row_id }}.md"}\n'


class Sent:
    """A recipe as a worker gets it, and its rows."""

    def __init__(self, folder, ending, recipe=RECIPE, **given):
        for name, text in (("r.recipe.yaml", recipe + ending), ("rows.csv", "id,name\na,x\nb,y\n")):
            (folder / name).write_text(text, encoding="utf-8")
        self.suite = Suite(Options(offline=True, **given), print)
        ready = self.suite.all_checked(["r.recipe.yaml"])
        self.content = shipping.shipped(self.suite, ready)
        dataset = ready[0].plan.rows
        assert dataset is not None
        self.works = [Work(0, place, row) for place, row in enumerate(dataset.rows())]


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def opened(content):
    results, told = sealing.unseal(content, str)
    assert told == []
    return results


def test_rows_are_run_and_told_in_their_order(tmp_path):
    sent = Sent(tmp_path, COLLECT)
    made = Labour(sent.content, 2, False)
    results = opened(made.done(sent.works, lambda: True))
    assert [(one.suffix, one.place, one.exit_code) for one in results] == [
        ("[row=a]", 0, 0),
        ("[row=b]", 1, 0),
    ]
    assert [one.line["id"] for one in results] == ["a", "b"]
    made.end()


def test_rows_that_nobody_wants_any_more_are_not_begun(tmp_path):
    sent = Sent(tmp_path, COLLECT)
    made = Labour(sent.content, 1, False)
    wanted = iter([True, False])
    results = opened(made.done(sent.works, lambda: next(wanted)))
    assert [one and one.suffix for one in results] == ["[row=a]", None]
    made.end()


def test_after_halt_no_row_begins(tmp_path):
    sent = Sent(tmp_path, COLLECT)
    made = Labour(sent.content, 1, False)
    made.halt()
    assert opened(made.done(sent.works, lambda: True)) == [None, None]
    made.end()


def test_outputs_go_where_the_driver_sees_them(tmp_path):
    sent = Sent(tmp_path, OUTPUT)
    made = Labour(sent.content, 1, False)
    results = opened(made.done(sent.works, lambda: True))
    assert (tmp_path / "out" / "a.md").is_file()
    near = shipping.homeward(results[0], "r.recipe.yaml", Path("out"))
    assert [file.path for file in near.steps[0].files] == [str(Path("out", "a.md"))]
    made.end()


def test_a_worker_masks_its_own_secrets(tmp_path, monkeypatch):
    monkeypatch.setenv("TOKEN", "hush-hush-0815")
    recipe = RECIPE.replace("gpt-4.1", '"m-{{ env.TOKEN }}"') + "secrets: [TOKEN]\n"
    sent = Sent(tmp_path, OUTPUT, recipe)
    made = Labour(sent.content, 1, False)
    opened(made.done(sent.works, lambda: True))
    sidecar = (tmp_path / "out" / "a.md.run.json").read_text()
    assert "m-***" in sidecar
    assert "hush-hush-0815" not in sidecar
    made.end()


def test_a_disk_that_is_not_the_drivers_is_refused(tmp_path):
    sent = Sent(tmp_path, OUTPUT)
    sent.suite.close()
    with pytest.raises(SettingsError, match="is not the driver's on this machine") as found:
        Labour(sent.content, 1, False)
    assert "--out that all machines share" in found.value.hint


def test_lines_alone_need_no_disk_that_is_shared(tmp_path):
    sent = Sent(tmp_path, COLLECT)
    sent.suite.close()
    made = Labour(sent.content, 1, False)
    assert [one.line["id"] for one in opened(made.done(sent.works, lambda: True))] == ["a", "b"]
    made.end()
    assert not [*tmp_path.glob("runner-*")]
    assert not [*(tmp_path / "out").rglob("*")]


def test_files_that_all_rows_share_need_not_be_there(tmp_path):
    (tmp_path / "style.md").write_text("Say it in French.", encoding="utf-8")
    # What reads the row is read anew for each: the file with it.
    varying = 'vars: {style: {file: style.md}, told: "{{ style }} {{ row.name }}"}\n'
    fields = 'collect: {file: all.jsonl, fields: {told: "{{ told }}"}}\n'
    sent = Sent(tmp_path, varying + fields)
    for name in ("r.recipe.yaml", "rows.csv", "style.md"):
        (tmp_path / name).unlink()
    made = Labour(sent.content, 1, False)
    lines = [one.line["told"] for one in opened(made.done(sent.works, lambda: True))]
    assert lines == ["Say it in French. x", "Say it in French. y"]
    made.end()


def test_workers_of_another_version_are_named(monkeypatch):
    ours = ("runner 1.0.0", "Python 3.12", "distributed 2026.8.0")
    monkeypatch.setattr(labour, "versions", lambda: ours)
    found = {"a": ours, "b": ("runner 0.0.0", *ours[1:]), "c": ModuleNotFoundError("runner")}
    told = labour.told_of(found)
    assert sorted(told) == ["b", "c"]
    assert told["b"] == "runner 0.0.0, Python 3.12, distributed 2026.8.0"
    assert told["c"] == labour.NONE


def test_outputs_that_belong_to_an_address_are_put_there_by_the_worker(tmp_path):
    pytest.importorskip("fsspec", reason="the extra `remote` is not installed")
    address = (tmp_path / "far").as_uri()
    sent = Sent(tmp_path, OUTPUT, store=address)
    sent.suite.close()
    made = Labour(sent.content, 1, False)
    results = opened(made.done(sent.works, lambda: True))
    assert [one.steps[0].files[0].path for one in results] == [f"{address}/a.md", f"{address}/b.md"]
    assert {path.name for path in (tmp_path / "far").iterdir()} >= {"a.md", "a.md.run.json"}
    assert not [*tmp_path.glob("runner-*/**/*.md")]
    made.end()
