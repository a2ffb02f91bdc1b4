"""Bodies: a reply's bytes as they stand in a recording, and back again, byte for byte.

JSON stands as a tree where that gives back the same bytes; a picture or a sound within it, and
whatever is long, lies in a file beside the cassette that is named by its hash.
"""

from __future__ import annotations

import base64
import binascii
import copy
import json
from collections.abc import Callable, Iterator
from hashlib import sha256

from runner.exchange import Json
from runner.protocol import media
from runner.protocol.json_text import parse
from runner.record import Record

INLINE = 16 << 10
"""Texts of more bytes lie beside the cassette."""
BURIED = 1024
"""So long is the base64 that is taken out of JSON."""
DEEPEST = 40
LONGEST_KEY = 500
SUFFIXES = {kind: suffix for suffix, kind in reversed(media.ENDINGS.items())}
SUFFIXES["text/event-stream"] = ".sse"


class Stored(Record):
    """A body as it stands in a recording, and the files that it needs beside it."""

    tree: dict[str, Json]
    files: dict[str, bytes]


def named(content: bytes, media_type: str = "") -> str:
    """Name a file beside the cassette by what it holds."""
    kind = media_type.split(";")[0].strip().lower()
    told = media.told(content)
    kind = kind if told in ("text/plain", "application/octet-stream") and kind else told
    return sha256(content).hexdigest()[:16] + SUFFIXES.get(kind, ".bin")


def stored(body: bytes, media_type: str) -> Stored:
    """Make of a body what stands in a recording."""
    if not body:
        return Stored({}, {})
    try:
        text = body.decode()
    except UnicodeDecodeError:
        text = ""
    tree = _json(text) if text.lstrip()[:1] in ("{", "[") else None
    if tree is not None:
        return tree
    if text and len(body) <= INLINE:
        return Stored({"text": text}, {})
    name = named(body, media_type)
    return Stored({"file": name}, {name: body})


def restored(tree: dict[str, Json], read: Callable[[str], bytes]) -> bytes:
    """Return the bytes of a body; `ValueError` where the recording does not fit together."""
    if "json" in tree:
        value = tree["json"]
        if "parts" in tree:
            value = copy.deepcopy(value)
            for part in tree["parts"]:
                encoded = base64.b64encode(read(part["file"])).decode()
                _put(value, part["at"], part.get("prefix", "") + encoded)
        return _encoded(value, tree.get("form", ""))
    if "file" in tree:
        return read(tree["file"])
    return str(tree.get("text", "")).encode()


def _json(text: str) -> Stored | None:
    """Store JSON as a tree; None where that loses anything, or is long."""
    try:
        value = parse(text)
    except ValueError:
        return None
    if _depth(value) > DEEPEST or _has_long_key(value):
        return None
    form = _form(value, text)
    if form is None:
        return None
    files: dict[str, bytes] = {}
    parts = []
    for path, item in list(_long(value, "")):
        found = _buried(item)
        if found is not None:
            prefix, content = found
            name = named(content)
            files[name] = content
            _put(value, path, name)
            parts.append({"at": path, "file": name} | ({"prefix": prefix} if prefix else {}))
    if len(_encoded(value, form)) > INLINE:
        return None
    tree: dict[str, Json] = {"json": value} | ({"form": form} if form else {})
    return Stored(tree | ({"parts": parts} if parts else {}), files)


def _form(value: Json, text: str) -> str | None:
    """Say how JSON was written: compact where nothing is said, None where in no way of ours."""
    kinds = ["indented"] if text[1:2] == "\n" else ["", "spaced"]
    letters = ["", "ascii"] if text.isascii() else [""]
    end = "newline" if text.endswith("\n") else ""
    forms = (" ".join(filter(None, (a, b, end))) for a in kinds for b in letters)
    return next((form for form in forms if _encoded(value, form) == text.encode()), None)


def _encoded(value: Json, form: str) -> bytes:
    words = form.split()
    wide = "spaced" in words or "indented" in words
    text = json.dumps(
        value,
        ensure_ascii="ascii" in words,
        indent=2 if "indented" in words else None,
        separators=(",", ": ") if "indented" in words else (", ", ": ") if wide else (",", ":"),
    )
    return (text + "\n" * ("newline" in words)).encode("utf-8", "surrogatepass")


def _depth(value: Json) -> int:
    if not isinstance(value, dict | list):
        return 0
    items = value.values() if isinstance(value, dict) else value
    return 1 + max(map(_depth, items), default=0)


def _has_long_key(value: Json) -> bool:
    if isinstance(value, dict):
        long = any(len(name) > LONGEST_KEY for name in value)
        return long or any(map(_has_long_key, value.values()))
    return isinstance(value, list) and any(map(_has_long_key, value))


def _long(value: Json, path: str) -> Iterator[tuple[str, str]]:
    """Yield the long texts of a tree, each with its JSON pointer."""
    if isinstance(value, str) and len(value) >= BURIED:
        yield path, value
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _long(item, f"{path}/{name.replace('~', '~0').replace('/', '~1')}")
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from _long(item, f"{path}/{place}")


def _buried(text: str) -> tuple[str, bytes] | None:
    """Decode base64 that comes back the same; what stands before it in a `data:` address, too."""
    prefix, comma, rest = text.partition(",") if text.startswith("data:") else ("", "", text)
    try:
        content = base64.b64decode(rest, validate=True)
    except (binascii.Error, ValueError):
        return None
    same = base64.b64encode(content).decode() == rest
    return (prefix + comma, content) if same else None


def _put(value: Json, path: str, item: Json) -> None:
    """Set what stands at a JSON pointer; `ValueError` where nothing does."""
    steps = [step.replace("~1", "/").replace("~0", "~") for step in path.split("/")[1:]]
    try:
        for step in steps[:-1]:
            value = value[int(step)] if isinstance(value, list) else value[step]
        last = int(steps[-1]) if isinstance(value, list) else steps[-1]
        if not isinstance(value[last], str):
            raise TypeError(path)
        value[last] = item
    except (LookupError, TypeError, ValueError) as error:
        message = f"no text stands at {path!r}"
        raise ValueError(message) from error
