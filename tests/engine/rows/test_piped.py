"""Standard input is kept in a file for as long as the command runs."""

import io
from types import SimpleNamespace

from runner.engine.rows.piped import kept


def test_it_is_read_once_and_gone_in_the_end(monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    source = SimpleNamespace(buffer=io.BytesIO(b"\n\n [1]"))
    monkeypatch.setattr("sys.stdin", source)
    one, other = kept(), kept()
    assert one == other
    assert one.first == b"[1]"
    assert one.path.read_bytes() == b"\n\n [1]"
    assert one.path.stat().st_mode & 0o777 == 0o600
    monkeypatch.undo()
    del source.buffer
    assert list(tmp_path.iterdir()) == []
