"""Turns: what was said in a request, in one form for both dialects."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from runner.exchange import Json
from runner.protocol.simulated import media
from runner.record import Record


class Turn(Record):
    """One message: its texts, what came with them, and for a tool's result the tool's name."""

    role: str
    texts: tuple[str, ...] = ()
    things: tuple[str, ...] = ()
    tool: str = ""


class Said(Record):
    """A conversation, heard.

    `question` is the user's last text, `guides` are the system's texts, `context` is all other
    text, `things` are the media given, `results` what tools told since the last user message;
    `called` says whether any tool was called before; `taught` is what the model was trained to say.
    """

    question: str = ""
    guides: tuple[str, ...] = ()
    context: tuple[str, ...] = ()
    things: tuple[str, ...] = ()
    results: tuple[tuple[str, str], ...] = ()
    called: bool = False
    taught: str = ""


def hear(turns: Sequence[Turn]) -> Said:
    """Sort what was said by what an answer needs."""
    asked = [at for at, turn in enumerate(turns) if turn.role == "user"]
    worded = [at for at in asked if turns[at].texts]
    last = worded[-1] if worded else -1
    own = turns[last].texts if worded else ()
    others = [turn for at, turn in enumerate(turns) if at != last and turn.role in SPEAKERS]
    since = turns[asked[-1] + 1 :] if asked else turns
    return Said(
        question=own[0][:LONGEST] if own else "",
        guides=tuple(text for turn in turns if turn.role in GUIDES for text in turn.texts),
        context=own[1:] + tuple(text for turn in others for text in turn.texts),
        things=tuple(thing for turn in turns for thing in turn.things),
        results=tuple((turn.tool, " ".join(turn.texts)[:LONGEST]) for turn in since if turn.tool),
        called=any(turn.tool for turn in turns),
    )


LONGEST = 100_000
"""How much of a question, or of a tool's result, is heard: each choice looks at it anew."""
GUIDES = ("system", "developer")
SPEAKERS = ("user", "assistant")


def of_messages(messages: Iterable[Json]) -> list[Turn]:
    """Read the messages of chat completions."""
    names: dict[str, str] = {}
    turns: list[Turn] = []
    for message in messages:
        for call in message.get("tool_calls") or ():
            names[call["id"]] = (call.get("function") or call.get("custom"))["name"]
        tool = ""
        if message["role"] in ("tool", "function"):
            tool = names.get(message.get("tool_call_id"), message.get("name") or "the tool")
        turns.append(_turn(message["role"], message.get("content"), tool))
    return turns


def of_items(items: Iterable[Json]) -> list[Turn]:
    """Read the items of responses."""
    names: dict[Json, str] = {}
    turns: list[Turn] = []
    for item in items:
        match item.get("type", "message"):
            case "message":
                turns.append(_turn(item["role"], item["content"]))
            case "function_call":
                names[item.get("call_id")] = item["name"]
            case "function_call_output":
                tool = names.get(item["call_id"], "the tool")
                turns.append(_turn("tool", item.get("output"), tool))
    return turns


def _turn(role: str, content: Json, tool: str = "") -> Turn:
    if isinstance(content, str):
        return Turn(role, (content,) if content else (), (), tool)
    parts = [part for part in content or () if isinstance(part, dict)]
    texts = tuple(part["text"] for part in parts if isinstance(part.get("text"), str))
    things = tuple(thing for part in parts if (thing := _thing(part)))
    return Turn(role, texts, things, tool)


def _thing(part: Json) -> str:
    match part.get("type"):
        case "image_url":
            return media.picture(part["image_url"]["url"])
        case "input_image":
            address = part.get("image_url")
            return media.picture(address) if address else f"the picture {part.get('file_id')}"
        case "input_audio":
            return media.sound(part.get("input_audio", part))
        case "file":
            return media.document(part["file"])
        case "input_file":
            return media.document(part)
    return ""
