"""A command, watched from outside: the handles, threads and memory of all its processes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

COMMAND = (sys.executable, "-c", "from runner.__main__ import main; main()")
OFTEN = 0.05
RECIPE = """\
endpoint: chat.completions
model: gpt-4o-mini
dataset: {file: rows.jsonl, id: id}
messages: [{user: "row={{ row.id }}; Write one line about {{ row.topic }}"}]
collect: {file: all.jsonl, fields: {id: "{{ row_id }}", text: "{{ text }}"}}
"""


class Seen(NamedTuple):
    """The most of each that was seen at one time, in all processes together; memory in MiB."""

    code: int
    seconds: float
    handles: int
    threads: int
    memory: float
    early: float
    """The most memory up to the middle of the run."""


def laid(folder: Path, rows: int) -> None:
    """Lay a recipe and its rows."""
    (folder / "r.recipe.yaml").write_text(RECIPE, encoding="utf-8")
    with (folder / "rows.jsonl").open("w", encoding="utf-8") as file:
        for number in range(rows):
            file.write(f'{{"id": "p{number:06}", "topic": "canal {number}"}}\n')


def watched(folder: Path, base: str, *words: str) -> Seen:
    """Run the command and look at its processes until it ends."""
    own = {"OPENAI_BASE_URL": base, "OPENAI_API_KEY": "sk-load-0123456789"}
    started = time.monotonic()
    samples: list[tuple[int, int, float]] = []
    with (folder / "told.txt").open("wb") as told:
        run = subprocess.Popen(
            [*COMMAND, "run", "r.recipe.yaml", "-q", *words],
            cwd=folder,
            env=os.environ | own,
            stdout=told,
            stderr=told,
            start_new_session=True,
        )
        while run.poll() is None:
            samples.append(_sample(run.pid))
            time.sleep(OFTEN)
    handles, threads, memory = (max(column) for column in zip(*samples, strict=True))
    early = max(sample[2] for sample in samples[: len(samples) // 2 + 1])
    return Seen(run.returncode, time.monotonic() - started, handles, threads, memory, early)


def _sample(group: int) -> tuple[int, int, float]:
    handles = threads = 0
    memory = 0.0
    for place in Path("/proc").iterdir():
        if not place.name.isdecimal():
            continue
        try:
            state = (place / "stat").read_text().rpartition(")")[2].split()
            if int(state[2]) != group:
                continue
            handles += len(list((place / "fd").iterdir()))
            threads += int(state[17])
            memory += int((place / "statm").read_text().split()[1]) / 256
        except OSError:
            continue
    return handles, threads, memory
