"""Uploads: what the lines of a training file, or of a file of requests, must be.

Which family of models a training file is for is not known when it is uploaded; but one file is of
one form: conversations, prompts with completions, or pairs of which one is preferred.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from runner.errors import Fault, Mark
from runner.exchange import Json
from runner.protocol import lines
from runner.protocol.lines import Wrong
from runner.recipe.checking.words import described, nearest, shortened

CHAT, PAIRS, CHOICES = "messages", "prompt and completion", "input and two outputs"
FORMS = {
    "messages": CHAT,
    "prompt": PAIRS,
    "completion": PAIRS,
    "preferred_output": CHOICES,
    "non_preferred_output": CHOICES,
}
"""The key that tells what form a line has."""
FEWEST = 10
"""How many lines a training file has at least, but for prompts with completions."""
MOST_REQUESTS = 50_000
LARGEST_BATCH = 200_000_000
ROLES = ("system", "developer", "user", "assistant", "tool", "function")
CALLS = ("tool_calls", "function_call", "refusal", "audio")
"""What an assistant's turn may hold in place of content."""
PLAIN = {"role", "content"}
BESIDE = ("messages", "tools", "functions", "parallel_tool_calls")
"""The keys of a conversation; one with others is for a grader, and needs no assistant's turn."""


class Upload(NamedTuple):
    """A file to be uploaded: how it is named to people, where it is named, its size, its lines."""

    file: str
    mark: Mark | None
    size: int
    lines: Iterable[bytes]


def faults(purpose: Json, upload: Upload) -> list[Fault]:
    """Check a file for its purpose; of most purposes nothing is known."""
    if purpose not in ("fine-tune", "batch"):
        return []
    if not upload.file.lower().endswith(".jsonl"):
        message = f"expected a file whose name ends in .jsonl, got {shortened(upload.file)}"
        return [Fault(message, upload.mark, "attachments", f"that is what {purpose} takes")]
    return _training(upload) if purpose == "fine-tune" else _requests(upload)


def _training(upload: Upload) -> list[Fault]:
    examples = Examples()
    found, count = lines.faults(upload.lines, upload.file, examples.wrong)
    if found:
        return found
    if count >= FEWEST or (count and examples.form == PAIRS):
        return []
    message = f"expected at least {FEWEST} lines to train on, found {count}"
    return [Fault(message, Mark(upload.file, max(count, 1), 1), hint="add more examples")]


def _requests(upload: Upload) -> list[Fault]:
    if upload.size > LARGEST_BATCH:
        message = f"a batch takes 200 MB at most, this file has {upload.size / 1e6:,.0f} MB"
        return [Fault(message, upload.mark, "attachments", "split it into several batches")]
    found, count = lines.faults(upload.lines, upload.file, Requests().wrong)
    if found or count:
        return found
    message = "expected a line for each request, found none"
    return [Fault(message, Mark(upload.file, 1, 1))]


class Examples:
    """Judges the lines of a training file; `form` is what the first of them has."""

    def __init__(self) -> None:
        self.form = ""

    def wrong(self, line: dict[str, Json]) -> Iterator[Wrong]:
        """Say what is wrong with a line."""
        if self.form == CHAT and _is_plain(line):
            return
        form = next((form for key, form in FORMS.items() if key in line), "")
        if not form:
            yield _formless(line)
            return
        self.form = self.form or form
        if form != self.form:
            hint = "one file holds one form: upload two"
            yield Wrong(f"expected {self.form} as in the lines above, got {form}", (), hint)
            return
        yield from {CHAT: _chat, PAIRS: _pair, CHOICES: _choice}[form](line)


def _is_plain(line: Mapping[str, Json]) -> bool:
    """Whether a line is as almost all are, and sound: files of a gigabyte are checked too."""
    messages, answered = line.get("messages"), False
    if type(messages) is not list:
        return False
    for message in messages:
        if type(message) is not dict or message.keys() != PLAIN:
            return False
        role = message["role"]
        if role not in ROLES or type(message["content"]) is not str:
            return False
        answered = answered or role == "assistant"
    return answered and not line.keys() & FORMS.keys() - {"messages"}


def _formless(line: Mapping[str, Json]) -> Wrong:
    keys = ", ".join(repr(key) for key in list(line)[:5]) or "no keys"
    hint = 'such as {"messages": [{"role": "user", …}, {"role": "assistant", …}]}'
    if "custom_id" in line:
        hint = "this is a line of a batch: write `purpose: batch`"
    elif near := next((near for key in line if (near := nearest(key, FORMS))), ""):
        hint = f"did you mean {near!r}?"
    return Wrong(f"expected messages, or prompt and completion, got {keys}", (), hint)


def _pair(line: Mapping[str, Json]) -> Iterator[Wrong]:
    for key in ("prompt", "completion"):
        if key not in line:
            yield Wrong(f"expected a {key} beside the other", (), f"add a {key!r}")
        elif not isinstance(line[key], str):
            yield Wrong(f"expected text, got {described(line[key])}", (key,))


def _choice(line: Mapping[str, Json]) -> Iterator[Wrong]:
    asked = line.get("input")
    messages = asked.get("messages") if isinstance(asked, dict) else None
    if not isinstance(messages, list) or not messages:
        yield Wrong("expected messages under input", ("input",))
    else:
        yield from _turns(messages, ("input", "messages"))
    for key in ("preferred_output", "non_preferred_output"):
        if not isinstance(line.get(key), list) or not line[key]:
            yield Wrong(f"expected a list of messages under {key}", (key,))
        else:
            yield from _turns(line[key], (key,))


def _chat(line: Mapping[str, Json]) -> Iterator[Wrong]:
    messages = line["messages"]
    if not isinstance(messages, list) or not messages:
        yield Wrong(f"expected a list of messages, got {described(messages)}", ("messages",))
        return
    found = list(_turns(messages, ("messages",)))
    yield from found
    answered = any(message.get("role") == "assistant" for message in messages if _is_map(message))
    if not answered and not found and set(line) <= set(BESIDE):
        hint = "the model learns what the assistant says: add a message with that role"
        yield Wrong("expected a turn of the assistant, found none", ("messages",), hint)


def _is_map(value: Json) -> bool:
    return isinstance(value, dict)


def _turns(messages: list[Json], at: tuple[str | int, ...]) -> Iterator[Wrong]:
    for place, message in enumerate(messages):
        path = (*at, place)
        if not isinstance(message, dict):
            yield Wrong(f"expected a message, got {described(message)}", path)
            continue
        role = message.get("role")
        if role not in ROLES:
            near = nearest(role, ROLES)
            hint = f"did you mean {near!r}?" if near else f"there are: {', '.join(ROLES)}"
            got = described(role) if "role" in message else "none"
            yield Wrong(f"expected a role, got {got}", (*path, "role"), hint)
        elif (wrong := _content(message, path)) or (wrong := _weight(message, path)):
            yield wrong


def _content(message: Mapping[str, Any], path: tuple[str | int, ...]) -> Wrong | None:
    content = message.get("content")
    if isinstance(content, str):
        return None
    if isinstance(content, list) and all(_is_map(part) and "type" in part for part in content):
        return None
    if content is None and message["role"] == "assistant" and any(k in message for k in CALLS):
        return None
    got = described(content) if "content" in message else "none"
    return Wrong(f"expected content, a text or a list of parts, got {got}", (*path, "content"))


def _weight(message: Mapping[str, Any], path: tuple[str | int, ...]) -> Wrong | None:
    weight = message.get("weight")
    if weight is None or (message["role"] == "assistant" and weight in (0, 1)):
        return None
    return Wrong(
        f"expected a weight of 0 or 1 on an assistant's turn, got {described(weight)}",
        (*path, "weight"),
    )


class Requests:
    """Judges the lines of a batch: each with an id of its own, all for one endpoint."""

    def __init__(self) -> None:
        self.ids: set[str] = set()
        self.url = ""

    def wrong(self, line: dict[str, Json]) -> Iterator[Wrong]:
        """Say what is wrong with a line."""
        yield from self._identity(line)
        if line.get("method") != "POST":
            got = described(line["method"]) if "method" in line else "none"
            yield Wrong(f"expected the method POST, got {got}", ("method",), 'add "method": "POST"')
        yield from self._address(line)
        body = line.get("body")
        if not isinstance(body, dict) or not body:
            got = described(body) if "body" in line else "none"
            yield Wrong(f"expected a body, the request's JSON object, got {got}", ("body",))
        elif body.get("stream"):
            yield Wrong("a batch cannot stream", ("body", "stream"), "leave stream out")

    def _identity(self, line: Mapping[str, Json]) -> Iterator[Wrong]:
        found = line.get("custom_id")
        if not isinstance(found, str) or not found:
            got = described(found) if "custom_id" in line else "none"
            hint = "" if "messages" not in line else "this is a training line: purpose: fine-tune"
            yield Wrong(f"expected a custom_id, got {got}", ("custom_id",), hint)
            return
        if found in self.ids:
            hint = "answers come in any order, and are told apart by it"
            yield Wrong(f"the custom_id {shortened(found)} stands twice", ("custom_id",), hint)
        self.ids.add(found)
        if len(self.ids) > MOST_REQUESTS:
            message = f"a batch takes {MOST_REQUESTS:,} requests at most"
            yield Wrong(message, (), "split it into several batches")

    def _address(self, line: Mapping[str, Json]) -> Iterator[Wrong]:
        url = line.get("url")
        if not isinstance(url, str) or not url.startswith("/"):
            got = described(url) if "url" in line else "none"
            hint = "such as /v1/chat/completions"
            yield Wrong(f"expected the path of an endpoint, got {got}", ("url",), hint)
            return
        self.url = self.url or url
        if url != self.url:
            hint = "a batch is for one endpoint: make two"
            yield Wrong(f"expected {self.url} as in the lines above, got {url}", ("url",), hint)
