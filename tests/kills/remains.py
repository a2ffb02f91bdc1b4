"""What a run left on disk: what is recorded, and what is lost, doubled, torn, or litter."""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.kills.server import png, said

SIDECAR = ".run.json"


@dataclass
class Counts:
    """What was counted; all but `unrecorded` is to be 0.

    `unrecorded` is the most rows that were answered and not recorded at a kill: they were in
    flight. `slow` are those of them that had been answered long before.
    """

    lost: int = 0
    doubled: int = 0
    torn: int = 0
    asked_again: int = 0
    litter: int = 0
    orphans: int = 0
    hung: int = 0
    wrong_ends: int = 0
    slow: int = 0
    unrecorded: int = 0

    def add(self, other: Counts) -> None:
        for name, value in asdict(other).items():
            own = getattr(self, name)
            setattr(self, name, max(own, value) if name == "unrecorded" else own + value)

    def faults(self) -> dict[str, int]:
        """Return what is wrong."""
        return {k: v for k, v in asdict(self).items() if v and k != "unrecorded"}


def recorded(out: Path, kind: str) -> set[str]:
    """List the rows that are recorded: in the journal, or by an output that stands whole."""
    found = {name for name, state in journal(out) if state in ("passed", "missed")}
    rows = {name.removeprefix("[row=").removesuffix("]") for name in found}
    if kind != "lines":
        rows |= {path.stem for path in outputs(out) if is_whole(path)}
    return rows


def journal(out: Path) -> list[tuple[str, str]]:
    """Read a copy of the journal: it may be that of a run that was killed."""
    with tempfile.TemporaryDirectory() as folder:
        for path in (out / ".runner").glob("r.db*"):
            with contextlib.suppress(OSError):
                shutil.copy(path, folder)
        place = Path(folder, "r.db")
        if not place.exists():
            return []
        base = sqlite3.connect(place)
        try:
            assert base.execute("pragma integrity_check").fetchone() == ("ok",)
            there = base.execute("select 1 from sqlite_master where name = 'rows'").fetchone()
            return base.execute("select id, state from rows").fetchall() if there else []
        finally:
            base.close()


def outputs(out: Path) -> list[Path]:
    """List the files that rows wrote."""
    found = [*(out / "texts").glob("*"), *(out / "pictures").glob("*")]
    return [path for path in found if path.suffix in (".md", ".png") and path.name[0] != "."]


def is_whole(path: Path) -> bool:
    """Whether an output is as its sidecar says."""
    try:
        told = json.loads(path.with_name(path.name + SIDECAR).read_bytes())
    except FileNotFoundError:
        return False
    return bool(told["sha256"]["output"] == hashlib.sha256(path.read_bytes()).hexdigest())


def torn_names(out: Path, asked: Mapping[str, int]) -> int:
    """Count the outputs that are no whole answer to their row."""
    return sum(path.read_bytes() not in _answers(path, asked[path.stem]) for path in outputs(out))


def _answers(path: Path, count: int) -> list[bytes]:
    row = path.stem
    numbers = range(1, count + 1)
    if path.suffix == ".png":
        return [png(f"{row} {number}") for number in numbers]
    return [said(row, number).encode() for number in numbers]


def judge(folder: Path, ids: list[str], kind: str, counts: Counts) -> None:
    """Count what is wrong after the end."""
    out = folder / "out"
    known = journal(out)
    counts.lost += len(ids) - sum(state == "passed" for _, state in known)
    made = outputs(out)
    if kind != "lines":
        counts.lost += len({*ids} - {path.stem for path in made})
        counts.torn += sum(not is_whole(path) for path in made)
    if kind in ("lines", "both"):
        _judge_lines(out, ids, counts)
    counts.litter += len(litter(folder, {path.name for path in made}))


def _judge_lines(out: Path, ids: list[str], counts: Counts) -> None:
    content = (out / "all.jsonl").read_bytes()
    counts.torn += not is_whole(out / "all.jsonl")
    lines = []
    for line in content.splitlines(keepends=True):
        try:
            lines.append(json.loads(line))
        except ValueError:
            counts.torn += 1
    counts.torn += not content.endswith(b"\n")
    listed = [line["id"] for line in lines]
    counts.lost += len({*ids} - {*listed})
    counts.doubled += sum(n - 1 for n in Counter(listed).values())
    counts.lost += listed != ids  # the order of the dataset
    for line in lines:
        path = out / "texts" / f"{line['id']}.md"
        counts.torn += path.exists() and path.read_text() != line["answer"]


def litter(folder: Path, names: Collection[str]) -> list[Path]:
    """List what is neither an output, nor a sidecar, nor the journal."""
    allowed = {*names, *(name + SIDECAR for name in names)}
    allowed |= {"all.jsonl", "all.jsonl" + SIDECAR, "r.db"}
    found = [*(folder / "out").rglob("*"), *(folder / "tmp").rglob("*")]
    folders = {"texts", "pictures", ".runner", "failed"}
    found = [path for path in found if path.parent.name != "failed"]  # kept for people
    return [p for p in found if p.name not in (folders if p.is_dir() else allowed)]
