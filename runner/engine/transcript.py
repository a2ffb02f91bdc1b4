"""Transcript: the messages of realtime sessions, a line each, as people read them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from runner.errors import OutputError
from runner.exchange import Json
from runner.protocol.wire import printable

LONGEST = 120


class Transcript:
    """Writes `SECONDS > MESSAGE` for what was said, `<` for what was heard; sound is counted."""

    def __init__(self, path: Path, hide: Callable[[str], str]) -> None:
        self._hide = hide
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("w", encoding="utf-8")
        except OSError as error:
            message = f"--events {path}: {(error.strerror or str(error)).lower()}"
            raise OutputError(message) from error

    def __call__(self, at: float, way: str, message: Json) -> None:
        """Write one message."""
        kind = message.get("type", "") if isinstance(message, dict) else ""
        rest = {k: v for k, v in message.items() if k != "type"} if kind else message
        text = self._hide(f"{kind} {json.dumps(shortened(rest), ensure_ascii=False)}")
        self._file.write(f"{at:8.3f} {way} {printable(text)}\n")
        self._file.flush()

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def shortened(value: Any) -> Any:
    """Count the characters of long texts without a space: sound, in base64."""
    if isinstance(value, str) and len(value) > LONGEST and " " not in value:
        return f"({len(value)} characters)"
    if isinstance(value, Mapping):
        return {key: shortened(item) for key, item in value.items()}
    return [shortened(item) for item in value] if isinstance(value, list) else value
