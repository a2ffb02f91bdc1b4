"""Echo: a service that says the secrets it was sent, in every form, whole and in pieces."""

from __future__ import annotations

import base64
import html
import json
import zlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import quoteattr

from tests.faults.server import Fault, Talk

KEY = "sk-sentinel/+0123?456~789-of-key"
TOKEN = "hush+/&<\"'\\>;the-tail-0815"
BOTH = f"{KEY} and {TOKEN}"
TEXT = "Names nothing. "
URL_SAFE = str.maketrans("+/", "-_")
CUTS = (100, 145, 150, 155, 190, 235, 290, 695, 2_990, 3_990, 11_990, 19_990)
"""Where a secret is said within a line, as messages and reports are cut somewhere there."""


def needles(secret: str) -> set[str]:
    """What a search for a secret looks for: its forms, and the greater part of it."""
    forms = {secret, quote(secret, safe=""), quote(secret), json.dumps(secret)[1:-1]}
    forms |= {html.escape(secret), quoteattr(secret)[1:-1], repr(secret)[1:-1]}
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + secret.encode()).decode()
        inner = encoded[4 if shift else 0 : len(encoded) // 4 * 4 - 4]
        forms |= {inner, inner.translate(URL_SAFE)}
    return forms | {secret[:14], secret[-10:]}


def spoken(secret: str) -> list[str]:
    """A secret in each form in which a service could say it."""
    once = json.dumps(secret)
    before = [f"{some}{secret}{more}" for some in ("", "u", "us") for more in ("", ":p", ":pw")]
    encoded = [base64.b64encode(text.encode()).decode() for text in before]
    urls = [text.translate(URL_SAFE) for text in encoded]
    return [secret, quote(secret, safe=""), quote(secret), once, json.dumps(once), *encoded, *urls]


def picture() -> bytes:
    """A picture of one pixel, in whose text a key stands."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        told = kind + content
        return len(content).to_bytes(4, "big") + told + zlib.crc32(told).to_bytes(4, "big")

    head = chunk(b"IHDR", b"\0\0\0\1\0\0\0\1\x08\0\0\0\0")
    body = chunk(b"tEXt", b"Comment\0" + KEY.encode()) + chunk(b"IDAT", zlib.compress(b"\0\0"))
    return b"\x89PNG\r\n\x1a\n" + head + body + chunk(b"IEND", b"")


def say(talk: Talk, status: int, body: Any, kind: str = "application/json") -> None:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = (
        f"HTTP/1.1 {status} OK\r\nContent-Type: {kind}\r\nContent-Length: {len(content)}\r\n"
        f"X-Echo: {BOTH}\r\nX-Request-Id: req_{KEY}\r\nSet-Cookie: a={quote(KEY)}\r\n"
        f"Openai-Version: {quote(TOKEN, safe='')}\r\n\r\n"
    )
    talk.say(head.encode() + content)


def message(content: str | None, end: str = "stop", **more: object) -> dict[str, object]:
    said = {"role": "assistant", "content": content, **more}
    return {
        "id": f"id-{KEY}",
        "object": "chat.completion",
        "model": f"m-{KEY}",
        "system_fingerprint": f"fp_{TOKEN}",
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2, KEY: 3},
        "choices": [{"index": 0, "message": said, "finish_reason": end}],
    }


def whole(talk: Talk) -> None:
    """Say the secrets in each form, and where a text may be cut."""
    if json.loads(talk.seen.body).get("stream"):
        return pieces(talk)
    forms = " ".join(spoken(KEY) + spoken(TOKEN))
    lines = "".join(f"{'x' * (cut - 1)} {BOTH}\n" for cut in CUTS)
    return say(talk, 200, message(f"{TEXT}{forms}\n{BOTH}\n{lines}"))


def letters() -> list[str]:
    return list(f"{TEXT}{BOTH} {base64.b64encode(KEY.encode()).decode()}")


def pieces(talk: Talk) -> None:
    """Say the secrets letter by letter, in packets that cut the events anywhere."""
    head = {"id": "c", "object": "chat.completion.chunk", "model": f"m-{KEY}"}
    choices: list[dict[str, Any]] = [{"delta": {"content": letter}} for letter in letters()]
    choices.append({"delta": {}, "finish_reason": "stop"})
    events = [json.dumps({**head, "choices": [{"index": 0, **one}]}) for one in choices]
    body = "".join(f"data: {event}\n\n" for event in [*events, "[DONE]"]).encode()
    talk.say(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")
    talk.say(*(body[at : at + 997] for at in range(0, len(body), 997)))
    talk.hang_up()


def tool(talk: Talk) -> None:
    """Call a tool with the secrets, and one that is named by them; then answer."""
    if b'"role":"tool"' in talk.seen.body:
        return whole(talk)
    asked = [("look", {"what": BOTH}), (KEY, {}), ("look", {TOKEN: 1}), ("look", {"what": "fail"})]
    calls = [
        {
            "id": f"call_{number}_{KEY}",
            "type": "function",
            "function": {"name": name, "arguments": json.dumps(arguments)},
        }
        for number, (name, arguments) in enumerate(asked)
    ]
    return say(talk, 200, message(None, "tool_calls", tool_calls=calls))


def refused(talk: Talk) -> None:
    error = {"message": f"Incorrect API key provided: {BOTH}.", "type": KEY, "code": TOKEN}
    say(talk, 401, {"error": {**error, "param": KEY}})


def cut(talk: Talk) -> None:
    say(talk, 400, {"error": {"message": "x" * 3_950 + BOTH * 40}})


def faulty(talk: Talk) -> None:
    say(talk, 400, {"error": {"message": f"{KEY}, {TOKEN}", "code": KEY}})


def broken(talk: Talk) -> None:
    say(talk, 200, f"<html>{BOTH}</html>".encode(), "text/html")


def elsewhere(talk: Talk) -> None:
    head = f"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/{quote(KEY)}?{KEY}\r\n"
    talk.say(f"{head}Content-Length: 0\r\n\r\n".encode())


def image(talk: Talk) -> None:
    encoded = base64.b64encode(picture()).decode()
    say(talk, 200, {"created": 1, "data": [{"b64_json": encoded, "revised_prompt": BOTH}]})


def sound(talk: Talk) -> None:
    say(talk, 200, b"ID3\x04" + b"\xff\xfb" * 40 + KEY.encode(), "audio/mpeg")


def judge(talk: Talk) -> None:
    if b"Rubric:" not in talk.seen.body:
        return whole(talk)
    verdict = {"reason": f"because {'y' * 100} {BOTH}", "score": 0.1}
    return say(talk, 200, message(json.dumps(verdict)))


_EVERY = (whole, tool, refused, cut, faulty, broken, elsewhere, image, sound, judge)
FAULTS: Mapping[str, Fault] = {fault.__name__: fault for fault in _EVERY}


def session(connection: Any) -> None:
    """Hold a realtime session that says the secrets in its events, whole and letter by letter."""

    def send(kind: str, **fields: object) -> None:
        connection.send(json.dumps({"type": kind, "event_id": f"event_{KEY}", **fields}))

    send("session.created", session={"id": f"sess_{KEY}", "instructions": BOTH})
    for text in connection:
        asked = json.loads(text)
        send(f"echo of {KEY}", echo=asked)
        if asked["type"] == "conversation.item.create":
            send("conversation.item.added", item={"id": f"item_{KEY}"})
        if asked["type"] == "response.create":
            for letter in letters():
                send("response.output_text.delta", delta=letter)
            send("response.done", response={"status": "completed", "output": [], "x": BOTH})
