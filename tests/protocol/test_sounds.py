"""What sounds tell of themselves, from a few places of their bytes."""

import struct

import pytest

from runner.exchange import Spool
from runner.protocol import sounds
from runner.protocol.simulated import voices

TEXT = "Hello there"
SECONDS = len(TEXT) * 3 * 576 / 24000


def look(content: bytes, media_type: str = ""):
    return sounds.look(sounds.reader(content), len(content), media_type)


@pytest.mark.parametrize(
    ("form", "media_type", "rate", "exact"),
    [
        ("mp3", "audio/mpeg", 24000, True),
        ("wav", "audio/wav", 24000, True),
        ("flac", "audio/flac", 24000, True),
        ("aac", "audio/aac", 24000, False),
        ("opus", "audio/ogg", 24000, False),
    ],
)
def test_a_sound_tells_kind_length_and_rate(form, media_type, rate, exact):
    found = look(voices.speak(TEXT, form))
    assert found[:2] == (media_type, form)
    assert found[3:] == (rate, 1)
    assert found.seconds == pytest.approx(SECONDS, abs=1e-9 if exact else 0.05)


def test_bare_samples_are_told_by_what_they_are_said_to_be():
    samples = voices.speak(TEXT, "pcm")
    assert look(samples) is None
    assert look(samples, sounds.PCM) == ("audio/pcm", "pcm", pytest.approx(SECONDS), 24000, 1)


@pytest.mark.parametrize("content", [b"", b"hello", b"\x89PNG\r\n\x1a\n" + bytes(99)])
def test_what_is_no_sound_is_none(content):
    assert look(content) is None


@pytest.mark.parametrize("form", ["mp3", "wav", "flac", "aac", "opus"])
@pytest.mark.parametrize("size", [4, 5, 11, 13, 20, 27, 45, 70])
def test_a_sound_that_is_cut_still_has_its_kind(form, size):
    found = look(voices.speak(TEXT, form)[:size])
    assert found is None or found.media_type == sounds.FORMATS[form]
    assert found is None or (found.seconds or 0) < SECONDS or form == "flac"


def wav(size: int, samples: bytes, before: bytes = b"") -> bytes:
    plain = sounds.wav_header(len(samples), 8000, 2)
    return plain[:36] + before + b"data" + struct.pack("<I", size) + samples


@pytest.mark.parametrize("size", [32000, 0xFFFFFFFF, 0x7FFFFFFF])
def test_a_wav_that_was_streamed_is_as_long_as_its_bytes(size):
    assert look(wav(size, bytes(32000))) == ("audio/wav", "wav", 1.0, 8000, 2)


@pytest.mark.parametrize(
    ("size", "cut"),
    [(32000, False), (32001, True), (1 << 30, True), (0xFFFFFFFF, False), (0x7FFFFFFF, False)],
)
def test_a_wav_whose_head_promises_more_was_cut(size, cut):
    content = wav(size, bytes(32000), b"LIST" + struct.pack("<I", 3) + b"abc\0")
    assert sounds.is_cut(content[:4096], len(content)) == cut
    assert not sounds.is_cut(b"ID3" + content[3:4096], len(content))


def test_a_wav_may_hold_other_chunks():
    listed = b"LIST" + struct.pack("<I", 3) + b"abc\0"
    assert look(wav(32000, bytes(32000), listed)).seconds == 1.0


def test_the_head_of_a_wav_says_what_follows():
    header = sounds.wav_header(48000)
    assert len(header) == 44
    assert look(header + bytes(48000)) == ("audio/wav", "wav", 1.0, 24000, 1)
    assert struct.unpack("<I", header[4:8]) == (48000 + 36,)


def frame(bits_index: int, size: int, filling: bytes = b"\0") -> bytes:
    """A frame of MPEG-1 layer III, 44.1 kHz, two channels."""
    return b"\xff\xfb" + bytes([bits_index << 4, 0]) + filling * (size - 4)


QUIET, LOUD = frame(5, 208), frame(9, 417)
PER_FRAME = 1152 / 44100


def test_an_mp3_with_frames_of_several_sizes_is_counted():
    assert look(QUIET * 60 + LOUD * 60).seconds == pytest.approx(120 * PER_FRAME)


def test_an_mp3_may_say_how_many_frames_it_has():
    told = frame(9, 417)[:36] + b"Xing" + struct.pack(">II", 1, 1000) + bytes(417 - 48)
    assert look(told + LOUD * 3).seconds == pytest.approx(1000 * PER_FRAME)


def test_tags_before_and_after_an_mp3_are_no_sound():
    tag = b"ID3\x04\0\0\0\0\x02\x00" + b"\xff\xfb\x90\x00" + bytes(252)
    assert look(tag + LOUD * 50 + b"TAG" + bytes(125)).seconds == pytest.approx(
        50 * 417 * 8 / 128000
    )


def test_an_mp3_of_nothing_but_a_tag_has_no_length():
    assert look(b"ID3\x04" + bytes(range(256)) * 99)[:3] == ("audio/mpeg", "mp3", None)


def box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), name) + content


@pytest.mark.parametrize(
    "header",
    [
        struct.pack(">4xIIII", 0, 0, 1000, 2500),
        struct.pack(">4sQQIQ", b"\1\0\0\0", 0, 0, 1000, 2500),
    ],
)
def test_an_mp4_says_its_length_in_its_header(header):
    moov = box(b"moov", box(b"free", b"") + box(b"mvhd", header + bytes(80)))
    content = box(b"ftyp", b"M4A \0\0\0\0") + box(b"mdat", bytes(99)) + moov
    assert look(content) == ("audio/mp4", "m4a", 2.5, None, None)


def test_an_mp4_whose_boxes_have_no_size_ends_the_search():
    content = box(b"ftyp", b"M4A ") + struct.pack(">I4s", 4, b"moov") + bytes(64)
    assert look(content)[:3] == ("audio/mp4", "m4a", None)


@pytest.mark.parametrize(
    ("head", "part"),
    [(b"RIFF\0\0\0\0WAVE", bytes(8)), (b"\0\0\0\x08ftyp", b"\0\0\0\x08free")],
    ids=["wav", "mp4"],
)
def test_parts_without_end_are_not_walked_through(head, part):
    def read(offset, size):
        assert offset < 1_000_000
        return (part if offset else head)[:size]

    found = sounds.look(read, 1 << 32)
    assert found is not None
    assert found.seconds is None


def test_vorbis_counts_by_its_own_rate():
    head = b"OggS" + bytes(24) + b"\x01vorbis" + struct.pack("<IBI", 0, 2, 44100)
    last = b"OggS\0\4" + struct.pack("<q", 88200) + bytes(20)
    assert look(head + bytes(40) + last) == ("audio/ogg", "ogg", 2.0, 44100, 2)


def test_a_long_sound_is_told_from_a_few_places():
    content = LOUD * 20_000
    asked = []

    def read(offset, size):
        asked.append(size)
        return content[offset : offset + size]

    found = sounds.look(read, len(content))
    assert found is not None
    assert found.seconds == pytest.approx(20_000 * 417 * 8 / 128000)
    assert sum(asked) < 200_000


def test_a_body_has_a_size_in_memory_and_on_disk():
    assert sounds.size_of(b"abc") == 3
    assert sounds.size_of(Spool("x", 7, "")) == 7
