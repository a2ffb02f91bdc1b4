"""A trial: one run over a dataset that is killed again and again, then resumed until it ends."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

from tests.kills import remains
from tests.kills.remains import Counts
from tests.kills.server import CountingServer

COMMAND = (sys.executable, "-c", "from runner.__main__ import main; main()")
FATAL = Path(__file__).with_name("fatal.py")
ENDS = 60.0
"""The longest that a run may take, in seconds."""
GROUP = 0.05 + 5
"""The longest, in seconds, that an answer may wait for its record on a busy machine."""
CHAT = """\
endpoint: chat.completions
model: gpt-4.1-mini
dataset: {file: rows.csv, id: id}
messages: [{user: "Tell of row={{ row_id }}; in {{ row.words }} words."}]
"""
DRAWN = """\
endpoint: images.generations
model: gpt-image-1
dataset: {file: rows.csv, id: id}
prompt: "Draw row={{ row_id }}; in {{ row.words }} lines."
output: {image: "pictures/{{ row_id }}.png"}
"""
TEXTS = 'output: {text: "texts/{{ row_id }}.md"}\n'
LINES = 'collect: {file: all.jsonl, fields: {id: "{{ row_id }}", answer: "{{ text }}"}}\n'
RECIPES = {
    "both": CHAT + TEXTS + LINES,
    "lines": CHAT + LINES,
    "texts": CHAT + TEXTS,
    "pictures": DRAWN,
}
"""What is killed, by what it leaves."""


class Plan(NamedTuple):
    """What is tried: which recipe, how many rows, how many at once."""

    kind: str
    rows: int
    jobs: int


class Trial:
    """A run in a folder of its own. `counts` is what was found to be wrong."""

    def __init__(self, plan: Plan, folder: Path, server: CountingServer, seed: int) -> None:
        self.plan = plan
        self.folder = folder
        self.server = server
        self.counts = Counts()
        self.kills = 0
        self._random = random.Random(f"{seed} {plan}")
        self._known: dict[str, int] = {}
        (folder / "tmp").mkdir(parents=True)
        (folder / "r.recipe.yaml").write_text(RECIPES[plan.kind])
        ids = [f"p{number:04}" for number in range(plan.rows)]
        self._random.shuffle(ids)
        self.ids = ids
        rows = "".join(f"{name},{len(name)}\n" for name in ids)
        (folder / "rows.csv").write_text(f"id,words\n{rows}")

    def words(self, *more: str) -> list[str]:
        """Return the words of the command line."""
        words = ["run", "r.recipe.yaml", "--jobs", str(self.plan.jobs), "-q", *more]
        return [*words, "--resume"] if "--fresh" not in more else words

    def begin(self, *words: str, fatal: tuple[str, str, int] | None = None) -> subprocess.Popen:
        """Start the command; `fatal` says at which deed it ends."""
        before = COMMAND if fatal is None else (sys.executable, str(FATAL), *map(str, fatal))
        environ = {
            **os.environ,
            "OPENAI_BASE_URL": self.server.url,
            "OPENAI_API_KEY": "sk-nothing-0000",
            "TMPDIR": str(self.folder / "tmp"),
        }
        with (self.folder / "told.txt").open("wb") as told:
            return subprocess.Popen(
                [*before, *words],
                cwd=self.folder,
                env=environ,
                stdout=told,
                stderr=told,
                start_new_session=True,
            )

    def end(self, run: subprocess.Popen) -> int:
        """Wait for the command; nothing that it started may outlive it."""
        try:
            code = run.wait(ENDS)
        except subprocess.TimeoutExpired:
            os.killpg(run.pid, signal.SIGKILL)
            run.wait()
            self.counts.hung += 1
            return -1
        deadline = time.monotonic() + 10
        while left := _members(run.pid):
            if time.monotonic() > deadline:
                self.counts.orphans += len(left)
                os.killpg(run.pid, signal.SIGKILL)
                break
            time.sleep(0.01)
        return code

    def told(self) -> str:
        """Return what the command said."""
        return (self.folder / "told.txt").read_text(errors="replace")

    def kill(self) -> None:
        """Run until a moment that chance takes, and kill."""
        way = self._random.choice(("answers", "answers", "time", "deed", "deed", "worker"))
        if way == "deed":
            kind = self._random.choice(("fsync", "rename", "write", "unlink", "commit"))
            number = int(self._random.expovariate(1 / 20)) + 1
            run = self.begin(*self.words(), fatal=("kill", kind, number))
        else:
            run = self.begin(*self.words())
            self._wait(run, way)
            self.strike(run, way)
        moment = time.monotonic()
        code = self.end(run)
        if code == -signal.SIGKILL or way == "worker":
            self.kills += 1
        elif code not in (0, 3):
            self.counts.wrong_ends += 1
            print(f"{self.plan} {way}: exit {code}: {self.told()[-600:]}", file=sys.stderr)
        self.look(moment if code == -signal.SIGKILL and way != "deed" else None)

    def _wait(self, run: subprocess.Popen, way: str) -> None:
        if way == "time":
            time.sleep(self._random.random() * 1.5)
            return
        left = max(1, self.plan.rows - len(self._known))
        wanted = self.server.total + self._random.randint(1, left)
        deadline = time.monotonic() + ENDS
        while self.server.total < wanted and run.poll() is None and time.monotonic() < deadline:
            time.sleep(0.001)
        time.sleep(self._random.random() * 0.08)

    def strike(self, run: subprocess.Popen, way: str) -> None:
        """Kill the command, or one of its workers."""
        others = [one for one in _members(run.pid) if one != run.pid] if way == "worker" else []
        victim = self._random.choice(others) if others else run.pid
        try:
            os.kill(victim, signal.SIGKILL)
        except ProcessLookupError:
            return

    def look(self, moment: float | None = None) -> None:
        """Look at what a kill left, and whether what was recorded before was asked again."""
        for row, count in self._known.items():
            self.counts.asked_again += self.server.asked[row] > count
        now = remains.recorded(self.folder / "out", self.plan.kind)
        self.counts.lost += len(self._known.keys() - now)
        late = [row for row in self.server.answered if row not in now]
        self.counts.unrecorded = max(self.counts.unrecorded, len(late))
        if moment is not None:
            self.counts.slow += sum(self.server.latest[row] < moment - GROUP for row in late)
        self.counts.torn += remains.torn_names(self.folder / "out", self.server.asked)
        self._known = {row: self.server.asked[row] for row in now}

    def finish(self, *, twice: bool = True) -> Counts:
        """Resume until it ends, and once more, and count what is wrong with what stands then."""
        for _ in range(5):
            code = self.end(self.begin(*self.words()))
            self.look()
            if code == 0:
                break
        else:
            self.counts.wrong_ends += 1
            print(f"{self.plan}: exit {code}: {self.told()[-600:]}", file=sys.stderr)
        before = self.server.total
        if twice and self.end(self.begin(*self.words())) != 0:
            self.counts.wrong_ends += 1
        self.counts.asked_again += self.server.total - before
        remains.judge(self.folder, self.ids, self.plan.kind, self.counts)
        return self.counts


def _members(group: int) -> list[int]:
    """List the processes of a group that live."""
    found = []
    for place in Path("/proc").iterdir():
        if not place.name.isdecimal():
            continue
        try:
            state, _, its = (place / "stat").read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if int(its) == group and state != "Z":
            found.append(int(place.name))
    return found
