"""Shell: reads the curl commands of the reference, and ours, into what they would send."""

from __future__ import annotations

import json
import re
import shlex
from typing import Any, NamedTuple

VALUED = {
    "-X": "method",
    "--request": "method",
    "-H": "header",
    "--header": "header",
    "-d": "body",
    "--data": "body",
    "--data-raw": "body",
    "--data-binary": "body",
}
FLAGS = ("-sS", "--location", "-L", "--insecure")
KEY = re.compile(r"\$\{?(\w*KEY)\}?")


class Call(NamedTuple):
    """What a command sends. `key` is the variable that holds the key."""

    method: str
    url: str
    headers: dict[str, str]
    key: str
    body: Any


def call(command: str) -> Call:
    """Read a curl command."""
    given: dict[str, list[str]] = {"method": [], "header": [], "body": [], "url": []}
    words = iter(shlex.split(command.replace("\\\n", " ")))
    assert next(words) == "curl"
    for word in words:
        if word == "|":
            break
        if word not in FLAGS:
            given[VALUED.get(word, "url")].append(next(words) if word in VALUED else word)
    (url,) = given["url"]
    headers = dict(_header(line) for line in given["header"])
    body = json.loads(given["body"][0]) if given["body"] else None
    method = given["method"][0] if given["method"] else "POST" if given["body"] else "GET"
    return Call(method, url, headers, _key(headers), body)


def _header(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name.strip().lower(), value.strip()


def _key(headers: dict[str, str]) -> str:
    for name, value in headers.items():
        if found := KEY.search(value):
            headers[name] = value.replace(found[0], "$KEY")
            return found[1]
    return ""
