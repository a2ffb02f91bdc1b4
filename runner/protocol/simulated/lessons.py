"""Lessons: what a tuned model learned from its training file, and answers by."""

from __future__ import annotations

import json
from collections.abc import Iterator

from runner.exchange import Json
from runner.protocol.simulated.service import Refusal, RefusedError, World, keep
from runner.protocol.simulated.turns import Said, of_messages
from runner.protocol.simulated.words import weighty

MOST = 1_000
"""How many lines of a training file are learned."""
LONGEST = 2_000


def teach(world: World, model: str, content: bytes, ready_at: float) -> None:
    """Let a model know what a training file says, from some time on."""
    pairs = [pair for line in content.splitlines()[:MOST] for pair in _read(line)]
    keep(world, f"lessons:{model}", {"ready_at": ready_at, "pairs": pairs})


def wait(world: World, model: str, ready_at: float) -> None:
    """Let a model that is being made be ready at another time."""
    learned = world.store.get(f"lessons:{model}")
    if learned is not None:
        learned["ready_at"] = ready_at


def unlearn(world: World, model: str) -> None:
    """Let a model that was never made be forgotten."""
    world.store.pop(f"lessons:{model}", None)


def _read(line: bytes) -> Iterator[tuple[str, str]]:
    try:
        value = json.loads(line)
    except ValueError:
        return
    if "prompt" in value:
        yield _text(value["prompt"]), _text(value.get("completion"))
        return
    turns = of_messages(value.get("messages") or ())
    asked = [" ".join(turn.texts) for turn in turns if turn.role == "user"]
    told = [" ".join(turn.texts) for turn in turns if turn.role == "assistant"]
    if asked and told:
        yield _text(asked[-1]), _text(told[-1])


def _text(value: Json) -> str:
    return str(value or "").strip()[:LONGEST]


def heeded(world: World, model: str, said: Said) -> Said:
    """Add what the model learned about the question; refuse a model that is not ready yet."""
    learned = world.store.get(f"lessons:{model}")
    if learned is None:
        return said
    if learned["ready_at"] > world.now():
        message = f"The model `{model}` does not exist or you do not have access to it."
        raise RefusedError(Refusal(message, None, "model_not_found", 404))
    asked = weighty(said.question)
    scored = [(len(asked & weighty(question)), told) for question, told in learned["pairs"]]
    best, told = max(scored, key=lambda pair: pair[0], default=(0, ""))
    return said._replace(taught=told) if best else said
