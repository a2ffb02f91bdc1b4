"""Reports on their way to disk."""

import pytest

from runner.engine.writing.sheet import Drawer, Sheet, appended
from runner.errors import OutputError
from runner.report.console import no_lines
from tests.report.runs import run


class Letters:
    """A report of a letter for each run."""

    def take(self, result, lines):
        """Tell a run."""
        return "a"

    def end(self, changes=None):
        """Tell the rest."""
        yield from ("b", "é\ud800")


class Broken(Letters):
    """A report that cannot be ended."""

    def end(self, changes=None):
        """Fail as a full disk does."""
        yield "b"
        raise OSError(28, "No space left on device")


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_report_has_its_name_once_it_is_whole(tmp_path):
    place = tmp_path / "new" / "folder" / "a.xml"
    sheet = Sheet("--report", place, Letters())
    sheet.take(run(), no_lines)
    (growing,) = place.parent.iterdir()
    assert growing.name.endswith(".tmp-runner")
    assert growing.read_text() == "a"
    sheet.end(None)
    assert names(place.parent) == ["a.xml"]
    assert place.read_text(encoding="utf-8") == "abé?"


def test_a_report_that_is_left_leaves_what_was_there(tmp_path):
    place = tmp_path / "a.xml"
    place.write_text("old")
    sheet = Sheet("--report", place, Letters())
    sheet.take(run(), no_lines)
    sheet.discard()
    assert names(tmp_path) == ["a.xml"]
    assert place.read_text() == "old"


def test_a_full_disk_is_told(tmp_path):
    sheet = Sheet("--report junit=a", tmp_path / "a", Broken())
    with pytest.raises(OutputError, match="--report junit=a: no space left on device"):
        sheet.end(None)
    sheet.discard()
    assert names(tmp_path) == []


def test_a_link_goes_on_pointing_to_its_file(tmp_path):
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to("real")
    Sheet("", tmp_path / "link", Letters()).end(None)
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text(encoding="utf-8") == "bé?"


def test_a_drawer_gives_back_what_it_holds_in_any_order():
    drawer = Drawer()
    places = [drawer.put(text) for text in ("a", "", "é" * 10_000)]
    assert [drawer.get(place) for place in reversed(places)] == ["é" * 10_000, "", "a"]
    more = drawer.put("b")
    assert (drawer.get(more), drawer.get(places[0])) == ("b", "a")
    drawer.close()


def test_a_text_is_added_to_a_file(tmp_path):
    place = tmp_path / "summary.md"
    assert [appended(place, ["a", "b"]), appended(place, ["c"])] == ["", ""]
    assert place.read_text() == "abc"
    assert appended(tmp_path, ["a"]) == "is a directory"
