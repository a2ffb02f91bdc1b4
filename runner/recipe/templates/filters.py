"""Filters: what templates call by `|` and `is`: Jinja's own, within bounds, and five more."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import textwrap
import unicodedata
from collections.abc import Callable, Iterator
from typing import Any

from jinja2 import pass_context
from jinja2.filters import FILTERS as DEFAULT_FILTERS
from jinja2.filters import make_attrgetter
from jinja2.tests import TESTS as DEFAULT_TESTS

from runner.recipe.depth import TOO_DEEP, text_nests
from runner.recipe.templates.bounds import NODE, BoundError, Meter, joined, plain, printf, text_of
from runner.recipe.templates.charges import bounded, strict

SLUG = 80
"""The longest slug."""
_RESERVED = re.compile(r"con|prn|aux|nul|(com|lpt)\d")


def b64encode(value: Any) -> str:
    """Encode text (as UTF-8) or bytes in base64."""
    return base64.b64encode(_bytes(value)).decode("ascii")


def sha256(value: Any) -> str:
    """Return the SHA-256 of text (as UTF-8) or bytes, in hex."""
    return hashlib.sha256(_bytes(value)).hexdigest()


def dedent(value: Any) -> str:
    """Remove the indentation that all lines share."""
    return textwrap.dedent(_text(value))


def from_json(value: Any) -> Any:
    """Read a text as JSON."""
    text = _text(value)
    if text_nests(text):
        raise ValueError(TOO_DEEP)
    return json.loads(text, parse_constant=_no_constant)


def slug(value: Any) -> str:
    """Make a safe file name of any text: lower-case ASCII letters, digits and dashes."""
    text = text_of(value, Meter())
    folded = unicodedata.normalize("NFKD", text[:4096]).casefold()
    name = re.sub(r"[^a-z0-9]+", "-", folded.encode("ascii", "ignore").decode()).strip("-")
    if name and len(name) <= SLUG and len(text) <= 4096:
        return f"{name}-" if _RESERVED.fullmatch(name) else name
    # Texts without a letter of ours, or alike for long, must not become one file.
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{name[: SLUG - 9].rstrip('-') or 'x'}-{digest}"


def _bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else _text(value).encode()


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    message = f"the filter takes text, not a {type(value).__name__}"
    raise TypeError(message)


def _no_constant(name: str) -> Any:
    message = f"{name} is no JSON"
    raise ValueError(message)


@pass_context
def _tojson(context: Any, value: Any, indent: int | None = None) -> str:
    if indent is not None and not 0 <= indent <= 16:
        message = "tojson takes an indent from 0 to 16"
        raise BoundError(message)
    encoder = json.JSONEncoder(ensure_ascii=False, allow_nan=False, indent=indent)
    value = plain(value, context.meter)
    if indent is None:
        return encoder.encode(value)
    return joined(_paid(encoder.iterencode(value), context.meter), context.meter)


def _paid(pieces: Iterator[str], meter: Meter) -> Iterator[str]:
    for piece in pieces:
        meter.spend(NODE + len(piece))
        yield piece


@pass_context
def _string(context: Any, value: Any) -> str:
    return text_of(value, context.meter)


@pass_context
def _join(context: Any, value: Any, d: Any = "", attribute: str | int | None = None) -> str:
    if attribute is not None:
        value = map(make_attrgetter(context.environment, attribute), value)
    between = text_of(d, context.meter)
    pieces = [text_of(item, context.meter) for item in value]
    context.meter.length(sum(map(len, pieces)) + len(between) * len(pieces))
    return between.join(pieces)


@pass_context
def _format(context: Any, value: Any, *args: Any, **named: Any) -> str:
    return printf(context.meter, text_of(value, context.meter), named or args)


@pass_context
def _attr(context: Any, value: Any, name: str) -> Any:
    return context.environment.getattr(value, text_of(name, context.meter))


@pass_context
def concat(context: Any, values: list[Any]) -> str:
    """Join what stands between `~`."""
    return joined([text_of(value, context.meter) for value in values], context.meter)


_OURS = {f.__name__: f for f in (b64encode, sha256, dedent, from_json, slug)}
_TESTS: dict[str, Any] = DEFAULT_TESTS

FILTERS: dict[str, Callable[..., Any]] = {
    **{name: bounded(name, f) for name, f in (DEFAULT_FILTERS | _OURS).items()},
    "attr": _attr,
    "format": _format,
    "join": _join,
    "string": _string,
    "tojson": _tojson,
}
_NAMED = {
    "filter": lambda value: isinstance(value, str) and value in FILTERS,
    "test": lambda value: isinstance(value, str) and value in _TESTS,
}
"""Jinja's own look any value up, and a list of lists of lists takes for ever to hash."""
TESTS: dict[str, Callable[..., Any]] = {
    name: test if name in ("defined", "undefined") else strict(name, test)
    for name, test in (_TESTS | _NAMED).items()
}
