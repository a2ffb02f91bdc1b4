"""A world in which a recipe meets the replies of a script, and time passes only by sleeping."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any, NamedTuple

from runner.engine.prepare import Plan, plan
from runner.engine.run import run
from runner.engine.tools.hooks import Hooks
from runner.engine.user.options import Options
from runner.engine.user.secrets import Masker
from runner.engine.world import World
from runner.exchange import Channel, JsonBody, Listener, Reply, Request
from runner.recipe.values import Given
from runner.results import RunResult

START = 1_750_000_000.0
CHAT = "endpoint: chat.completions\nmodel: gpt-4.1\n"
HELLO = f"{CHAT}messages: [{{user: Hello}}]\n"


def reply(value: Any, status: int = 200, **headers: str) -> Reply:
    return Reply(status, headers, json.dumps(value).encode(), elapsed=0.5)


def chat(text: str | None = "Hi", finish: str = "stop", **message: Any) -> Reply:
    """A reply of chat completions, of three and two tokens."""
    said = {"role": "assistant", "content": text, **message}
    choice = {"index": 0, "message": said, "finish_reason": finish}
    usage = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
    return reply({"model": "gpt-4.1", "choices": [choice], "usage": usage})


def calls(*names: str) -> Reply:
    """A reply that calls tools without arguments."""
    made = [{"name": name, "arguments": "{}"} for name in names]
    rows = [{"id": one["name"], "type": "function", "function": one} for one in made]
    return chat(None, "tool_calls", tool_calls=rows)


def refused(status: int, message: str = "no") -> Reply:
    return reply({"error": {"message": message}}, status)


class Streamed(NamedTuple):
    """A reply that comes in pieces; `broken` is raised after the last."""

    pieces: tuple[bytes, ...]
    broken: BaseException | None = None


def stream(*texts: str, end: bool = True, broken: BaseException | None = None) -> Streamed:
    rows = [{"choices": [{"index": 0, "delta": {"content": text}}]} for text in texts]
    if end:
        rows.append({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    events = [f"data: {json.dumps(row)}\n\n".encode() for row in rows]
    return Streamed((*events, *([b"data: [DONE]\n\n"] if end else [])), broken)


Outcome = Reply | Streamed | BaseException


class Script:
    """A transport that gives the replies of a script, one after the other."""

    def __init__(self, *outcomes: Outcome) -> None:
        self.left = list(outcomes)
        self.sent: list[Request] = []

    def send(self, request: Request, listener: Listener | None = None) -> Reply:
        self.sent.append(request)
        outcome = self.left.pop(0)
        if isinstance(outcome, BaseException):
            raise outcome
        if isinstance(outcome, Reply):
            return outcome
        assert listener is not None
        for piece in outcome.pieces:
            listener.chunk(piece)
        if outcome.broken is not None:
            raise outcome.broken
        return Reply(200, {}, b"".join(outcome.pieces), streamed=True)

    def open(self, request: Request) -> Channel:
        raise NotImplementedError

    def close(self) -> None:
        pass

    @property
    def bodies(self) -> list[Any]:
        return [r.body.value if isinstance(r.body, JsonBody) else r.body for r in self.sent]


class Clock:
    """Time that passes by sleeping alone."""

    def __init__(self) -> None:
        self.seconds = START
        self.waits: list[float] = []

    def now(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.seconds += seconds


class Played(NamedTuple):
    """What became of a recipe."""

    result: RunResult
    script: Script
    clock: Clock
    told: list[str]
    shown: list[str]
    out: Path

    @property
    def states(self) -> list[tuple[str, str]]:
        return [(step.step, step.state) for step in self.result.steps]

    @property
    def error(self) -> Exception:
        (error,) = (step.error for step in self.result.steps if step.error)
        return error

    @property
    def answer(self) -> Any:
        """The first step's answer."""
        return self.result.steps[0].answer

    def sidecar(self, name: str) -> Any:
        return json.loads((self.out / f"{name}.run.json").read_text(encoding="utf-8"))


def written(folder: Path, files: Mapping[str, str | bytes]) -> None:
    """Write files below a folder."""
    for name, content in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content if isinstance(content, bytes) else dedent(content).encode())


def planned(
    folder: Path, text: str, environ: Mapping[str, str] | None = None, **options: Any
) -> Plan:
    """Read a recipe in a folder; `vars` are those of the command line."""
    given = {k: Given(v, f"--var {k}") for k, v in options.pop("vars", {}).items()}
    place = folder / "case.recipe.yaml"
    place.write_text(dedent(text), encoding="utf-8")
    environ = {"OPENAI_API_KEY": "sk-sentinel-0123456789"} if environ is None else environ
    return plan(str(place), Options(given, **options), environ, Masker().learn)


def play(
    folder: Path,
    text: str,
    *outcomes: Outcome,
    environ: Mapping[str, str] | None = None,
    hooks: Hooks | None = None,
    **options: Any,
) -> Played:
    """Run a recipe by a script; its outputs lie in `out` below the folder.

    `fetch` answers for addresses.
    """
    fetch = options.pop("fetch", None)
    made = planned(folder, text, environ, **options)
    script, clock = Script(*outcomes), Clock()
    told: list[str] = []
    shown: list[str] = []
    world = World(
        carry=lambda provider: script,
        hooks=hooks or Hooks({}, {}),
        out=folder / "out",
        clock=clock.now,
        now=clock.now,
        sleep=clock.sleep,
        tell=told.append,
        warn=lambda fault: told.append(str(fault)),
        hide=Masker(made.secrets).hide,
        show=shown.append,
        taken=set(),
        fetch=(lambda provider: fetch) if fetch else None,
    )
    return Played(run(made, world), script, clock, told, shown, folder / "out")
