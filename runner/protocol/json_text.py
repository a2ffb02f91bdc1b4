"""JSON text: strangers' JSON becomes values; depth, numbers and broken letters stay in check."""

from __future__ import annotations

from json import JSONDecodeError, JSONDecoder, dumps
from json.encoder import encode_basestring
from json.scanner import make_scanner
from typing import NoReturn

from runner.exchange import Json
from runner.recipe.depth import TOO_DEEP, has_many, text_nests

SHORT = 1 << 20
"""A text of no more characters is decoded whatever it holds."""
_ROOM = 256 << 20
_EACH = {"{": 190, "[": 90, ",": 34, '"': 30}
"""About how many bytes of memory the value takes that such a sign stands for."""


class NotJsonError(ValueError):
    """The text breaks the grammar of JSON."""


def _constant(name: str) -> NoReturn:
    msg = f"it holds {name}, which is no JSON"
    raise ValueError(msg)


def _float(digits: str) -> float:
    value = float(digits)
    # Zero for what is finite, and cheaper to ask than `isfinite`: embeddings are all floats.
    if value - value:
        msg = f"it holds a number too large to keep: {digits[:20]}"
        raise ValueError(msg)
    return value


def _once(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in made if names.count(name) > 1)
        msg = f"it names {twice[:60]!r} twice"
        raise ValueError(msg)
    return made


_DECODER = JSONDecoder(parse_constant=_constant, parse_float=_float)
_STRICT = JSONDecoder(parse_constant=_constant, parse_float=_float, object_pairs_hook=_once)

scan = make_scanner(_DECODER)  # type: ignore[arg-type]  # the stub names no context
"""`scan(text, start) -> (value, end)`: decode the JSON value at a place of a text, in place.

Raises `ValueError` or `StopIteration`, and checks no depth.
"""


def parse(text: str, *, once: bool = False) -> Json:
    """Decode JSON text; raise a `ValueError` that completes "it cannot be used, as …".

    With `once`, no mapping may name a field twice; else the last counts.
    """
    if is_heavy(text):
        msg = f"its values would take more than {_ROOM >> 20} MiB of memory"
        raise ValueError(msg)
    if text_nests(text):
        raise ValueError(TOO_DEEP)
    try:
        return (_STRICT if once else _DECODER).decode(text)
    except JSONDecodeError as error:
        raise NotJsonError(_wrong(error)) from error
    except ValueError as error:
        raise ValueError(_number(error)) from error


def _wrong(error: JSONDecodeError) -> str:
    if error.pos >= len(error.doc.rstrip()) or error.msg.startswith("Unterminated string"):
        return f"it breaks off after {len(error.doc):,} characters"
    return f"it is wrong at line {error.lineno}, column {error.colno} ({error.msg.lower()})"


def _number(error: ValueError) -> str:
    """Say in plain words what Python says of an integer beyond its limit of digits."""
    return "it holds a number of too many digits" if "digits" in str(error) else str(error)


def is_heavy(text: str) -> bool:
    """Tell whether the values of a text would fill the memory: `[[],[],` takes thirty times it."""
    if len(text) <= SHORT or not has_many(text, ",", 1_000):
        return False
    return sum(each * text.count(sign) for sign, each in _EACH.items()) > _ROOM


_WORDS = {None: "null", True: "true", False: "false"}


def laid_out(value: Json, start: str = "\n") -> str:
    """Write a value as `json.dumps` does with an indent of 2, at a fifth of its cost."""
    try:
        return laid_out_plain(value, start)
    except TypeError:  # It holds what JSON only makes do with: other keys, other types.
        return dumps(value, ensure_ascii=False, indent=2)


def laid_out_plain(value: Json, start: str = "\n") -> str:
    """Do the same; TypeError for a value that JSON has no form of its own for."""
    kind = type(value)
    if kind is str:
        return encode_basestring(value)
    if kind is int or (kind is float and not value - value):
        return repr(value)
    if value is None or kind is bool:
        return _WORDS[value]
    inner = f"{start}  "
    if isinstance(value, dict):
        rows = [  # Most fields are text: it costs no call of its own.
            f"{encode_basestring(key)}: {encode_basestring(item)}"
            if type(item) is str
            else f"{encode_basestring(key)}: {laid_out_plain(item, inner)}"
            for key, item in value.items()
        ]
        return f"{{{inner}{f',{inner}'.join(rows)}{start}}}" if rows else "{}"
    if kind is list or kind is tuple:
        rows = [laid_out_plain(item, inner) for item in value]
        return f"[{inner}{f',{inner}'.join(rows)}{start}]" if rows else "[]"
    raise TypeError


def mend(text: str) -> str:
    """Join halves of surrogate pairs that met; what stays alone becomes U+FFFD."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def mended(value: Json) -> Json:
    """Return a value of at most `DEPTH` levels with all its text mended."""
    if isinstance(value, str):
        return mend(value)
    if isinstance(value, list):
        return [mended(item) for item in value]
    if isinstance(value, dict):
        return {mend(key): mended(item) for key, item in value.items()}
    return value
