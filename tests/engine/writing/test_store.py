"""Outputs that belong to an address."""

import json
from pathlib import Path

import pytest

from runner.engine.writing.places import is_address, parted
from runner.engine.writing.store import Store
from runner.errors import ConnectionFailedError, OutputError, SettingsError
from runner.results import Written

fsspec = pytest.importorskip("fsspec", reason="the extra `remote` is not installed")


@pytest.fixture(autouse=True)
def apart(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    fsspec.filesystem("memory").store.clear()


@pytest.fixture
def store(tmp_path):
    return Store(f"file://{tmp_path}/far/path/")


def made(store, name="texts/a.md", text="hello"):
    """Write an output and its sidecar on this machine."""
    local = store.folder / name
    local.parent.mkdir(parents=True, exist_ok=True)
    local.write_text(text)
    local.with_name(local.name + ".run.json").write_text('{"passed": true}')
    return Written(str(local), "text", "0" * 64, len(text))


def there(root="far"):
    return sorted(str(path.relative_to(root)) for path in Path(root).rglob("*") if path.is_file())


@pytest.mark.parametrize(
    ("out", "is_so"),
    [("s3://bucket/path", True), ("memory://x", True), ("out", False), ("a:/b", False)],
)
def test_an_address_is_told_from_a_folder(out, is_so):
    assert is_address(out) is is_so
    assert parted(out) == ((None, out) if is_so else (Path(out), ""))
    assert parted(None) == (None, "")


def test_an_output_is_put_before_its_sidecar_and_told_by_its_address(store):
    (told,) = store.sent([made(store)])
    assert told.path == f"{store.address}/texts/a.md"
    assert there() == ["path/texts/a.md", "path/texts/a.md.run.json"]
    first, second = (Path("far/path/texts", name) for name in ("a.md", "a.md.run.json"))
    assert first.read_text() == "hello"
    assert first.stat().st_mtime_ns <= second.stat().st_mtime_ns


def test_each_address_is_made_in_a_folder_of_its_own(store):
    other = Store(f"{store.address}2")
    assert store.folder != other.folder
    assert store.folder.parent == other.folder.parent == Path(".runner")
    assert Store(f"{store.address}/").folder == store.folder


def test_what_lies_where_it_belongs_is_dropped_here(store):
    told = store.sent([made(store)])
    store.drop(told)
    assert not any(path.is_file() for path in store.folder.rglob("*"))
    assert len(there()) == 2


def test_what_is_there_is_brought_here_and_what_is_not_is_not_here_either(store):
    store.drop(store.sent([made(store)]))
    later = Store(store.address)
    local = later.folder / "texts/a.md"
    later.fetch(local)
    assert local.read_text() == "hello"
    assert json.loads(local.with_name("a.md.run.json").read_text()) == {"passed": True}
    assert local.stat().st_mtime > Path("far/path/texts/a.md").stat().st_mtime
    gone = Path(made(later, "texts/b.md").path)
    later.fetch(gone)
    assert not gone.exists()
    later.close()
    assert not local.exists()


def test_what_this_run_put_is_not_brought_anew(store):
    (told,) = store.sent([made(store)])
    local = store.local(told.path)
    Path("far/path/texts/a.md").write_text("other")
    store.fetch(local)
    assert local.read_text() == "hello"


def test_sidecars_are_brought_without_their_outputs(store):
    store.drop(store.sent([made(store), made(store, "b.md")]))
    later = Store(store.address)
    later.fetch_sidecars()
    found = sorted(path.name for path in later.folder.rglob("*") if path.is_file())
    assert found == ["a.md.run.json", "b.md.run.json"]


def test_where_files_are_renamed_no_part_is_ever_seen(store, monkeypatch):
    def broken(self, source, target, **options):
        message = "the disk is full"
        raise OSError(message)

    made(store)
    monkeypatch.setattr(type(store._system), "mv", broken)
    with pytest.raises(OutputError, match=r"texts/a\.md: the disk is full"):
        store.put(store.folder / "texts/a.md")
    assert there() == []


def test_a_probe_leaves_nothing_and_is_made_once(store):
    store.probe()
    assert there() == []
    Path("far/path").rmdir()
    store.probe()
    assert not Path("far/path").exists()


class Faulty:
    """A file system where nothing can be written."""

    def __init__(self, error):
        self.error = error

    def pipe_file(self, place, content):
        raise self.error


class NoCredentialsError(Exception):
    """As botocore names it."""


@pytest.mark.parametrize(
    ("error", "kind", "told"),
    [
        (NoCredentialsError("Unable to locate"), SettingsError, "without credentials: Unable"),
        (PermissionError("Access Denied"), SettingsError, "may not be written to: Access Denied"),
        (FileNotFoundError("no bucket"), SettingsError, "is not there: no bucket"),
        (NotImplementedError(), SettingsError, "can only be read"),
        (OSError("no route"), ConnectionFailedError, "s3://b/x cannot be reached: no route"),
    ],
)
def test_what_is_wrong_is_known_before_the_first_request(error, kind, told):
    store = Store("s3://b/x")
    store.__dict__["_opened"] = (Faulty(error), "b/x")
    with pytest.raises(kind, match=told):
        store.probe()


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("ftp://me:secret-password@host/x", "holds credentials"),
        ("https://host/x", "cannot be written there"),
        ("s3://", "expected an address such as"),
        ("s3://bucket/../x", "expected an address such as"),
        ("zip://x::s3://b", "cannot be written there"),
    ],
)
def test_an_address_that_is_none_is_refused(address, told):
    with pytest.raises(SettingsError, match=told) as found:
        Store(address)
    assert "secret-password" not in str(found.value)


def test_a_kind_that_nobody_knows_is_told():
    with pytest.raises(SettingsError, match="--out nowhere://x"):
        Store("nowhere://x").probe()
