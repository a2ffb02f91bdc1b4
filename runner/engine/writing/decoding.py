"""Decoding: the bytes that a stream's events bring go to disk as they come."""

from __future__ import annotations

from pathlib import Path

from runner.exchange import Assembler, Body, Decoder
from runner.transport.spooling import Writer


class Decoding:
    """Takes what an assembler has decoded, again and again; `finish` or `abandon` it."""

    def __init__(self, decoder: Decoder, writer: Writer) -> None:
        self._decoder = decoder
        self._writer = writer

    def take(self) -> bool:
        """Take what there is; return whether there was anything."""
        piece = self._decoder.taken()
        if piece:
            self._writer.write(piece)
        return bool(piece)

    def finish(self) -> Body:
        """Return the whole body."""
        self.take()
        return self._writer.finish()

    def abandon(self) -> None:
        """Leave nothing behind."""
        self._writer.abandon()


def decoding(assembler: Assembler, folder: Path) -> Decoding | None:
    """Take what an assembler decodes, where it decodes anything."""
    return Decoding(assembler, Writer(folder)) if isinstance(assembler, Decoder) else None
