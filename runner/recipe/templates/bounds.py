"""Bounds: what a template may cost, counted as it renders, so that none fills memory or time."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, KeysView, Mapping, ValuesView
from collections.abc import ItemsView as Items
from typing import Any

WORK = 128 << 20
"""Units that one rendering may spend. A unit is one character handled in C: 10 ns at the worst."""
LONGEST = 32 << 20
"""Characters of one text, or elements of one list, that a template may make."""
NODE = 128
"""The price of handling one value, or of one step of the interpreter."""
ROUND = 1024
"""The least price of one round of a loop: about 131,000 rounds are within the bounds."""
BITS = 8192
"""The size of the largest number that a template may make."""
WIDTH = 10_000
"""The widest field of a format string."""

_LISTS = (list, tuple, range, KeysView, ValuesView, Items)
_ATOMS = (int, float, bool, type(None))
_FIELD = re.compile(
    r"%(?:\(([^()]*)\))?[#0\- +]*(\*|\d+)?(?:\.(\*|\d+)?)?[hlL]?[diouxXeEfFgGcrsa%]"
)


class BoundError(Exception):
    """A template asked for more work or memory than any recipe needs."""


class Meter:
    """Counts what a rendering costs; `spend` raises where it is too much."""

    __slots__ = ("left",)

    def __init__(self, left: int = WORK) -> None:
        self.left = left

    def spend(self, units: int) -> None:
        """Take so many units."""
        self.left -= units
        if self.left < 0:
            message = "the template takes too much work or memory"
            raise BoundError(message)

    def length(self, length: int, price: int = 1) -> None:
        """Take a text or a list of this length."""
        self.spend(max(length, 0) * price)
        if length > LONGEST:
            message = f"the template makes a value of {length:,} characters or elements"
            raise BoundError(message)


def weigh(value: Any, meter: Meter) -> int:
    """Spend what walking through a value costs, and return it. What is shared counts each time."""
    before = meter.left
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str | bytes):
            meter.spend(NODE + len(item))
            continue
        meter.spend(NODE)
        if isinstance(item, _ATOMS):
            continue
        if isinstance(item, Mapping):
            meter.spend(NODE * len(item))
            waiting += item.keys()
            waiting += item.values()
        elif isinstance(item, _LISTS):
            meter.spend(NODE * len(item) // 4)
            waiting += item
    return before - meter.left


def plain(value: Any, meter: Meter) -> Any:
    """Copy a value into what JSON can hold; functions and undefined names are errors."""
    if isinstance(value, str):
        meter.spend(NODE + 4 * len(value))
        return str.__str__(value)
    meter.spend(NODE)
    if isinstance(value, _ATOMS):
        return value
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        value = value._asdict()
    if isinstance(value, Mapping):
        meter.spend(2 * NODE)  # a small dictionary takes 200 bytes
        return {plain(key, meter): plain(item, meter) for key, item in value.items()}
    if isinstance(value, _LISTS):
        meter.spend(NODE)
        return [plain(item, meter) for item in value]
    raise _no_value(value)


def text_of(value: Any, meter: Meter) -> str:
    """Return a value as it appears in mixed text: JSON but for texts and numbers."""
    if isinstance(value, str):
        meter.spend(NODE + len(value))
        return value if type(value) is str else str.__str__(value)
    meter.spend(NODE)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    return json.dumps(plain(value, meter), ensure_ascii=False, allow_nan=False)


def _no_value(value: Any) -> Exception:
    if (undefined := getattr(type(value), "_fail_with_undefined_error", None)) is not None:
        undefined(value)
    if isinstance(value, bytes | bytearray):
        return TypeError("bytes are no text; the filter b64encode makes text of them")
    if callable(value):
        name = getattr(value, "__name__", "") or getattr(value, "name", "") or "this"
        return TypeError(f"{name.lstrip('_')!r} is a function here, and no value or field")
    return TypeError(f"a {type(value).__name__} is no value that text or JSON can hold")


def joined(pieces: Iterable[str], meter: Meter) -> str:
    """Join texts whose own characters were paid for."""
    pieces = list(pieces)
    meter.length(sum(map(len, pieces)), 0)
    return "".join(pieces)


def plus(meter: Meter, left: Any, right: Any) -> Any:
    """Add, within the bounds."""
    if isinstance(left, str | list | tuple) and isinstance(right, str | list | tuple):
        meter.length(len(left) + len(right), 1 if isinstance(left, str) else 2)
    return left + right


def times(meter: Meter, left: Any, right: Any) -> Any:
    """Multiply, within the bounds."""
    for many, count in ((left, right), (right, left)):
        if isinstance(many, str | bytes | list | tuple) and isinstance(count, int):
            meter.length(len(many) * count, 1 if isinstance(many, str | bytes) else 8)
    if isinstance(left, int) and isinstance(right, int):
        _number(left.bit_length() + right.bit_length())
    return left * right


def power(meter: Meter, left: Any, right: Any) -> Any:
    """Raise to a power, within the bounds."""
    meter.spend(NODE)
    if isinstance(left, int) and isinstance(right, int) and abs(left) > 1:
        _number((left.bit_length() - 1) * right)
    return left**right


def _number(bits: int) -> None:
    if bits > BITS:
        message = "the template makes a number of too many digits"
        raise BoundError(message)


def number(value: Any) -> Any:
    """Return a number that a filter made, unless it is too large."""
    if isinstance(value, int):
        _number(value.bit_length())
    return value


def modulo(meter: Meter, left: Any, right: Any) -> Any:
    """Take the remainder, or fill a format string, within the bounds."""
    return printf(meter, left, right) if isinstance(left, str) else left % right


def printf(meter: Meter, text: str, values: Any) -> str:
    """Fill `%s` and its like; widths are bounded, and may not come from the values."""
    fields = list(_FIELD.finditer(text))
    if sum(field[0].count("%") for field in fields) != text.count("%"):
        message = "the format string has a % that starts no field; %% stands for one"
        raise ValueError(message)
    meter.spend(len(text) + 4 * NODE * len(fields))
    size = weigh(values, meter)
    for field in fields:
        meter.spend(width(field[2]) + width(field[3]) + (size if field[1] is not None else 0))
    made = text % (tuple(values) if isinstance(values, list) else values)
    meter.length(len(made))
    return made


def width(digits: str | None) -> int:
    """Return the width that a format string asks for."""
    if not digits:
        return 0
    if digits == "*" or len(digits) > 5 or int(digits) > WIDTH:
        message = f"the format string asks for a field wider than {WIDTH:,} characters"
        raise BoundError(message)
    return int(digits)


def method(meter: Meter, bound: Any, args: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """Call a method of a text, list or mapping, within the bounds."""
    owner, name = bound.__self__, bound.__name__
    meter.spend(4 * NODE)
    weigh((*args, *named.values()), meter)
    if isinstance(owner, str):
        meter.spend(len(owner) * _PER_CHARACTER.get(name, 1))
        if name == "join":
            args = tuple(plain(arg, meter) for arg in args)  # says what is undefined in it
        if name in _PRICES:
            meter.length(_PRICES[name](owner, *args, **named))
    elif not isinstance(owner, dict):
        weigh(owner, meter)
    made = bound(*args, **named)
    if isinstance(made, str):
        meter.length(len(made))
    return made


def _padded(_: str, size: int, *__: Any) -> int:
    return size


def _expanded(text: str, tabsize: int = 8) -> int:
    return text.count("\t") * tabsize


def replaced(text: str, old: str, new: str, *_: Any, **__: Any) -> int:
    """Return how many characters replacing adds at most."""
    return text.count(old) * len(new)


def _separated(text: str, items: Any) -> int:
    return len(text) * len(items)


def stripped(text: str, letters: str | None = None) -> int:
    """Return what stripping costs: each character is looked up among the letters."""
    return len(text) * len(letters or "") // 16


def _backwards(text: str, wanted: str | None = None, *_: Any, **__: Any) -> int:
    return len(text) * len(wanted or "") // 8


# Splitting makes a text of 50 bytes from two characters, hence its price.
_PER_CHARACTER = {"split": 8, "rsplit": 8, "splitlines": 8}
# CPython searches backwards, and strips, in time that grows with both texts.
_PRICES: dict[str, Callable[..., int]] = {
    **dict.fromkeys(("center", "ljust", "rjust", "zfill"), _padded),
    **dict.fromkeys(("strip", "lstrip", "rstrip"), stripped),
    **dict.fromkeys(("rfind", "rindex", "rsplit", "rpartition"), _backwards),
    "expandtabs": _expanded,
    "replace": replaced,
    "join": _separated,
}
