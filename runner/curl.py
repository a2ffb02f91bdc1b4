"""Curl: a request as a curl command, or a Python script, that runs when pasted."""

from __future__ import annotations

import json
import shlex
from typing import NamedTuple

from runner.exchange import Json, JsonBody, Multipart, RequestBody, Spool
from runner.protocol.wire import printable

LONGEST_ARGUMENT = 100_000
"""Linux refuses a single argument of more than 128 KiB: longer bodies go through standard input."""
FENCE = "END_OF_BODY"


class Call(NamedTuple):
    """A request with its address. `key` is the key's header, what stands before the key, and the
    environment variable, or the file, that holds it."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    key: tuple[str, str, str] | None = None
    body: RequestBody = None


def command(call: Call) -> str:
    """Write a call as a curl command for a POSIX shell."""
    lines = [f"curl -sS{_method(call)} {shlex.quote(call.url)}"]
    if call.key is not None:
        name, prefix, source = call.key
        key = f"${source}" if source.isidentifier() else f"$(cat {shlex.quote(source)})"
        lines.append(f'-H "{name}: {prefix}{key}"')
    lines += [f"-H {shlex.quote(f'{name}: {value}')}" for name, value in call.headers]
    tail = ""
    if isinstance(call.body, JsonBody):
        lines.append("-H 'Content-Type: application/json'")
        data, tail = _data(_json(call.body.value))
        lines.append(data)
    elif isinstance(call.body, Multipart):
        lines += [f"-F {_field(part.name, part.file_name, part.body)}" for part in call.body.parts]
    elif isinstance(call.body, bytes):
        lines += _kind(call)
        data, tail = _data(call.body.decode("utf-8", "replace"))
        lines.append(data)
    return " \\\n  ".join(lines) + tail


def _json(value: Json) -> str:
    """Write JSON for people; in ASCII alone where a letter could steer a terminal."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    return text if text == printable(text) else json.dumps(value, indent=2)


def _kind(call: Call) -> list[str]:
    """Name the media type of raw bytes, which curl would else take for a form."""
    named = any(name.lower() == "content-type" for name, _ in call.headers)
    return [] if named else ["-H 'Content-Type: application/octet-stream'"]


def _method(call: Call) -> str:
    if call.method == "HEAD":
        return " -I"
    usual = "GET" if call.body is None else "POST"
    return "" if call.method == usual else f" -X {call.method}"


def _data(text: str) -> tuple[str, str]:
    if len(text.encode()) <= LONGEST_ARGUMENT:
        return f"--data-raw {shlex.quote(text)}", ""
    fence = FENCE
    while f"\n{fence}" in f"\n{text}":
        fence += "_"
    return "--data-binary @-", f" <<'{fence}'\n{text}\n{fence}"


def _field(name: str, file_name: str, body: bytes | Spool) -> str:
    if file_name:
        return shlex.quote(f"{name}=@{file_name}")
    text = body.decode("utf-8", "replace") if isinstance(body, bytes) else body.path
    return shlex.quote(f"{name}={text}")


def script(call: Call) -> str:
    """Write a call as a Python script over `requests`."""
    from pprint import pformat

    headers = [f"    {name!r}: {value!r}," for name, value in call.headers]
    if call.key is not None:
        name, prefix, source = call.key
        key = f"os.environ[{source!r}]" if source.isidentifier() else f"open({source!r}).read()"
        headers.append(f"    {name!r}: {prefix!r} + {key}.strip(),")
    imports = (["import os", ""] if call.key is not None else []) + ["import requests", ""]
    body: list[str] = []
    argument = ""
    if isinstance(call.body, JsonBody):
        body = [f"body = {pformat(call.body.value, width=96, sort_dicts=False)}"]
        argument = ", json=body"
    elif isinstance(call.body, bytes):
        body, argument = [f"body = {call.body!r}"], ", data=body"
    elif isinstance(call.body, Multipart):
        body, argument = ["files = [", *_files(call.body), "]"], ", files=files"
    ask = f"requests.request({call.method!r}, url, headers=headers{argument}, timeout=600)"
    lines = [
        *imports,
        f"url = {call.url!r}",
        *(["headers = {", *headers, "}"] if headers else ["headers = {}"]),
        *body,
        f"reply = {ask}",
        "reply.raise_for_status()",
        "print(reply.text)",
    ]
    return "\n".join(lines)


def _files(form: Multipart) -> list[str]:
    rows = []
    for part in form.parts:
        if part.file_name:
            opened = f"open({part.file_name!r}, 'rb')"
            value = f"({part.file_name!r}, {opened}, {part.media_type!r})"
        else:
            text = part.body.decode("utf-8", "replace") if isinstance(part.body, bytes) else ""
            value = f"(None, {text!r})"
        rows.append(f"    ({part.name!r}, {value}),")
    return rows
