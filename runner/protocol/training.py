"""Training: what the lines of a file must be that a model is trained on.

Which family of models a file is for is not known when it is uploaded; but one file is of one form:
conversations, prompts with completions, or pairs of which one is preferred.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from runner.exchange import Json
from runner.protocol import lines
from runner.protocol.json_text import parse
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
SUPERVISED = "supervised"
"""How a model is trained where nothing is said."""
FEWEST = 10
"""How many lines a training file has at least, but for prompts with completions."""
ROLES = ("system", "developer", "user", "assistant", "tool", "function")
CALLS = ("tool_calls", "function_call", "refusal", "audio")
"""What an assistant's turn may hold in place of content."""
PLAIN = {"role", "content"}
MESSAGE = (*PLAIN, "name", "weight", "tool_call_id", "annotations", *CALLS)
BESIDE = ("messages", "tools", "functions", "parallel_tool_calls")
"""The keys of a conversation; one with others that ends with a question is for a grader."""
KEYS = {
    CHAT: BESIDE,
    PAIRS: ("prompt", "completion"),
    CHOICES: ("input", "preferred_output", "non_preferred_output"),
}


def form_of(rows: Iterable[bytes]) -> str:
    """Tell the form of a training file by its first line; "" where that has none."""
    first = next((row for row in rows if row.strip()), b"")
    try:
        line = parse(first.removeprefix(lines.BOM).decode())
    except ValueError:
        return ""
    return _form(line) if isinstance(line, dict) else ""


def _form(line: Mapping[str, Json]) -> str:
    return next((form for key, form in FORMS.items() if key in line), "")


def unfit(form: str, model: str, method: str, families: Mapping[str, Json]) -> str:
    """Say that a model is trained on lines of another form, or "" where it is not."""
    from runner.protocol import rules

    wanted = FORMS.get(rules.trains(model, method, families), form)
    by = "" if method == SUPERVISED else f" by {method}"
    return f"{model} is trained{by} on {wanted}, got {form}" if form and wanted != form else ""


class Examples:
    """Judges the lines of a training file; `form` is what the first of them has."""

    def __init__(self) -> None:
        self.form = ""

    def wrong(self, line: dict[str, Json]) -> Iterator[Wrong]:
        """Say what is wrong with a line."""
        if self.form == CHAT and _is_plain(line):
            return
        form = _form(line)
        if not form:
            yield _formless(line)
            return
        self.form = self.form or form
        if form != self.form:
            hint = "one file holds one form: upload two"
            yield Wrong(f"expected {self.form} as in the lines above, got {form}", (), hint)
            return
        yield from {CHAT: _chat, PAIRS: _pair, CHOICES: _choice}[form](line)
        yield from _strange(line, form)


def _is_plain(line: Mapping[str, Json]) -> bool:
    """Whether a line is as almost all are, and sound: files of a gigabyte are checked too."""
    messages, role = line.get("messages"), ""
    if type(messages) is not list:
        return False
    for message in messages:
        if type(message) is not dict or message.keys() != PLAIN:
            return False
        role = message["role"]
        if role not in ROLES or type(message["content"]) is not str:
            return False
    return role == "assistant" and len(line) == 1


def _strange(line: Mapping[str, Json], form: str) -> Iterator[Wrong]:
    """Find keys that no line has; a question to be graded may have any beside it."""
    if form == CHAT and _last(line) != "assistant":
        return
    for key in line:
        if key not in KEYS[form]:
            yield _unknown(key, (key,), KEYS[form])


def _unknown(key: str, path: tuple[str | int, ...], known: tuple[str, ...]) -> Wrong:
    near = nearest(key, known)
    hint = f"did you mean {near!r}?" if near else f"leave it out: there are {', '.join(known)}"
    return Wrong(f"nothing is known of a key {shortened(key)}", path, hint)


def _last(line: Mapping[str, Json]) -> Json:
    """Tell whose turn the last one of a conversation is."""
    messages = line.get("messages")
    last = messages[-1] if isinstance(messages, list) and messages else None
    return last.get("role") if isinstance(last, dict) else None


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
    if found or not set(line) <= set(BESIDE):
        return
    hint = "the model learns what the assistant says: add a message with that role"
    if not answered:
        yield Wrong("expected a turn of the assistant, found none", ("messages",), hint)
    elif _last(line) != "assistant":
        message = f"expected the assistant's turn at the end, got {described(_last(line))}"
        yield Wrong(message, ("messages", len(messages) - 1, "role"), hint)


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
        elif message.keys() != PLAIN and (others := [k for k in message if k not in MESSAGE]):
            yield _unknown(others[0], (*path, others[0]), MESSAGE)


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
