import gzip
import zlib
from collections.abc import Iterator

import pytest

from runner.errors import BadReplyError
from runner.transport.body import Pulse, dechunk, metered, unpacked
from runner.transport.head import BrokenReplyError

CHUNKED = b"5\r\nhello\r\n1;name=value\r\n \r\nA\r\n0123456789\r\n0\r\n\r\n"
WHOLE = b"hello 0123456789"


def run(*reads: bytes) -> tuple[bytes, bool]:
    source = iter((*reads, b""))
    pieces = dechunk(lambda: next(source))
    found = []
    while True:
        try:
            found.append(next(pieces))
        except StopIteration as end:
            return b"".join(found), end.value


@pytest.mark.parametrize("cut", range(len(CHUNKED) + 1))
def test_chunks_are_undone_at_every_split(cut):
    assert run(CHUNKED[:cut] or CHUNKED, CHUNKED[cut:]) == (WHOLE, True)


def test_chunks_are_undone_byte_by_byte():
    assert run(*(CHUNKED[i : i + 1] for i in range(len(CHUNKED)))) == (WHOLE, True)


@pytest.mark.parametrize("cut", range(len(CHUNKED) - len(b"\r\n\r\n")))
def test_a_body_without_its_last_chunk_is_cut(cut):
    with pytest.raises(BrokenReplyError, match="cut"):
        run(CHUNKED[:cut])


def test_a_part_of_a_chunk_is_passed_on_at_once():
    source = iter((b"ffff\r\nda", b"ta"))
    pieces = dechunk(lambda: next(source))
    assert [next(pieces), next(pieces)] == [b"da", b"ta"]


def test_one_read_makes_one_piece():
    source = iter((b"2\r\nab\r\n2\r\ncd\r\n", b"0\r\n\r\n", b""))
    assert list(dechunk(lambda: next(source))) == [b"abcd"]


@pytest.mark.parametrize("size", [b"0x5", b"+5", b"-5", b" 5", b"5_0", b"", b"g", b"f" * 17])
def test_a_size_that_is_no_plain_hexadecimal_is_refused(size):
    with pytest.raises(BrokenReplyError, match="no number"):
        run(size + b"\r\nhello\r\n0\r\n\r\n")


def test_a_chunk_must_end_where_it_says():
    with pytest.raises(BrokenReplyError, match="does not end where it says"):
        run(b"3\r\nhello\r\n0\r\n\r\n")


def test_the_line_of_a_size_has_an_end():
    with pytest.raises(BrokenReplyError, match="line of a size"):
        run(b"1" * 20_000)


@pytest.mark.parametrize(
    ("end", "clean"),
    [
        (b"0\r\n\r\n", True),
        (b"0\r\nX-Sum: 1\r\n\r\n", True),
        (b"0\r\n\r\nHTTP/1.1 200 OK", False),
        (b"0\r\n", False),
    ],
)
def test_a_connection_serves_again_only_after_a_clean_end(end, clean):
    assert run(b"2\r\nhi\r\n" + end) == (b"hi", clean)


def test_trailers_have_an_end():
    trailers = [b"X-More: and more\r\n" * 1000] * 20
    reads = iter((b"2\r\nhi\r\n0\r\n", *trailers, b"\r\n", b""))
    assert list(dechunk(lambda: next(reads))) == [b"hi"]
    assert len(list(reads)) > 10


def plain(packed: bytes, encoding: str, size: int = 7) -> bytes:
    cut = (packed[i : i + size] for i in range(0, len(packed), size))
    return b"".join(unpacked(cut, encoding))


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("", WHOLE),
        ("identity", WHOLE),
        ("gzip", gzip.compress(WHOLE, mtime=0)),
        ("GZip ", gzip.compress(WHOLE[:5], mtime=0) + gzip.compress(WHOLE[5:], mtime=0)),
        ("deflate", zlib.compress(WHOLE)),
        ("deflate", zlib.compress(WHOLE)[2:-4]),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 1000])
def test_packed_bodies_are_unpacked(encoding, packed, size):
    assert plain(packed, encoding, size) == WHOLE


@pytest.mark.parametrize("cut", range(1, len(gzip.compress(WHOLE, mtime=0))))
def test_a_packed_body_that_does_not_end_is_cut(cut):
    with pytest.raises(BrokenReplyError, match="cut"):
        plain(gzip.compress(WHOLE, mtime=0)[:cut], "gzip")


def test_nothing_unpacks_to_nothing():
    assert plain(b"", "gzip") == b""


def test_a_flushed_token_is_unpacked_at_once():
    packer = zlib.compressobj(wbits=31)
    token = packer.compress(b"data: hi\n\n") + packer.flush(zlib.Z_SYNC_FLUSH)
    assert next(unpacked(iter((token,)), "gzip")) == b"data: hi\n\n"


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip"])
def test_an_encoding_nobody_asked_for_is_refused(encoding):
    with pytest.raises(BadReplyError, match="never asked for"):
        unpacked(iter(()), encoding)


def test_an_encoding_s_name_is_no_way_to_show_a_key():
    with pytest.raises(BadReplyError) as caught:
        unpacked(iter(()), "sk-sentinel-0123456789")
    assert "sentinel" not in str(caught.value)


def test_a_bomb_is_unpacked_a_megabyte_at_a_time():
    bomb = gzip.compress(bytes(32 << 20))
    sizes = [len(piece) for piece in unpacked(iter((bomb,)), "gzip")]
    assert max(sizes) <= 1 << 20
    assert sum(sizes) == 32 << 20


def endless() -> Iterator[bytes]:
    while True:
        yield b"x" * 10


def test_the_meter_stops_what_has_no_end():
    pieces = metered(endless(), 35)
    with pytest.raises(BadReplyError, match="larger than 35 bytes"):
        list(pieces)


def test_the_meter_lets_the_limit_itself_pass():
    assert b"".join(metered(iter((b"12345", b"67890")), 10)) == b"1234567890"


@pytest.mark.parametrize(
    ("pieces", "beats"),
    [
        ([b"data: a\n\n"], [True]),
        ([b": ping\n\n"], [False]),
        ([b":\n\n", b":\r\n\r\n"], [False, False]),
        ([b": pi", b"ng\n", b"\ndata: a\n\n"], [False, False, True]),
        ([b": a\ndata: b\n"], [True]),
        ([b"data: a\n\n: ping\n\n"], [True]),
        ([b"data", b": {"], [True, True]),
        ([b"\n\n"], [False]),
        ([b"data: a\n: pi", b"ng ping", b"\n: x\n"], [True, False, False]),
        ([b": a", b"\n", b"data: x"], [False, False, True]),
    ],
)
def test_comments_are_no_data(pieces, beats):
    pulse = Pulse()
    assert [pulse.beats(piece) for piece in pieces] == beats
