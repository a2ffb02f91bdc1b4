"""Arriving: the body of a reply on its way to memory or to the disk, within its limit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from runner.errors import BadReplyError, ServiceError
from runner.transport.attempt import Attempt
from runner.transport.body import Pieces, landed, metered, too_large, transferred, unpacked
from runner.transport.failure import explained
from runner.transport.response import Response

AT_ONCE = 1 << 18
"""The bytes of a body that are in memory on their way to the disk."""


class Arriving:
    """The body of a reply, from our connection or from what stands in for it in a test."""

    def __init__(
        self, raw: Any, headers: Mapping[str, str], attempt: Attempt, *, as_it_comes: bool
    ) -> None:
        self._raw = raw
        self._attempt = attempt
        self._encoding = headers.get("content-encoding", "")
        self._as_it_comes = as_it_comes

    def pieces(self, limit: int) -> Pieces:
        """Yield the unpacked body; what breaks here is the network's fault, not a listener's."""
        with explained(self._attempt):
            yield from metered(unpacked(self._transferred(limit), self._encoding), limit)

    @property
    def is_bare(self) -> bool:
        """Whether the bytes come as they are, over a connection of ours."""
        return isinstance(self._raw, Response) and self._encoding in ("", "identity")

    def views(self, limit: int) -> Iterator[list[memoryview]]:
        """Yield the body as views of one buffer, each good until the next are asked for."""
        count = 0
        if (self._raw.length or 0) > limit:
            raise too_large(limit)
        with explained(self._attempt):
            for views in landed(self._raw, bytearray(AT_ONCE)):
                count += sum(map(len, views))
                if count > limit:
                    raise too_large(limit)
                yield views

    def _transferred(self, limit: int) -> Pieces:
        if not isinstance(self._raw, Response):
            return iter(self._raw.stream(decode_content=False))
        if not self._as_it_comes and (self._raw.length or 0) > limit:
            text = f"the reply is larger than {limit:,} bytes"
            raise BadReplyError(text, hint="ask for less in one request")
        return transferred(self._raw, as_it_comes=self._as_it_comes)

    def close(self) -> None:
        if isinstance(self._raw, Response):
            self._raw.release()


def what_came(pieces: Pieces) -> bytes:
    """Join what can be had of an error's body: its status counts even where the body is broken."""
    content = []
    try:
        for piece in pieces:
            content.append(piece)
    except ServiceError:
        pass
    return b"".join(content)
