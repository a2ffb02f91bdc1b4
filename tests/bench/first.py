"""First: `python -m tests.bench.first` times the first token on standard output, from the shell on.

Beside us stands a bare script of `requests`. Wall time is meant, so the machine has to be idle.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.__main__ import HERE, RECIPE, ROOT, US, served

GOAL = 1.3
TOKEN = b"tk000"
SIDES = {
    "runner": (*US, "run", "first.recipe.yaml"),
    "requests": (str(HERE / "bare_first.py"),),
}


def main() -> int:
    """Time both sides in turn, and print what it came to."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.first")
    parser.add_argument("--rounds", type=int, default=11, help="runs of each side (11)")
    rounds = parser.parse_args().rounds
    took: dict[str, list[float]] = {side: [] for side in SIDES}
    with tempfile.TemporaryDirectory() as folder, served() as base:
        (Path(folder) / "first.recipe.yaml").write_text(f"{RECIPE}stream: true\n", encoding="utf-8")
        for turn in range(rounds + 1):
            for side in sorted(SIDES, reverse=bool(turn % 2)):
                seconds = until_first(SIDES[side], Path(folder), base)
                took[side] += [seconds] if turn else []  # the first writes the compiled modules
    ours, theirs = (statistics.median(took[side]) for side in SIDES)
    ratio = statistics.median(a / b for a, b in zip(*took.values(), strict=True))
    verdict = "ok" if ratio <= GOAL else "MISSED"
    print(
        f"first    {ours * 1000:7.1f} ms to the first token, bare {theirs * 1000:7.1f} ms:"
        f" {ratio:.2f}x (goal {GOAL}x) {verdict}"
    )
    return int(ratio > GOAL)


def until_first(words: tuple[str, ...], folder: Path, base: str) -> float:
    """Run Python with these words; return the seconds until its first token can be read."""
    own = {"OPENAI_BASE_URL": base, "OPENAI_API_KEY": "sk-bench-0123456789"}
    environ = os.environ | own | {"PYTHONPATH": str(ROOT)}
    environ.pop("PYTHONDONTWRITEBYTECODE", None)
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        env=environ,
    )
    with process:
        assert process.stdout is not None
        heard, taken = b"", 0.0
        while piece := os.read(process.stdout.fileno(), 65536):
            heard += piece
            if not taken and TOKEN in heard:
                taken = time.perf_counter() - began
    if process.returncode or not taken:
        message = f"{' '.join(words)} ended with {process.returncode}, or said no token"
        raise SystemExit(message)
    return taken


if __name__ == "__main__":
    sys.exit(main())
