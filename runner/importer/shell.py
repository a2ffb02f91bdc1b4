"""Shell: the text of a script becomes words and operators, as a POSIX shell reads them.

Nothing is run and nothing is expanded: a word is a row of pieces, each plain text, a variable or
the text of a command whose output would stand there. Commands that were flattened to one line are
mended: a lone backslash before a blank is the end of a line.
"""

from __future__ import annotations

import re
from typing import NoReturn, TypeAlias

from runner.errors import Fault, Mark, RecipeSyntaxError
from runner.record import Record


class Piece(Record):
    """A part of a word: `kind` is text, variable or command. `default` is that of `${A:-B}`.

    `quoted` text stood in quotes, where `~` and `#` mean nothing.
    """

    kind: str
    text: str
    default: str | None = None
    quoted: bool = False


Word: TypeAlias = tuple[Piece, ...]


class Token(Record):
    """A word, or an operator; the body of a here-document stands in the word of its `<<`."""

    operator: str
    word: Word
    line: int


OPERATOR = re.compile(r"\d?(?:<<<|<<-|<<|>>|>\||>&|<&|&>|<|>)|\|\||\|&|\||&&|&|;;|;|\(|\)")
VARIABLE = re.compile(r"\$(?:([A-Za-z_]\w*|[0-9@*#?!$-])|\{([A-Za-z_]\w*|[0-9])(?::?-([^}]*))?\})")
PLAIN = re.compile(r"[^\s\\'\"$`|&;<>()]+")
IN_QUOTES = re.compile(r'[^\\"$`]+')
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "a": "\a", "e": "\033"}
CODE = re.compile(r"x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{1,4})|U([0-9A-Fa-f]{1,8})|([0-7]{1,3})")


def text_of(word: Word) -> str | None:
    """Return a word that is text alone; None where a shell would have to fill something in."""
    return None if any(piece.kind != "text" for piece in word) else source_of(word)


def source_of(word: Word) -> str:
    """Write a word as people read it."""
    marks = {"text": "{}", "variable": "${}", "command": "$({})"}
    return "".join(marks[piece.kind].format(piece.text) for piece in word)


def tokens(text: str, file: str) -> list[Token]:
    """Take a script apart; RecipeSyntaxError where a quote or a bracket stays open."""
    return _Lexer(text.replace("\r\n", "\n"), file).tokens()


class _Lexer:
    """Reads a script from left to right."""

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file
        self.at = 0
        self.found: list[Token] = []
        self.pieces: list[Piece] = []
        self.waiting: list[tuple[int, bool]] = []
        self.begun = False
        self.escapable = ""

    def tokens(self) -> list[Token]:
        while self.at < len(self.text):
            self.step()
        self.end_word()
        return self.found

    def wrong(self, message: str, start: int, hint: str = "") -> NoReturn:
        before = self.text[:start]
        mark = Mark(self.file, before.count("\n") + 1, start - before.rfind("\n"))
        line = self.text.splitlines()[mark.line - 1]
        raise RecipeSyntaxError.of(Fault(message, mark, hint=hint, source=line))

    def line(self) -> int:
        return self.text.count("\n", 0, self.at) + 1

    def add(self, kind: str, text: str, default: str | None = None, quoted: bool = False) -> None:
        """Add a piece to the word that is read; quotes around nothing make an empty word."""
        self.begun = True
        if text or kind != "text":
            self.pieces.append(Piece(kind, text, default, quoted))

    def end_word(self) -> None:
        if self.begun:
            self.found.append(Token("", tuple(self.pieces), self.line()))
        self.pieces, self.begun = [], False

    def operator(self, text: str) -> None:
        self.end_word()
        self.found.append(Token(text, (), self.line()))

    def step(self) -> None:
        """Read on by one piece, operator or blank."""
        sign = self.text[self.at]
        if sign == "\n":
            self.operator("\n")
            self.at += 1
            self.documents()
        elif sign.isspace():
            self.end_word()
            self.at += 1
        elif sign == "#" and not self.begun:
            end = self.text.find("\n", self.at)
            self.at = end if end >= 0 else len(self.text)
        elif sign in READERS:
            READERS[sign](self)
        elif found := self.operator_here():
            self.take_operator(found[0])
        elif found := PLAIN.match(self.text, self.at):
            self.add("text", found[0])
            self.at = found.end()

    def operator_here(self) -> re.Match[str] | None:
        """A digit belongs to an operator only where it begins a word: `2>`."""
        found = OPERATOR.match(self.text, self.at)
        return None if found and found[0][0].isdigit() and self.begun else found

    def take_operator(self, text: str) -> None:
        self.at += len(text)
        self.operator(text)
        if text in ("<<", "<<-"):
            self.waiting.append((len(self.found), text == "<<-"))

    def backslash(self) -> None:
        after = self.text[self.at + 1 : self.at + 2]
        if after == "\n" or (after.isspace() and not self.begun) or not after:
            self.at += 2
            return
        self.add("text", after, quoted=True)
        self.at += 2

    def single(self) -> None:
        end = self.text.find("'", self.at + 1)
        if end < 0:
            self.wrong("the quote that opens here is never closed", self.at)
        self.add("text", self.text[self.at + 1 : end], quoted=True)
        self.at = end + 1

    def double(self) -> None:
        start = self.at
        self.add("text", "", quoted=True)
        self.at += 1
        self.escapable = '$`"\\'
        while self.text[self.at : self.at + 1] != '"':
            if self.at >= len(self.text):
                self.wrong("the quote that opens here is never closed", start)
            self.within()
        self.escapable = ""
        self.at += 1

    def within(self) -> None:
        """Read a piece of what stands in double quotes."""
        if found := IN_QUOTES.match(self.text, self.at):
            self.add("text", found[0], quoted=True)
            self.at = found.end()
        elif self.text[self.at] == "\\":
            after = self.text[self.at + 1 : self.at + 2]
            kept = "" if after == "\n" else f"\\{after}"
            kept = after if after and after in self.escapable else kept
            self.add("text", kept, quoted=True)
            self.at += 2
        elif self.text[self.at] == '"':
            self.add("text", '"', quoted=True)
            self.at += 1
        else:
            READERS[self.text[self.at]](self)

    def dollar(self) -> None:
        if self.text.startswith("$'", self.at) and not self.escapable:
            self.ansi()
        elif self.text.startswith("$((", self.at):
            self.wrong("arithmetic cannot be imported", self.at, "write the number itself")
        elif self.text.startswith("$(", self.at):
            end = self.closing(self.at + 2)
            self.add("command", self.text[self.at + 2 : end])
            self.at = end + 1
        elif found := VARIABLE.match(self.text, self.at):
            self.add("variable", found[1] or found[2], _unquoted(found[3]))
            self.at = found.end()
        elif self.text.startswith("${", self.at):
            hint = "write $NAME, ${NAME} or ${NAME:-default}"
            self.wrong("this expansion cannot be imported", self.at, hint)
        else:
            self.add("text", "$")
            self.at += 1

    def closing(self, start: int) -> int:
        """Find the bracket that closes a command, whatever stands in quotes."""
        depth, at = 1, start
        while depth:
            if at >= len(self.text):
                self.wrong("the bracket that opens here is never closed", start - 1)
            sign = self.text[at]
            if sign == "\\":
                at += 1
            elif sign in "'\"":
                at = self.past_quote(at)
            depth += (sign == "(") - (sign == ")")
            at += 1
        return at - 1

    def past_quote(self, start: int) -> int:
        sign, at = self.text[start], start + 1
        while at < len(self.text) and self.text[at] != sign:
            at += 2 if self.text[at] == "\\" and sign == '"' else 1
        return at

    def backtick(self) -> None:
        end = self.text.find("`", self.at + 1)
        if end < 0:
            self.wrong("the backtick that opens here is never closed", self.at)
        self.add("command", self.text[self.at + 1 : end])
        self.at = end + 1

    def ansi(self) -> None:
        """Read `$'…'`, in which backslashes mean what they mean in C."""
        start, made = self.at, []
        self.at += 2
        while self.text[self.at : self.at + 1] != "'":
            if self.at >= len(self.text):
                self.wrong("the quote that opens here is never closed", start)
            if self.text[self.at] != "\\":
                made.append(self.text[self.at])
                self.at += 1
            else:
                made.append(self.escape())
        self.at += 1
        self.add("text", "".join(made), quoted=True)

    def escape(self) -> str:
        if found := CODE.match(self.text, self.at + 1):
            self.at = found.end()
            number = int(found[4], 8) if found[4] else int(next(filter(None, found.groups())), 16)
            return chr(number)
        after = self.text[self.at + 1 : self.at + 2]
        self.at += 2
        return ESCAPES.get(after, after)

    def documents(self) -> None:
        """Read the here-documents that wait for the end of their line."""
        for place, stripped in self.waiting:
            end = self.found[place] if place < len(self.found) else Token("\n", (), 0)
            if end.operator:
                self.wrong("expected a word after <<", self.at - 1)
            lines = []
            while self.at < len(self.text):
                line, _, _ = self.text[self.at :].partition("\n")
                self.at += len(line) + 1
                if (line.lstrip("\t") if stripped else line) == source_of(end.word):
                    break
                lines.append(line.lstrip("\t") if stripped else line)
            text = "".join(f"{line}\n" for line in lines)
            exact = any(piece.quoted for piece in end.word)
            body = (Piece("text", text, quoted=True),) if exact else document(text, self.file)
            self.found[place] = Token("", body, end.line)
        self.waiting = []


def _unquoted(default: str | None) -> str | None:
    quoted = default is not None and len(default) > 1 and default[0] == default[-1] in "'\""
    return default[1:-1] if default and quoted else default


def document(text: str, file: str) -> Word:
    """Read a here-document in which variables stand: as in double quotes, but those are text."""
    lexer = _Lexer(text, file)
    lexer.escapable = "$`\\"
    while lexer.at < len(text):
        lexer.within()
    return tuple(lexer.pieces)


READERS = {
    "\\": _Lexer.backslash,
    "'": _Lexer.single,
    '"': _Lexer.double,
    "$": _Lexer.dollar,
    "`": _Lexer.backtick,
}
