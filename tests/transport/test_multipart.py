import tracemalloc
from email import message_from_bytes
from hashlib import sha256

import pytest

from runner.errors import RecipeError
from runner.exchange import Multipart, Part, Spool
from runner.transport.multipart import Stream, encode

FORM = Multipart(
    (
        Part("purpose", b"fine-tune"),
        Part("file", b'{"a": 1}\n', "piet.jsonl", "application/jsonl"),
    )
)


def spool(path, body: bytes) -> Spool:
    path.write_bytes(body)
    return Spool(str(path), len(body), sha256(body).hexdigest())


def sent(form: Multipart) -> bytes:
    return Stream(encode(form).segments).read()


def test_a_form_reads_as_a_form():
    form = encode(FORM)
    message = message_from_bytes(f"Content-Type: {form.content_type}\r\n\r\n".encode() + sent(FORM))
    _, first, second = message.walk()
    assert first["Content-Disposition"] == 'form-data; name="purpose"'
    assert first["Content-Type"] is None
    assert first.get_payload() == "fine-tune"
    assert second["Content-Disposition"] == 'form-data; name="file"; filename="piet.jsonl"'
    assert second.get_content_type() == "application/jsonl"
    assert second.get_payload() == '{"a": 1}\n'


def test_the_size_is_that_of_what_is_sent():
    assert encode(FORM).size == len(sent(FORM))


def test_the_same_content_has_the_same_boundary_wherever_it_lies(tmp_path):
    in_memory = Multipart((Part("file", b"abc", "a.txt"),))
    on_disk = Multipart((Part("file", spool(tmp_path / "x", b"abc"), "a.txt"),))
    assert encode(in_memory).content_type == encode(on_disk).content_type
    assert sent(in_memory) == sent(on_disk)


@pytest.mark.parametrize(
    "other",
    [
        Multipart((Part("a", b"xb"),)),
        Multipart((Part("ax", b"b"),)),
        Multipart((Part("a", b"x"), Part("a", b"b"))),
        Multipart((Part("a", b"x", "b"),)),
        Multipart((Part("a", b"x", media_type="b"),)),
    ],
)
def test_other_content_has_another_boundary(other):
    assert encode(other).content_type != encode(Multipart((Part("a", b"x"),))).content_type


def test_names_cannot_break_out_of_their_header():
    text = sent(Multipart((Part('a"\r\nX: 1', b"", 'ü"\n.png'),)))
    assert b'name="a%22%0D%0AX: 1"; filename="\xc3\xbc%22%0A.png"' in text


@pytest.mark.parametrize("size", [1, 3, 10, 1 << 20])
def test_a_stream_is_read_in_any_steps(tmp_path, size):
    body = bytes(range(256)) * 3
    stream = Stream((b"head", spool(tmp_path / "x", body), b"", b"tail"))
    pieces = []
    while piece := stream.read(size):
        assert len(piece) <= size
        pieces.append(piece)
    assert b"".join(pieces) == b"head" + body + b"tail"


def test_a_large_file_costs_no_memory(tmp_path):
    path = tmp_path / "big"
    with path.open("wb") as file:
        file.truncate(1 << 28)
    stream = Stream((Spool(str(path), 1 << 28, ""),))
    tracemalloc.start()
    try:
        count = 0
        while piece := stream.read(1 << 16):
            count += len(piece)
        assert tracemalloc.get_traced_memory()[1] < 4 << 20
    finally:
        tracemalloc.stop()
    assert count == 1 << 28


def test_a_file_that_changed_is_refused_before_it_is_sent(tmp_path):
    found = spool(tmp_path / "x", b"abc")
    (tmp_path / "x").write_bytes(b"abcd")
    with pytest.raises(RecipeError, match="no longer the 3 bytes"):
        Stream((found,))


def test_a_file_that_is_gone_is_refused_before_it_is_sent(tmp_path):
    found = spool(tmp_path / "x", b"abc")
    (tmp_path / "x").unlink()
    with pytest.raises(RecipeError, match="cannot be read again"):
        Stream((found,))


def test_a_file_that_shrinks_while_it_is_sent_is_an_error(tmp_path):
    stream = Stream((b"head", spool(tmp_path / "x", b"abc")))
    (tmp_path / "x").write_bytes(b"a")
    with pytest.raises(RecipeError, match="no longer the 3 bytes"):
        stream.read()
