"""Outputs: where a command leaves its reply becomes the recipe's `output`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from runner.importer.holes import Holes
from runner.importer.options import Curl
from runner.importer.script import Command, Script
from runner.importer.shell import Word, source_of, text_of
from runner.protocol.endpoint import Endpoint
from runner.protocol.media import MEDIA

IMAGE = re.compile(r"b64_json|image_generation|\.result\b")
SOUND = re.compile(r"\.audio\.data\b")
TEXT = re.compile(r"\.content\b|\.text\b|output_text")
WRITES = (">", ">|", ">>", "&>")


def output_of(curl: Curl, script: Script, endpoint: Endpoint, holes: Holes) -> dict[str, Any]:
    """Say what the command wrote to files: by the filter it was piped to, else by the name."""
    target = curl.output or _target(script.curl) or ()
    part = _named(holes.plain(holes.fill(target)), endpoint) if target else ""
    for command in script.after:
        part = _filtered(command, endpoint) or part
        target = _target(command) or _tee(command) or target
    if not target or text_of(target) in ("/dev/null", "-"):
        return {}
    path = holes.template(holes.fill(target)).removeprefix("out/")
    if path.startswith(("/", "~", ".")) or ".." in PurePosixPath(path).parts or "{{ env" in path:
        name = PurePosixPath(source_of(target)).name.lstrip(".") or "reply"
        holes.warn(f"{source_of(target)} does not lie below out/: the reply goes to {name}")
        path = name
    fallback = _named(path, endpoint) or "body"
    part = part if part in endpoint.gives else fallback
    return {"output": {part: path}}


def _target(command: Command) -> Word:
    found = [word for operator, word in command.redirects if operator.lstrip("1") in WRITES]
    return found[-1] if found else ()


def _tee(command: Command) -> Word:
    words = [word for word in command.words[1:] if not (text_of(word) or "").startswith("-")]
    return words[0] if text_of(command.words[0]) == "tee" and words else ()


def _filtered(command: Command, endpoint: Endpoint) -> str:
    if not command.words or text_of(command.words[0]) != "jq":
        return ""
    asked = " ".join(source_of(word) for word in command.words[1:])
    for pattern, part in ((IMAGE, "image"), (SOUND, "audio"), (TEXT, "text")):
        if pattern.search(asked) and part in endpoint.gives:
            return part
    return "json"


def _named(path: str, endpoint: Endpoint) -> str:
    """Guess a part by the path's ending; what is neither picture nor sound keeps its bytes."""
    kind = MEDIA.get(PurePosixPath(path).suffix.lower(), "").partition("/")[0]
    return kind if kind in ("image", "audio") and kind in endpoint.gives else ""


def counted(output: Mapping[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
    """Number the pictures or choices of a reply that has several."""
    return dict(_counted(output, body.get("n")))


def _counted(output: Mapping[str, Any], count: Any) -> Iterator[tuple[str, Any]]:
    for part, path in output.items():
        if part in ("image", "text") and isinstance(count, int) and count > 1:
            place = PurePosixPath(path)
            yield part, str(place.with_name(f"{place.stem}-{{{{ index }}}}{place.suffix}"))
        else:
            yield part, path
