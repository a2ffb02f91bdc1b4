"""Charges: what filters, tests and loops of a template pay before they work."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from jinja2 import StrictUndefined, pass_context

from runner.recipe.templates.bounds import (
    NODE,
    BoundError,
    Meter,
    number,
    replaced,
    stripped,
    text_of,
    weigh,
)

Price = Callable[..., object]
"""Spends what a filter will cost: called with the meter and the filter's arguments."""
_WORD = re.compile(r"[^\t\n\x0b\x0c\r ]+")


@pass_context
def weighed(context: Any, value: Any) -> Any:
    """Pay for a value that is compared or copied as a whole."""
    weigh(value, context.meter)
    return value


@pass_context
def searched(context: Any, value: Any) -> Any:
    """Pay for a value that is searched by `in`; a mapping finds its keys at once."""
    weigh(None if isinstance(value, Mapping) else value, context.meter)
    return value


@pass_context
def rounds(context: Any, value: Any, price: int) -> Any:
    """Pay for the rounds of a loop."""
    if hasattr(value, "__len__"):
        context.meter.spend(len(value) * price)
        return value
    return _counted(iter(value), price, context.meter)


def _counted(items: Iterator[Any], price: int, meter: Meter) -> Iterator[Any]:
    for item in items:
        meter.spend(price)
        yield item


def bounded(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a filter: it pays first, refuses what is undefined, and gives lists and plain text."""
    price = _PRICES.get(name, _deep(1))
    wants = getattr(getattr(function, "jinja_pass_arg", None), "name", "")

    @pass_context
    def paid(context: Any, value: Any, *args: Any, **named: Any) -> Any:
        if name not in _LENIENT and isinstance(value, StrictUndefined):
            str(value)
        price(context.meter, value, *args, **named)
        return _settled(function(*_first(context, wants), value, *args, **named), context.meter)

    return paid


def _first(context: Any, wants: str) -> tuple[Any, ...]:
    match wants:
        case "context":
            return (context,)
        case "eval_context":
            return (context.eval_ctx,)
        case "environment":
            return (context.environment,)
    return ()


def _settled(made: Any, meter: Meter) -> Any:
    if isinstance(made, str):
        meter.length(len(made))
        return str.__str__(made)
    if hasattr(made, "__next__"):
        return list(_counted(made, NODE, meter))
    return number(made)


def strict(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a test: an undefined value is an error, and comparing pays."""
    if name not in _COMPARING:

        def asked(value: Any, *args: Any) -> Any:
            if isinstance(value, StrictUndefined):
                str(value)
            return function(value, *args)

        return asked

    @pass_context
    def compared(context: Any, value: Any, *args: Any) -> Any:
        weigh((value, *args), context.meter)
        return function(value, *args)

    return compared


def _deep(factor: int) -> Price:
    def price(meter: Meter, value: Any, *args: Any, **named: Any) -> None:
        size = weigh((value, *args, *named.values()), meter)
        meter.spend(size * (factor - 1))

    return price


def _free(meter: Meter, *_: Any, **__: Any) -> None:
    meter.spend(NODE)


def _rows(meter: Meter, value: Any, *args: Any, **named: Any) -> None:
    weigh((*args, *named.values()), meter)
    if hasattr(value, "__len__"):
        meter.spend(4 * NODE * (len(value) + 1))


def _center(meter: Meter, value: Any, width: int = 80) -> None:
    weigh(value, meter)
    meter.length(width)


def _indent(
    meter: Meter, value: Any, width: int | str = 4, first: bool = False, blank: bool = False
) -> None:
    weigh((value, first, blank), meter)
    lines = len(str(value).splitlines()) + 1
    meter.spend(8 * len(value))
    meter.length(len(value) + lines * (len(width) if isinstance(width, str) else width))


def _replace(meter: Meter, value: Any, old: Any, new: Any, *_: Any, **__: Any) -> None:
    weigh((value, old, new), meter)
    meter.length(replaced(str(value), str(old), str(new)))


def _batch(meter: Meter, value: Any, linecount: int, fill_with: Any = None) -> None:
    _rows(meter, value)
    if fill_with is not None:
        meter.length(linecount, 8)


def _slice(meter: Meter, value: Any, slices: int, fill_with: Any = None) -> None:
    _rows(meter, value, fill_with)
    meter.length(slices, 4 * NODE)


def _round(meter: Meter, value: Any, precision: int = 0, method: str = "common") -> None:
    weigh((value, method), meter)
    if abs(precision) > 300:
        message = "round takes a precision of at most 300 digits"
        raise BoundError(message)


def _sum(meter: Meter, value: Any, attribute: Any = None, start: Any = 0) -> None:
    if not isinstance(start, int | float):
        message = "sum adds numbers alone; to put texts together, use join"
        raise TypeError(message)
    weigh((value, attribute), meter)


def _trim(meter: Meter, value: Any, chars: str | None = None) -> None:
    weigh((value, chars), meter)
    meter.spend(stripped(value, chars) if isinstance(value, str) else 0)


def _words(meter: Meter, value: Any, *args: Any, **named: Any) -> None:
    # Jinja and textwrap take words apart by patterns whose time grows with a word's square.
    text = str(value)
    added = sum(len(arg) for arg in (*args, *named.values()) if isinstance(arg, str))
    meter.spend(len(text) * (64 + added))
    longest = max(map(len, _WORD.findall(text)), default=0)
    meter.spend(longest * len(text) // 8)


def _tags(meter: Meter, value: Any) -> None:
    # Each tag is cut out by copying the whole text.
    text = text_of(value, meter)
    meter.spend(8 * len(text) + text.count("<") * len(text) // 64 + text.count("&") * 64)


_LENIENT = frozenset(("default", "d"))
_COMPARING = frozenset(
    [
        "in",
        "==",
        "eq",
        "equalto",
        "!=",
        "ne",
        ">",
        "gt",
        "greaterthan",
        "ge",
        ">=",
        "<",
        "lt",
        "lessthan",
        "<=",
        "le",
        "lower",
        "upper",
    ]
)
_PRICES: dict[str, Price] = {
    **dict.fromkeys(["length", "count", "first", "last", "default", "d", "random"], _free),
    **dict.fromkeys(["list", "map", "items", "reverse"], _rows),
    **dict.fromkeys(["select", "reject", "selectattr", "rejectattr"], _rows),
    **dict.fromkeys(["sort", "unique", "groupby", "dictsort", "min", "max"], _deep(4)),
    **dict.fromkeys(["title", "dedent"], _deep(8)),
    **dict.fromkeys(["wordcount", "urlencode", "xmlattr", "from_json"], _deep(16)),
    **dict.fromkeys(["wordwrap", "urlize"], _words),
    "pprint": _deep(256),
    "center": _center,
    "indent": _indent,
    "replace": _replace,
    "batch": _batch,
    "slice": _slice,
    "round": _round,
    "sum": _sum,
    "trim": _trim,
    "striptags": _tags,
}
