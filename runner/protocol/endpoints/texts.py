"""Texts: old completions, embeddings, moderations: a text or several in, one reply out."""

from __future__ import annotations

from runner.exchange import Json, Reply
from runner.model import Answer, Ask, Flow
from runner.protocol import flow, vectors
from runner.protocol.endpoint import (
    Endpoint,
    Parts,
    answer_of,
    json_body,
    lacking,
    request,
    value_of,
)
from runner.protocol.streams.chat import ChatStream


def _complete(ask: Ask) -> Flow:
    """Ask for completions of a prompt."""
    body = json_body(ask, prompt=ask.prompt)
    reply = yield from flow.send(
        request(ask, Parts("POST", "/completions", body, assembler=ChatStream))
    )
    return read_completion(reply)


def read_completion(reply: Reply) -> Answer:
    """Read the choices of a completion, or of a stream of them."""
    value = value_of(reply, ChatStream)
    answer = answer_of(reply, value)
    if reply.accepted:
        return answer
    choices = value.get("choices") if isinstance(value, dict) else None
    if not isinstance(choices, list) or not choices:
        raise lacking(value, "choices")
    texts = tuple(_text(choice) for choice in choices)
    finish = choices[0].get("finish_reason")
    return answer._replace(
        text=texts[0], texts=texts, finish_reason=finish if isinstance(finish, str) else None
    )


def _text(choice: Json) -> str:
    """Read a choice; some servers answer with a chat message here too."""
    if not isinstance(choice, dict):
        raise lacking(choice, "text")
    message = choice.get("message")
    found = choice.get("text", message.get("content") if isinstance(message, dict) else None)
    return found if isinstance(found, str) else ""


def _post(ask: Ask) -> Flow:
    """Ask about an input: embeddings, moderations."""
    path = ENDPOINTS[ask.endpoint].path
    reply = yield from flow.send(request(ask, Parts("POST", path, json_body(ask, input=ask.input))))
    value = value_of(reply)
    if not reply.accepted and not _holds(value):
        raise lacking(value, "embeddings" if ask.endpoint == "embeddings" else "results")
    if not reply.accepted and ask.endpoint == "embeddings":
        vectors.held(value, ask.input)
    return answer_of(reply, value)


def _holds(value: Json) -> bool:
    """Whether a reply has its main part; some servers have names of their own for it, or none."""
    named = value if isinstance(value, dict) else {"data": value}
    many = (named.get(part) for part in ("data", "results", "embeddings"))
    return named.get("embedding") is not None or any(isinstance(one, (list, dict)) for one in many)


_ROWS = (
    Endpoint(
        "completions",
        "text completions of a prompt, for the models that still have them",
        "POST",
        "/completions",
        _complete,
        takes=("model", "prompt", "stream"),
        needs=("model", "prompt"),
    ),
    Endpoint(
        "embeddings",
        "a vector for each text; output as json, npy or jsonl",
        "POST",
        "/embeddings",
        _post,
        takes=("model", "input"),
        needs=("model", "input"),
    ),
    Endpoint(
        "moderations",
        "whether a text or picture is harmful, and how",
        "POST",
        "/moderations",
        _post,
        takes=("model", "input"),
        needs=("input",),
    ),
)
ENDPOINTS = {row.name: row for row in _ROWS}
