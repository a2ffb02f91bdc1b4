"""Spoken: the sound that a message of chat completions may hold, and what of it is said again."""

from __future__ import annotations

from base64 import b64decode

from runner.errors import BadReplyError
from runner.exchange import Json
from runner.model import Artifact
from runner.protocol import media, sounds, wire


def artifacts(messages: list[dict[str, Json]], asked: str) -> tuple[Artifact, ...]:
    """Decode the sounds of a reply's messages; `asked` is the media type that was asked for."""
    found = [message["audio"] for message in messages if isinstance(message.get("audio"), dict)]
    return tuple(_artifact(audio["data"], asked) for audio in found if audio.get("data"))


def _artifact(data: Json, asked: str) -> Artifact:
    try:
        body = b64decode(data)
    except (ValueError, TypeError) as error:
        message = f"the sound of the reply is no base64: {wire.excerpt(data)}"
        raise BadReplyError(message) from error
    # Bare samples may look like anything.
    told = "" if asked == sounds.PCM else media.media_type("", body[:4096])
    return Artifact("audio", told if told.startswith("audio/") else asked or sounds.PCM, body)


def remembered(message: dict[str, Json]) -> tuple[dict[str, Json], dict[str, Json]]:
    """Say a spoken message again: by its id to the service that spoke it, else by its words."""
    audio = message["audio"]
    rest = {key: value for key, value in message.items() if key != "audio"}
    neutral = {**rest, "content": message.get("content") or audio.get("transcript")}
    own = {**rest, "audio": {"id": audio["id"]}} if audio.get("id") else neutral
    return own, neutral
