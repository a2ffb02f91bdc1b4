"""What strangers sent becomes JSON, or an error in plain words that is safe to show."""

import json
import sys

import pytest

from runner.errors import BadReplyError, RecipeError
from runner.protocol import wire


def told(error: Exception) -> str:
    return str(error.args[0])


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a": [1, 2.5, null, true, "x"]}', {"a": [1, 2.5, None, True, "x"]}),
        (b'\xef\xbb\xbf {"a": 1}\r\n', {"a": 1}),
        (b'{"a": 1, "a": 2}', {"a": 2}),
        (b'"\xf0\x9f\x98\x80"', "😀"),
        (rb'"\ud83d\ude00"', "😀"),
        (rb'{"\ud83dx": ["\ude00"]}', {"�x": ["�"]}),
        (b"1e-400", 0.0),
        (b"[" * 200 + b"]" * 200, json.loads("[" * 200 + "]" * 200)),
        (b"[" + b"[]," * 5000 + b"1]", [[]] * 5000 + [1]),
    ],
)
def test_json_is_decoded(body, value):
    assert wire.decode_json(body, "application/json") == value


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "expected JSON, got an empty body (text/x)"),
        (b" \n", "expected JSON, got an empty body (text/x)"),
        (
            b"<!doctype html>\n<title>Bad \x1b[31m</title>",
            "expected JSON, got HTML (text/x): '<!doctype html> <title>Bad \\x1b[31m</title>'",
        ),
        (b"upstream error", "expected JSON, got text (text/x): 'upstream error'"),
        (
            b'{"a": 1',
            "expected JSON, got JSON that cannot be used, as it breaks off after 7 characters"
            " (text/x): '{\"a\": 1'",
        ),
        (
            b'{"a": "x',
            "expected JSON, got JSON that cannot be used, as it breaks off after 8 characters"
            ' (text/x): \'{"a": "x\'',
        ),
        (
            b'{"a": x}',
            "expected JSON, got JSON that cannot be used, as it is wrong at line 1, column 7"
            " (expecting value) (text/x): '{\"a\": x}'",
        ),
        (b"\xff\xfe", "expected JSON, got bytes that are no UTF-8 (at byte 0) (text/x): '��'"),
        (b"NaN", "got JSON that cannot be used, as it holds NaN, which is no JSON (text/x): 'NaN'"),
        (b"[-Infinity]", "as it holds -Infinity, which is no JSON"),
        (b"[1e999]", "as it holds a number too large to keep: 1e999"),
        (b"9" * 5000, "as it holds a number of too many digits"),
        (b"[" * 201 + b"]" * 201, "as it nests deeper than 200 levels"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "as it nests deeper than 200 levels"),
    ],
)
def test_what_is_no_json_is_refused_in_plain_words(body, message):
    with pytest.raises(BadReplyError) as caught:
        wire.decode_json(body, "text/x")
    assert message in told(caught.value)
    assert len(str(caught.value)) < 500


def test_html_asks_whether_the_base_url_is_right():
    with pytest.raises(BadReplyError, match="does the base URL point at the API"):
        wire.decode_json(b"<html>", "")


def test_the_excerpt_is_short():
    with pytest.raises(BadReplyError) as caught:
        wire.decode_json(b"x" * 10_000, "")
    assert told(caught.value) == f"expected JSON, got text: '{'x' * 199}…'"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain é😀", "plain é😀"),
        ("tab\tline\n", "tab\tline\n"),
        ("\x1b[31mred\x07", "\\x1b[31mred\\x07"),
        ("cr\rback\x08", "cr\\x0dback\\x08"),
        ("del\x7f c1\x9b nel\x85", "del\\x7f c1\\x9b nel\\x85"),
        ("\u202eevil\u2066\u200f", "\\u202eevil\\u2066\\u200f"),
        ("half \ud83d", "half \\ud83d"),
    ],
)
def test_control_characters_are_shown_escaped(text, shown):
    assert wire.printable(text) == shown


def test_every_shown_text_can_be_printed():
    shown = wire.printable("".join(map(chr, range(sys.maxunicode + 1))))
    shown.encode()
    controls = [char for char in shown if ord(char) < 32 or 127 <= ord(char) < 160]
    assert controls == ["\t", "\n"]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (b"a\n  b", "'a b'"),
        ({"a": "é"}, '\'{"a": "é"}\''),
        (None, "'null'"),
        ("x" * 300, "'" + "x" * 199 + "…'"),
    ],
)
def test_an_excerpt_is_one_quoted_line(value, shown):
    assert wire.excerpt(value) == shown


@pytest.mark.parametrize("text", [f"a{' ' * 900}b", f"a{' ' * 900}b".encode()])
def test_where_an_excerpt_was_cut_among_blanks_is_shown(text):
    assert wire.excerpt(text) == "'a…'"


def test_the_first_header_that_is_there_counts():
    headers = {"apim-request-id": "b", "x-request-id": ""}
    assert wire.header(headers, "x-request-id", "apim-request-id") == "b"
    assert wire.header(headers, "nothing") == ""


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("ft:gpt-4.1:me::1", "ft:gpt-4.1:me::1"),
        ("a/..b?x#y", "a%2F..b%3Fx%23y"),
        ("meta-llama/Llama-3.1", "meta-llama%2FLlama-3.1"),
        ("é", "%C3%A9"),
    ],
)
def test_an_id_is_one_segment_of_the_path(text, quoted):
    assert wire.segment(text) == quoted


@pytest.mark.parametrize("text", ["", ".", "..", " ", "../files", "a/../b", "a/.", "..\\a"])
def test_an_id_cannot_lead_elsewhere(text):
    with pytest.raises(RecipeError, match="an id cannot be"):
        wire.segment(text)


def test_arguments_are_decoded_and_written():
    assert wire.arguments('{"a": 1}') == {"a": 1}
    assert wire.arguments('{"a": ') is None
    assert wire.arguments("[" * 100_000) is None
    assert wire.argument_text({"a": "é"}) == '{"a": "é"}'
    assert wire.argument_text('{"a": ') == '{"a": '
    assert wire.argument_text(None) == ""
