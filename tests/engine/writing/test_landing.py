"""Where files can be written, known before anything is sent."""

from pathlib import Path

from runner.engine.writing import landing
from runner.engine.writing.landing import Landing, writable
from runner.errors import Mark

MARK = Mark("a.yaml", 4, 1)


def landed(tmp_path, *names):
    """What is told of outputs of these names."""
    made = Landing(tmp_path, set())
    for name in names:
        made.take(f"{tmp_path}/{name}", MARK)
    return [fault.message.replace(f"{tmp_path}/", "") for fault in made.faults()]


def test_what_cannot_be_written_is_known_before(tmp_path):
    (tmp_path / "file").write_text("")
    assert writable(tmp_path) == "is a folder"
    assert writable(tmp_path / "file" / "a") == f"{tmp_path / 'file'} is no folder"
    assert writable(Path("/dev/stdout")) == "is no file, but a device"
    assert writable(tmp_path / "file") == ""
    assert writable(tmp_path / "new" / "folder" / "a") == ""


def test_a_place_that_takes_no_files_is_known_whoever_asks():
    assert writable(Path("/proc/a")) == "/proc cannot be written to: it takes no files"
    assert landing.closed(Path("/proc/a/b")) == "/proc cannot be written to: it takes no files"


def test_trying_leaves_nothing(tmp_path, monkeypatch):
    for nameless in (landing.NAMELESS, 0):
        monkeypatch.setattr(landing, "NAMELESS", nameless)
        assert landing.closed(tmp_path / "new") == ""
        assert [*tmp_path.iterdir()] == []


def test_outputs_find_what_is_in_their_way(tmp_path):
    (tmp_path / "a.md").mkdir()
    (tmp_path / "file").write_text("")
    assert landed(tmp_path, "b.md", "new/deep/b.md", "file") == []
    told = ["a.md is a folder", "file is no folder"]
    assert landed(tmp_path, "a.md", "file/x/b.md", "file/x/c.md") == told


def test_each_folder_is_looked_at_once(tmp_path):
    made = Landing(tmp_path, set())
    made.take(f"{tmp_path}/a.md", MARK)
    (tmp_path / "b.md").mkdir()
    made.take(f"{tmp_path}/b.md", MARK)
    assert made.faults() == []


def test_what_is_kept_in_mind_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(landing, "MOST_FOLDERS", 2)
    monkeypatch.setattr(landing, "MOST_FAULTS", 3)
    for name in "abcdef":
        (tmp_path / name / "x").mkdir(parents=True)
    assert len(landed(tmp_path, *(f"{name}/x" for name in "abcdef"))) == 3


def test_folders_below_that_cannot_be_written_to_are_told(tmp_path, monkeypatch):
    (tmp_path / "shut").mkdir()
    monkeypatch.setattr(landing, "untouchable", lambda path: "no" * (path.name == "shut"))
    assert landed(tmp_path, "a.md", "shut/new/b.md") == ["shut cannot be written to: no"]
