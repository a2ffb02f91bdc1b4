"""Bodies: the bytes of a reply as they come, counted, unpacked and proven whole."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Generator, Iterator
from functools import partial
from re import compile as pattern
from typing import Any

from runner.errors import BadReplyError
from runner.exchange import Listener
from runner.transport.attempt import Attempt
from runner.transport.head import BrokenReplyError
from runner.transport.response import BLOCK, Response

SIZE_LINE = pattern(rb"([0-9A-Fa-f]{1,16})[ \t]*(?:;[^\r\n]*)?")
LONGEST_LINE = 16384
MOST_TRAILERS = 65536
INFLATED_AT_ONCE = 1 << 20
WHOLE = 1 << 24

Pieces = Iterator[bytes]


def transferred(response: Response, *, as_it_comes: bool) -> Pieces:
    """Yield the body's bytes; note on the response whether its connection can serve again."""
    if response.chunked:
        clean = yield from dechunk(partial(response.fp.read1, BLOCK))
        response.reusable = clean
    elif response.length is None:
        yield from iter(partial(response.fp.read1, BLOCK), b"")
    else:
        read = response.fp.read1 if as_it_comes else response.fp.read
        yield from _counted(read, response.length, BLOCK if as_it_comes else WHOLE)
        response.reusable = True


def landed(response: Response, buffer: bytearray) -> Iterator[list[memoryview]]:
    """Yield the body's bytes as views of one buffer, each good until the next are asked for.

    Large bodies are a third cheaper so: nothing is copied on the way to the disk.
    """
    if response.chunked:
        response.reusable = yield from _landed_chunks(response, buffer)
        return
    left, view = response.length, memoryview(buffer)
    while left is None or left:
        count = response.fp.readinto1(view if left is None else view[:left])
        if not count and left is None:
            return
        if not count:
            text = f"the answer was cut: {left:,} of its bytes never came"
            raise BrokenReplyError(text)
        left = None if left is None else left - count
        yield [view[:count]]
    response.reusable = True


def _landed_chunks(
    response: Response, buffer: bytearray
) -> Generator[list[memoryview], None, bool]:
    sizes: dict[bytes, int] = {}
    view = memoryview(buffer)
    kept = need = 0
    while count := response.fp.readinto1(view[kept:]):
        length = kept + count
        found, start, need = _chunks(buffer, view, length, (need, sizes))
        if found:
            yield found
        if need < 0:
            rest = bytes(view[start:length])
            return _skip_trailers(rest, partial(response.fp.read1, BLOCK))
        kept = length - start
        view[:kept] = view[start:length]
    text = "the answer was cut: its last chunk never came"
    raise BrokenReplyError(text)


def _counted(read: Callable[[int], bytes], length: int, at_once: int) -> Pieces:
    left = length
    while left:
        piece = read(min(left, at_once))
        if not piece:
            text = f"the answer was cut: {length - left:,} of {length:,} bytes came"
            raise BrokenReplyError(text)
        left -= len(piece)
        yield piece


def dechunk(read: Callable[[], bytes]) -> Generator[bytes, None, bool]:
    """Undo HTTP/1.1 chunking: all that one read brought goes on in one piece, at once.

    Return whether nothing came behind the end.
    """
    sizes: dict[bytes, int] = {}
    buffer = b""
    need = 0
    while fresh := read():
        buffer = buffer + fresh if buffer else fresh
        found, start, need = _chunks(buffer, buffer, len(buffer), (need, sizes))
        if found:
            yield b"".join(found)
        buffer = buffer[start:]
        if need < 0:
            return _skip_trailers(buffer, read)
    text = "the answer was cut: its last chunk never came"
    raise BrokenReplyError(text)


def _chunks(
    buffer: bytes | bytearray, view: Any, length: int, begun: tuple[int, dict[bytes, int]]
) -> tuple[list[Any], int, int]:
    """Take what is there of each chunk, as slices of `view`, which is the buffer or looks at it.

    `need` counts the bytes still to come of the chunk that was begun, with its line end; it is
    below 0 after the last chunk.
    """
    need, sizes = begun
    found: list[Any] = []
    start = 0
    while True:
        if not need:
            line_end = buffer.find(b"\r\n", start, length)
            if line_end < 0:
                _size_line_fits(length - start)
                return found, start, 0
            line = bytes(buffer[start:line_end])
            size = sizes.get(line)
            if size is None:
                size = sizes[line] = _chunk_size(line, sizes)
            start = line_end + 2
            if not size:
                return found, start, -1
            need = size + 2
        end = start + need
        if end > length:
            stop = max(start, min(length, end - 2))
            found.append(view[start:stop])
            return [piece for piece in found if piece], stop, need - (stop - start)
        if not buffer.startswith(b"\r\n", end - 2):
            text = "the answer's chunks are broken: one does not end where it says"
            raise BrokenReplyError(text)
        found.append(view[start : end - 2])
        start, need = end, 0


def _chunk_size(line: bytes, sizes: dict[bytes, int]) -> int:
    match = SIZE_LINE.fullmatch(line)
    if match is None:
        text = "the answer's chunks are broken: a size is no number"
        raise BrokenReplyError(text)
    if len(sizes) > 4096:
        sizes.clear()
    return int(match[1], 16)


def _size_line_fits(length: int) -> None:
    if length > LONGEST_LINE:
        text = "the answer's chunks are broken: the line of a size does not end"
        raise BrokenReplyError(text)


def _skip_trailers(buffer: bytes, read: Callable[[], bytes]) -> bool:
    """Read up to the empty line that ends the trailers."""
    buffer = b"\r\n" + buffer
    while b"\r\n\r\n" not in buffer:
        fresh = read()
        if not fresh or len(buffer) > MOST_TRAILERS:
            return False
        buffer += fresh
    return buffer.endswith(b"\r\n\r\n") and buffer.count(b"\r\n\r\n") == 1


def unpacked(pieces: Pieces, encoding: str) -> Pieces:
    """Undo the content encoding, at most a megabyte at a time."""
    match encoding.strip().lower():
        case "" | "identity":
            return pieces
        case "gzip" | "x-gzip":
            return _inflated(pieces, (zlib.MAX_WBITS | 16,))
        case "deflate":
            return _inflated(pieces, (zlib.MAX_WBITS, -zlib.MAX_WBITS))
    name = ascii(encoding) if len(encoding) <= 16 else "something"  # never an echo of the key
    text = f"the reply is packed as {name}, which was never asked for"
    raise BadReplyError(text)


def _inflated(pieces: Pieces, windows: tuple[int, ...]) -> Pieces:
    decoder = None
    for piece in pieces:
        packed = piece
        while packed:
            if decoder is None or decoder.eof:
                decoder = _decoder(packed, windows)
            yield from _drained(decoder, packed)
            packed = decoder.unused_data
    if decoder is not None and not decoder.eof:
        text = "the answer was cut: its packed body does not end"
        raise BrokenReplyError(text)


def _decoder(packed: bytes, windows: tuple[int, ...]) -> zlib._Decompress:
    """Choose the window: some servers send bare deflate where the zlib form is meant."""
    checks = len(packed) < 2 or int.from_bytes(packed[:2]) % 31 == 0
    return zlib.decompressobj(windows[0 if packed[0] & 0x0F == 8 and checks else -1])


def _drained(decoder: zlib._Decompress, packed: bytes) -> Pieces:
    while True:
        try:
            piece = decoder.decompress(packed, INFLATED_AT_ONCE)
        except zlib.error as error:
            text = "the reply's packed body is damaged"
            raise BadReplyError(text) from error
        if piece:
            yield piece
        packed = decoder.unconsumed_tail
        if not packed and len(piece) < INFLATED_AT_ONCE:
            return


def metered(pieces: Pieces, limit: int) -> Pieces:
    """Pass pieces on until they come to more than the limit."""
    count = 0
    for piece in pieces:
        count += len(piece)
        if count > limit:
            raise too_large(limit)
        yield piece


def too_large(limit: int) -> BadReplyError:
    """Make the error of a body that goes on beyond its limit."""
    text = f"the reply is larger than {limit:,} bytes, unpacked"
    return BadReplyError(text, hint="ask for less in one request")


def handed_on(pieces: Pieces, listener: Listener, attempt: Attempt) -> Pieces:
    """Show each piece to the listener as it comes; data alone feeds the idle deadline."""
    pulse = Pulse()
    for piece in pieces:
        listener.chunk(piece)
        if pulse.beats(piece):
            attempt.feed()
        yield piece


class Pulse:
    """Tells a stream's data from the comments that servers send to keep a connection open."""

    def __init__(self) -> None:
        self._in_comment = False
        self._at_start = True

    def beats(self, piece: bytes) -> bool:
        """Whether the piece holds anything but comments and empty lines."""
        starts = self._in_comment or (self._at_start and piece.startswith(b":"))
        if not starts and b"\n:" not in piece:
            self._at_start = piece.endswith(b"\n")
            return not piece.isspace()
        first, *rest = piece.split(b"\n")
        self._in_comment = rest[-1].startswith(b":") if rest else starts
        self._at_start = bool(rest) and not rest[-1]
        data = [b"" if starts else first, *(line for line in rest if not line.startswith(b":"))]
        return bool(b"".join(data).strip())
