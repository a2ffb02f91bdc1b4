"""Fetched: what stands, offline, for a file that an address names: nothing is connected to."""

from __future__ import annotations

from base64 import b64decode
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from runner.protocol import pictures
from runner.protocol.simulated.images import Order, picture
from runner.protocol.simulated.words import MARK

KINDS = {".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg", ".webp": "webp"}
SOUNDS = {".mp3": "mp3", ".wav": "wav", ".flac": "flac", ".aac": "aac", ".ogg": "opus"}
SIZE = 512
PDF = b64decode(
    "JVBERi0xLjEKMSAwIG9iajw8L1R5cGUvQ2F0YWxvZy9QYWdlcyAyIDAgUj4+ZW5kb2JqCjIgMCBvYmo8PC9UeXBlL1Bh"
    "Z2VzL0tpZHNbMyAwIFJdL0NvdW50IDE+PmVuZG9iagozIDAgb2JqPDwvVHlwZS9QYWdlL1BhcmVudCAyIDAgUi9NZWRp"
    "YUJveFswIDAgMzAwIDIwMF0+PmVuZG9iagp0cmFpbGVyPDwvUm9vdCAxIDAgUj4+CiUlRU9GCg=="
)


def fetched(address: str) -> bytes:
    """Make up a file by the ending of its address: a picture, a sound, a pdf, else text."""
    inline = pictures.inline(address)
    if inline is not None:
        return inline
    suffix = PurePosixPath(urlsplit(address).path).suffix.lower()
    if suffix in KINDS:
        return picture(Order(address, 1, SIZE, SIZE, KINDS[suffix], False, ()))
    if suffix in SOUNDS:
        from runner.protocol.simulated.voices import speak

        return speak(address, SOUNDS[suffix])
    bare = address.partition("?")[0]
    return PDF if suffix == ".pdf" else f"{MARK}the file at {bare}\n".encode()
