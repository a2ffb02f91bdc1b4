"""Curl: a request as a curl command that runs when pasted.

The files of a form are named by their places: the body of such a part is a spool that says where.
"""

from __future__ import annotations

import json
import re
import shlex

from runner.errors import RecipeError
from runner.exchange import Json, JsonBody, Multipart, Part, RequestBody, Spool
from runner.protocol.wire import printable
from runner.record import Record

LONGEST_ARGUMENT = 100_000
"""Linux refuses a single argument of more than 128 KiB: longer bodies go through standard input."""
FENCE = "END_OF_BODY"


class Call(Record):
    """A request with its address. `key` is the key's header, what stands before the key, and the
    environment variable, or the file, that holds it.

    `timeout` is how many seconds an attempt may take, where that is not as it always is. `saves` is
    the file that a reply of bytes goes to. `says` are the messages that a channel
    begins with; None where the call is no channel.
    """

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    key: tuple[str, str, str] | None = None
    body: RequestBody = None
    saves: str = ""
    says: tuple[Json, ...] | None = None
    timeout: float | None = None


def command(call: Call) -> str:
    """Write a call as a curl command for a POSIX shell; RecipeError where curl cannot make it."""
    if call.says is not None:
        message = "curl cannot hold a realtime session: it is a conversation over a WebSocket"
        raise RecipeError(message, hint="show it with --python, or run it")
    lines = [f"curl -sS{_method(call)} {shlex.quote(call.url)}"]
    lines += [f"--max-time {call.timeout:g}"] if call.timeout is not None else []
    if call.key is not None:
        name, prefix, source = call.key
        key = f"${source}" if source.isidentifier() else f"$(cat {shlex.quote(source)})"
        lines.append(f'-H "{name}: {prefix}{key}"')
    lines += [f"-H {shlex.quote(f'{name}: {value}')}" for name, value in call.headers]
    head = tail = ""
    if isinstance(call.body, JsonBody):
        lines.append("-H 'Content-Type: application/json'")
        data, tail = _data(_json(call.body.value))
        lines.append(data)
    elif isinstance(call.body, Multipart):
        head = _fetched(call.body)
        lines += [_field(part) for part in call.body.parts]
    elif isinstance(call.body, bytes):
        lines += _kind(call)
        data, tail = _data(call.body.decode("utf-8", "replace"))
        lines.append(data)
    lines += [f"-o {shlex.quote(call.saves)}"] if call.saves else []
    return head + " \\\n  ".join(lines) + tail


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


def _field(part: Part) -> str:
    """Write a field of a form; a text that curl would take for more than itself is a string."""
    if part.file_name:
        return f"-F {shlex.quote(f'{part.name}=@{_place(part)}{_settings(part)}')}"
    text = part.body.decode("utf-8", "replace") if isinstance(part.body, bytes) else part.body.path
    flag = "-F" if PLAIN.fullmatch(text) else "--form-string"
    return f"{flag} {shlex.quote(f'{part.name}={text}')}"


def place_of(part: Part) -> str:
    """Return where the file of a part lies, or its address."""
    return part.body.path if isinstance(part.body, Spool) else part.file_name


def _place(part: Part) -> str:
    place = place_of(part)
    return "-" if place.startswith(ADDRESS) else _quoted(place)


def _settings(part: Part) -> str:
    name = "" if _base(place_of(part)) == part.file_name else part.file_name
    kind = f";type={part.media_type}" if part.media_type else ""
    return kind + (f";filename={_quoted(name)}" if name else "")


def _base(place: str) -> str:
    return "" if place.startswith(ADDRESS) else place.rpartition("/")[2]


def _quoted(text: str) -> str:
    """Quote a path within a field, where commas and semicolons mean something to curl."""
    if re.fullmatch(r"[^,;\"\\\s][^,;\"\\]*", text) and not text.endswith(" "):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _fetched(form: Multipart) -> str:
    """Fetch the file that a form takes from an address, into the command's standard input."""
    found = [place_of(part) for part in form.parts if part.file_name]
    addresses = [place for place in found if place.startswith(ADDRESS)]
    if len(addresses) > 1:
        message = f"curl reads one file from its input, and {len(addresses)} come by address"
        raise RecipeError(message, hint="show it with --python, or keep the files on disk")
    return "".join(f"curl -sSL {shlex.quote(address)} | " for address in addresses)


ADDRESS = ("http://", "https://")
PLAIN = re.compile(r"([^@<\"(;\s][^;\"]*(?<!\s))?")
"""Texts that `-F` takes as they are."""
