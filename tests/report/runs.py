"""Runs for the tests of reports."""

from __future__ import annotations

from typing import Any

from runner.errors import Mark
from runner.model import Answer
from runner.results import Check, RunResult, StepResult

RECIPE = "recipes/ask.recipe.yaml"
USAGE = {"input_tokens": 15, "output_tokens": 96}
MISSED = Check(
    "text contains", False, "expected text with 'Paris', got 'Rome'", Mark(RECIPE, 7, 5, 4)
)
CODES = {"passed": 0, "missed": 1, "failed": 3}


def lines(file: str, number: int) -> str:
    """The lines of every recipe."""
    return "  - text: {contains: Paris}" if number == 7 else ""


class Memory:
    """A shelf that is a list."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def put(self, text: str) -> int:
        """Keep a text."""
        self.texts.append(text)
        return len(self.texts) - 1

    def get(self, place: int) -> str:
        """Return a text."""
        return self.texts[place]


def answer(**fields: Any) -> Answer:
    """An answer that costs a cent and took a second."""
    whole = {"text": "Rome.", "model": "gpt-4.1-2025-04-14", "cost": 0.01, "latency": 1.0}
    return Answer(status=200, usage=USAGE, **{**whole, **fields})


def run(name: str = "ask", state: str = "passed", **fields: Any) -> RunResult:
    """A run of one step; `answer`, `checks` and `error` are the step's."""
    step = {key: fields.pop(key) for key in ("answer", "checks", "error", "files") if key in fields}
    if state == "missed":
        step.setdefault("checks", (MISSED,))
    step.setdefault("answer", None if "error" in step else answer())
    steps = (StepResult(name, "", state, sent=1, **step),)
    whole = {"recipe": RECIPE, "exit_code": CODES[state], "took": 2.0, **fields}
    return RunResult(run_id=name, steps=steps, **whole)


def repeat(number: int, state: str = "passed", **fields: Any) -> RunResult:
    """One of five repeats, of which four have to pass."""
    return run(f"ask#{number}", state, repeat=number, repeats=5, passes=4, **fields)
