"""A service of batches that outlives the commands that ask it, and what goes wrong with it."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from runner.engine.suite import Suite
from runner.engine.user.options import Options
from runner.exchange import Body, JsonBody, Multipart, Reply, Request
from runner.results import RunResult
from runner.transport.offline import Offline
from tests.engine.playing import START, written

STEP = 5.0
"""Seconds that pass whenever somebody asks how a batch stands."""
RECIPE = """
endpoint: chat.completions
model: gpt-4.1
dataset: {file: rows.csv, id: sku}
messages: [{user: "Describe {{ row.name }}."}]
collect: {file: all.jsonl, fields: {id: "{{ row_id }}", text: "{{ text }}", cost: "{{ cost }}"}}
"""
WRITING = RECIPE + 'output: {text: "{{ row_id }}.md"}\n'
TOOL = """
tools: [{name: look, description: Looks., parameters: {what: {type: string}}, returns: seen}]
tool_choice: look
"""
Tamper = Callable[[Request, Any], Any]


class Killed(BaseException):
    """The process is gone."""


class Bank:
    """The simulated service, in place of every provider's transport.

    `ends` says how the batches end, one after the other. `tamper` may change the JSON, or the rows
    of a file, that a reply holds. `kill_at` is the step at which `out` is kept as it is, and the
    process ends: each request has two, before and after.
    """

    def __init__(self, *ends: str, tamper: Tamper | None = None) -> None:
        self.ends = list(ends)
        self.tamper = tamper
        self.seconds = START
        self.sent: list[str] = []
        self.made: list[list[str]] = []
        self.kill_at = -1
        self.steps = 0
        self.out = Path()
        self._lines: dict[str, list[str]] = {}
        self._inner = Offline(now=lambda: self.seconds)

    @property
    def lines(self) -> Counter[str]:
        """How often each line was put into a batch."""
        return Counter(line for made in self.made for line in made)

    def __call__(self, *_: Any, **__: Any) -> Bank:
        return self

    def send(self, request: Request, listener: Any = None) -> Reply:
        self._step()
        self.sent.append(f"{request.method} {request.path}")
        if request.endpoint == "batches.retrieve":
            self.seconds += STEP
        if request.endpoint == "batches":
            request = self._making(request)
        reply = self._inner.send(request, listener)
        reply = self._noted(request, reply)
        self._step()
        return reply

    def _making(self, request: Request) -> Request:
        assert isinstance(request.body, JsonBody)
        body = request.body.value
        self.made.append(self._lines[body["input_file_id"]])
        end = self.ends.pop(0) if self.ends else ""
        metadata = body["metadata"] | ({"simulate": end} if end else {})
        return request._replace(body=JsonBody({**body, "metadata": metadata}))

    def _noted(self, request: Request, reply: Reply) -> Reply:
        if request.endpoint == "files":
            assert isinstance(request.body, Multipart)
            rows = [json.loads(row) for row in _bytes(request.body.parts[-1].body).splitlines()]
            name = json.loads(_bytes(reply.body))["id"]
            self._lines[name] = [row["custom_id"] for row in rows]
        if self.tamper is None or reply.status >= 400:
            return reply
        if request.endpoint != "files.content":
            value = self.tamper(request, json.loads(_bytes(reply.body)))
            return reply._replace(body=json.dumps(value).encode())
        rows = self.tamper(request, [json.loads(row) for row in _bytes(reply.body).splitlines()])
        return reply._replace(body="".join(json.dumps(row) + "\n" for row in rows).encode())

    def _step(self) -> None:
        self.steps += 1
        if self.steps == self.kill_at:
            self.kill()

    def kill(self) -> None:
        """Keep what is on disk now, and end the process."""
        if self.out.exists():
            shutil.copytree(self.out, self.out.with_name("kept"))
        raise Killed

    def open(self, request: Request) -> Any:
        raise NotImplementedError

    def close(self) -> None: ...

    def stop(self) -> None: ...

    def holding(self) -> str:
        return ""


def _bytes(body: Body) -> bytes:
    return body if isinstance(body, bytes) else Path(body.path).read_bytes()


class Command:
    """What came of one command."""

    def __init__(self, folder: Path, bank: Bank, **options: Any) -> None:
        self.told: list[str] = options.pop("told", [])
        self.results: list[RunResult] = options.pop("results", [])
        before = len(bank.sent)
        given = Options(offline=True, out=folder / "out", **{"via": "batch", **options})
        suite = Suite(given, self.told.append)
        suite.carrier = bank  # type: ignore[assignment]  # the face that is asked for
        try:
            ready = suite.all_checked([str(folder / "case.recipe.yaml")])
            for _, result in suite.runs(ready):
                self.results.append(result)
        finally:
            suite.close()
            self.sent = bank.sent[before:]
        self.before = suite.before

    @property
    def codes(self) -> dict[str, int]:
        """The exit code of each run, by its row or its cell."""
        return {one.row_id or one.suffix: one.exit_code for one in self.results}

    def error(self, name: str) -> Exception:
        (found,) = [one for one in self.results if (one.row_id or one.suffix) == name]
        (error,) = [step.error for step in found.steps if step.error is not None]
        return error


def project(
    folder: Path, count: int = 5, recipe: str = RECIPE, files: Mapping[str, str] | None = None
) -> None:
    """Write a recipe over so many rows."""
    rows = "".join(f"s{number},thing {number}\n" for number in range(count))
    written(folder, {"case.recipe.yaml": recipe, "rows.csv": f"sku,name\n{rows}", **(files or {})})


def killed(folder: Path, bank: Bank, **options: Any) -> Command | None:
    """Run a command; where it is killed, leave on disk what was there at that moment."""
    bank.out, kept = folder / "out", folder / "kept"
    try:
        return Command(folder, bank, **options)
    except Killed:
        shutil.rmtree(bank.out, ignore_errors=True)
        if kept.exists():
            kept.rename(bank.out)
        return None


def collected(folder: Path) -> list[dict[str, Any]]:
    """The lines that were collected."""
    return [json.loads(row) for row in (folder / "out" / "all.jsonl").read_text().splitlines()]
