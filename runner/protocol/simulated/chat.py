"""Chat completions, simulated: choices from the conversation; a stream is the same, in pieces."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping

from runner.exchange import Json, Request
from runner.protocol.simulated import answers, calls, words
from runner.protocol.simulated.answers import Bounds, Form, Source, Task
from runner.protocol.simulated.chat_refusals import CHECKS
from runner.protocol.simulated.lessons import heeded
from runner.protocol.simulated.service import (
    Simulated,
    World,
    answer,
    compact,
    digest,
    hold,
    read,
    stream,
)
from runner.protocol.simulated.turns import hear, of_messages

FAR = 4_102_444_800
"""When a sound of the simulated service is forgotten: in 2100."""
PIECE = 4
"""How many tokens one event of a stream brings."""


def simulate_chat(request: Request, world: World) -> Simulated:
    """Answer a conversation."""
    body = read(request)
    hold(CHECKS, body)
    created = int(world.now())
    identity = digest("chat.completions", body, created)
    choices = _choices(body, identity, world)
    head = {
        "id": f"chatcmpl-offline-{identity}",
        "object": "chat.completion",
        "created": created,
        "model": body["model"],
        "service_tier": "default",
        "system_fingerprint": answers.FINGERPRINT,
    }
    usage = _usage(body, choices)
    if body.get("stream"):
        counts = (body.get("stream_options") or {}).get("include_usage", False)
        return stream(_events(head, choices, usage if counts else None))
    return answer({**head, "choices": choices, "usage": usage})


def _choices(body: Mapping[str, Json], identity: str, world: World) -> list[dict[str, Json]]:
    task = _task(body, world)
    offered = calls.functions(body.get("tools"), "function")
    made = calls.make(offered, body, task.said)
    places = range(body.get("n", 1))
    if made:
        finish = "stop" if calls.named(body.get("tool_choice")) else "tool_calls"
        return [_calling(made, f"{identity[:16]}{place}", place, finish) for place in places]
    return [_speaking(task, body, place) for place in places]


def _task(body: Mapping[str, Json], world: World) -> Task:
    stop = body.get("stop") or ()
    form = body.get("response_format") or {"type": "text"}
    limit = body.get("max_completion_tokens", body.get("max_tokens"))
    return Task(
        heeded(world, body["model"], hear(of_messages(body["messages"]))),
        Form(form["type"], form.get("json_schema", {}).get("schema")),
        Bounds((stop,) if isinstance(stop, str) else tuple(stop), limit),
        "web_search_options" in body or "search" in body["model"],
        answers.seed_of(body),
    )


def _calling(
    made: tuple[calls.Call, ...], identity: str, place: int, finish: str
) -> dict[str, Json]:
    told = [
        {
            "id": f"call_offline_{identity}{at}",
            "type": "function",
            "function": {"name": call.name, "arguments": call.arguments},
        }
        for at, call in enumerate(made)
    ]
    return _choice(place, {"content": None, "tool_calls": told}, finish)


def _speaking(task: Task, body: Mapping[str, Json], place: int) -> dict[str, Json]:
    written = answers.write(task, place)
    found = [_annotation(source) for source in written.sources]
    logprobs = None
    if body.get("logprobs"):
        likely = answers.logprobs(written.text, body.get("top_logprobs", 0))
        logprobs = {"content": likely, "refusal": None}
    finish = "stop" if written.whole else "length"
    message: dict[str, Json] = {"content": written.text, "annotations": found}
    if "audio" in body.get("modalities", ()):
        message |= {"content": None, "audio": _voiced(body, written.text, place)}
    return _choice(place, message, finish, logprobs)


def _voiced(body: Mapping[str, Json], text: str, place: int) -> dict[str, Json]:
    """Say a text aloud; what is said goes without the mark, which is for readers."""
    from runner.protocol.simulated import voices

    voice, form = body["audio"]["voice"], body["audio"]["format"]
    sound = voices.speak(text.removeprefix(words.MARK), form, str(voice))
    return {
        "id": f"audio_offline_{digest(text, place)}",
        "data": b64encode(sound).decode(),
        "expires_at": FAR,
        "transcript": text,
    }


def _choice(
    place: int, message: dict[str, Json], finish: str, logprobs: Json = None
) -> dict[str, Json]:
    return {
        "index": place,
        "message": {"role": "assistant", "refusal": None, "annotations": [], **message},
        "logprobs": logprobs,
        "finish_reason": finish,
    }


def _annotation(source: Source) -> dict[str, Json]:
    return {"type": "url_citation", "url_citation": source._asdict()}


def _usage(body: Mapping[str, Json], choices: list[dict[str, Json]]) -> dict[str, Json]:
    asked = answers.prompt_tokens(of_messages(body["messages"]), body.get("tools"))
    told = sum(_told(choice["message"]) for choice in choices)
    return {
        "prompt_tokens": asked,
        "completion_tokens": told,
        "total_tokens": asked + told,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": 0,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }


def _told(message: Mapping[str, Json]) -> int:
    said = message["content"] or (message.get("audio") or {}).get("transcript")
    return words.count(said or compact(message.get("tool_calls")))


def _events(
    head: dict[str, Json], choices: list[dict[str, Json]], usage: Json
) -> Iterator[tuple[str, Json]]:
    """Tell the choices one after the other; usage is null until the last chunk has it."""
    head = {**head, "object": "chat.completion.chunk"}
    empty = {"usage": None} if usage else {}
    for choice in choices:
        for delta, finish, logprobs in _deltas(choice):
            part = {"index": choice["index"], "delta": delta, "finish_reason": finish}
            part["logprobs"] = logprobs
            yield "", {**head, "choices": [part], **empty}
    if usage:
        yield "", {**head, "choices": [], "usage": usage}
    yield "", "[DONE]"


def _deltas(choice: dict[str, Json]) -> Iterator[tuple[dict[str, Json], str | None, Json]]:
    message, likely = choice["message"], choice["logprobs"]
    text = message["content"]
    first = {"role": "assistant", "content": None if text is None else "", "refusal": None}
    yield first, None, None
    for at, piece in enumerate(words.groups(text or "", PIECE)):
        some = likely and {**likely, "content": likely["content"][at * PIECE :][:PIECE]}
        yield {"content": piece}, None, some
    for at, call in enumerate(message.get("tool_calls", ())):
        yield from ((delta, None, None) for delta in _call_deltas(at, call))
    if "audio" in message:
        yield from (({"audio": piece}, None, None) for piece in _audio_deltas(message["audio"]))
    if message["annotations"]:
        yield {"annotations": message["annotations"]}, None, None
    yield {}, choice["finish_reason"], None


def _audio_deltas(audio: dict[str, Json]) -> Iterator[dict[str, Json]]:
    """Tell the id, then transcript and sound in turn, then how long the sound is kept."""
    yield {"id": audio["id"], "transcript": ""}
    texts = words.groups(audio["transcript"], PIECE)
    size = -(-len(audio["data"]) // (4 * len(texts))) * 4
    for place, text in enumerate(texts):
        yield {"id": audio["id"], "transcript": text}
        yield {"id": audio["id"], "data": audio["data"][place * size :][:size]}
    yield {"id": audio["id"], "expires_at": audio["expires_at"]}


def _call_deltas(at: int, call: dict[str, Json]) -> Iterator[dict[str, Json]]:
    function = call["function"]
    opening = {**call, "index": at, "function": {**function, "arguments": ""}}
    yield {"tool_calls": [opening]}
    for piece in words.groups(function["arguments"], PIECE):
        yield {"tool_calls": [{"index": at, "function": {"arguments": piece}}]}
