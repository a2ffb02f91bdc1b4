"""Curl: a request as a curl command, or a Python script, that runs when pasted."""

from __future__ import annotations

import json
import shlex
from typing import NamedTuple

from runner.exchange import JsonBody, Multipart, RequestBody, Spool

LONGEST_ARGUMENT = 100_000
"""Linux refuses a single argument of more than 128 KiB: longer bodies go through standard input."""
FENCE = "END_OF_BODY"


class Call(NamedTuple):
    """A request with its address. `key` is the key's header, what stands before the key, and the
    environment variable that holds it."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    key: tuple[str, str, str] | None = None
    body: RequestBody = None


def command(call: Call) -> str:
    """Write a call as a curl command for a POSIX shell."""
    lines = [f"curl -sS{_method(call)} {shlex.quote(call.url)}"]
    if call.key is not None:
        name, prefix, variable = call.key
        lines.append(f'-H "{name}: {prefix}${variable}"')
    lines += [f"-H {shlex.quote(f'{name}: {value}')}" for name, value in call.headers]
    tail = ""
    if isinstance(call.body, JsonBody):
        lines.append("-H 'Content-Type: application/json'")
        text = json.dumps(call.body.value, ensure_ascii=False, indent=2)
        data, tail = _data(text)
        lines.append(data)
    elif isinstance(call.body, Multipart):
        lines += [f"-F {_field(part.name, part.file_name, part.body)}" for part in call.body.parts]
    elif isinstance(call.body, bytes):
        data, tail = _data(call.body.decode("utf-8", "replace"))
        lines.append(data)
    return " \\\n  ".join(lines) + tail


def _method(call: Call) -> str:
    usual = "GET" if call.body is None else "POST"
    return "" if call.method == usual else f" -X {call.method}"


def _data(text: str) -> tuple[str, str]:
    if len(text.encode()) <= LONGEST_ARGUMENT:
        return f"--data-raw {shlex.quote(text)}", ""
    return "--data-binary @-", f" <<'{FENCE}'\n{text}\n{FENCE}"


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
        name, prefix, variable = call.key
        headers.append(f"    {name!r}: {prefix!r} + os.environ[{variable!r}],")
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
