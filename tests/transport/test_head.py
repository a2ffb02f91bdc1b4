import io

import pytest

from runner.transport import head
from runner.transport.head import BrokenReplyError, Head


def read(text: bytes, method: str = "POST") -> Head:
    """Read a head line by line, and at once: it comes to the same."""
    found = head.read(io.BytesIO(text).readline, method)
    whole = head.whole(text, method)
    assert whole is None or whole == (found, text.index(b"\r\n\r\n") + 4)
    return found


def with_headers(*lines: str) -> Head:
    return read("\r\n".join(["HTTP/1.1 200 OK", *lines, "", ""]).encode("latin-1"))


def test_a_head_is_read():
    found = read(b"HTTP/1.1 429 Too Many\r\nRetry-After: 3\r\nContent-Length: 12\r\n\r\nrest")
    assert found == Head(
        429, "Too Many", {"retry-after": "3", "content-length": "12"}, False, 12, True
    )


@pytest.mark.parametrize(
    ("lines", "headers"),
    [
        (["A: 1", "a: 2"], {"a": "1, 2"}),
        (["A:1", "B:  x:y  "], {"a": "1", "b": "x:y"}),
        (["A: 1", "  more"], {"a": "1 more"}),
        (["A: é"], {"a": "é"}),
        (["no colon", "A: 1"], {"a": "1"}),
        (["A:"], {"a": ""}),
    ],
)
def test_headers_are_read_by_lower_case_name(lines, headers):
    assert with_headers(*lines).headers == headers


@pytest.mark.parametrize(
    ("lines", "length", "chunked", "keeps_alive"),
    [
        ([], None, False, False),
        (["Content-Length: 0"], 0, False, True),
        (["Content-Length: 5, 5"], 5, False, True),
        (["Content-Length: 5", "Connection: Close"], 5, False, False),
        (["Transfer-Encoding: Chunked"], None, True, True),
        (["Transfer-Encoding: chunked", "Content-Length: 5"], None, True, True),
        (["Transfer-Encoding: identity", "Content-Length: 5"], 5, False, True),
    ],
)
def test_where_the_body_ends(lines, length, chunked, keeps_alive):
    found = with_headers(*lines)
    assert (found.length, found.chunked, found.keeps_alive) == (length, chunked, keeps_alive)


@pytest.mark.parametrize(("status", "method"), [(204, "POST"), (304, "GET"), (200, "HEAD")])
def test_some_replies_have_no_body(status, method):
    assert read(b"HTTP/1.1 %d No\r\nContent-Length: 9\r\n\r\n" % status, method).length == 0


def test_an_old_server_closes_unless_it_says_otherwise():
    assert not read(b"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\n").keeps_alive
    kept = b"HTTP/1.0 200 OK\r\nContent-Length: 1\r\nConnection: keep-alive\r\n\r\n"
    assert read(kept).keeps_alive


@pytest.mark.parametrize("interim", [b"100 Continue", b"103 Early Hints", b"102 Processing"])
def test_interim_replies_pass_by(interim):
    found = read(b"HTTP/1.1 " + interim + b"\r\nLink: x\r\n\r\nHTTP/1.1 201 Made\r\n\r\n")
    assert (found.status, found.headers) == (201, {})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"", "closed the connection before it answered"),
        (b"SSH-2.0\r\n", "did not answer in HTTP"),
        (b"HTTP/2 200\r\n\r\n", "did not answer in HTTP"),
        (b"HTTP/1.1 abc\r\n\r\n", "did not answer in HTTP"),
        (b"HTTP/1.1 200 OK", "did not answer in HTTP"),
        (b"HTTP/1.1 200 OK\r\n", "cut within its headers"),
        (b"HTTP/1.1 200 OK\r\nA: 1\r\n", "cut within its headers"),
        (b"HTTP/1.1 200 OK\r\nA: 1", "cut within its headers"),
        (b"HTTP/1.1 200 OK\r\nA: " + b"x" * 70_000 + b"\r\n\r\n", "cut within its headers"),
        (b"HTTP/1.1 200 OK\r\n" + b"A: 1\r\n" * 300, "headers without end"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" * 20, "interim answers without end"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "no length"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1_0\r\n\r\n", "no length"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: \r\n\r\n", "no length"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "no length"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "transfer coding"),
    ],
)
def test_a_broken_head_is_told(text, told):
    with pytest.raises(BrokenReplyError, match=told):
        read(text)


def test_a_head_is_written():
    assert head.written("POST", "/v1", {"Host": "h", "X-A": "é"}) == (
        "POST /v1 HTTP/1.1\r\nHost: h\r\nX-A: é\r\n\r\n".encode("latin-1")
    )


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\nb", "a\rb"])
def test_no_header_brings_another(value):
    with pytest.raises(ValueError, match="line end"):
        head.written("GET", "/", {"X-A": value})


@pytest.mark.parametrize(
    "text",
    [
        b"HTTP/1.1 200 OK\r\nA: 1\r\n",
        b"HTTP/1.1 200 OK\nA: 1\n\n",
        b"HTTP/1.1 200 OK\r\nA: 1\nB: 2\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nA: 1\r\n more\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\nA: 1\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
        b"SSH-2.0\r\nA: 1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"A: 1\r\n" * head.MOST_LINES + b"\r\n",
        b"",
    ],
)
def test_what_is_not_plainly_a_whole_head_is_left_to_be_read_line_by_line(text):
    assert head.whole(text, "POST") is None


def test_a_plain_head_is_read_at_once():
    text = b"HTTP/1.1 200 OK\r\nA: 1\r\nContent-Length: 4\r\n\r\nbody"
    found, end = head.whole(text, "POST") or (None, 0)
    assert found == Head(200, "OK", {"a": "1", "content-length": "4"}, False, 4, True)
    assert text[end:] == b"body"


def test_a_header_without_a_name_is_passed_over_or_kept_but_never_breaks():
    assert with_headers(": x", "A: 1").headers["a"] == "1"
