"""Chunks of a streamed chat completion, and what is made of them."""

import json
from typing import Any

from runner.protocol.streams.chat import ChatStream

END = "data: [DONE]\n\n"
USED = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}


def sse(*events: object, end: str = END) -> bytes:
    lines = (event if isinstance(event, str) else json.dumps(event) for event in events)
    return ("".join(f"data: {line}\n\n" for line in lines) + end).encode()


def chunk(delta: object = None, reason: object = None, **fields: object) -> dict:
    choice = {"index": 0, "delta": {} if delta is None else delta, "finish_reason": reason}
    return {"id": "c1", "object": "chat.completion.chunk", "created": 5, "model": "m"} | {
        "choices": [choice],
        **fields,
    }


def say(text: str, **fields: object) -> dict:
    return chunk({"content": text}, **fields)


def play(*pieces: bytes) -> tuple[str, Any]:
    stream = ChatStream()
    shown = "".join([stream.feed(piece) for piece in pieces])
    return shown, stream.finish()
