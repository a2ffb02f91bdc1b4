"""Media: what kind of file some bytes are, told by their first bytes, else by their name."""

from __future__ import annotations

from pathlib import PurePosixPath

from runner.protocol import pictures

MEDIA = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".wav": "audio/wav",
    ".mp3": "audio/mpeg",
    ".mpga": "audio/mpeg",
    ".mpeg": "audio/mpeg",
    ".flac": "audio/flac",
    ".ogg": "audio/ogg",
    ".opus": "audio/ogg",
    ".m4a": "audio/mp4",
    ".mp4": "audio/mp4",
    ".webm": "audio/webm",
    ".pdf": "application/pdf",
    ".jsonl": "application/jsonl",
    ".json": "application/json",
    ".csv": "text/csv",
    ".md": "text/markdown",
    ".html": "text/html",
    ".txt": "text/plain",
    ".aac": "audio/aac",
    ".pcm": "audio/pcm",
}
ENDINGS = MEDIA | {".svg": pictures.SVG}
"""The endings of what is written: there a drawing is a picture, as an attachment it is text."""
MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"fLaC", "audio/flac"),
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"\xff\xfa", "audio/mpeg"),
    (b"\xff\xf3", "audio/mpeg"),
    (b"\xff\xf2", "audio/mpeg"),
    (b"\xff\xf1", "audio/aac"),
    (b"\xff\xf9", "audio/aac"),
    (b"\x1aE\xdf\xa3", "audio/webm"),
)


def media_type(name: str, content: bytes) -> str:
    """Tell the media type of a file by its first bytes, else by its name."""
    for start, kind in MAGIC:
        if content.startswith(start):
            return kind
    if content[4:8] == b"ftyp":
        return "audio/mp4"
    if content[:4] == b"RIFF" and content[8:12] in (b"WEBP", b"WAVE"):
        return "image/webp" if content[8:12] == b"WEBP" else "audio/wav"
    claimed = MEDIA.get(PurePosixPath(name).suffix.lower(), "")
    if claimed.startswith("image/"):
        return "application/octet-stream"
    return claimed or ("text/plain" if is_text(content) else "application/octet-stream")


def is_text(content: bytes) -> bool:
    """Whether bytes are UTF-8 text."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return b"\0" not in content


def told(content: bytes) -> str:
    """Tell the media type of bytes by themselves, drawn pictures among them."""
    found = pictures.look(content)
    return found.media_type if found else media_type("", content)


def contradicts(suffix: str, content: bytes) -> bool:
    """Whether bytes are of a known kind that a file's ending does not name."""
    found = told(content)
    known = found not in ("text/plain", "application/octet-stream")
    return named(suffix) not in ("", found) and known


def named(suffix: str) -> str:
    """Return the media type that a file's ending stands for, or ""."""
    return ENDINGS.get(suffix.lower(), "")
