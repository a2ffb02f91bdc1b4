"""What the page is made of."""

from runner.engine.writing.page import page, sources
from runner.report.html.page import SCRIPTS


def test_every_piece_of_the_script_is_in_the_page():
    folder = {path.stem for path in (_folder()).glob("*.js")}
    assert folder == set(SCRIPTS)
    assert len(page().scripts) == len(SCRIPTS)


def _folder():
    from pathlib import Path

    from runner.report import html

    return Path(html.__file__).parent / "page"


def test_outputs_are_named_from_where_the_report_lies(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made = sources(tmp_path / "reports" / "all.html")
    assert made.link("out/a b#1.png") == "./../out/a%20b%231.png"
    assert made.link(str(tmp_path / "reports" / "javascript:x")) == "./javascript%3Ax"


def test_an_output_that_is_gone_is_none(tmp_path):
    (tmp_path / "a.png").write_bytes(b"x")
    made = sources(tmp_path / "all.html")
    assert made.read(str(tmp_path / "a.png")) == b"x"
    assert made.read(str(tmp_path / "b.png")) is None
