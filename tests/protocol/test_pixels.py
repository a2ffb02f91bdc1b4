"""Whether a PNG is of one colour, in every form that a PNG may have."""

import random
import zlib
from itertools import product

import pytest

from runner.protocol.pixels import UnreadableError, is_blank

SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
KINDS = [
    *product((1, 2, 4, 8), (0, 3)),
    *product((16,), (0,)),
    *product((8, 16), (2, 4, 6)),
]
ADAM7 = (
    *((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2)),
    (0, 1, 1, 2),
)


def chunk(kind, content):
    size, check = len(content).to_bytes(4), zlib.crc32(kind + content).to_bytes(4)
    return size + kind + content + check


def packed(row, depth, samples, spare):
    """A row of pixels as bytes; what fills up the last byte is `spare`."""
    bits = "".join(f"{sample:0{depth}b}" for pixel in row for sample in pixel)
    bits += format(spare, "08b")[: -len(bits) % 8]
    return int(bits, 2).to_bytes(len(bits) // 8)


def paeth(a, b, c):
    guess = a + b - c
    near = [(abs(guess - a), 0, a), (abs(guess - b), 1, b), (abs(guess - c), 2, c)]
    return min(near)[2]


def filtered(row, above, step, kind):
    made = bytearray([kind])
    for at, value in enumerate(row):
        a = row[at - step] if at >= step else 0
        b = above[at]
        c = above[at - step] if at >= step else 0
        made.append((value - (0, a, b, (a + b) // 2, paeth(a, b, c))[kind % 5]) & 255)
    return bytes(made)


def image(rows, depth, kind, filters, chance):
    samples = SAMPLES[kind]
    step = max(1, depth * samples // 8)
    before, made = None, b""
    for row in rows:
        line = packed(row, depth, samples, chance.randrange(256))
        above = before or bytes(len(line))
        made += filtered(line, above, step, next(filters))
        before = line
    return made


def png(rows, depth, kind, *, interlaced=False, seed=0, filters=None):
    chance = random.Random(seed)
    chosen = iter(filters) if filters else iter(lambda: chance.randrange(5), None)
    size = len(rows[0]).to_bytes(4) + len(rows).to_bytes(4)
    parts = ADAM7 if interlaced else ((0, 0, 1, 1),)
    passes = [[row[x::dx] for row in rows[y::dy]] for x, y, dx, dy in parts]
    data = b"".join(image(one, depth, kind, chosen, chance) for one in passes if one and one[0])
    half = zlib.compress(data)
    middle = len(half) // 2
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        [
            chunk(b"IHDR", size + bytes((depth, kind, 0, 0, int(interlaced)))),
            chunk(b"IDAT", half[:middle]),
            chunk(b"IDAT", half[middle:]),
            chunk(b"IEND", b""),
        ]
    )


@pytest.mark.parametrize(("depth", "kind"), KINDS)
@pytest.mark.parametrize("interlaced", [False, True])
def test_one_colour_is_blank_and_one_pixel_else_is_not(depth, kind, interlaced):
    """By any filters, in any width, wherever the pixel stands, whatever fills up the rows."""
    for seed in range(12):
        chance = random.Random(f"{depth}{kind}{seed}")
        width, height = chance.randint(1, 19), chance.randint(1, 11)
        colour = tuple(chance.randrange(1 << depth) for _ in range(SAMPLES[kind]))
        rows = [[colour] * width for _ in range(height)]
        assert is_blank(png(rows, depth, kind, interlaced=interlaced, seed=seed))
        if width * height == 1:
            continue
        x, y = chance.randrange(width), chance.randrange(height)
        other = (colour[0] ^ 1, *colour[1:])
        rows[y] = [other if at == x else colour for at in range(width)]
        assert not is_blank(png(rows, depth, kind, interlaced=interlaced, seed=seed))


@pytest.mark.parametrize("filtering", range(5))
def test_every_filter_of_a_blank_picture_is_known(filtering):
    rows = [[(201, 7, 255)] * 9 for _ in range(5)]
    assert is_blank(png(rows, 8, 2, filters=[filtering] * 5))


def test_a_change_of_alpha_alone_counts():
    rows = [[(1, 2, 3, 255), (1, 2, 3, 254)]]
    assert not is_blank(png(rows, 8, 6))


def test_what_differs_at_once_is_not_read_on():
    """The pixels after the first row are missing, and nobody asks for them."""
    whole = png([[(1, 2, 3), (9, 9, 9)]], 8, 2)
    assert not is_blank(whole.replace((1).to_bytes(4) + b"\x08\x02", (9).to_bytes(4) + b"\x08\x02"))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"\xff\xd8\xff", "no whole png"),
        (png([[(1,)]], 8, 0)[:30], "no whole png"),
        (png([[(1,)]], 8, 0)[:33], "pixels are cut"),
        (png([[(1,)] * 3] * 3, 8, 0, filters=[0, 7, 0]), "row of it"),
        (png([[(1,)]], 8, 0).replace(b"\x78\x9c", b"\x00\x00"), "cannot be unpacked"),
        (png([[(1,)]], 8, 0).replace(b"\x08\0\0\0\0", b"\x03\0\0\0\0"), "head"),
        (png([[(1,)]], 8, 0).replace((1).to_bytes(4) * 2, b"\x7f\xff\xff\xff" * 2), "too many"),
    ],
)
def test_what_cannot_be_read_says_so(content, why):
    with pytest.raises(UnreadableError, match=why):
        is_blank(content)


def test_a_bomb_is_no_more_than_its_size():
    """Pixels beyond those that the head tells of are never unpacked."""
    bomb = zlib.compress(bytes(1 << 26))
    small = png([[(0,)] * 4] * 4, 8, 0, filters=[0] * 4)
    head = small[: small.index(b"IDAT") - 4]
    assert is_blank(head + chunk(b"IDAT", bomb) + chunk(b"IEND", b""))
