"""Remains: the bytes of an answer: whether it has any to keep, and where they lie in the end."""

from __future__ import annotations

from pathlib import Path

from runner.exchange import Body, Spool
from runner.model import Answer
from runner.results import Written


def has_bytes(answer: Answer) -> bool:
    """Whether an answer is a picture, a sound or the like, which nobody can print."""
    is_told = answer.text is not None or answer.json is not None
    is_empty = isinstance(answer.body, bytes) and not answer.body
    return bool(answer.artifacts) or not (is_told or is_empty or answer.status >= 400)


def settled(answer: Answer | None, files: tuple[Written, ...]) -> Answer | None:
    """Let an answer name its bodies where they lie now; remove what nothing was made of."""
    if answer is None or not any(isinstance(body, Spool) for body in _bodies(answer)):
        return answer

    def moved(body: Body, part: str) -> Body:
        if not isinstance(body, Spool):
            return body
        same = [file for file in files if file.sha256 == body.sha256]
        made = same or [file for file in files if file.part == part]
        Path(body.path).unlink(missing_ok=True)
        return Spool(made[0].path, made[0].size, made[0].sha256) if made else b""

    artifacts = (one._replace(body=moved(one.body, one.part)) for one in answer.artifacts)
    return answer._replace(body=moved(answer.body, "body"), artifacts=tuple(artifacts))


def _bodies(answer: Answer) -> list[Body]:
    return [answer.body, *(artifact.body for artifact in answer.artifacts)]
