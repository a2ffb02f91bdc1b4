"""Parameter: the value of a form's field as curl reads it: quotes, and what follows a semicolon."""

from __future__ import annotations

from typing import TypeAlias

from runner.importer.shell import Piece, Word
from runner.record import Record

Signs: TypeAlias = list[Piece]
"""A word in its smallest pieces: a text in letters, all else as it is."""


class Parameter(Record):
    """A value without its quotes, and the settings after it.

    `lost` is true where text follows the quotes that curl does not send.
    """

    word: Word
    settings: tuple[str, ...] = ()
    lost: bool = False


def parameter(value: Word) -> Parameter:
    """Read a value: what stands in double quotes, else what stands before the first `;`."""
    signs = _stripped(_signs(value))
    end = _closing(signs)
    if end:
        after = signs[end + 1 :]
        rest = _until(after)
        return Parameter(
            _word(_unescaped(signs[1:end])),
            _settings(after[len(rest) :]),
            bool(_stripped(rest)),
        )
    plain = _until(signs)
    return Parameter(_word(_stripped(plain[::-1])[::-1]), _settings(signs[len(plain) :]))


def _signs(value: Word) -> Signs:
    return [
        sign
        for piece in value
        for sign in (
            [piece._replace(text=letter) for letter in piece.text]
            if piece.kind == "text"
            else [piece]
        )
    ]


def _is(sign: Piece, letter: str) -> bool:
    return sign.kind == "text" and sign.text == letter


def _stripped(signs: Signs) -> Signs:
    """Leave out the blanks at the beginning."""
    for place, sign in enumerate(signs):
        if sign.kind != "text" or not sign.text.isspace():
            return signs[place:]
    return []


def _closing(signs: Signs) -> int:
    """Find the quote that closes the one at the beginning; 0 where there are none."""
    place = 1 if signs and _is(signs[0], '"') else len(signs)
    while place < len(signs):
        if _is(signs[place], '"'):
            return place
        place += 2 if _escapes(signs, place) else 1
    return 0


def _escapes(signs: Signs, place: int) -> bool:
    after = signs[place + 1 : place + 2]
    return _is(signs[place], "\\") and bool(after) and after[0].text in ('"', "\\")


def _unescaped(signs: Signs) -> Signs:
    found: Signs = []
    place = 0
    while place < len(signs):
        place += _escapes(signs, place)
        found.append(signs[place])
        place += 1
    return found


def _until(signs: Signs) -> Signs:
    """Take what stands before the first `;`."""
    end = next((place for place, sign in enumerate(signs) if _is(sign, ";")), len(signs))
    return signs[:end]


def _settings(signs: Signs) -> tuple[str, ...]:
    """Divide what follows at each `;`."""
    text = "".join(sign.text for sign in signs)
    return tuple(part for part in text.split(";")[1:] if part.strip())


def _word(signs: Signs) -> Word:
    """Put letters together to texts again."""
    made: list[Piece] = []
    for sign in signs:
        if made and sign.kind == "text" == made[-1].kind:
            made[-1] = made[-1]._replace(text=made[-1].text + sign.text)
        else:
            made.append(sign)
    return tuple(made)
