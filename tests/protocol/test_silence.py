"""Whether a sound can be heard, by its samples."""

import math
import struct

import pytest

from runner.protocol.silence import is_silent
from runner.protocol.sounds import reader, wav_header

RATE = 24000


def wav(samples, kind=1, width=2, extra=b"", channels=1):
    head = struct.pack("<HHIIHH", kind, channels, RATE, RATE * width, width, width * 8) + extra
    chunks = b"fmt " + struct.pack("<I", len(head)) + head + b"LIST\x03\0\0\0abc\0"
    return b"RIFF\0\0\0\0WAVE" + chunks + b"data" + struct.pack("<I", len(samples)) + samples


def heard(content, form="wav"):
    return is_silent(reader(content), len(content), form)


def pcm(*values, width=2):
    scaled = [round(value * (1 << (8 * width - 1))) for value in values]
    return b"".join(value.to_bytes(width, "little", signed=True) for value in scaled)


@pytest.mark.parametrize("width", [2, 3, 4])
@pytest.mark.parametrize(
    ("loudest", "silent"), [(0, True), (0.0005, True), (-0.0005, True), (0.002, False), (-1, False)]
)
def test_a_sound_is_silent_where_nothing_reaches_a_thousandth(width, loudest, silent):
    samples = pcm(*[0] * 500, loudest, *[0] * 500, width=width)
    assert heard(wav(samples, width=width)) is silent


@pytest.mark.parametrize(("value", "silent"), [(128, True), (100, False), (200, False)])
def test_samples_of_one_byte_rest_in_their_middle(value, silent):
    assert heard(wav(bytes([128] * 99 + [value]), width=1)) is silent


@pytest.mark.parametrize(("width", "letter"), [(4, "f"), (8, "d")])
@pytest.mark.parametrize(("value", "silent"), [(0.0, True), (0.5, False), (-0.5, False)])
def test_samples_may_be_floats(width, letter, value, silent):
    samples = struct.pack(f"<3{letter}", 0.0, value, 0.0)
    assert heard(wav(samples, kind=3, width=width)) is silent


def test_the_kind_of_samples_may_stand_in_an_extension():
    extra = struct.pack("<HHIH", 22, 32, 0, 3) + bytes(14)
    assert heard(wav(struct.pack("<f", 0.5), kind=0xFFFE, width=4, extra=extra)) is False


def test_bare_samples_are_of_two_bytes():
    assert heard(pcm(0, 0, 0), "pcm") is True
    assert heard(pcm(0, 0.2) + b"\0", "pcm") is False


def test_a_long_sound_is_searched_to_its_end():
    quiet = bytes(2_000_000)
    assert heard(quiet, "pcm") is True
    assert heard(quiet + pcm(0.5), "pcm") is False


def test_a_stream_s_own_header_is_read():
    tone = b"".join(struct.pack("<h", round(9000 * math.sin(at / 9))) for at in range(500))
    assert heard(wav_header(len(tone)) + tone) is False
    assert heard(wav_header(1 << 40) + tone) is False
    assert heard(wav_header(1 << 40) + bytes(1000)) is True


@pytest.mark.parametrize(
    ("content", "form"),
    [
        (b"ID3", "mp3"),
        (b"RIFF", "wav"),
        (b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0", "wav"),
        (wav(b"\0\0", kind=17), "wav"),
        (wav(b"\0" * 12, kind=3, width=2), "wav"),
    ],
)
def test_what_cannot_be_told_is_not_guessed(content, form):
    assert heard(content, form) is None


def test_a_sound_without_samples_is_silent():
    assert heard(wav(b"")) is True
