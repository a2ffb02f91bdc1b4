"""Weighing: about how many tokens a request takes of a limit, before it is sent.

What was used puts the guess right later.
"""

from __future__ import annotations

from collections.abc import Mapping

from runner.exchange import Json, JsonBody, Multipart, Reply, Request
from runner.protocol import reckoning
from runner.protocol.usage import is_count
from runner.record import Record


class Weight(Record):
    """Tokens in, and the most tokens out that the request asks for (0: it does not say)."""

    given: float = 0.0
    made: float = 0.0

    @property
    def whole(self) -> float:
        """Both."""
        return self.given + self.made


def weigh(request: Request) -> Weight:
    """Judge the tokens of a request."""
    body = request.body
    if isinstance(body, JsonBody) and isinstance(body.value, Mapping):
        found = reckoning.count(body.value, request.model)
        return Weight(float(found.text + found.pictures + found.sound), _made(body.value))
    if isinstance(body, Multipart):
        texts = (0 if part.file_name else len(part.body) for part in body.parts)
        files = sum(1 for part in body.parts if part.file_name)
        return Weight(sum(texts) / reckoning.BYTES + files * reckoning.FILE)
    return Weight()


def _made(body: Mapping[str, Json]) -> float:
    names = ("max_completion_tokens", "max_output_tokens", "max_tokens")
    most = next((body[name] for name in names if _count(body.get(name))), 0)
    return float(most * max(1, _count(body.get("n"))))


def _count(value: Json) -> int:
    is_count = isinstance(value, int) and not isinstance(value, bool) and value > 0
    return value if is_count else 0


def used(reply: Reply) -> float | None:
    """Return the tokens that a reply says it used; None where it does not."""
    from runner.protocol.charged import used_in

    found = used_in(reply.body) if isinstance(reply.body, bytes) else None
    total = found.get("total_tokens") if found else None
    return float(total) if is_count(total) else None
