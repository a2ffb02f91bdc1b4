"""Counting: the most tokens that a body can be, worked out before it is sent.

A token is a byte of UTF-8 at the least, so that no text has more tokens than bytes.
"""

from __future__ import annotations

import binascii
import json
import math
from collections.abc import Iterable, Mapping

from runner.exchange import Json
from runner.protocol import sounds
from runner.record import Record

PICTURE = 25_000
"""The most tokens of one picture: 10,000 patches, each told by two and a half."""
COSTLY_PICTURE = 50_000
"""The same of a model that counts a picture by many times what others do."""
TOKENS_A_SECOND = 20
"""Twice the tokens that a second of sound is."""
FEWEST_BYTES = 500
"""The bytes of a second of sound, where nothing tells how long it lasts."""
WHOLE = frozenset(
    (
        *("file_id", "file_url", "file_data", "vector_store_ids"),
        *("previous_response_id", "conversation"),
    )
)
"""Keys of what is read by the service, and may be as long as the model can take."""


DATA = frozenset(("metadata", "schema", "parameters", "arguments"))
"""Keys of what the service reads as it stands, whatever names stand in it."""


class Count(Record):
    """The most tokens of text, pictures, tokens of sound; `open` where nothing tells the most."""

    text: int = 0
    pictures: int = 0
    sound: int = 0
    open: bool = False

    def plus(self, other: Count) -> Count:
        """Add another count."""
        return Count(
            self.text + other.text,
            self.pictures + other.pictures,
            self.sound + other.sound,
            self.open or other.open,
        )


def count(value: Json, key: str = "") -> Count:
    """Count a value of JSON."""
    if isinstance(value, Mapping):
        return _mapping(value)
    if isinstance(value, list | tuple):
        return _sum(count(item, key) for item in value).plus(Count(2 + len(value)))
    if isinstance(value, str):
        return _text(value, key)
    return Count(len(str(value)) + 1)


def _mapping(value: Mapping[str, Json]) -> Count:
    found = Count(2, open=_is_reference(value))
    for name, item in value.items():
        found = found.plus(Count(_size(name) + 4))
        if item is None or name == "file_data":
            found = found.plus(Count(4, open=item is not None))
        elif name in DATA:
            found = found.plus(Count(_size(json.dumps(item, default=str))))
        elif name in WHOLE:
            found = found.plus(Count(open=True))
        elif name == "input_audio" and isinstance(item, Mapping):
            found = found.plus(_sound(item))
        elif name == "audio" and value.get("type") == "input_audio":
            found = found.plus(Count(sound=_samples(item)))
        elif name == "prompt" and isinstance(item, Mapping):
            found = found.plus(count(item))._replace(open=True)
        else:
            found = found.plus(count(item, name))
    return found


def _is_reference(value: Mapping[str, Json]) -> bool:
    """Whether it stands for something that the service keeps, whose length nobody tells here."""
    if value.get("type") == "item_reference":
        return True
    return "id" in value and not {"type", "role", "function", "arguments"} & set(value)


def _sum(counts: Iterable[Count]) -> Count:
    found = Count()
    for one in counts:
        found = found.plus(one)
    return found


def _text(value: str, key: str) -> Count:
    if key in ("url", "image_url") and value.startswith(("data:image/", "http://", "https://")):
        return Count(pictures=1)
    return Count(_size(value) + 4)


def _size(text: str) -> int:
    return len(text.encode("utf-8", "replace"))


def _sound(part: Mapping[str, Json]) -> Count:
    try:
        content = binascii.a2b_base64(str(part.get("data") or ""))
    except (ValueError, binascii.Error):
        return Count(open=True)
    return Count(sound=sound(_told(content), len(content)))


def _told(content: bytes) -> float | None:
    found = sounds.look(sounds.reader(content), len(content))
    return found.seconds if found else None


def _samples(data: Json) -> int:
    """Count bare samples: 24,000 of two bytes are a second."""
    size = len(str(data or "")) * 3 // 4
    return sound(size / (2 * sounds.RATE), size)


def seconds(told: float | None, size: int) -> float:
    """Return how long a sound lasts at the most: as it says of itself, else by its bytes."""
    return size / FEWEST_BYTES if told is None else told


def sound(told: float | None, size: int) -> int:
    """Return the most tokens of a sound."""
    return math.ceil(seconds(told, size) * TOKENS_A_SECOND) + TOKENS_A_SECOND
