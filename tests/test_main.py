"""The command's own ways with the interpreter, seen in a process of its own."""

import subprocess
import sys

AFTERWARDS = """
import gc, sys
from runner.__main__ import main
usual = gc.get_threshold()
sys.argv = ["runner", "--version"]
try:
    main()
except SystemExit as end:
    assert not end.code
assert gc.get_threshold() != usual, "a start looks for no garbage"
kept = [[] for _ in range(100_000)]
assert gc.get_threshold() == usual, "and all that follows does"
assert not gc.callbacks
assert gc.get_freeze_count()
"""


def test_garbage_is_looked_for_as_usual_after_the_start():
    subprocess.run([sys.executable, "-c", AFTERWARDS], check=True, stdout=subprocess.DEVNULL)
