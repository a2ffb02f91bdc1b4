"""Cluster: `python -m tests.bench.cluster` runs rows by one and by three workers on loopback.

Each answer takes 200 ms, each worker has 16 under way. Then a worker is killed in the middle, and
after it the driver; what the journal and the collected file hold at the end is counted.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.bench.server import PLAIN

ROOT = Path(__file__).parents[2]
KEYS = {"driver": "sk-driver-0123456789", "worker": "sk-worker-0123456789"}
"""Each has its own: none is sent from one to the other."""
LATENCY = 0.2
JOBS = 16
RECIPE = """\
endpoint: chat.completions
model: gpt-4o-mini
dataset: {file: rows.jsonl, id: id}
messages: [{user: "Say {{ row.id }}"}]
collect: {file: all.jsonl, fields: {id: "{{ row_id }}"}}
"""
ROW = re.compile(rb"Say (r\d+)")
BEARER = re.compile(rb"Bearer (\S+)")
LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


class Service:
    """Answers each request after a while, and counts what was asked."""

    def __init__(self, latency: float = LATENCY) -> None:
        self.latency = latency
        self.clear()

    def clear(self) -> None:
        """Forget what was asked."""
        self.asked: Counter[str] = Counter()
        self.keys: set[str] = set()
        self.times: list[float] = []
        self.under_way = self.most = 0

    @property
    def answered(self) -> int:
        """How many were answered."""
        return len(self.times)

    @property
    def rate(self) -> float:
        """Answers a second, of the middle: workers begin and end one after the other."""
        begin, end = self.answered // 5, self.answered * 9 // 10
        return (end - begin) / (self.times[end] - self.times[begin])

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = LENGTH.search(head)
                body = await reader.readexactly(int(length[1]) if length else 0)
                bearer = BEARER.search(head)
                self.keys.add(bearer[1].decode() if bearer else "")
                await self._answer(body)
                writer.write(PLAIN)
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            writer.close()

    async def _answer(self, body: bytes) -> None:
        row = ROW.search(body)
        assert row is not None
        self.asked[row[1].decode()] += 1
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        await asyncio.sleep(self.latency)
        self.under_way -= 1
        self.times.append(time.monotonic())


@contextmanager
def served(service: Service) -> Iterator[str]:
    """Serve on a free port, from a thread; give the address."""
    loop = asyncio.new_event_loop()
    started = asyncio.start_server(service.serve, "127.0.0.1", 0, backlog=1024)
    server = loop.run_until_complete(started)
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        server.close()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()


class Stage:
    """A scheduler, its workers, and a folder with a recipe. `close` ends all."""

    def __init__(self, folder: Path, base: str, rows: int) -> None:
        self.folder = folder
        self.out = folder / "out"
        self._held = ExitStack()
        self._environ = os.environ | {"PYTHONPATH": str(ROOT), "OPENAI_API_KEY": KEYS["worker"]}
        own = {"OPENAI_BASE_URL": f"{base}/v1", "OPENAI_API_KEY": KEYS["driver"]}
        self._driver = self._environ | own
        (folder / "r.recipe.yaml").write_text(RECIPE, encoding="utf-8")
        self.rows(rows)
        self._file = folder / "scheduler.json"
        shape = ["--port", "0", "--no-dashboard", "--scheduler-file", str(self._file)]
        self.scheduler = self._started("scheduler", "--host", "127.0.0.1", *shape)
        self.address = self._address()

    def rows(self, count: int) -> None:
        """Write a dataset of so many rows."""
        rows = "".join(f'{{"id": "r{n}"}}\n' for n in range(count))
        (self.folder / "rows.jsonl").write_text(rows, encoding="utf-8")

    def worker(self, name: str) -> subprocess.Popen[bytes]:
        """Start a worker."""
        shape = ["--nthreads", "1", "--no-nanny", "--no-dashboard", "--host", "127.0.0.1"]
        own = ["--name", name, "--local-directory", str(self.folder / "scratch")]
        return self._started("worker", self.address, *shape, *own)

    def driver(self, *flags: str, out: str = "out") -> subprocess.Popen[bytes]:
        """Start the command."""
        words = ["run", "r.recipe.yaml", "--cluster", self.address, "--out", out, "-q", *flags]
        code = "from runner.__main__ import main; main()"
        return self._popen([sys.executable, "-c", code, *words], self._driver, f"driver-{out}")

    def wait(self, count: int) -> None:
        """Wait until there are so many workers."""
        until = time.monotonic() + 30
        while self.log("scheduler").count("Register worker") < count:
            assert time.monotonic() < until, self.log("worker")
            time.sleep(0.05)

    def close(self) -> None:
        """End what was started."""
        self._held.close()

    def log(self, name: str) -> str:
        """Return what a process said."""
        return (self.folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")

    def _started(self, kind: str, *words: str) -> subprocess.Popen[bytes]:
        return self._popen([sys.executable, "-m", "dask", kind, *words], self._environ, kind)

    def _popen(
        self, words: list[str], environ: dict[str, str], name: str
    ) -> subprocess.Popen[bytes]:
        log = self._held.enter_context((self.folder / f"{name}.log").open("ab"))
        made = subprocess.Popen(words, cwd=self.folder, env=environ, stdout=log, stderr=log)
        self._held.callback(made.wait)
        self._held.callback(made.kill)
        return made

    def _address(self) -> str:
        until = time.monotonic() + 20
        while time.monotonic() < until:
            try:
                return str(json.loads(self._file.read_bytes())["address"])
            except (OSError, ValueError):
                time.sleep(0.05)
        raise SystemExit(self.log("scheduler"))


class Found(NamedTuple):
    """What a journal and the collected file hold."""

    done: int
    lines: int
    lost: int
    doubled: int


def found(out: Path, rows: int) -> Found:
    """Count what stands at the end."""
    with sqlite3.connect(out / ".runner" / "r.db") as base:
        ids = [row for (row,) in base.execute("select id from rows where state = 'passed'")]
    base.close()
    lines = [json.loads(line)["id"] for line in (out / "all.jsonl").read_text().splitlines()]
    wanted = [f"r{n}" for n in range(rows)]
    doubled = len(lines) - len(set(lines)) + len(ids) - len(set(ids))
    return Found(len(ids), len(lines), len({*wanted} - {*lines}), doubled)


def until(service: Service, answered: int, seconds: float = 30) -> None:
    """Wait until so many were answered."""
    end = time.monotonic() + seconds
    while service.answered < answered:
        assert time.monotonic() < end, f"{service.answered} answered, not {answered}"
        time.sleep(0.01)


def rate(stage: Stage, service: Service, rows: int, out: str) -> tuple[float, float]:
    """Run rows; return how many are done in a second, and the driver's CPU seconds for each."""
    service.clear()
    stage.rows(rows)
    driver = stage.driver("--jobs", str(JOBS), out=out)
    _, status, used = os.wait4(driver.pid, 0)
    driver.returncode = os.waitstatus_to_exitcode(status)
    assert driver.returncode == 0, stage.log(f"driver-{out}")
    assert found(stage.folder / out, rows) == Found(rows, rows, 0, 0)
    return service.rate, (used.ru_utime + used.ru_stime) / rows


def killed(stage: Stage, service: Service, rows: int, victim: subprocess.Popen[bytes]) -> Found:
    """Kill a worker after a third of the rows, the driver after two; resume, and count."""
    service.clear()
    stage.rows(rows)
    driver = stage.driver("--jobs", str(JOBS), out="killed")
    until(service, rows // 3)
    victim.kill()
    until(service, 2 * rows // 3)
    driver.kill()
    driver.wait()
    driver = stage.driver("--jobs", str(JOBS), "--resume", out="killed")
    assert driver.wait(120) == 0, stage.log("driver-killed")
    return found(stage.folder / "killed", rows)


def main() -> int:
    """Measure, and print what it came to."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.cluster")
    parser.add_argument("--rows", type=int, default=480, help="rows for each worker (480)")
    parser.add_argument("--latency", type=float, default=LATENCY, help="seconds of an answer")
    given = parser.parse_args()
    service = Service(given.latency)
    with tempfile.TemporaryDirectory() as name, served(service) as base:
        stage = Stage(Path(name), base, given.rows)
        try:
            victim = stage.worker("one")
            one, _ = rate(stage, service, given.rows, "one")
            print(f"1 worker: {one:.0f} rows/s, {service.most} under way at the most", flush=True)
            stage.worker("two")
            stage.worker("three")
            stage.wait(3)
            three, used = rate(stage, service, 3 * given.rows, "three")
            print(
                f"3 workers: {three:.0f} rows/s, {service.most} under way at the most", flush=True
            )
            rows = 3 * given.rows
            told = killed(stage, service, rows, victim)
        finally:
            stage.close()
    again = sum(count - 1 for count in service.asked.values())
    print(f"{three / one:.2f} times the rows; the driver used {1000 * used:.1f} ms a row")
    print(
        f"{rows:,} rows, a worker and then the driver killed: {told.lost} lost,"
        f" {told.doubled} doubled, {again} asked again"
    )
    good = three >= 2.5 * one and told == Found(rows, rows, 0, 0)
    print("ok" if good else "MISSED")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
