"""Samples: small files for a starter to be tried with, until the user's own take their place."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from runner.engine.commands.groundwork import CHAT, EXAMPLES, REQUESTS, grounds
from runner.engine.reading.files import kind_of
from runner.engine.writing.outputs import write

PICTURE, SPEECH = "picture.png", "speech.mp3"
GIVEN = {
    "audio.transcriptions": SPEECH,
    "audio.translations": SPEECH,
    "images.edits": PICTURE,
}
"""The file that an endpoint is given."""
SHOWN = "Boats on a canal."
SIDE = 256
CAPITALS = {
    "Sweden": "Stockholm",
    "the Netherlands": "Amsterdam",
    "Colombia": "Bogotá",
    "Japan": "Tokyo",
    "Kenya": "Nairobi",
    "Portugal": "Lisbon",
    "Canada": "Ottawa",
    "Egypt": "Cairo",
    "Peru": "Lima",
    "Nepal": "Kathmandu",
}


def beside(folder: Path, endpoint: str) -> tuple[Path, ...]:
    """Write the files that a starter names, where none of their names are there."""
    wanted = [GIVEN.get(endpoint, ""), *(one.file for one in grounds(endpoint))]
    new = [folder / name for name in wanted if name and kind_of(folder / name) == "none"]
    for place in new:
        write(place, SAMPLES[place.name]())
    return tuple(new)


def _picture() -> bytes:
    from runner.protocol.simulated import images

    return images.picture(images.Order(SHOWN, 1, SIDE, SIDE, "png", False, ()))


def _speech() -> bytes:
    from runner.protocol.simulated import voices

    return voices.speak(SHOWN, "mp3")


def _requests() -> bytes:
    return _lines(
        {
            "custom_id": f"request-{number}",
            "method": "POST",
            "url": "/v1/chat/completions",
            "body": {"model": CHAT, "messages": [_asked(land)]},
        }
        for number, land in enumerate(list(CAPITALS)[:3], 1)
    )


def _examples() -> bytes:
    return _lines(
        {"messages": [_asked(land), {"role": "assistant", "content": f"{capital}."}]}
        for land, capital in CAPITALS.items()
    )


def _asked(land: str) -> dict[str, str]:
    return {"role": "user", "content": f"What is the capital of {land}?"}


def _lines(rows: Any) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


SAMPLES: Mapping[str, Callable[[], bytes]] = {
    PICTURE: _picture,
    SPEECH: _speech,
    REQUESTS: _requests,
    EXAMPLES: _examples,
}
