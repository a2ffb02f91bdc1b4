"""Media checks: what the pictures and the sounds of a reply are, by their bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from runner.expect import text, values
from runner.expect.wording import Unknown, joined, misused
from runner.recipe.checking.steps import UndecidedError

PICTURE = ("format", "width", "height", "alpha", "blank")
SOUND = ("format", "seconds", "sample_rate", "channels", "silent")
FORMATS = {
    "image": ("png", "jpeg", "webp", "gif", "svg"),
    "audio": ("mp3", "opus", "aac", "flac", "wav", "pcm", "m4a", "webm", "ogg"),
}
"""The formats that the bytes of a picture or a sound can tell."""
ALIASES = {"jpg": "jpeg", "pcm16": "pcm"}
"""Other names of formats, as recipes and services have them."""
_FLAGS = ("alpha", "blank", "silent")


def image(actual: Sequence[Mapping[str, Any]], expected: Any) -> str | None:
    """Every picture of the reply is as told."""
    return _each(actual, expected, "picture", PICTURE)


def audio(actual: Any, expected: Any) -> str | None:
    """Every sound of the reply is as told."""
    sounds = [actual] if isinstance(actual, Mapping) else actual
    return _each(sounds, expected, "sound", SOUND)


def _each(
    found: Sequence[Mapping[str, Any]], expected: Any, what: str, names: tuple[str, ...]
) -> str | None:
    if not isinstance(expected, Mapping) or set(expected) - set(names):
        raise misused(expected, what, f"a mapping of {', '.join(names)}")
    judge = partial(_one, expected=expected, what=what)
    if len(found) == 1:
        return judge(found[0])
    told = ((place, judge(one)) for place, one in enumerate(found, 1))
    return joined(f"{what} {place} of {len(found)}: {why}" for place, why in told if why)


def _one(found: Mapping[str, Any], expected: Mapping[str, Any], what: str) -> str | None:
    return joined(_part(found, name, value, what) for name, value in expected.items())


def _part(found: Mapping[str, Any], name: str, expected: Any, what: str) -> str | None:
    actual = found.get(name)
    if isinstance(actual, Unknown):
        raise UndecidedError(actual.reason)
    if actual is None:
        message = f"the {what} does not tell its {name}"
        raise UndecidedError(message)
    if name in _FLAGS:
        told = values.judge(actual, expected, {"equals": values.equals})
    elif name == "format":
        told = values.judge(actual, named(expected), text.CHECKS)
    else:
        told = values.amount(actual, expected)
    return f"{name}: {told}" if told else None


def named(expected: Any) -> Any:
    """Put other names of formats in our words."""
    if isinstance(expected, Mapping):
        return {key: named(value) for key, value in expected.items()}
    if isinstance(expected, list | tuple):
        return [named(item) for item in expected]
    return (
        ALIASES.get(expected.lower(), expected.lower()) if isinstance(expected, str) else expected
    )
