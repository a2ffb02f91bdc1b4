"""Drawing: a landscape for any prompt, the same one each time: what simulated pictures show.

A canvas is rows of bytes, one a pixel, each a place in the scene's palette; place 0 is clear where
the background is. Whole spans are filled at once, so that a picture of eight megapixels is quick.
"""

from __future__ import annotations

from collections.abc import Iterator
from colorsys import hsv_to_rgb
from hashlib import sha256
from typing import TypeAlias

from runner.record import Record

Canvas: TypeAlias = list[bytes]
Colour: TypeAlias = tuple[int, int, int]

SKY = 48
"""How many colours the sky has, and the water as many."""
HILLS = 4
SUN, BOAT, SAIL, FRAME = 128, 129, 130, 131
FIRST_HILL = 100


class Scene(Record):
    """What is drawn: numbers from 0 to 255 that decide it all, and whether it has a frame."""

    dice: bytes
    framed: bool = False


def scene(*words: str | bytes, framed: bool = False) -> Scene:
    """Make the scene that these words stand for."""
    parts = [word.encode() if isinstance(word, str) else word for word in words]
    return Scene(sha256(b"\0".join(parts)).digest(), framed)


def palette(one: Scene) -> list[Colour]:
    """Return the colours of a scene: the sky from its top, the water, hills, and small things."""
    hue, warm = one.dice[0] / 256, one.dice[1] / 256
    colours: list[Colour] = [(0, 0, 0)] * 256
    for place in range(SKY):
        share = place / (SKY - 1)
        colours[place] = _colour(hue + share * 0.12, 0.75 - 0.5 * share, 0.55 + 0.42 * share)
        colours[SKY + place] = _colour(hue + 0.03, 0.35 + 0.4 * share, 0.8 - 0.45 * share)
    for place in range(HILLS):
        colours[FIRST_HILL + place] = _colour(hue + 0.1, 0.3 + 0.12 * place, 0.72 - 0.16 * place)
    colours[SUN] = _colour(0.06 + warm * 0.1, 0.35, 1.0)
    colours[BOAT], colours[SAIL] = _colour(warm, 0.7, 0.35), _colour(warm + 0.5, 0.12, 0.98)
    colours[FRAME] = _colour(hue + 0.5, 0.55, 0.4)
    return colours


def _colour(hue: float, saturation: float, value: float) -> Colour:
    red, green, blue = hsv_to_rgb(hue % 1, saturation, value)
    return round(red * 255), round(green * 255), round(blue * 255)


def canvas(one: Scene, width: int, height: int, share: float = 1.0, clear: bool = False) -> Canvas:
    """Draw a scene; a `share` below 1 is a picture that is not finished."""
    horizon = max(1, round(height * (0.55 + one.dice[2] / 2000)))
    size = width, height, horizon
    peaks = _peaks(one.dice, size, share)
    rows = []
    for y in range(height):
        row = bytearray([0 if clear else _ground(y, horizon, height)]) * width
        for colour, start, end in _spans(one, y, size, share, peaks):
            left, right = max(0, round(start)), min(width, round(end))
            row[left:right] = bytes((colour,)) * max(0, right - left)
        rows.append(bytes(row))
    return rows


def _ground(y: int, horizon: int, height: int) -> int:
    if y < horizon:
        return y * SKY // horizon
    return SKY + (y - horizon) * SKY // max(1, height - horizon)


Span: TypeAlias = tuple[int, float, float]
Peak: TypeAlias = tuple[int, float, float, float]
"""A colour, the row and the column of the top, and how steep it is."""


def _spans(
    one: Scene, y: int, size: tuple[int, int, int], share: float, peaks: list[Peak]
) -> Iterator[Span]:
    """Yield what crosses a row, from the back to the front: a colour, its start and its end."""
    width, height, horizon = size
    dice = one.dice
    middle, radius = width * (0.2 + dice[3] / 430), min(width, height) * (0.07 + dice[4] / 3000)
    if share > 0:
        yield from _disc(y, middle, horizon - radius * (0.6 + dice[5] / 100), radius)
    if y < horizon:
        for colour, peak, at, slope in peaks:
            if y > peak:
                half = (y - peak) * slope
                yield colour, at - half, at + half
    if share > 0.6 and y > horizon and (y * 64 // height) % 2:
        reach = radius * (0.4 + dice[y * 64 // height % 32] / 200)
        yield SUN, middle - reach, middle + reach
    if share >= 1:
        yield from _boat(y, dice, size)
        if one.framed:
            yield from _frame(y, width, height)


def _disc(y: int, middle: float, centre: float, radius: float) -> Iterator[Span]:
    half = radius * radius - (y - centre) ** 2
    if half > 0:
        yield SUN, middle - half**0.5, middle + half**0.5


def _peaks(dice: bytes, size: tuple[int, int, int], share: float) -> list[Peak]:
    """Place the hills: rows of three peaks each; those in front are lower."""
    width, _, horizon = size
    found = []
    for place in range(round(HILLS * min(1.0, share)) if share > 0.3 else 0):
        for number in range(3):
            first = dice[8 + place * 6 + number * 2 : 10 + place * 6 + number * 2]
            peak = horizon * (0.35 + 0.14 * place + first[0] / 1100)
            middle = width * (number * 0.4 + first[1] / 640)
            found.append((FIRST_HILL + place, peak, middle, 1.2 + first[0] / 170))
    return found


def _boat(y: int, dice: bytes, size: tuple[int, int, int]) -> Iterator[Span]:
    width, height, horizon = size
    unit = min(width, height) / 24
    middle = width * (0.25 + dice[6] / 512)
    deck = horizon + (height - horizon) * (0.3 + dice[7] / 600)
    if deck - 4 * unit < y <= deck - unit / 4:
        reach = (y - deck + 4 * unit) * 0.55
        yield SAIL, middle + unit / 8, middle + unit / 8 + reach
        yield SAIL, middle - unit / 8 - reach * 0.7, middle - unit / 8
    if deck < y <= deck + unit:
        half = 2 * unit - (y - deck) * 0.8
        yield BOAT, middle - half, middle + half


def _frame(y: int, width: int, height: int) -> Iterator[Span]:
    edge = max(1, min(width, height) // 32)
    if y < edge or y >= height - edge:
        yield FRAME, 0, width
        return
    yield FRAME, 0, edge
    yield FRAME, width - edge, width
