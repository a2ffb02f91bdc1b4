"""The simulated voices make whole files, the same for the same text."""

import pytest

from runner.protocol import media, sounds
from runner.protocol.simulated import voices

TEXT = "Hello there, how are you?"


def lasts(content: bytes) -> float:
    found = sounds.look(sounds.reader(content), len(content))
    assert found is not None
    assert found.seconds is not None
    return found.seconds


@pytest.mark.parametrize("form", ["mp3", "wav", "flac", "aac", "opus"])
def test_a_sound_is_of_its_kind_and_lasts_as_its_text(form):
    short, long = (voices.speak(text, form) for text in (TEXT, TEXT * 3))
    assert media.media_type("", short) == sounds.FORMATS[form]
    assert lasts(short) == pytest.approx(voices.seconds(TEXT), abs=0.05)
    assert lasts(long) == pytest.approx(3 * lasts(short), abs=0.1)


@pytest.mark.parametrize("form", list(voices.VOICES))
def test_the_same_text_gives_the_same_bytes(form):
    assert voices.speak(TEXT, form, "nova") == voices.speak(TEXT, form, "nova")
    assert voices.speak("", form)


@pytest.mark.parametrize("form", ["mp3", "wav", "flac"])
def test_voices_and_texts_differ(form):
    assert voices.speak(TEXT, form, "nova") != voices.speak(TEXT, form, "onyx")
    assert voices.speak("abc", form) != voices.speak("bcd", form)


def test_twice_the_speed_takes_half_the_time():
    assert voices.seconds(TEXT, 2) == pytest.approx(voices.seconds(TEXT) / 2, abs=0.03)


def test_letters_sound_and_blanks_do_not():
    samples = voices.speak("a b", "pcm")
    third = len(samples) // 3
    assert any(samples[:third])
    assert not any(samples[third : 2 * third])
    assert any(samples[2 * third :])


def test_the_wav_holds_the_samples():
    assert voices.speak(TEXT, "wav")[44:] == voices.speak(TEXT, "pcm")


def test_the_samples_stand_in_the_flac():
    """Sample by sample, its first byte first, behind the head of each frame."""
    samples = voices.speak("a", "pcm")[: 2 * voices.FRAME]
    turned = b"".join(samples[at : at + 2][::-1] for at in range(0, len(samples), 2))
    assert turned in voices.speak("a", "flac")


def crc(content: bytes, width: int, polynomial: int) -> int:
    """Divide bit by bit, as the formats' own papers say."""
    total = 0
    for bit in (byte >> place & 1 for byte in content for place in range(7, -1, -1)):
        over = total >> width - 1 ^ bit
        total = (total << 1 & (1 << width) - 1) ^ (polynomial if over else 0)
    return total


def test_the_frames_of_the_flac_check_out():
    frame = voices.speak("a", "flac")[42:][: 6 + 1 + 2 * voices.FRAME + 2]
    assert frame[5] == crc(frame[:5], 8, 0x07)
    assert int.from_bytes(frame[-2:]) == crc(frame[:-2], 16, 0x8005)


def test_the_pages_of_the_opus_check_out():
    pages = voices.speak(TEXT, "opus").split(b"OggS")[1:]
    assert len(pages) == 4
    for page in pages:
        whole = b"OggS" + page
        bare = whole[:22] + bytes(4) + whole[26:]
        assert int.from_bytes(whole[22:26], "little") == crc(bare, 32, 0x04C11DB7)


def test_every_frame_of_the_mp3_begins_where_the_last_ended():
    content = voices.speak(TEXT, "mp3")
    assert len(content) % voices.MP3_FRAME == 0
    heads = {content[at : at + 4] for at in range(0, len(content), voices.MP3_FRAME)}
    assert heads == {b"\xff\xf3\x84\xc4"}
