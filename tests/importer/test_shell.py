"""Words and operators, as a shell reads them."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as some

from runner.errors import RecipeSyntaxError
from runner.importer.shell import Piece, source_of, text_of, tokens

TEXT = some.text(some.characters(exclude_characters="\r\0", codec="utf-8"))


def words(text):
    return [source_of(token.word) for token in tokens(text, "f") if not token.operator]


def operators(text):
    return [token.operator for token in tokens(text, "f") if token.operator]


@given(some.lists(TEXT, min_size=1))
def test_quoted_words_are_read_as_a_shell_does(found):
    text = shlex.join(found)
    assert [text_of(token.word) for token in tokens(text, "f") if not token.operator] == found


@pytest.mark.parametrize(
    "text",
    [
        r"a\ b c",
        """'it'"'"'s'""",
        r'''"a \"b\" \\ \n"''',
        "a'b'\"c\"d",
        r"\"x\"",
        '""',
        '--data-raw \'{"a": 1}\' -H "X: y"',
    ],
)
def test_quotes_join_and_escape_as_in_python_s_own_reader(text):
    assert words(text) == shlex.split(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (r"$'a\nb\'c\x41\u00e9\101'", "a\nb'cAéA"),
        (r'"$' "'" 'x"', "$'x"),
        ('"a\\\nb"', "ab"),
        ("$", "$"),
        ('"$ 5"', "$ 5"),
    ],
)
def test_text_in_its_rarer_quotes(text, found):
    assert words(text) == [found]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("$A", [("variable", "A", None)]),
        ("${A}b", [("variable", "A", None), ("text", "b", None)]),
        ("${A:-x y}", [("variable", "A", "x y")]),
        ("$(cat 'a)b' \"$(x)\")", [("command", "cat 'a)b' \"$(x)\"", None)]),
        ("`date`", [("command", "date", None)]),
        ("'$A'", [("text", "$A", None)]),
        (r"\$A", [("text", "$", None), ("text", "A", None)]),
    ],
)
def test_what_a_shell_fills_in_is_a_piece(text, pieces):
    (token,) = tokens(text, "f")
    assert [piece[:3] for piece in token.word if piece.text] == pieces


@pytest.mark.parametrize(
    "text", ["a \\ -H b", "a \\\n-H b", "a \\  \n  -H b", "a \\\r\n -H b", "a -H b \\"]
)
def test_a_lone_backslash_ends_a_line(text):
    assert words(text) == ["a", "-H", "b"]


def test_operators_and_comments():
    text = "a 2>/dev/null | b>c && d # e | f\n; g"
    assert words(text) == ["a", "/dev/null", "b", "c", "d", "g"]
    assert operators(text) == ["2>", "|", ">", "&&", "\n", ";"]


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ('a <<\'E\'\n{"x": "$A"}\nE\nb', '{"x": "$A"}\n'),
        ('a <<E\n\\"$A\\$B\nE\nb', '\\"$A$B\n'),
        ("a <<-E\n\tx\n\tE\nb", "x\n"),
    ],
)
def test_a_here_document_is_the_word_of_its_operator(text, body):
    assert words(text) == ["a", body, "b"]


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("a\n 'b", 2, 2, "the quote that opens here is never closed"),
        ('a "b $(c', 1, 7, "the bracket that opens here is never closed"),
        ('"b', 1, 1, "the quote that opens here is never closed"),
        ("$'b", 1, 1, "the quote that opens here is never closed"),
        ("`b", 1, 1, "the backtick that opens here is never closed"),
        ("$((1+1))", 1, 1, "arithmetic cannot be imported"),
        ("${A%.*}", 1, 1, "this expansion cannot be imported"),
        ("a <<\nx", 1, 5, "expected a word after <<"),
    ],
)
def test_what_cannot_be_read_is_placed(text, line, column, message):
    with pytest.raises(RecipeSyntaxError) as raised:
        tokens(text, "f")
    (fault,) = raised.value.faults
    assert fault.mark is not None
    assert (fault.mark[:3], fault.message) == (("f", line, column), message)


@given(some.text(some.sampled_from("ab $'\"\\\n`(){}<>|&;#=-"), max_size=30))
def test_any_text_is_read_or_refused(text):
    try:
        found = tokens(text, "f")
    except RecipeSyntaxError:
        return
    assert all(isinstance(piece, Piece) for token in found for piece in token.word)
