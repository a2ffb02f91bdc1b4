"""Attach: file references of a rendered step become message parts, values and multipart files."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import Any

from runner.errors import Fault, RecipeError
from runner.model import File, Fixed, Ref
from runner.protocol import media

SOUND = {"audio/wav": "wav", "audio/mpeg": "mp3"}
Load = Callable[[Ref], bytes]
Tree = Callable[[Ref], Any]


def is_address(path: str) -> bool:
    """Whether a path is an http(s) address."""
    return path.startswith(("http://", "https://"))


def file_of(ref: Ref, content: bytes) -> File:
    """Make the file that a reference names."""
    name = PurePosixPath(ref.path.replace("\\", "/")).name
    return File(name, media.media_type(name, content), content, str(ref.options.get("as", "")))


def resolved(tree: Any, load: Load, read: Tree) -> Any:
    """Put what each reference of a rendered tree names in its place."""
    if isinstance(tree, Ref):
        return read(tree) if tree.kind == "file" else part(tree, load)
    if isinstance(tree, Fixed):
        return resolved(tree.value, load, read)
    if isinstance(tree, Mapping):
        return {key: resolved(value, load, read) for key, value in tree.items()}
    if isinstance(tree, list):
        return [resolved(item, load, read) for item in tree]
    return tree


def part(ref: Ref, load: Load) -> dict[str, Any]:
    """Make a message part of a reference: as its kind says, or as its media type calls for."""
    detail = {key: value for key, value in ref.options.items() if key != "as"}
    if ref.path.startswith("data:") and ref.kind == "image":
        return {"type": "image_url", "image_url": {"url": ref.path, **detail}}
    if is_address(ref.path):
        return _by_address(ref, detail)
    return part_of(file_of(ref, load(ref)), ref, detail)


def _by_address(ref: Ref, detail: Mapping[str, Any]) -> dict[str, Any]:
    bare = ref.path.partition("?")[0].lower()
    named = media.MEDIA.get(PurePosixPath(bare).suffix, "")
    if ref.kind == "image" or named.startswith("image/"):
        return {"type": "image_url", "image_url": {"url": ref.path, **detail}}
    return {"type": "input_file", "file_url": ref.path}


def part_of(file: File, ref: Ref, detail: Mapping[str, Any]) -> dict[str, Any]:
    """Make a message part of a file."""
    body = file.body if isinstance(file.body, bytes) else b""
    kind = file.media_type
    if ref.kind in ("image", "audio") and not kind.startswith(f"{ref.kind}/"):
        raise _unfit(ref, kind)
    if kind.startswith("image/"):
        return {"type": "image_url", "image_url": {"url": data_uri(kind, body), **detail}}
    if kind in SOUND:
        sound = {"data": base64.b64encode(body).decode(), "format": SOUND[kind]}
        return {"type": "input_audio", "input_audio": sound}
    if ref.kind in ("image", "audio"):
        raise _unfit(ref, kind)
    if kind == "application/pdf":
        return {
            "type": "file",
            "file": {"filename": file.name, "file_data": data_uri(kind, body)},
        }
    if media.is_text(body):
        return {"type": "text", "text": f"{file.name}:\n\n{body.decode('utf-8-sig')}"}
    raise _unfit(ref, kind)


def _unfit(ref: Ref, kind: str) -> RecipeError:
    wanted = {"image": "a png, jpeg, gif or webp picture", "audio": "wav or mp3 sound"}
    expected = wanted.get(ref.kind, "a picture, wav or mp3 sound, a pdf or text")
    message = f"{ref.path}: expected {expected}, found {kind}"
    return RecipeError.of(Fault(message, ref.mark))


def data_uri(kind: str, body: bytes) -> str:
    """Write bytes as a data URI."""
    return f"data:{kind};base64,{base64.b64encode(body).decode()}"


def joined(messages: list[Any], parts: list[Any]) -> list[Any]:
    """Add parts to the last user message; to a new one where there is none."""
    if not parts:
        return messages
    rows = [row if isinstance(row, Mapping) else {} for row in messages]
    places = [place for place, row in enumerate(rows) if row.get("role") == "user"]
    if not places:
        return [*messages, {"role": "user", "content": parts}]
    last = places[-1]
    content = messages[last].get("content")
    before = content if isinstance(content, list) else [{"type": "text", "text": content}]
    changed = {**messages[last], "content": [*before, *parts]}
    return [*messages[:last], changed, *messages[last + 1 :]]
