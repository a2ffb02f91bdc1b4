"""Script: the curl command of a script, what it is told before, and where its output goes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import groupby, pairwise

from runner.errors import Fault, Mark, RecipeError
from runner.importer.shell import Piece, Token, Word, source_of, text_of, tokens
from runner.record import Record

ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=")
LEADING = frozenset(("do", "then", "else", "{", "!", "time", "exec", "command", "sudo", "if"))
EXPORTS = frozenset(("export", "local", "readonly", "declare"))
JOINTS = frozenset(("\n", ";", ";;", "&", "&&", "||", "(", ")"))
PIPES = frozenset(("|", "|&"))
TASKS = re.compile(r" +(?=[A-Za-z_]\w*=\$\(|# |curl +(?:-|['\"]?https?:))")


class Command(Record):
    """One command of a pipeline: its words, and its redirects as (operator, target)."""

    words: tuple[Word, ...]
    redirects: tuple[tuple[str, Word], ...]
    line: int


class Script(Record):
    """A curl command: its own words, the commands its output is piped to, what was assigned."""

    curl: Command
    after: tuple[Command, ...]
    assigned: Mapping[str, Word]


def script_of(text: str, file: str) -> Script:
    """Find the one curl command of a script; RecipeError where there is none, or are several.

    A script that was flattened to one line is a comment from its first `#` on: where that leaves
    no command, each assignment, comment and curl begins a line of its own.
    """
    found, assigned = _commands(text, file)
    if not found:
        found, assigned = _commands(TASKS.sub("\n", text), file)
    if not found:
        message = "no curl command is found"
        hint = "give one in single quotes, a file that holds one, or - for standard input"
        raise RecipeError.of(Fault(message, Mark(file, 1, 1), hint=hint))
    if len(found) > 1:
        lines = ", ".join(str(pipeline[0].line) for pipeline in found)
        message = f"{len(found)} curl commands are found, on the lines {lines}"
        raise RecipeError.of(Fault(message, Mark(file, 1, 1), hint="import one at a time"))
    first, *after = found[0]
    return Script(first, tuple(after), assigned)


def _commands(text: str, file: str) -> tuple[list[tuple[Command, ...]], dict[str, Word]]:
    """List the pipelines that begin with curl, and the variables that are set before."""
    found: list[tuple[Command, ...]] = []
    assigned: dict[str, Word] = {}
    for pipeline in pipelines(text, file):
        place = next((i for i, one in enumerate(pipeline) if _is_curl(one)), None)
        inner = [one for command in pipeline for one in _inner(command, file)]
        if place is not None:
            first = pipeline[place]
            _assign(first, assigned)
            found.append((_fed(pipeline[:place], _bare(first)), *pipeline[place + 1 :]))
        elif inner:
            found += inner
        else:
            for command in pipeline:
                _assign(command, assigned)
    return found, assigned


def _inner(command: Command, file: str) -> Iterator[tuple[Command, ...]]:
    """Find the curl within `$(…)`: its output is kept in a variable."""
    for word in command.words:
        for piece in word:
            if piece.kind == "command" and "curl" in piece.text:
                yield from _commands(piece.text, file)[0]


def pipelines(text: str, file: str) -> Iterator[tuple[Command, ...]]:
    """Group the commands of a script into pipelines."""
    for joint, row in groupby(tokens(text, file), lambda token: token.operator in JOINTS):
        if not joint:
            parts = groupby(row, lambda token: token.operator in PIPES)
            yield tuple(_command(list(part)) for pipe, part in parts if not pipe)


def _command(row: list[Token]) -> Command:
    words: list[Word] = []
    redirects: list[tuple[str, Word]] = []
    operator = ""
    for token in row:
        if token.operator:
            operator = token.operator
        elif operator:
            redirects.append((operator, token.word))
            operator = ""
        else:
            words.append(token.word)
    while words and text_of(words[0]) in LEADING:
        words.pop(0)
    return Command(tuple(words), tuple(redirects), row[0].line)


def _bare(command: Command) -> Command:
    """Leave out the assignments before a command's name."""
    words = list(command.words)
    while words and _pair(words[0]):
        words.pop(0)
    return command._replace(words=tuple(words))


def _is_curl(command: Command) -> bool:
    words = _bare(command).words
    name = text_of(words[0]) if words else None
    return name is not None and name.rpartition("/")[2] in ("curl", "curl.exe")


def _fed(before: tuple[Command, ...], command: Command) -> Command:
    """Give a command what is piped into it, as a here-document, where that can be told."""
    if len(before) != 1 or not before[0].words:
        return command
    name, *rest = before[0].words
    if text_of(name) in ("echo", "printf") and rest:
        return command._replace(redirects=(*command.redirects, ("<<", rest[-1])))
    if text_of(name) == "cat" and len(rest) == 1:
        return command._replace(redirects=(*command.redirects, ("<", rest[0])))
    return command


def _assign(command: Command, assigned: dict[str, Word]) -> None:
    """Note what a command sets; a value that grows (`A="$A b"`) holds what it was before."""
    words = list(command.words)
    if words and text_of(words[0]) in EXPORTS:
        words = words[1:]
    for word in words:
        pair = _pair(word)
        if pair is None:
            break
        name, value = pair
        before = assigned.get(name, ())
        own = [piece.kind == "variable" and piece.text == name for piece in value]
        if not any(own):
            assigned[name] = value
        elif before:
            pairs = zip(value, own, strict=True)
            assigned[name] = tuple(
                p for piece, grows in pairs for p in (before if grows else (piece,))
            )


def _pair(word: Word) -> tuple[str, Word] | None:
    first = word[0] if word else Piece("", "")
    found = ASSIGNMENT.match(first.text) if first.kind == "text" and not first.quoted else None
    if found is None:
        return None
    rest = first._replace(text=first.text[found.end() :])
    return found[1], ((rest, *word[1:]) if rest.text else word[1:])


def printed(text: str, file: str) -> Word | None:
    """Tell the words that a substituted command prints: those of `cat <<E` and of `echo`."""
    lines = list(pipelines(text, file))
    if len(lines) != 1 or len(lines[0]) != 1 or not lines[0][0].words:
        return None
    (command,) = lines[0]
    name, *rest = command.words
    if text_of(name) in ("echo", "printf"):
        return rest[-1] if rest else ()
    documents = [word for operator, word in command.redirects if operator.startswith("<<")]
    return documents[-1] if text_of(name) == "cat" and documents and not rest else None


def file_read(text: str, file: str) -> tuple[str, Word] | None:
    """Tell what file a substituted command gives: (base64 or text, its path); else None."""
    lines = list(pipelines(text, file))
    if len(lines) != 1:
        return None
    kind, path = "text", None
    for command in lines[0]:
        words = [word for word in command.words if not (text_of(word) or "x").startswith("-")]
        words = [word for word in words if text_of(word) != "0"]
        name = text_of(words[0]) if words else ""
        if name not in ("base64", "cat", "tr", "openssl", ""):
            return None
        kind = "base64" if name in ("base64", "openssl") else kind
        named = words[-1:] if name in ("base64", "cat") and len(words) > 1 else []
        named += [word for operator, word in command.redirects if operator == "<"]
        named += _named_in(command) if name == "openssl" else []
        path = named[0] if named else path
    return None if path is None else (kind, path)


def _named_in(command: Command) -> list[Word]:
    words = list(command.words)
    return [word for flag, word in pairwise(words) if source_of(flag) == "-in"]
