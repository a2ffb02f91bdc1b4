"""Takes each protection out of a copy of the project, and tells whether its test notices.

`python -m tests.protections [WORD…]` takes those whose description or file holds a word; it ends
with 0 where every test failed, as it must.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

from tests.protections.table import PROTECTIONS
from tests.protections.taken import Found, Protection, copied, tried, without


def main() -> int:
    """Try the tests as the project is, then each without what it holds."""
    parser = argparse.ArgumentParser(prog="python -m tests.protections", description=__doc__)
    parser.add_argument("words", nargs="*", metavar="WORD")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="copies of the project")
    given = parser.parse_args()
    wanted = [one for one in PROTECTIONS if _is_of(one, given.words)]
    began, unnoticed = time.monotonic(), 0
    with tempfile.TemporaryDirectory() as folder:
        copies = [copied(Path(folder), number) for number in range(given.jobs)]
        whole = tried(tuple(dict.fromkeys(one.test for one in wanted)), copies[0])
        if not whole.passed:
            print(f"a test fails though every protection is there:\n{whole.told}")
            return 1
        for one, found in _found(wanted, copies):
            unnoticed += not found.noticed
            print(f"{'noticed' if found.noticed else 'UNNOTICED'}: {one.what}", flush=True)
            if not found.noticed:
                print(f"  {one.file}, {one.test}\n  {found.told}", flush=True)
    seconds = time.monotonic() - began
    print(f"{len(wanted)} protections taken out, {unnoticed} unnoticed, {seconds:.0f} s")
    return 1 if unnoticed else 0


def _found(wanted: list[Protection], copies: list[Path]) -> Iterator[tuple[Protection, Found]]:
    """Take protections out, of each copy one at a time."""
    free: SimpleQueue[Path] = SimpleQueue()
    for place in copies:
        free.put(place)

    def taken(one: Protection) -> Found:
        place = free.get()
        try:
            return without(one, place)
        finally:
            free.put(place)

    with ThreadPoolExecutor(len(copies)) as pool:
        yield from zip(wanted, pool.map(taken, wanted), strict=True)


def _is_of(one: Protection, words: list[str]) -> bool:
    return not words or any(word in one.what or word in one.file for word in words)


if __name__ == "__main__":
    sys.exit(main())
