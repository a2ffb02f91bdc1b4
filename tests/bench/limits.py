"""Limits: `python -m tests.bench.limits` runs rows against a service that allows 3,000 a minute.

What is printed is the share of what was allowed that was used, from the first request to the last,
what was answered 429, and what was lost; for each way in which a service tells its limit, or none.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.request import urlopen

from tests.bench.server import PLAIN

ALLOWED = 3_000
REFUSAL = json.dumps({"error": {"message": "Rate limit reached", "type": "requests"}}).encode()
RECIPE = """\
endpoint: chat.completions
model: gpt-4o-mini
dataset: {file: rows.jsonl, id: id}
messages: [{user: "Say {{ row.id }}"}]
collect: {file: all.jsonl, fields: {id: "{{ row_id }}"}}
"""
PROJECT = "providers: {openai: {limits: {requests_per_minute: 3000}}}\n"


class Service:
    """A token bucket in front of one answer. `says` is `nothing`, `waits` or `headers`."""

    def __init__(self, rate: float, burst: float, latency: float, says: str) -> None:
        self.rate, self.burst, self.latency, self.says = rate, burst, latency, says
        self.left, self.at = burst, time.monotonic()
        self.first, self.last = 0.0, 0.0
        self.passed = self.refused = 0

    def answer(self) -> tuple[bytes, float]:
        """Return an answer, and when it is to go."""
        now = time.monotonic()
        self.first, self.last = self.first or now, now
        self.left = min(self.burst, self.left + (now - self.at) * self.rate)
        self.at = now
        if self.left >= 1:
            self.left -= 1
            self.passed += 1
            return PLAIN.replace(b"\r\n", b"\r\n" + self.head(), 1), self.latency
        self.refused += 1
        wait = (1 - self.left) / self.rate
        said = b"retry-after: %d\r\n" % (int(wait) + 1) if self.says != "nothing" else b""
        told = b"HTTP/1.1 429 Too Many Requests\r\ncontent-length: %d\r\n" % len(REFUSAL)
        return told + said + self.head() + b"\r\n" + REFUSAL, 0.0

    def head(self) -> bytes:
        """Return what is told of the limit with every answer."""
        if self.says != "headers":
            return b""
        words = (
            f"x-ratelimit-limit-requests: {round(self.rate * 60)}",
            f"x-ratelimit-remaining-requests: {int(self.left)}",
            f"x-ratelimit-reset-requests: {int((self.burst - self.left) / self.rate * 1000)}ms",
        )
        return "".join(f"{line}\r\n" for line in words).encode()

    def told(self) -> bytes:
        """Return what came to pass."""
        whole = {"passed": self.passed, "refused": self.refused, "seconds": self.last - self.first}
        body = json.dumps(whole).encode()
        return b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(body) + body

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                if head.startswith(b"GET"):
                    writer.write(self.told())
                    continue
                length = head.lower().split(b"content-length:")[1].split(b"\r\n")[0]
                await reader.readexactly(int(length))
                answer, wait = self.answer()
                await asyncio.sleep(wait)
                writer.write(answer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


async def served(service: Service) -> None:
    """Serve on a free port, and print it."""
    server = await asyncio.start_server(service.serve, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def measured(case: str, given: argparse.Namespace) -> bool:
    """Run the rows once and print what it came to; tell whether the goals are met."""
    says = {"set": "waits"}.get(case, case)
    words = [sys.executable, "-m", "tests.bench.limits", "--serve", says]
    shape = [
        "--rate",
        str(given.rate),
        "--burst",
        str(given.burst),
        "--latency",
        str(given.latency),
    ]
    with (
        tempfile.TemporaryDirectory() as name,
        subprocess.Popen([*words, *shape], stdout=subprocess.PIPE, text=True) as server,
    ):
        try:
            assert server.stdout is not None
            base = f"http://127.0.0.1:{server.stdout.readline().strip()}"
            folder = Path(name)
            limits = PROJECT.replace("3000", str(given.rate)) if case == "set" else ""
            (folder / "runner.yaml").write_text(limits, encoding="utf-8")
            (folder / "r.recipe.yaml").write_text(RECIPE, encoding="utf-8")
            rows = "".join(f'{{"id": "r{n}"}}\n' for n in range(given.rows))
            (folder / "rows.jsonl").write_text(rows, encoding="utf-8")
            run(folder, base, given.jobs)
            with urlopen(f"{base}/stats") as found:
                stats = json.load(found)
            done = len((folder / "out" / "all.jsonl").read_text(encoding="utf-8").splitlines())
        finally:
            server.terminate()
    return said(case, given, stats, done)


def run(folder: Path, base: str, jobs: int) -> None:
    """Run the recipe as a command."""
    own = {"OPENAI_BASE_URL": f"{base}/v1", "OPENAI_API_KEY": "sk-bench-0123456789"}
    code = "from runner.__main__ import main; main()"
    words = [sys.executable, "-c", code, "run", "r.recipe.yaml", "--jobs", str(jobs), "-q"]
    environ = os.environ | own | {"PYTHONPATH": str(Path(__file__).parents[2])}
    with tempfile.TemporaryFile() as told:
        found = subprocess.run(
            words, cwd=folder, env=environ, stdout=subprocess.DEVNULL, stderr=told, check=False
        )
        told.seek(0)
        if found.returncode not in {0, 3}:
            raise SystemExit(told.read().decode())


def said(case: str, given: argparse.Namespace, stats: dict[str, float], done: int) -> bool:
    """Print a line, and tell whether the goals are met."""
    allowed = given.rate / 60 * stats["seconds"]
    used, refused = stats["passed"] / allowed, stats["refused"] / given.rows
    good = used >= 0.95 and refused <= 0.01 and done == given.rows
    print(
        f"{case:<8} {given.rows:,} rows, {given.jobs} jobs: {used:.1%} of what is allowed,"
        f" {refused:.2%} answered 429, {given.rows - done} rows lost,"
        f" {stats['seconds']:.1f} s {'ok' if good else 'MISSED'}",
        flush=True,
    )
    return bool(good)


def main() -> int:
    """Measure the cases that are named, or all."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.limits")
    parser.add_argument("cases", nargs="*", default=[], metavar="CASE")
    parser.add_argument("--rows", type=int, default=ALLOWED)
    parser.add_argument("--jobs", type=int, default=64)
    parser.add_argument("--rate", type=int, default=ALLOWED, help="requests a minute (3000)")
    parser.add_argument("--burst", type=int, default=50, help="requests at once (50)")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds of an answer (0)")
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        made = Service(given.rate / 60, given.burst, given.latency, given.serve)
        asyncio.run(served(made))
    cases = given.cases or ["set", "headers", "waits", "nothing"]
    found = [measured(case, given) for case in cases]
    return 0 if all(found) else 1


if __name__ == "__main__":
    sys.exit(main())
