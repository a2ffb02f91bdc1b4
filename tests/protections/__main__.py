"""Takes each protection out of a copy of the project, and tells whether its test notices.

`python -m tests.protections [WORD…]` takes those whose description or file holds a word; it ends
with 0 where every test failed, as it must.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.protections.table import PROTECTIONS
from tests.protections.taken import Protection, copied, tried, without


def main() -> int:
    """Try the tests as the project is, then each without what it holds."""
    parser = argparse.ArgumentParser(prog="python -m tests.protections", description=__doc__)
    parser.add_argument("words", nargs="*", metavar="WORD")
    given = parser.parse_args()
    wanted = [one for one in PROTECTIONS if _is_of(one, given.words)]
    began, unnoticed = time.monotonic(), 0
    with tempfile.TemporaryDirectory() as folder:
        project = copied(Path(folder))
        whole = tried(tuple(dict.fromkeys(one.test for one in wanted)), project)
        if whole.noticed or "passed" not in whole.told:
            print(f"a test fails though every protection is there:\n{whole.told}")
            return 1
        for one in wanted:
            found = without(one, project)
            unnoticed += not found.noticed
            print(f"{'noticed' if found.noticed else 'UNNOTICED'}: {one.what}", flush=True)
            if not found.noticed:
                print(f"  {one.file}, {one.test}\n  {found.told}", flush=True)
    seconds = time.monotonic() - began
    print(f"{len(wanted)} protections taken out, {unnoticed} unnoticed, {seconds:.0f} s")
    return 1 if unnoticed else 0


def _is_of(one: Protection, words: list[str]) -> bool:
    return not words or any(word in one.what or word in one.file for word in words)


if __name__ == "__main__":
    sys.exit(main())
