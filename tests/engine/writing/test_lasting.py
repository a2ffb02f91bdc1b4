"""Files get their names whole, last, and in groups; one that cannot harms no other."""

import os
import stat
from pathlib import Path
from threading import Barrier, Thread

import pytest

from runner.engine.writing import lasting
from runner.engine.writing.lasting import Lasting, Ready
from runner.errors import OutputError


def ready(folder: Path, name: str, content: bytes = b"whole") -> Ready:
    lies = folder / f".{name}.tmp"
    handle = os.open(lies, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    os.write(handle, content)
    return Ready(str(lies), str(folder / name), handle)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def is_open(handle: int | None) -> bool:
    assert handle is not None
    try:
        os.fstat(handle)
    except OSError:
        return False
    return True


def test_files_get_their_names_and_are_closed(tmp_path):
    files = [ready(tmp_path, "a"), ready(tmp_path, "b")]
    Lasting().settle(files)
    assert names(tmp_path) == ["a", "b"]
    assert not any(is_open(file.handle) for file in files)


@pytest.mark.parametrize(
    ("count", "before"), [(1, ["bytes"]), (lasting.MANY, ["all bytes"])], ids=["few", "many"]
)
def test_bytes_last_then_they_have_names_and_then_these_last(tmp_path, monkeypatch, count, before):
    deeds: list[str] = []
    replace, fsync = os.replace, os.fsync

    def named(lies, path):
        deeds.append("name")
        replace(lies, path)

    def synced(handle):
        deeds.append("folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "bytes")
        fsync(handle)

    monkeypatch.setattr(os, "replace", named)
    monkeypatch.setattr(os, "fsync", synced)

    def all_synced(_):
        deeds.append("all bytes")
        return 0

    monkeypatch.setattr(lasting, "_syncfs", lambda: all_synced)
    Lasting().settle([ready(tmp_path, str(place)) for place in range(count)])
    assert deeds == [*before, *["name"] * count, "folder"]


@pytest.mark.parametrize("count", [1, lasting.MANY * 2])
def test_a_file_that_cannot_have_its_name_leaves_nothing_and_harms_no_other(tmp_path, count):
    (tmp_path / "folder" / "within").mkdir(parents=True)
    fine = [ready(tmp_path, str(place)) for place in range(count)]
    with pytest.raises(OutputError, match="folder: is a directory"):
        Lasting().settle([*fine, ready(tmp_path, "folder"), ready(tmp_path, "behind")])
    assert names(tmp_path) == sorted([*map(str, range(count)), "folder"])


def test_what_threads_bring_at_once_is_settled_for_each(tmp_path):
    shared, meet, wrong = Lasting(), Barrier(8), []

    def bring(place: int) -> None:
        (tmp_path / "taken" / "within").mkdir(parents=True, exist_ok=True)
        files = [ready(tmp_path, f"{place}-{number}") for number in range(4)]
        meet.wait()
        try:
            shared.settle([*files, *([ready(tmp_path, "taken")] if place == 3 else [])])
        except OutputError:
            wrong.append(place)

    threads = [Thread(target=bring, args=(place,)) for place in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    made = [f"{place}-{number}" for place in range(8) for number in range(4)]
    assert (names(tmp_path), wrong) == (sorted([*made, "taken"]), [3])


def test_what_lies_on_disk_already_is_only_renamed(tmp_path):
    (tmp_path / "spool").write_bytes(b"many")
    Lasting().settle([Ready(str(tmp_path / "spool"), str(tmp_path / "a.mp3"))])
    assert (names(tmp_path), (tmp_path / "a.mp3").read_bytes()) == (["a.mp3"], b"many")


def test_dropping_leaves_what_lay_on_disk_before(tmp_path):
    (tmp_path / "spool").write_bytes(b"many")
    lasting.drop([ready(tmp_path, "a"), Ready(str(tmp_path / "spool"), str(tmp_path / "b"))])
    assert names(tmp_path) == ["spool"]
