"""Many at once, and many in a row: handles, threads and memory stay bounded, and none is lost."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.kills.server import CountingServer
from tests.load.watching import laid, watched

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells of processes by files")


def lines(folder: Path) -> list[dict[str, Any]]:
    content = (folder / "out" / "all.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in content.splitlines()]


@LINUX
@pytest.mark.slow
def test_256_at_once_wait_for_a_slow_server_and_none_is_lost(tmp_path):
    laid(tmp_path, 1_024)
    with CountingServer(latency=0.5) as server:
        seen = watched(tmp_path, server.url, "--jobs", "256")
        assert seen.code == 0
        assert server.total == 1_024
        assert set(server.answered.values()) == {1}
    assert [line["id"] for line in lines(tmp_path)] == [f"p{n:06}" for n in range(1_024)]
    assert seen.handles < 256 + 150
    assert seen.threads < 256 + 40
    assert seen.seconds < 15


@LINUX
@pytest.mark.slow
def test_many_rows_take_no_more_handles_or_memory_than_few(tmp_path):
    seen = {}
    for rows in (1_000, 8_000):
        folder = tmp_path / str(rows)
        folder.mkdir()
        laid(folder, rows)
        with CountingServer(latency=0.0) as server:
            seen[rows] = watched(folder, server.url, "--jobs", "4")
            assert server.total == rows
        assert seen[rows].code == 0
        assert len(lines(folder)) == rows
    few, many = seen.values()
    assert many.handles <= few.handles + 4
    assert many.threads <= few.threads
    assert many.memory <= few.memory + 10
