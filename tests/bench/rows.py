"""Rows: `python -m tests.bench.rows [WORK…]` measures rows beside the same rows by other clients.

The runs of a work are interleaved. CPU is user and system with all children; only ratios mean
anything on a machine that others use too.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from tests.bench.__main__ import HERE, ROOT, US, served

RECIPE = """\
endpoint: chat.completions
model: gpt-4o-mini
dataset: {file: rows.jsonl, id: id}
messages: [{user: "Write one line about {{ row.topic }}"}]
expect: [{text: {contains: Hello}}]
"""
COLLECT = 'collect: {file: all.jsonl, fields: {id: "{{ row_id }}", text: "{{ text }}"}}\n'
FILES = 'output: {text: "{{ row_id }}.txt"}\n'
PEERS = ("requests", "aiohttp", "openai")


class Work(NamedTuple):
    """So many rows, so many at once, each answered after some seconds."""

    rows: int
    at_once: int
    latency: float = 0.0
    ends: str = COLLECT
    goal: float = 0.0


class Spent(NamedTuple):
    """What a run took: CPU and wall seconds, and the most memory of its processes in MiB."""

    cpu: float
    wall: float
    memory: float


WORKS = {
    "batch0": Work(5_000, 32, goal=0.6),
    "files": Work(5_000, 32, ends=FILES, goal=1.0),
    "batch200": Work(2_000, 64, 0.2),
}
SIZES = (1_000, 10_000, 50_000)


def main() -> int:
    """Measure the works that are named, or all."""
    names = (*WORKS, "growth")
    parser = argparse.ArgumentParser(prog="python -m tests.bench.rows")
    parser.add_argument("works", nargs="*", metavar="WORK", help=f"one of {', '.join(names)}")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each side (3)")
    parser.add_argument("--jobs", type=int, default=32, help="requests at once, for growth (32)")
    given = parser.parse_args()
    if unknown := set(given.works) - set(names):
        parser.error(f"no work is named {', '.join(unknown)}")
    good = True
    for name in given.works or names:
        with tempfile.TemporaryDirectory() as folder:
            if name == "growth":
                good &= grown(given.rounds, Path(folder), given.jobs)
            else:
                good &= compared(name, given.rounds, Path(folder))
    return 0 if good else 1


def compared(name: str, rounds: int, folder: Path) -> bool:
    """Run one work by us and by each peer in turn, and print what they came to."""
    work = WORKS[name]
    written(folder, work.rows, work.ends)
    peers = [peer for peer in PEERS if find_spec(peer)]
    sides: dict[str, list[Spent]] = {side: [] for side in ("runner", *peers)}
    with served(work.latency) as base:
        for turn in range(rounds):
            for side in sorted(sides, reverse=bool(turn % 2)):
                sides[side].append(run(side, work, folder, base))
    middle = {
        side: Spent(*map(statistics.median, zip(*spent, strict=True)))
        for side, spent in sides.items()
    }
    for side, spent in middle.items():
        print(
            f"{name:<9} {side:<9} {work.rows / spent.wall:7.0f} rows/s,"
            f" {spent.cpu / work.rows * 1000:6.3f} ms CPU a row, {spent.memory:4.0f} MiB",
            flush=True,
        )
    return judged(name, work, middle)


def judged(name: str, work: Work, middle: dict[str, Spent]) -> bool:
    """Print the ratio that the work is about; tell whether its goal is met."""
    ours = middle["runner"]
    if work.latency:
        waves = -(-work.rows // work.at_once)
        share, goal = waves * work.latency / ours.wall, 0.97
        print(f"{name:<9} {share:.1%} of the most that answers of {work.latency} s allow", end="")
        good = share >= goal
    else:
        share, goal = ours.cpu / middle["requests"].cpu, work.goal
        print(f"{name:<9} {share:.2f}x the CPU of plain requests", end="")
        good = share <= goal
    print(f" (goal {goal}): {'ok' if good else 'MISSED'}", flush=True)
    return good


def grown(rounds: int, folder: Path, jobs: int) -> bool:
    """Run ever more rows; print what each of them costs, and the memory of all."""
    found = {}
    with served() as base:
        for size in SIZES:
            work = Work(size, jobs)
            written(folder, size, COLLECT)
            spent = [run("runner", work, folder, base) for _ in range(rounds)]
            found[size] = Spent(*map(statistics.median, zip(*spent, strict=True)))
            cost = found[size].cpu / size * 1000
            print(f"growth {size:>6} rows: {cost:.3f} ms CPU a row, {found[size].memory:.0f} MiB")
    few, some, many = (found[size] for size in SIZES)
    share = (many.cpu / SIZES[2]) / (some.cpu / SIZES[1])
    more = many.memory - few.memory
    good = share <= 1.05 and more <= 5
    print(
        f"growth {share:.2f}x the CPU a row at 50,000 (goal 1.05), {more:+.1f} MiB (goal +5):"
        f" {'ok' if good else 'MISSED'}",
        flush=True,
    )
    return good


def written(folder: Path, rows: int, ends: str) -> None:
    """Lay the recipe and its rows."""
    (folder / "runner.yaml").write_text("{}\n", encoding="utf-8")
    (folder / "r.recipe.yaml").write_text(RECIPE + ends, encoding="utf-8")
    with (folder / "rows.jsonl").open("w", encoding="utf-8") as file:
        for number in range(rows):
            file.write(json.dumps({"id": number, "topic": f"canal number {number}"}) + "\n")


def run(side: str, work: Work, folder: Path, base: str) -> Spent:
    """Run all rows by one client; it must have answered every one."""
    # A new folder each time: where files were just removed or replaced, ext4 is slow to make more.
    out = folder / f"out{len([*folder.glob('out*')])}"
    ours = (*US, "run", "r.recipe.yaml", "--jobs", str(work.at_once), "--out", str(out), "-q")
    words = ours if side == "runner" else (str(HERE / "bare_rows.py"), side, str(work.at_once))
    own = {"OPENAI_BASE_URL": base, "OPENAI_API_KEY": "sk-bench-0123456789", "PYTHONPATH": ROOT}
    environ = os.environ | {name: str(value) for name, value in own.items()}
    environ.pop("PYTHONDONTWRITEBYTECODE", None)
    started = time.perf_counter()
    watched = subprocess.run(
        [sys.executable, "-c", WATCH, *words],
        stdout=subprocess.PIPE,
        cwd=folder,
        env=environ,
        check=False,
    )
    wall = time.perf_counter() - started
    told = json.loads(watched.stdout.splitlines()[-1])
    if told["code"] or not whole(side, work, folder, out):
        message = f"{side} ended with {told['code']}, or not every row was answered"
        raise SystemExit(message)
    return Spent(told["cpu"], wall, told["memory"] / 1024)


WATCH = """\
import json, resource, subprocess, sys
code = subprocess.run([sys.executable, *sys.argv[1:]], stdout=subprocess.DEVNULL).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({"code": code, "cpu": used.ru_utime + used.ru_stime, "memory": used.ru_maxrss}))
"""
"""What runs a client in a process of its own, so that it counts that client's children alone."""


def whole(side: str, work: Work, folder: Path, out: Path) -> bool:
    """Tell whether there is an answer for each row."""
    if side == "runner" and work.ends == FILES:
        return sum(1 for _ in out.glob("*.txt")) == work.rows
    found = out / "all.jsonl" if side == "runner" else folder / "bare.jsonl"
    return found.read_bytes().count(b"\n") == work.rows


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
    sys.exit(main())
