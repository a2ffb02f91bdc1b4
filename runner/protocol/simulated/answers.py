"""Answers: what both dialects' replies are made of: text, citations, logprobs, token counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from runner.exchange import Json
from runner.protocol.simulated import words
from runner.protocol.simulated.example import example
from runner.protocol.simulated.service import compact, digest
from runner.protocol.simulated.turns import Said, Turn
from runner.record import Record

PER_TURN = 4
PER_THING = 85
FINGERPRINT = "fp_offline"


class Source(Record):
    """What an answer cites, and at which characters of its text."""

    url: str
    title: str
    start_index: int
    end_index: int


class Form(Record):
    """How a text is wanted: "text", "json_object" or "json_schema" with its schema."""

    kind: str = "text"
    schema: Json = None


class Bounds(Record):
    """Where a text ends: at a stop sequence, or after so many tokens."""

    stops: tuple[str, ...] = ()
    limit: int | None = None


class Written(Record):
    """A text with its sources; `whole` is false where the limit cut it."""

    text: str
    sources: tuple[Source, ...] = ()
    whole: bool = True


class Task(Record):
    """What is to be written: the conversation, the form, the bounds, whether to cite."""

    said: Said
    form: Form = Form()
    bounds: Bounds = Bounds()
    cites: bool = False
    seed: int = 0


def write(task: Task, place: int = 0) -> Written:
    """Write one choice of an answer."""
    text = _text(task, place)
    sources: tuple[Source, ...] = ()
    if task.cites and task.form.kind == "text":
        text, sources = _cited(text, task.said.question)
    text = words.stopped(text, task.bounds.stops)
    text, lost = words.cut(text, task.bounds.limit)
    kept = tuple(source for source in sources if source.end_index <= len(text))
    return Written(text, kept, not lost)


def _text(task: Task, place: int) -> str:
    said, form, _, _, seed = task
    if said.guides:
        from runner.protocol import judging

        if judging.is_task(said.guides[0]):
            return compact(judging.simulated(said.guides[0], said.question))
    match form.kind:
        case "json_schema":
            return compact(example(form.schema, said.question, seed + place))
        case "json_object":
            told = words.say(said, seed, place).removeprefix(words.MARK)
            question = words.topic(said.question)
            return compact({"simulated": True, "question": question, "answer": told})
    return words.say(said, seed, place)


def _cited(text: str, question: str) -> tuple[str, tuple[Source, ...]]:
    slug = "-".join(words.WORD.findall(question.lower())[:8]) or "search"
    url = f"https://example.com/simulated/{slug}"
    link = f"[example.com]({url})"
    start = len(text) + 2
    title = f"Simulated search: {words.topic(question, 60)}"
    return f"{text} ({link})", (Source(url, title, start, start + len(link)),)


def seed_of(body: Mapping[str, Json]) -> int:
    """Turn a request's seed into ours."""
    seed = body.get("seed")
    return int(digest(seed)[:6], 16) if seed is not None else 0


def logprobs(text: str, alternatives: int) -> list[dict[str, Json]]:
    """Make up log probabilities for the tokens of a text."""
    return [_logprob(token, alternatives) for token in words.tokens(text)]


def _logprob(token: str, alternatives: int) -> dict[str, Json]:
    first = _likely(token, 0)
    others = [
        _likely(token if rank == 0 else f"{token}~{rank}", rank) for rank in range(alternatives)
    ]
    return {**first, "top_logprobs": others}


def _likely(token: str, rank: int) -> dict[str, Json]:
    chance = -(int(digest(token)[:4], 16) % 1000) / 10_000 - 1.5 * rank
    return {"token": token, "logprob": round(chance, 4), "bytes": list(token.encode())}


def prompt_tokens(turns: Iterable[Turn], tools: Json) -> int:
    """Count what the model reads."""
    told = sum(PER_TURN + _size(turn) for turn in turns)
    return told + (words.count(compact(tools)) if tools else 0)


def _size(turn: Turn) -> int:
    return sum(map(words.count, turn.texts)) + PER_THING * len(turn.things)
