"""Messages: those of the API, and its tools, in the recipe's short forms that say the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runner.importer.holes import HOLE, Hole, Holes
from runner.importer.shell import text_of
from runner.protocol.media import MEDIA
from runner.recipe.schema import schema_faults
from runner.recipe.tools import CHOICES, NAME

ROLES = ("system", "developer", "user", "assistant")
DETAILS = ("auto", "low", "high")
SOUND = {"wav": ".wav", "mp3": ".mp3"}


def messages(found: Any, holes: Holes) -> list[Any] | None:
    """Write messages as a recipe does; None where it has no way to."""
    if not isinstance(found, list) or not found:
        return None
    made = [_message(one, holes) for one in found]
    return None if None in made else made


def _message(one: Any, holes: Holes) -> Any:
    if not isinstance(one, dict) or not isinstance(one.get("role"), str):
        return None
    content = one.get("content")
    if isinstance(content, list):
        if not all(
            isinstance(part, dict) and isinstance(part.get("type"), str) for part in content
        ):
            return None
        content = [_part(part, holes) for part in content]
    elif not isinstance(content, str) and (content is not None or one["role"] != "assistant"):
        return None
    if set(one) == {"role", "content"} and one["role"] in ROLES and content is not None:
        return {one["role"]: content}
    return {**one, "content": content} if "content" in one else one


def _part(part: dict[str, Any], holes: Holes) -> Any:
    kind = part["type"]
    short = SHORT[kind](part.get(kind), holes) if kind in SHORT and len(part) == 2 else None
    return part if short is None else short


def _text(value: Any, holes: Holes) -> Any:
    del holes
    return value if isinstance(value, str) else None


def _image(value: Any, holes: Holes) -> Any:
    """A picture by its address, or one that is read from a file of the type that is named."""
    if not isinstance(value, dict) or not set(value) <= {"url", "detail"}:
        return None
    url = value.get("url")
    rest = {key: item for key, item in value.items() if key != "url"}
    if rest and rest["detail"] not in DETAILS:
        return None
    if isinstance(url, str) and url.startswith(("http://", "https://")) and not HOLE.search(url):
        return {"image": url, **rest}
    hole = _in_data(url, holes)
    return {"image": hole, **rest} if hole else None


def _in_data(url: Any, holes: Holes) -> Hole | None:
    """Find the file whose base64 a data URI holds; its name must fit the type that is told."""
    head = url[: url.find(",") + 1] if isinstance(url, str) else ""
    hole = holes.hole(url, head) if head.startswith("data:") else None
    if hole is None or hole.kind != "base64":
        return None
    told = head[5:].partition(";")[0]
    name = text_of(hole.path[-1:]) or ""
    known = MEDIA.get(f".{name.rpartition('.')[2].lower()}", told)
    if known != told:
        holes.warn(f"{name} is sent as what its bytes are, not as {told}")
    return hole


def _audio(value: Any, holes: Holes) -> Any:
    hole = holes.hole(value.get("data")) if isinstance(value, dict) else None
    if hole is None or hole.kind != "base64" or value.get("format") not in SOUND:
        return None
    return {"audio": hole}


def _file(value: Any, holes: Holes) -> Any:
    if not isinstance(value, dict):
        return None
    if set(value) == {"file_id"} and isinstance(value["file_id"], str):
        return {"file_id": value["file_id"]}
    hole = _in_data(value.get("file_data"), holes)
    name = text_of(hole.path[-1:]) if hole else None
    fits = name and name.rpartition("/")[2] == value.get("filename") and name.endswith(".pdf")
    return {"file": hole} if fits else None


SHORT = {"text": _text, "image_url": _image, "input_audio": _audio, "file": _file}
CHAT = {"input_text": "text", "output_text": "text", "input_image": "image_url"}


def chat_form(items: Any) -> list[Any] | None:
    """Put the items of a response in the chat form, where they are messages that it has."""
    if not isinstance(items, list):
        return None
    made = [_chat_item(item) for item in items]
    return None if None in made else made


def _chat_item(item: Any) -> Any:
    if not isinstance(item, dict) or set(item) != {"role", "content"}:
        return None
    content = item["content"]
    if not isinstance(content, list):
        return item
    parts = [_chat_part(part, item["role"]) for part in content]
    return None if None in parts else {**item, "content": parts}


def _chat_part(part: Any, role: Any) -> Any:
    kind = part.get("type") if isinstance(part, dict) else None
    if kind == ("output_text" if role == "assistant" else "input_text") and len(part) == 2:
        return {"type": "text", "text": part["text"]} if "text" in part else None
    if kind == "input_image" and isinstance(part.get("image_url"), str):
        rest = {key: value for key, value in part.items() if key not in ("type", "image_url")}
        return {"type": "image_url", "image_url": {"url": part["image_url"], **rest}}
    if kind == "input_file" and "file_data" in part:
        return {"type": "file", "file": {k: v for k, v in part.items() if k != "type"}}
    return None


def tools(found: Any, dialect: str, holes: Holes) -> list[Any] | None:
    """Write tools as a recipe does; None where it has no way to."""
    if not isinstance(found, list) or not found:
        return None
    made = [_tool(one, dialect) for one in found]
    names = [one.get("name") for one in made if one and "type" not in one]
    if None in made or len(set(names)) < len(names) or holes.has_files(found):
        return None
    return made


def _tool(one: Any, dialect: str) -> dict[str, Any] | None:
    kind = one.get("type") if isinstance(one, dict) else None
    if kind != "function":
        return one if isinstance(kind, str) and not HOLE.search(kind) else None
    inner = one.get("function") if dialect == "chat.completions" else one
    wrapped = dialect == "chat.completions" and set(one) != {"type", "function"}
    if not isinstance(inner, dict) or wrapped:
        return None
    made = {key: value for key, value in inner.items() if key != "type"}
    return made if _is_plain(made) else None


def _is_plain(tool: Mapping[str, Any]) -> bool:
    """Whether the short form of a tool gives back what it was made of, field for field."""
    shape = tool.get("parameters")
    return (
        set(tool) <= {"name", "description", "parameters", "strict"}
        and isinstance(tool.get("name"), str)
        and NAME.fullmatch(tool["name"]) is not None
        and isinstance(tool.get("description", "x"), str)
        and tool.get("description") != ""
        and isinstance(tool.get("strict", True), bool)
        and isinstance(shape, dict)
        and shape.get("type") == "object"
        and isinstance(shape.get("properties", {}), dict)
        and all(isinstance(rule, dict | bool) for rule in shape.get("properties", {}).values())
        and not HOLE.search(str(shape))
        and not schema_faults(shape)
    )


def choice(value: Any, names: list[str], dialect: str) -> Any:
    """Write a tool choice; None where a recipe has no way to."""
    if isinstance(value, str):
        return value if value in CHOICES else None
    if not isinstance(value, dict):
        return None
    if value.get("type") != "function":
        return value if isinstance(value.get("type"), str) else None
    inner = value.get("function") if dialect == "chat.completions" else value
    wanted = {"name"} if dialect == "chat.completions" else {"type", "name"}
    if not isinstance(inner, dict) or set(inner) != wanted or inner["name"] not in names:
        return None
    return None if inner["name"] in CHOICES else inner["name"]
