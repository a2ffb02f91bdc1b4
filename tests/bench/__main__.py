"""The bench: `python -m tests.bench [WORK…]` measures us beside bare scripts.

The times are CPU seconds, user and system with children; the runs of one work are interleaved, for
only their ratio means anything on a machine that others use too.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
DELTAS = 100_000
US = ("-c", "from runner.__main__ import main; main()")
RECIPE = "endpoint: chat.completions\nmodel: gpt-4o-mini\nmessages: [{user: hi}]\n"
SOUNDS = 40
SPOKEN = f"""\
steps:
  - endpoint: audio.speech
    name: speak
    for_each: "{{{{ range({SOUNDS}) | list }}}}"
    model: tts-1
    input: "hello {{{{ item }}}}"
    params: {{voice: alloy}}
    output: {{audio: "{{{{ item }}}}.mp3"}}
"""
PICTURES = 64
AT_ONCE = 8
DRAWN = f"""\
matrix: {{n: "{{{{ range({PICTURES}) | list }}}}"}}
endpoint: images.generations
model: gpt-image-1
prompt: "a cat {{{{ n }}}}"
params: {{size: 1024x1024}}
output: {{image: "{{{{ n }}}}.png"}}
"""
STREAMED = f"{RECIPE}stream: true\nparams: {{max_tokens: {DELTAS}}}\n"


class Work(NamedTuple):
    """What is measured: our words and the peer's, both for Python; the goal is the ratio."""

    ours: tuple[str, ...]
    peer: tuple[str, ...]
    goal: float
    size: int


WORKS = {
    "version": Work((*US, "--version"), ("-c", "import click"), 1.2, 10),
    "cold": Work((*US, "run", "cold.recipe.yaml"), (str(HERE / "bare_cold.py"),), 1.0, 20),
    "stream": Work(
        (*US, "run", "stream.recipe.yaml", "-q"),
        (str(HERE / "bare_stream.py"), str(DELTAS)),
        1.3,
        6 * DELTAS,
    ),
    "audio": Work(
        (*US, "run", "audio.recipe.yaml", "-q"),
        (str(HERE / "bare_audio.py"), str(SOUNDS)),
        1.1,
        0,
    ),
    "images": Work(
        (*US, "run", "images.recipe.yaml", "-q", "--jobs", str(AT_ONCE)),
        (str(HERE / "bare_images.py"), str(PICTURES), str(AT_ONCE)),
        1.2,
        0,
    ),
}


def main() -> int:
    """Measure the works that are named, or all."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("works", nargs="*", metavar="WORK", help=f"one of {', '.join(WORKS)}")
    parser.add_argument("--rounds", type=int, default=11, help="runs of each side (11)")
    given = parser.parse_args()
    if unknown := set(given.works) - set(WORKS):
        parser.error(f"no work is named {', '.join(unknown)}")
    good = True
    with tempfile.TemporaryDirectory() as name, served() as base:
        folder = Path(name)
        (folder / "cold.recipe.yaml").write_text(RECIPE, encoding="utf-8")
        (folder / "stream.recipe.yaml").write_text(STREAMED, encoding="utf-8")
        (folder / "audio.recipe.yaml").write_text(SPOKEN, encoding="utf-8")
        (folder / "images.recipe.yaml").write_text(DRAWN, encoding="utf-8")
        for work in given.works or WORKS:
            good &= _compared(work, given.rounds, folder, base)
    return 0 if good else 1


@contextmanager
def served(latency: float = 0.0) -> Iterator[str]:
    """Serve in a process of its own, each answer after so many seconds; yield the base URL."""
    words = [sys.executable, str(HERE / "server.py"), str(latency)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield f"http://127.0.0.1:{server.stdout.readline().strip()}/v1"
        finally:
            server.terminate()


def _compared(name: str, rounds: int, folder: Path, base: str) -> bool:
    """Measure one work and print what it came to; tell whether the goal is met."""
    work = WORKS[name]
    sides: dict[str, list[float]] = {"ours": [], "peer": []}
    for turn in range(rounds + 1):
        for side in sorted(sides, reverse=bool(turn % 2)):
            spent = _spent(getattr(work, side), work.size, folder, base)
            sides[side] += [spent] if turn else []  # the first writes the compiled modules
    ours, peer = (statistics.median(sides[side]) * 1000 for side in ("ours", "peer"))
    ratio = statistics.median(a / b for a, b in zip(*sides.values(), strict=True))
    verdict = "ok" if ratio <= work.goal else "MISSED"
    print(
        f"{name:<8} {ours:7.1f} ms CPU, bare {peer:7.1f} ms: {ratio:.2f}x"
        f" (goal {work.goal}x) {verdict}",
        flush=True,
    )
    return bool(ratio <= work.goal)


def _spent(words: tuple[str, ...], size: int, folder: Path, base: str) -> float:
    """Run Python with these words; return its CPU seconds."""
    own = {"OPENAI_BASE_URL": base, "OPENAI_API_KEY": "sk-bench-0123456789"}
    environ = os.environ | own | {"PYTHONPATH": str(ROOT)}
    environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(
            [sys.executable, *words], stdout=out, stderr=subprocess.DEVNULL, cwd=folder, env=environ
        )
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        short = out.tell() < size and "import click" not in words
    if process.returncode or short:
        message = f"{' '.join(words)} ended with {process.returncode}, or said too little"
        raise SystemExit(message)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    sys.exit(main())
