"""Attach: file references of a rendered step become message parts, values and multipart files."""

from __future__ import annotations

from binascii import b2a_base64
from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from runner.errors import Fault, RecipeError
from runner.exchange import Spool
from runner.model import File, Fixed, Ref
from runner.protocol import media

SOUND = {"audio/wav": "wav", "audio/mpeg": "mp3"}
Load = Callable[[Ref], bytes | None]
Tree = Callable[[Ref], Any]


def is_address(path: str) -> bool:
    """Whether a path is an http(s) address."""
    return path.startswith(("http://", "https://"))


def is_local(path: str) -> bool:
    """Whether a path names a file on this machine."""
    return not is_address(path) and not path.startswith("data:")


def file_of(ref: Ref, content: bytes | None) -> File:
    """Make the file that a reference names; its body is a spool of nothing while it is awaited."""
    name, field = _name(ref.path), str(ref.options.get("as", ""))
    if content is None:
        return File(name, media.MEDIA.get(_suffix(name), ""), Spool(ref.path, 0, ""), field)
    kind = media.media_type(name, content)
    if ref.path.startswith("data:") or (is_address(ref.path) and not _suffix(name)):
        name += SUFFIXES.get(kind, "")
    return File(name, kind, content, field)


SUFFIXES = {kind: suffix for suffix, kind in reversed(media.MEDIA.items())}
"""The usual ending of a name, for files whose address says none: services look at it."""


def _name(path: str) -> str:
    """Name the file at a path or an address."""
    if path.startswith("data:"):
        return "file"
    bare = unquote(urlsplit(path).path) if is_address(path) else path.replace("\\", "/")
    return PurePosixPath(bare).name or "file"


def _suffix(name: str) -> str:
    return PurePosixPath(name).suffix.lower()


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


def references(tree: Any) -> Iterator[Ref]:
    """Walk through the references of a tree."""
    if isinstance(tree, Ref):
        yield tree
    elif isinstance(tree, Fixed):
        yield from references(tree.value)
    elif isinstance(tree, Mapping | list | tuple):
        for one in tree.values() if isinstance(tree, Mapping) else tree:
            yield from references(one)


def faults(tree: Any, load: Load, read: Tree) -> list[Fault]:
    """List what is wrong with the references of a rendered tree."""
    found: list[Fault] = []
    for ref in references(tree):
        try:
            resolved(ref, load, read)
        except RecipeError as error:
            found += error.faults
    return found


def part(ref: Ref, load: Load) -> dict[str, Any]:
    """Make a message part of a reference: as its kind says, or as its media type calls for."""
    detail = {key: value for key, value in ref.options.items() if key != "as"}
    if _goes_as_it_is(ref):
        return {"type": "image_url", "image_url": {"url": ref.path, **detail}}
    content = load(ref)
    if content is None:
        return {"type": "text", "text": f"({ref.path}: fetched when the recipe runs)"}
    return part_of(file_of(ref, content), ref, detail)


def _goes_as_it_is(ref: Ref) -> bool:
    """Whether the service fetches what an address names: of pictures alone it does."""
    if ref.path.startswith("data:"):
        return ref.kind == "image"
    named = media.MEDIA.get(_suffix(_name(ref.path)), "")
    return is_address(ref.path) and (ref.kind == "image" or named.startswith("image/"))


def part_of(file: File, ref: Ref, detail: Mapping[str, Any]) -> dict[str, Any]:
    """Make a message part of a file."""
    body = file.body if isinstance(file.body, bytes) else b""
    kind = file.media_type
    if ref.kind in ("image", "audio") and not kind.startswith(f"{ref.kind}/"):
        raise _unfit(ref, kind)
    if kind.startswith("image/"):
        return {"type": "image_url", "image_url": {"url": data_uri(kind, body), **detail}}
    if kind in SOUND:
        sound = {"data": b2a_base64(body, newline=False).decode(), "format": SOUND[kind]}
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
    return f"data:{kind};base64,{b2a_base64(body, newline=False).decode()}"


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
