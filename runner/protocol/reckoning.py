"""Reckoning: about how many tokens a body is, as services count them.

No bound as `runner.protocol.counting` gives: a guess at what is read of it, some four letters to a
token, and so many for each message, tool and picture.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping

from runner.exchange import Json
from runner.protocol import counting, pictures
from runner.protocol.counting import Count
from runner.record import Record

BYTES = 4
"""Bytes of text to a token."""
MESSAGE = 4
"""Tokens around a message, or another item."""
BEGUN = 3
"""Tokens by which an answer is begun."""
FILE = 1_000
"""Tokens of a file that is no picture."""
READ = (
    *("messages", "input", "prompt", "instructions", "items", "tools", "functions", "prediction"),
    *("response_format", "text"),
)
"""The fields of a body that a model reads; the others are settings."""
_HEAD = 1 << 16
"""The first letters of a picture's data, which tell its size."""


class Rule(Record):
    """How a family of models counts a picture: so much for it and for each tile, or by patches."""

    base: int = 0
    tile: int = 0
    patch: float = 0.0


TILES = Rule(85, 170)
RULES = (
    ("gpt-4o-mini", Rule(2833, 5667)),
    ("gpt-4.1-mini", Rule(patch=1.62)),
    ("gpt-4.1-nano", Rule(patch=2.46)),
    ("gpt-5-mini", Rule(patch=1.62)),
    ("gpt-5-nano", Rule(patch=2.46)),
    ("o4-mini", Rule(patch=1.72)),
    ("gpt-5", Rule(70, 140)),
    ("o1", Rule(75, 150)),
    ("o3", Rule(75, 150)),
    ("computer-use", Rule(65, 129)),
)
"""The rules of families, by the beginning of their names; all others count as `TILES` says."""
PATCHES = 1_536
USUAL = (1024, 1024)
"""The size of a picture that nothing tells."""


def count(body: Json, model: str = "") -> Count:
    """Count the tokens of a body, or of a list of items; `pictures` are tokens too."""
    if not isinstance(body, Mapping):
        return _read(body, model)
    model = str(body.get("model") or model)
    found = Count(BEGUN if body.get("messages") else 0)
    if isinstance(body.get("session"), Mapping):
        found = found.plus(count(body["session"], model))
    for name in READ:
        if body.get(name) is not None:
            found = found.plus(_read(body[name], model))
    return found


def _read(value: Json, model: str) -> Count:
    if isinstance(value, str):
        return Count(_tokens(value))
    if isinstance(value, list | tuple):
        found = Count()
        for item in value:
            found = found.plus(Count(1) if isinstance(item, int) else _read(item, model))
        return found
    return _item(value, model) if isinstance(value, Mapping) else Count()


def _item(item: Mapping[str, Json], model: str) -> Count:
    """Count a message, a part of one, a tool or a schema."""
    picture = item.get("image_url")
    if picture is not None:
        of = picture if isinstance(picture, Mapping) else {"url": picture, **item}
        return Count(pictures=_picture(str(of.get("url")), of.get("detail") == "low", rule(model)))
    if "input_audio" in item or item.get("type") == "input_audio":
        return Count(sound=counting.count(item).sound // 2)
    if {"file", "file_id", "file_url", "file_data"} & {*item}:
        return Count(FILE)
    if not {"role", "content", "text"} & {*item}:
        return Count(_tokens(json.dumps(item, ensure_ascii=False, default=str)) if item else 0)
    found = Count(MESSAGE if "role" in item else 0)
    for name in ("content", "text", "tool_calls", "name"):
        if item.get(name) is not None:
            found = found.plus(_read(item[name], model))
    return found


def _tokens(text: str) -> int:
    return math.ceil(len(text.encode("utf-8", "replace")) / BYTES)


def rule(model: str) -> Rule:
    """Return how a model counts pictures."""
    return next((one for name, one in RULES if model.startswith(name)), TILES)


def _picture(url: str, is_low: bool, rule: Rule) -> int:
    width, height = _size(url)
    if rule.patch:
        patches = math.ceil(width / 32) * math.ceil(height / 32)
        return math.ceil(min(patches, PATCHES) * rule.patch)
    if is_low:
        return rule.base
    scale = min(1.0, 2048 / max(width, height))
    scale *= min(1.0, 768 / (min(width, height) * scale))
    tiles = math.ceil(width * scale / 512) * math.ceil(height * scale / 512)
    return rule.base + tiles * rule.tile


def _size(url: str) -> tuple[int, int]:
    """Return the size of a picture, as far as its address holds it."""
    found = pictures.look(pictures.inline(url[:_HEAD]) or b"") if url.startswith("data:") else None
    return (found.width, found.height) if found and found.width and found.height else USUAL
