"""Ask: a rendered step becomes the record that its endpoint is asked with."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from math import inf
from typing import Any
from urllib.parse import unquote

from runner.errors import Fault, Mark, RecipeSchemaError
from runner.exchange import Timeout
from runner.model import MOST_RETRIES, Ask, File, Ref, ResponseSchema, Tool
from runner.recipe.checking.words import nearest
from runner.recipe.normal import ROLES
from runner.recipe.source import mark_of

UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
LONGEST = 31 * 24 * 3600
DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h)?")
ACCOUNT = {"openai-organization": "OPENAI_ORG_ID", "openai-project": "OPENAI_PROJECT_ID"}
"""The headers that say whose account pays, and the variables that the user's side says it by."""
FORBIDDEN = frozenset(
    [
        *ACCOUNT,
        "authorization",
        "api-key",
        "host",
        "content-length",
        "transfer-encoding",
        "connection",
        "cookie",
        "proxy-authorization",
        "te",
        "trailer",
        "upgrade",
        "content-type",
        "accept-encoding",
    ]
)
NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def seconds(value: Any) -> float:
    """Read a duration: seconds, or `500ms 10s 2m 1h`. ValueError where it is none, or too long."""
    read = _seconds(value)
    if read > LONGEST:
        message = f"expected a duration of 31 days at most, got {str(value)[:60]}"
        raise ValueError(message)
    return float(read)


def _seconds(value: Any) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and value - value == 0:
        return value
    found = DURATION.fullmatch(str(value).strip())
    if found is None:
        message = f"expected a duration such as 10s, 500ms or 2m, got {value!r}"
        raise ValueError(message)
    return float(found[1]) * UNITS[found[2] or "s"]


def timeout_of(value: Any, default: Timeout) -> Timeout:
    """Read `timeout`: one duration for the whole attempt, or connect, idle and total."""
    if value is None:
        return default
    if isinstance(value, Mapping):
        return default._replace(**{name: seconds(item) for name, item in value.items()})
    total = seconds(value)
    return Timeout(min(default.connect, total), total, total)


class Reader:
    """Reads the rendered keys of a step, and gathers what is wrong with them."""

    def __init__(self, keys: Mapping[str, Any], written: Any) -> None:
        self.keys = keys
        self.written = written
        self.faults: list[Fault] = []

    def wrong(self, message: str, *path: str | int, hint: str = "") -> None:
        """Note a fault at a path of the step."""
        where = ".".join(str(item) for item in path)
        self.faults.append(Fault(message, self.mark(*path), where, hint))

    def mark(self, *path: str | int) -> Mark | None:
        """Find where a path of the step is written."""
        return mark_of(self.written, path)

    def text(self, key: str) -> str:
        """Read a key where text is wanted: a number or boolean becomes text."""
        value = self.keys.get(key, "")
        return self.as_text(value, key)

    def as_text(self, value: Any, *path: str | int) -> str:
        """Turn a value into text, or note why it is none."""
        if isinstance(value, bool):
            return str(value).lower()
        if isinstance(value, str | int | float):
            return str(value)
        self.wrong(f"expected text, got {_kind(value)}", *path)
        return ""

    def asked(self, key: str) -> Any:
        """Read what is asked: text, or a list of what the endpoint takes."""
        value = self.keys.get(key)
        return self.as_text(value, key) if isinstance(value, int | float) else value

    def whole(self, key: str, default: int, most: float = inf) -> int:
        """Read a key where a whole number from 0 is wanted, to `most` where there is one."""
        value = self.keys.get(key, default)
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most:
            return value
        wanted = "a whole number from 0" + (f" to {most}" if most < inf else "")
        self.wrong(f"expected {wanted}, got {str(value)[:60]}", key)
        return default

    def flag(self, key: str) -> bool | None:
        """Read a key where true or false is wanted; None where it is left out."""
        value = self.keys.get(key)
        if value is None or isinstance(value, bool):
            return value
        self.wrong(f"expected true or false, got {value!r}", key)
        return None

    def mapping(self, key: str) -> dict[str, Any]:
        """Read a key where a mapping is wanted."""
        value = self.keys.get(key, {})
        if isinstance(value, Mapping):
            return dict(value)
        self.wrong(f"expected a mapping, got {_kind(value)}", key)
        return {}

    def request(self) -> dict[str, Any]:
        """Read the request of `raw`: its path stays below the base URL."""
        found = self.mapping("request")
        if not found:
            return {}
        path = self.as_text(found.get("path", ""), "request", "path")
        leaves = ".." in re.split(r"[/\\]", unquote(path.partition("?")[0]))
        if "://" in path.partition("?")[0] or leaves or path.startswith("//"):
            self.wrong(
                f"expected a path below the base URL, got {path!r}",
                "request",
                "path",
                hint="write it as in the API's reference: chat/completions",
            )
        own = found.get("headers") or {}
        headers = dict(self._headers(own, FORBIDDEN - {"content-type"}, "request", "headers"))
        return {**found, "path": path, "headers": headers}

    def timeout(self, default: Timeout) -> Timeout:
        """Read the deadlines."""
        try:
            found = timeout_of(self.keys.get("timeout"), default)
        except ValueError as error:
            self.wrong(str(error), "timeout")
            return default
        if min(found) <= 0:
            self.wrong(f"expected a duration above 0, got {self.keys['timeout']}", "timeout")
        return found

    def headers(self) -> tuple[tuple[str, str], ...]:
        """Read the extra headers: never those that carry a key or frame the request."""
        return self._headers(self.mapping("headers"), FORBIDDEN, "headers")

    def _headers(
        self, headers: Mapping[str, Any], forbidden: frozenset[str], *at: str
    ) -> tuple[tuple[str, str], ...]:
        pairs = []
        for name, value in headers.items():
            text = self.as_text(value, *at, name)
            if name.lower() in forbidden:
                hint = "keys and hosts are set by the provider, in runner.yaml"
                if variable := ACCOUNT.get(name.lower()):
                    hint = f"who pays is for your side to say: set {variable}"
                self.wrong(f"a recipe may not set the header {name}", *at, name, hint=hint)
            elif not NAME.fullmatch(name) or not text.isascii() or not text.isprintable():
                self.wrong("expected ASCII text without line breaks", *at, name)
            pairs.append((name, text))
        return tuple(pairs)

    def messages(self) -> tuple[Any, ...] | None:
        """Read the messages: a role and content for each."""
        value = self.keys.get("messages")
        if value is None:
            return None
        if not isinstance(value, Sequence) or isinstance(value, str) or not value:
            self.wrong(f"expected a list of messages, got {_kind(value)}", "messages")
            return ()
        return tuple(
            item.copy()
            if type(item) is dict and "role" in item and type(item.get("content")) is str
            else self._message(item, i)
            for i, item in enumerate(value)
        )

    def _message(self, item: Any, place: int) -> Any:
        if isinstance(item, Mapping) and "role" not in item and "type" in item:
            return dict(item)
        if not isinstance(item, Mapping) or "role" not in item:
            key = str(next(iter(item), "")) if isinstance(item, Mapping) else ""
            near = nearest(key, ROLES)
            hint = "write `- user: text`, or the API's own {role, content}"
            got = f"a mapping with the key {key!r}" if key else _kind(item)
            hint = f"did you mean {near!r}?" if near else hint
            self.wrong(f"expected a message, got {got}", "messages", place, hint=hint)
            return {}
        done = dict(item)
        if "content" in done:
            done["content"] = self._content(done, place)
        return done

    def _content(self, message: Mapping[str, Any], place: int) -> Any:
        value = message["content"]
        at = ("messages", place, "content")
        if value is None and message["role"] == "assistant":
            return None
        if not isinstance(value, list):
            return self.as_text(value, *at)
        return [self._part(part, *at, i) for i, part in enumerate(value)]

    def _part(self, part: Any, *at: str | int) -> Any:
        if not isinstance(part, Mapping):
            return {"type": "text", "text": self.as_text(part, *at)}
        if part.get("type") == "text":
            return {**part, "text": self.as_text(part.get("text"), *at)}
        return part

    def response_schema(self) -> ResponseSchema | None:
        """Read the schema of the answer, its name and whether it is strict."""
        value = self.keys.get("response_schema")
        if value is None:
            return None
        if not isinstance(value, Mapping):
            self.wrong(f"expected a JSON Schema, got {_kind(value)}", "response_schema")
            return None
        written = self.written.get("response_schema")
        said = written.options if isinstance(written, Ref) else {}
        name = said.get("name") or value.get("title") or "reply"
        title = re.sub(r"[^A-Za-z0-9_-]+", "_", str(name))[:64]
        return ResponseSchema(title, value, bool(said.get("strict", True)))


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list" if value else "an empty list"
    return f"{value!r}"


def ask(reader: Reader, tools: tuple[Tool, ...], files: tuple[File, ...], defaults: Ask) -> Ask:
    """Make the record of a rendered step; raise `RecipeSchemaError` with all its faults."""
    keys = reader.keys
    made = defaults._replace(
        model=reader.text("model"),
        messages=reader.messages(),
        input=reader.asked("input"),
        prompt=reader.asked("prompt"),
        id=reader.text("id"),
        params=reader.mapping("params"),
        extra=reader.mapping("extra"),
        tools=tools,
        tool_choice=keys.get("tool_choice"),
        max_tool_rounds=reader.whole("max_tool_rounds", defaults.max_tool_rounds),
        files=files,
        stream=reader.flag("stream"),
        response_schema=reader.response_schema(),
        request=reader.request(),
        headers=defaults.headers + reader.headers(),
        timeout=reader.timeout(defaults.timeout),
        retries=reader.whole("retries", defaults.retries, MOST_RETRIES),
    )
    if reader.faults:
        raise RecipeSchemaError.of(*reader.faults)
    return made
