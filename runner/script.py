"""Script: a request as a Python script that runs when pasted.

Plain calls go over `requests`, a realtime session over `websockets`.
"""

from __future__ import annotations

from pprint import pformat

from runner.curl import ADDRESS, Call, place_of
from runner.exchange import Json, JsonBody, Multipart, Part, Spool

TALK = """\
sound = bytearray()
with connect(url, additional_headers=headers, max_size=None) as channel:
    for message in messages:
        channel.send(json.dumps(message))
    for text in channel:
        event = json.loads(text)
        if event["type"] == "error":
            raise SystemExit(event["error"]["message"])
        if event["type"] in TEXTS:
            print(event["delta"], end="", flush=True)
        if event["type"] == "response.output_audio.delta":
            sound += base64.b64decode(event["delta"])
        if event["type"] == "response.done":
            break
print()
if sound:
    with wave.open(FILE, "wb") as file:
        file.setparams((1, 2, 24000, 0, "NONE", ""))
        file.writeframes(sound)
"""
TEXTS = ("response.output_text.delta", "response.output_audio_transcript.delta")


def python(call: Call) -> str:
    """Write a call as a Python script."""
    return _plain(call) if call.says is None else _talk(call, call.says)


def _plain(call: Call) -> str:
    body, argument = _body(call)
    timeout = 600 if call.timeout is None else call.timeout
    ask = f"requests.request({call.method!r}, url, headers=headers{argument}, timeout={timeout:g})"
    end = "print(reply.text)"
    if call.saves:
        end = f"with open({call.saves!r}, 'wb') as file:\n    file.write(reply.content)"
    lines = [
        *(["import os", ""] if call.key is not None else []),
        *("import requests", ""),
        f"url = {call.url!r}",
        *_headers(call),
        *body,
        f"reply = {ask}",
        "reply.raise_for_status()",
        end,
    ]
    return "\n".join(lines)


def _headers(call: Call) -> list[str]:
    rows = [f"    {name!r}: {value!r}," for name, value in call.headers]
    if call.key is not None:
        name, prefix, source = call.key
        key = f"os.environ[{source!r}]" if source.isidentifier() else f"open({source!r}).read()"
        rows.append(f"    {name!r}: {prefix!r} + {key}.strip(),")
    return ["headers = {", *rows, "}"] if rows else ["headers = {}"]


def _body(call: Call) -> tuple[list[str], str]:
    match call.body:
        case JsonBody(value):
            return [f"body = {_shown(value)}"], ", json=body"
        case bytes() as raw:
            return [f"body = {raw!r}"], ", data=body"
        case Multipart(parts):
            return ["files = [", *(_row(part) for part in parts), "]"], ", files=files"
    return [], ""


def _shown(value: Json) -> str:
    return pformat(value, width=96, sort_dicts=False)


def _row(part: Part) -> str:
    """Write a field of a form, as `requests` takes it."""
    if not part.file_name:
        raw = part.body
        text = raw.path if isinstance(raw, Spool) else raw.decode("utf-8", "replace")
        return f"    ({part.name!r}, (None, {text!r})),"
    place = place_of(part)
    opened = f"open({place!r}, 'rb')"
    if place.startswith(ADDRESS):
        opened = f"requests.get({place!r}, timeout=600).content"
    kind = f", {part.media_type!r}" if part.media_type else ""
    return f"    ({part.name!r}, ({part.file_name!r}, {opened}{kind})),"


def _talk(call: Call, says: tuple[Json, ...]) -> str:
    modules = ["base64", "json", *(["os"] if call.key is not None else []), "wave"]
    lines = [
        *(f"import {name}" for name in modules),
        *("", "from websockets.sync.client import connect", ""),
        f"url = {'ws' + call.url.removeprefix('http')!r}",
        *_headers(call),
        f"messages = {_shown(list(says))}",
        f"TEXTS = {TEXTS!r}",
        f"FILE = {(call.saves or 'answer.wav')!r}",
        TALK.rstrip(),
    ]
    return "\n".join(lines)
