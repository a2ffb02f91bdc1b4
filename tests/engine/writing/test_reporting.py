"""The reports of a command."""

import json

import pytest

from runner.engine.writing.reporting import Reporting, Wanted, in_repository, wanted
from runner.errors import SettingsError
from runner.report.changes import Changes
from runner.report.console import no_lines
from runner.report.encoding import unchanged
from tests.report.runs import run

KINDS = ("junit", "html", "json", "jsonl")


def reporting(tmp_path, *kinds, **fields):
    reports = tuple((kind, tmp_path / f"new/a.{kind}") for kind in kinds)
    return Reporting(Wanted(reports, **fields), unchanged)


def test_every_kind_is_written_at_once(tmp_path):
    made = reporting(tmp_path, *KINDS)
    made.open()
    made.take(run("a"), no_lines)
    assert made.end() is None
    made.close()
    assert made.problems == []
    folder = tmp_path / "new"
    assert sorted(path.name for path in folder.iterdir()) == sorted(f"a.{kind}" for kind in KINDS)
    assert "<testsuites" in (folder / "a.junit").read_text()
    assert json.loads((folder / "a.json").read_text())["totals"]["passed"] == 1
    assert json.loads((folder / "a.jsonl").read_text())["run_id"] == "a"
    assert "</html>" in (folder / "a.html").read_text()


def test_what_ran_before_a_fault_of_ours_is_reported(tmp_path):
    made = reporting(tmp_path, "jsonl")
    made.open()
    made.take(run("a"), no_lines)
    made.close()
    assert (tmp_path / "new/a.jsonl").read_text().count("\n") == 1


def test_where_nothing_ran_nothing_is_replaced(tmp_path):
    made = reporting(tmp_path, "jsonl")
    (tmp_path / "new").mkdir()
    (tmp_path / "new/a.jsonl").write_text("old")
    made.open()
    made.close()
    assert [path.read_text() for path in (tmp_path / "new").iterdir()] == ["old"]


def test_a_report_may_take_the_place_of_its_baseline(tmp_path):
    for state in ("passed", "missed"):
        place = tmp_path / "new/a.json"
        made = reporting(tmp_path, "json", baseline=place if place.exists() else None)
        made.open()
        made.take(run("a", state), no_lines)
        changes = made.end()
        made.close()
    assert changes is not None
    assert changes.counts == {"newly failing": 1, **changes.counts}
    assert json.loads(place.read_text())["baseline"]["counts"]["newly failing"] == 1


@pytest.mark.parametrize(
    ("code", "on", "counts", "regressions", "told"),
    [
        (0, (), {}, 0, 0),
        (1, (), {"newly failing": 1}, 1, 1),
        (0, ("regression",), {"newly passing": 1}, 0, 0),
        (1, ("regression",), {"still failing": 1}, 0, 0),
        (1, ("regression",), {"newly failing": 1}, 1, 1),
        (3, ("regression",), {"still failing": 1}, 0, 3),
        (130, ("regression",), {}, 0, 130),
        (0, ("model",), {"model": 1}, 0, 1),
        (0, ("model",), {"text": 1}, 0, 0),
        (0, ("drift",), {"text": 1}, 0, 1),
        (1, ("model",), {"still failing": 1}, 0, 1),
        (1, ("regression", "model"), {"still failing": 1, "model": 1}, 0, 1),
        (3, ("drift",), {"text": 1}, 0, 3),
    ],
)
def test_the_exit_code_says_what_changed(tmp_path, code, on, counts, regressions, told):
    made = reporting(tmp_path, fail_on=on)
    assert made.code(code, Changes("", (), counts, regressions=regressions)) == told


@pytest.mark.parametrize(
    ("reports", "why"),
    [
        (["xml=a"], "expected KIND=PATH, with junit, html, json, jsonl as KIND"),
        (["junit"], "expected KIND=PATH"),
        (["junit="], "expected KIND=PATH"),
        (["json=-"], "a report is a file"),
        (["junit=."], "is a folder"),
        (["json=a", "jsonl=./a"], "two reports would be written to this file"),
        (["json=new.recipe.yaml"], "this is a recipe"),
        (["json=x/../ask.yaml"], "this is a recipe"),
    ],
)
def test_a_wrong_report_is_refused(reports, why):
    with pytest.raises(SettingsError, match=f"--report .*{why}"):
        wanted(reports, None, (), "text", ["-", "ask.yaml"])


def test_to_fail_by_a_change_needs_a_baseline():
    with pytest.raises(SettingsError, match="--fail-on drift: there is nothing"):
        wanted([], None, ("drift",), "text")


def test_most_reports_want_the_whole_of_a_reply():
    wanting = [kind for kind in KINDS if wanted([f"{kind}=a"], None, (), "text").keeps]
    assert wanting == ["html", "json", "jsonl"]
    assert not wanted([], None, (), "text").keeps


def test_github_gets_a_summary_behind_what_is_there(tmp_path, monkeypatch):
    place = tmp_path / "summary.md"
    place.write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(place))
    assert wanted([], None, (), "text").summary is None
    made = Reporting(wanted([], None, (), "github"), unchanged)
    made.take(run("a"), no_lines)
    made.end()
    assert place.read_text().startswith("before\n### runner: ✅ 1 passed\n")


def test_a_summary_that_does_not_fit_is_cut(tmp_path, monkeypatch):
    place = tmp_path / "summary.md"
    place.write_bytes(b"x" * 899_000)
    made = Reporting(Wanted(summary=place), unchanged)
    for number in range(100):
        made.take(run(f"a{number}", "missed"), no_lines)
    made.end()
    assert 899_000 < place.stat().st_size <= 900_000


def test_a_summary_that_cannot_be_written_is_told(tmp_path):
    made = Reporting(Wanted(summary=tmp_path), unchanged)
    made.end()
    assert made.problems == ["GITHUB_STEP_SUMMARY: is a directory"]
    assert made.code(0, None) == 3


def test_files_are_named_as_the_repository_does(tmp_path, monkeypatch):
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path / "sub")
    monkeypatch.delenv("GITHUB_WORKSPACE", raising=False)
    assert in_repository("./a.yaml") == "a.yaml"
    assert in_repository(str(tmp_path / "sub" / "a.yaml")) == "a.yaml"
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path))
    assert in_repository("a.yaml") == "sub/a.yaml"
    assert in_repository("../b.yaml") == "b.yaml"
    assert in_repository("/elsewhere/b.yaml") == "/elsewhere/b.yaml"
