"""Runs many rows once: `python -m tests.load --rows 100000` prints what was seen of processes."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.bench.__main__ import served
from tests.load.watching import laid, watched


def main() -> int:
    """Run the rows and print handles, threads and memory; 1 where they grew or a row is lost."""
    parser = argparse.ArgumentParser(prog="python -m tests.load", description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--jobs", type=int, default=32)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds that an answer takes")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, served(given.latency) as base:
        folder = Path(name)
        laid(folder, given.rows)
        seen = watched(folder, base, "--jobs", str(given.jobs))
        done = (folder / "out" / "all.jsonl").read_bytes().count(b"\n")
    print(
        f"{done:,} of {given.rows:,} rows in {seen.seconds:.0f} s, exit {seen.code}: at the most"
        f" {seen.handles} handles, {seen.threads} threads, {seen.memory:.0f} MiB"
        f" ({seen.early:.0f} in the first half)"
    )
    good = seen.code == 0 and done == given.rows and seen.memory <= seen.early + 10
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
