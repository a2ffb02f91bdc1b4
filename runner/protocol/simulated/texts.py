"""Texts, simulated: completions, embeddings in which like texts are near, moderations by words."""

from __future__ import annotations

import base64
import math
import struct
from collections.abc import Iterator, Mapping

from runner.exchange import Json, Request
from runner.protocol.simulated import answers, refusals, words
from runner.protocol.simulated.lessons import heeded
from runner.protocol.simulated.refusals import missing, stop_is_sound
from runner.protocol.simulated.service import (
    Check,
    Refusal,
    Simulated,
    World,
    answer,
    digest,
    has_model,
    hold,
    read,
    stream,
)
from runner.protocol.simulated.turns import hear, of_messages

COMPLETION = {
    "model": "a string",
    "prompt": "",
    "best_of": "an integer",
    "echo": "a boolean",
    "frequency_penalty": "a number",
    "logit_bias": "an object",
    "logprobs": "an integer",
    "max_tokens": "an integer",
    "n": "an integer",
    "presence_penalty": "a number",
    "seed": "an integer",
    "stop": "",
    "stream": "a boolean",
    "stream_options": "an object",
    "suffix": "a string",
    "temperature": "a number",
    "top_p": "a number",
    "user": "a string",
}
EMBEDDING = {
    "model": "a string",
    "input": "",
    "encoding_format": "a string",
    "dimensions": "an integer",
    "user": "a string",
}
MODERATION = {"model": "a string", "input": ""}
SIZES = {"text-embedding-3-large": 3072}
SIZE = 1536
MOST_SIZE = 4096
MOST_TEXTS = 2048
MOST_TOKENS = 300_000
"""The most tokens that all texts of one request for embeddings may have."""
DEFAULT_TOKENS = 16
HARMS: Mapping[str, tuple[str, ...]] = {
    "harassment": ("idiot", "stupid"),
    "harassment/threatening": (),
    "sexual": (),
    "hate": ("hate",),
    "hate/threatening": (),
    "illicit": ("steal", "counterfeit"),
    "illicit/violent": (),
    "self-harm/intent": (),
    "self-harm/instructions": (),
    "self-harm": (),
    "sexual/minors": (),
    "violence": ("kill", "murder", "bomb"),
    "violence/graphic": (),
}
"""The categories of harm, and the words that this simulation takes for each."""
SEEN = (
    *("sexual", "self-harm", "self-harm/intent", "self-harm/instructions"),
    *("violence", "violence/graphic"),
)
"""The categories that are looked for in pictures too."""


def _known(fields: Mapping[str, str], needed: tuple[str, ...]) -> tuple[Check, ...]:
    def nothing_missing(body: Mapping[str, Json]) -> Refusal | None:
        return next((missing(name) for name in needed if name not in body), None)

    return *refusals.fields(fields), nothing_missing, has_model


def _listed(given: Json) -> list[Json]:
    return given if isinstance(given, list) else [given]


def _filled(body: Mapping[str, Json]) -> Refusal | None:
    texts = _listed(body["input"])
    if texts and all(texts) and len(texts) <= MOST_TEXTS:
        return None
    return Refusal("'$.input' is invalid. Please check the API reference.", "input")


def _short(body: Mapping[str, Json]) -> Refusal | None:
    found = sum(words.count(str(text)) for text in _listed(body["input"]))
    if found <= MOST_TOKENS:
        return None
    message = (
        f"Requested {found} tokens, max {MOST_TOKENS} tokens per request. Reduce the number of"
        " tokens in the input and try again."
    )
    return Refusal(message, "input", "max_tokens_per_request")


def _size(body: Mapping[str, Json]) -> Refusal | None:
    """A vector is no longer than the model makes it."""
    known = SIZE if body["model"].startswith("text-embedding") else MOST_SIZE
    most, asked = SIZES.get(body["model"], known), body.get("dimensions", 1)
    if asked < 1:
        message = f"{asked} is less than the minimum of 1 - 'dimensions'"
        return Refusal(message, "dimensions")
    if asked <= most:
        return None
    message = f"Invalid value for 'dimensions' = {asked}. Must be less than or equal to {most}."
    return Refusal(message, "dimensions")


def _few(field: str) -> Check:
    def check(body: Mapping[str, Json]) -> Refusal | None:
        found = len(_listed(body[field])) * body.get("n", 1)
        if found <= MOST_TEXTS:
            return None
        message = f"Too many texts. Expected at most {MOST_TEXTS}, but got {found} instead."
        return Refusal(message, field, "array_above_max_length")

    return check


def simulate_completion(request: Request, world: World) -> Simulated:
    """Complete a prompt, or each of several."""
    body = read(request)
    hold((*_known(COMPLETION, ("model", "prompt")), stop_is_sound, _few("prompt")), body)
    texts = [str(prompt) for prompt in _listed(body["prompt"])]
    choices = [
        _completion(world, text, body, place * body.get("n", 1) + number)
        for place, text in enumerate(texts)
        for number in range(body.get("n", 1))
    ]
    asked = sum(map(words.count, texts))
    told = sum(words.count(choice["text"]) for choice in choices)
    usage = {"prompt_tokens": asked, "completion_tokens": told, "total_tokens": asked + told}
    head = {
        "id": f"cmpl-offline-{digest('completions', body, int(world.now()))}",
        "object": "text_completion",
        "created": int(world.now()),
        "model": body["model"],
        "system_fingerprint": answers.FINGERPRINT,
    }
    if body.get("stream"):
        return stream(_events(head, choices))
    return answer({**head, "choices": choices, "usage": usage})


def _completion(world: World, prompt: str, body: Mapping[str, Json], place: int) -> dict[str, Json]:
    stop = body.get("stop") or ()
    bounds = answers.Bounds(
        (stop,) if isinstance(stop, str) else tuple(stop), body.get("max_tokens", DEFAULT_TOKENS)
    )
    said = hear(of_messages([{"role": "user", "content": prompt}]))
    said = heeded(world, body["model"], said)
    written = answers.write(answers.Task(said, bounds=bounds), place)
    text = (prompt if body.get("echo") else "") + written.text
    finish = "stop" if written.whole else "length"
    return {"text": text, "index": place, "logprobs": None, "finish_reason": finish}


def _events(head: dict[str, Json], choices: list[dict[str, Json]]) -> Iterator[tuple[str, Json]]:
    for choice in choices:
        for piece in words.groups(choice["text"], 4):
            part = {**choice, "text": piece, "finish_reason": None}
            yield "", {**head, "choices": [part]}
        yield "", {**head, "choices": [{**choice, "text": ""}]}
    yield "", "[DONE]"


def simulate_embeddings(request: Request, world: World) -> Simulated:
    """Give each text a vector of length 1, in which the words it shares with another count."""
    del world
    body = read(request)
    hold((*_known(EMBEDDING, ("model", "input")), _filled, _short, _size), body)
    given = body["input"]
    several = isinstance(given, list) and not isinstance(given[0], int)
    size = body.get("dimensions", SIZES.get(body["model"], SIZE))
    packed = body.get("encoding_format") == "base64"
    texts = [str(text) for text in (given if several else [given])]
    found = [embedding(text, size) for text in texts]
    count = sum(map(words.count, texts))
    return answer(
        {
            "object": "list",
            "data": [
                {"object": "embedding", "index": i, "embedding": _packed(v) if packed else v}
                for i, v in enumerate(found)
            ],
            "model": body["model"],
            "usage": {"prompt_tokens": count, "total_tokens": count},
        }
    )


def embedding(text: str, size: int) -> list[float]:
    """Add up a direction for each word of a text."""
    total = [0.0] * size
    for word in words.WORD.findall(text.lower()) or [text]:
        seed = int(digest(word), 16)
        for place in range(8):
            seed, step = divmod(seed * 6364136223846793005 + 1442695040888963407, 2**61)
            total[(step >> 8) % size] += 1.0 if (step & 1) + place % 2 else -1.0
            seed += step
    length = math.sqrt(sum(number * number for number in total)) or 1.0
    return [round(number / length, 8) if number else 0.0 for number in total]


def _packed(found: list[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(found)}f", *found)).decode()


def simulate_moderation(request: Request, world: World) -> Simulated:
    """Flag the texts that hold a word of harm."""
    body = read(request)
    hold((*_known(MODERATION, ("input",)), _few("input")), body)
    given = body["input"]
    parts = isinstance(given, list) and given and isinstance(given[0], dict)
    texts = [str(given)] if parts or not isinstance(given, list) else [str(t) for t in given]
    return answer(
        {
            "id": f"modr-offline-{digest('moderations', body, int(world.now()))}",
            "model": body.get("model", "omni-moderation-latest"),
            "results": [_judged(text.lower(), bool(parts)) for text in texts],
        }
    )


def _judged(text: str, several: bool) -> dict[str, Json]:
    flags = {name: any(word in text for word in found) for name, found in HARMS.items()}
    seen = several and "image_url" in text
    return {
        "flagged": any(flags.values()),
        "categories": flags,
        "category_scores": {name: 0.98 if flag else 0.0002 for name, flag in flags.items()},
        "category_applied_input_types": {
            name: ["text", "image"] if seen and name in SEEN else ["text"] for name in flags
        },
    }
