import array
import math
import struct

import pytest

from runner.errors import RecipeError
from runner.protocol.samples import HINT, RATE, opened, samples

GUID = struct.pack("<I", 0x00100000) + bytes.fromhex("800000aa00389b71")


def wav(values, rate=RATE, channels=1, bits=16, form=1, extra=b"", size=None):
    """Write a wav of samples, or of bytes that stand for them."""
    body = values
    if not isinstance(values, bytes):
        body = struct.pack(f"<{len(values)}h", *values)
    step = channels * bits // 8
    head = struct.pack("<HHIIHH", form, channels, rate, rate * step, step, bits)
    chunks = b"fmt " + struct.pack("<I", len(head)) + head + extra
    chunks += b"data" + struct.pack("<I", len(body) if size is None else size) + body
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


def extensible(content, coding=1, guid=GUID):
    """Say in a wav's head that its coding stands further on."""
    head = b"\xfe\xff" + content[22:36] + struct.pack("<HHIH", 22, 16, 0, coding) + b"\0\0" + guid
    return content[:16] + struct.pack("<I", 40) + head[:40] + content[36:]


def heard(content):
    return list(array.array("h", samples(content)))


def test_a_fitting_wav_gives_its_samples():
    assert heard(wav([1, -2, 3])) == [1, -2, 3]


def test_other_chunks_are_passed_over():
    assert heard(wav([1, 2], extra=b"LIST\x03\x00\x00\x00abc\x00")) == [1, 2]


def test_two_channels_become_one():
    assert heard(wav([10, 20, -10, -30], channels=2)) == [15, -20]


@pytest.mark.parametrize(("rate", "count"), [(12_000, 8), (48_000, 2), (8_000, 12)])
def test_another_rate_is_drawn_anew(rate, count):
    found = heard(wav([0, 100, 200, 300], rate=rate))
    assert len(found) == count
    assert found[0] == 0
    assert found == sorted(found)
    assert max(found) <= 300


FLOATS = (0.0, 1.0, -1.0, 0.5, 2.0, -math.inf)
SHORTS = [0, 32767, -32767, 16384, 32767, -32767]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (wav(b"\x80\xff\x00", bits=8), [0, 0x7F00, -0x8000]),
        (wav(b"\x01\x02\x03\xff\xfe\xff", bits=24), [0x0302, -2]),
        (wav(struct.pack("<2i", 0x01020304, -65536), bits=32), [0x0102, -1]),
        (wav(struct.pack("<6f", *FLOATS), bits=32, form=3), SHORTS),
        (wav(struct.pack("<6d", *FLOATS), bits=64, form=3), SHORTS),
        (extensible(wav([5, -6])), [5, -6]),
        (extensible(wav(struct.pack("<f", 1.0), bits=32), 3), [32767]),
        (wav([7, 8], size=0xFFFFFFFF), [7, 8]),
        (wav(b"\x01\x00\x02\x00\x03"), [1, 2]),
    ],
)
def test_other_samples_become_16_bits(content, found):
    assert heard(content) == found


def test_two_channels_of_24_bits_become_one():
    assert heard(wav(b"\0\x0a\0\0\x14\0", channels=2, bits=24)) == [15]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"ID3...", "expected a wav file"),
        (b"RIFF\x04\x00\x00\x00WAVE", "holds no sound"),
        (wav([]), "holds no sound"),
        (wav(b"\0", bits=24), "holds no sound"),
        (wav([1], bits=12), "samples of 12 bits"),
        (wav([1], bits=8, form=7), "found mu-law of 8 bits"),
        (wav([1], bits=8, form=6), "found A-law of 8 bits"),
        (wav([1], bits=0, form=85), "found mp3 of 0 bits"),
        (wav([1], form=999), "found coding 999"),
        (extensible(wav([1]), 7), "found mu-law"),
        (extensible(wav([1]), guid=bytes(12)), "found coding 65534"),
        (wav([1, 2, 3], size=600), "is cut: its head tells of 600 bytes of sound, 6 are there"),
    ],
)
def test_what_cannot_be_sent_is_refused_with_the_way_out(content, message):
    for read in (samples, opened):
        with pytest.raises(RecipeError, match=message) as caught:
            read(content)
        assert caught.value.hint == ("take the whole file" if "is cut" in message else HINT)
        assert "ffmpeg" in HINT
