"""Mistakes: what a YAML syntax error most likely means, in plain words."""

from __future__ import annotations

import json
import re

from runner.recipe.source import MAX_DEPTH
from runner.record import Record

_IN_FLOW = re.compile(r"[^,\[\]{}]*\{[{%].*?[%}]\}[^,\]}]*")
_ITEM = re.compile(r"\[\s*|\{(?![{%])\s*|[,:-]\s+")
_COMMENT = re.compile(r"\s#.*$")
_QUOTE = "put the text in quotes, or below the key after a |"

UNQUOTED = "a template without quotes, which YAML reads as a mapping"


class Mistake(Record):
    """A message, its hint, and where the fault begins if not where the parser stopped.

    `opens` is true where the fault is what began and never ended; `column` counts from 0.
    """

    message: str
    hint: str = ""
    opens: bool = False
    column: int = -1
    width: int = 1


_TAB = Mistake("a tab stands where YAML wants spaces", "indent with spaces")

# The first row of which a fragment stands in the parser's words holds; libyaml and the pure
# parser word the same error differently.
_TABLE: tuple[tuple[tuple[str, ...], Mistake], ...] = (
    (
        ("exceeded maximum nesting depth",),
        Mistake(f"values nest deeper than {MAX_DEPTH} levels"),
    ),
    (("tab character", "'\\t'"), _TAB),
    (
        ("mapping values are not allowed",),
        Mistake(
            "a second 'key: value' begins here, in the middle of a text",
            "text that holds ': ' needs quotes; if it is a key of its own, mind its indentation",
        ),
    ),
    (
        ("sequence entries are not allowed",),
        Mistake("a list item '- ' cannot begin here", "begin the list on a line of its own"),
    ),
    (
        ("unexpected end of stream",),
        Mistake("quoted text begins here and does not end", "close the quote", opens=True),
    ),
    (
        ("',' or ']'",),
        Mistake(
            "the list that begins here is not closed as it should be",
            "expected ',' or ']'; a text with brackets, braces or quotes in it needs quotes",
            opens=True,
        ),
    ),
    (
        ("',' or '}'",),
        Mistake(
            "the mapping that begins here is not closed as it should be",
            "expected ',' or '}'; a text with brackets, braces or quotes in it needs quotes",
            opens=True,
        ),
    ),
    (
        ("unknown escape character",),
        Mistake(
            "an unknown escape after a backslash in double-quoted text",
            "double the backslash, or use single quotes",
        ),
    ),
    (
        ("invalid Unicode character escape",),
        Mistake(
            "a \\u escape that is no character",
            "write the character itself, or \\U and eight digits",
        ),
    ),
    (
        ("tag handle", "scanning a tag", "parsing a tag", "%TAG"),
        Mistake("a tag that YAML does not know", f"text that begins with '!': {_QUOTE}"),
    ),
    (
        ("alphabetic or numeric character",),
        Mistake("a '*' or '&' that names no anchor", _QUOTE),
    ),
    (
        ("incompatible YAML document",),
        Mistake("a YAML version that is not supported", "leave the %YAML line out"),
    ),
    (
        ("scanning a block scalar",),
        Mistake("text after '|' or '>'", "begin the text on the next line, indented"),
    ),
    (
        ("cannot start any token",),
        Mistake("a text cannot begin with this character without quotes", _QUOTE),
    ),
    (
        ("expected key", "expected <block end>", "expected '-' indicator"),
        Mistake(
            "this does not belong where it stands",
            "is the indentation that of the lines above? "
            "text after a closing quote or bracket is not allowed",
        ),
    ),
    (
        ("could not find expected ':'", "expected ':'"),
        Mistake("a key without its ':'", "write 'key: value'; longer text goes after a |"),
    ),
    (
        ("expected node content", "the node content"),
        Mistake("a value was expected here", _QUOTE),
    ),
)


def explain(problem: str, context: str, line: str, column: int) -> Mistake:
    """Say what the parser's words mean at this place (column from 0) of the line."""
    if _is_template(line, column):
        begins = _item_start(line, column)
        in_flow = "flow" in context or line[:begins].rstrip().endswith(("[", "{", ","))
        text = unquoted(line, begins, in_flow=in_flow)
        return Mistake(UNQUOTED, f"quote it: {quote(text)}", False, begins, len(text))
    if line[column : column + 1] == "\t" and "cannot start" in problem:
        return _TAB
    words = f"{problem} {context}"
    for fragments, mistake in _TABLE:
        if any(fragment in words for fragment in fragments):
            return mistake
    return Mistake(f"this is no YAML: {' '.join(words.split())}")


def _is_template(line: str, column: int) -> bool:
    return line.startswith("{{", column) or "{%" in line[max(0, column - 1) : column + 2]


def _item_start(line: str, column: int) -> int:
    """Return where the list item or value begins that holds this column."""
    if line.startswith("%", column):
        column -= 1
    starts = [match.end() for match in _ITEM.finditer(line, 0, column)]
    return min(starts[-1] if starts else 0, column)


def unquoted(line: str, column: int, *, in_flow: bool) -> str:
    """Return the value that begins at this column, up to where its author will have meant."""
    rest = line[column:]
    match = _IN_FLOW.match(rest) if in_flow else None
    text = match.group() if match else _COMMENT.sub("", rest)
    return text.strip()


def quote(text: str) -> str:
    """Put text in quotes, double ones where nothing in it stands against them."""
    text = text if len(text) <= 100 else f"{text[:99]}…"
    if '"' not in text and "\\" not in text:
        return f'"{text}"'
    if "'" not in text:
        return f"'{text}'"
    return json.dumps(text, ensure_ascii=False)
