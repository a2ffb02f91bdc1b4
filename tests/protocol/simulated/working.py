"""Working with the simulated service over time: files, jobs, and a clock that is set forward."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from runner.exchange import JsonBody, Multipart, Part, Request
from runner.protocol.simulated import simulate
from runner.protocol.simulated.service import Simulated, World
from tests.protocol.simulated.asking import NOON, value

LINES = [
    {
        "messages": [
            {"role": "user", "content": f"Question {number}?"},
            {"role": "assistant", "content": f"Answer {number}."},
        ]
    }
    for number in range(9)
]
BASEBALL = {
    "messages": [
        {"role": "user", "content": "For what team did Piet play?"},
        {"role": "assistant", "content": "For the Yankees."},
    ]
}


def jsonl(*rows: Any) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


TRAINING = jsonl(*LINES, BASEBALL)


class Service:
    """The simulated service, its clock, and what is asked of it."""

    def __init__(self, families: Mapping[str, Any] | None = None) -> None:
        self.time = NOON
        self.world = World(lambda: self.time, {}, families or {})

    def later(self, seconds: float) -> None:
        self.time += seconds

    def reply(self, call: str, body: Any = None, *query: tuple[str, str]) -> Simulated:
        method, path = call.split(" ")
        sent = JsonBody(body) if body is not None else None
        return simulate(Request(method, path, "raw", sent, query), self.world)

    def ask(self, call: str, body: Any = None, *query: tuple[str, str]) -> Any:
        simulated = self.reply(call, body, *query)
        assert simulated.status == 200, value(simulated)
        return value(simulated)

    def refused(self, call: str, body: Any = None, *query: tuple[str, str]) -> tuple[int, Any]:
        """Status and parameter of a refusal, and that it is one."""
        simulated = self.reply(call, body, *query)
        error = value(simulated)["error"]
        assert error["type"] == "invalid_request_error"
        assert error["message"]
        return simulated.status, error["param"]

    def form(self, name: str, content: Any, **fields: str) -> Simulated:
        parts = [Part(key, text.encode()) for key, text in fields.items()]
        form = Multipart((*parts, Part("file", content, name, "application/jsonl")))
        return simulate(Request("POST", "/files", "files", form), self.world)

    def upload(
        self, content: bytes = TRAINING, purpose: str = "fine-tune", name: str = "a.jsonl"
    ) -> str:
        simulated = self.form(name, content, purpose=purpose)
        assert simulated.status == 200, value(simulated)
        return str(value(simulated)["id"])

    def said(self, model: str, question: str) -> str:
        body = {"model": model, "messages": [{"role": "user", "content": question}]}
        return str(self.ask("POST /chat/completions", body)["choices"][0]["message"]["content"])
