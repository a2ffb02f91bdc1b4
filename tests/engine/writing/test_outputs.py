"""Outputs are written whole or not at all, below the folder of outputs, once each."""

import hashlib
import json

import pytest

from runner.engine.writing.outputs import Piece, place, pretty, save, write
from runner.errors import OutputError
from runner.exchange import Spool


@pytest.mark.parametrize("path", ["a.md", "./a.md", "b/c.md", "ä ö.md"])
def test_a_path_lies_below_the_folder(tmp_path, path):
    assert tmp_path in place(tmp_path, path).parents


@pytest.mark.parametrize(
    "path",
    [
        *("", ".", "/etc/passwd", "../a.md", "a/../b.md", "a/", "a\\"),
        *("a\nb.md", "a\x1b[0m.md", "a\0.md", "link/a.md", "loop/a.md", "gone.md"),
        *(".runner/db", ".env", ".git/hooks/pre-commit", "a/.b/c.md"),
        *("nul", "CON.md", "b/com1.txt", "a.md.run.json", "x" * 247),
    ],
)
def test_a_path_that_leaves_it_is_refused(tmp_path, path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "link").symlink_to(tmp_path)
    (out / "loop").symlink_to("loop")
    (out / "gone.md").symlink_to(tmp_path / "gone.md")
    if path == "loop/a.md":
        with pytest.raises(OutputError):
            save([Piece("text", path, b"x")], out, set(), lambda piece, digest: b"{}")
        return
    with pytest.raises(OutputError, match="output path"):
        place(out, path)


def test_the_folder_of_outputs_may_be_a_link(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "out").symlink_to("real")
    write(place(tmp_path / "out", "a.md"), b"x")
    assert (tmp_path / "real/a.md").read_bytes() == b"x"


def test_a_file_is_replaced(tmp_path):
    for body in (b"long one", b"two"):
        write(tmp_path / "sub/a.md", body)
    assert (tmp_path / "sub/a.md").read_bytes() == b"two"
    assert [path.name for path in (tmp_path / "sub").iterdir()] == ["a.md"]


def test_a_link_in_its_place_is_replaced_and_not_followed(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "other.md").write_text("mine")
    (tmp_path / "out/a.md.run.json").symlink_to(tmp_path / "other.md")
    save([Piece("text", "a.md", b"x")], tmp_path / "out", set(), lambda piece, digest: b"{}")
    assert (tmp_path / "other.md").read_text() == "mine"


def test_what_cannot_be_written_leaves_nothing(tmp_path):
    (tmp_path / "a.md").mkdir()
    with pytest.raises(OutputError, match=r"a\.md: "):
        write(tmp_path / "a.md", b"x")
    assert [path.name for path in tmp_path.iterdir()] == ["a.md"]
    with pytest.raises(OutputError, match="too long"):
        write(tmp_path / ("x" * 300), b"x")
    write(tmp_path / "file", b"x")
    with pytest.raises(OutputError):
        write(tmp_path / "file/below", b"x")


def record(piece, digest):
    return json.dumps({"part": piece.part, "digest": digest}).encode()


def test_each_file_has_its_sidecar(tmp_path):
    (file,) = save([Piece("text", "a/b.md", b"hello")], tmp_path, set(), record)
    digest = hashlib.sha256(b"hello").hexdigest()
    assert file == (str(tmp_path / "a/b.md"), "text", digest, 5)
    sidecar = json.loads((tmp_path / "a/b.md.run.json").read_text())
    assert sidecar == {"part": "text", "digest": digest}


def test_a_body_on_disk_becomes_an_output_by_its_name(tmp_path):
    (tmp_path / "spool").write_bytes(b"much")
    spool = Spool(str(tmp_path / "spool"), 4, "digest")
    (file,) = save([Piece("body", "a.bin", spool)], tmp_path / "out", set(), record)
    assert (file.sha256, file.size) == ("digest", 4)
    assert (tmp_path / "out/a.bin").read_bytes() == b"much"
    assert not (tmp_path / "spool").exists()
    with pytest.raises(OutputError, match="no such file"):
        save([Piece("body", "b.bin", spool)], tmp_path / "out", set(), record)


def test_what_cannot_all_be_written_leaves_nothing(tmp_path):
    (tmp_path / "file").write_bytes(b"x")
    pieces = [Piece("text", "a.md", b"one"), Piece("text", "file/b.md", b"two")]
    with pytest.raises(OutputError, match="not a directory"):
        save(pieces, tmp_path, set(), record)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("second", ["a.md", "./a.md", "link/a.md"])
def test_two_results_never_share_a_path(tmp_path, second):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    first = "real/a.md" if second.startswith("link") else "a.md"
    taken: set[str] = set()
    save([Piece("text", first, b"one")], tmp_path, taken, record)
    with pytest.raises(OutputError, match="two results"):
        save([Piece("text", "b.md", b"x"), Piece("text", second, b"two")], tmp_path, taken, record)
    assert (tmp_path / first).read_bytes() == b"one"
    assert not (tmp_path / "b.md").exists()


def test_json_is_written_for_people():
    assert pretty({"ä": [1]}) == '{\n  "ä": [\n    1\n  ]\n}\n'.encode()
