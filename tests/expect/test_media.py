"""Pictures and sounds, judged by what their bytes tell."""

import pytest

from runner.errors import RecipeError
from runner.expect import judge, media
from runner.expect.wording import Unknown
from runner.protocol import pictures, sounds

PNG = {"format": "png", "width": 64, "height": 32, "alpha": False, "blank": False}
WAV = {"format": "wav", "seconds": 2.5, "sample_rate": 24000, "channels": 1, "silent": False}


def one(expectation, **reply):
    (check,) = judge([expectation], reply)
    return check.passed, check.message


@pytest.mark.parametrize(
    ("wanted", "holds"),
    [
        ({"format": "png", "width": 64, "height": {"between": [30, 40]}}, True),
        ({"format": "PNG"}, True),
        ({"format": {"one_of": ["jpg", "png"]}}, True),
        ({"format": "jpeg"}, False),
        ({"width": {"at_most": 63}}, False),
        ({"alpha": False, "blank": False}, True),
        ({"alpha": True}, False),
        ({"blank": True}, False),
    ],
)
def test_a_picture_is_judged_part_by_part(wanted, holds):
    assert one({"image": wanted}, image=[PNG])[0] is holds
    assert one({"not": {"image": wanted}}, image=[PNG])[0] is not holds


@pytest.mark.parametrize(
    ("wanted", "holds"),
    [
        ({"format": "wav", "seconds": {"between": [0.5, 30]}}, True),
        ({"sample_rate": 24000, "channels": 1, "silent": False}, True),
        ({"silent": True}, False),
        ({"channels": 2}, False),
        ({"seconds": {"less_than": 2.5}}, False),
    ],
)
def test_a_sound_is_judged_part_by_part(wanted, holds):
    assert one({"audio": wanted}, audio=[WAV])[0] is holds
    assert one({"audio": wanted}, audio=WAV)[0] is holds


def test_formats_go_by_their_other_names():
    assert one({"image": {"format": "jpg"}}, image=[{**PNG, "format": "jpeg"}])[0]
    assert one({"audio": {"format": "pcm16"}}, audio=[{**WAV, "format": "pcm"}])[0]


def test_every_picture_must_hold_and_the_one_that_does_not_is_named():
    pictures = [PNG, {**PNG, "width": 65}, PNG]
    assert one({"image": {"height": 32}}, image=pictures) == (True, "")
    passed, told = one({"image": {"width": 64}}, image=pictures)
    assert (passed, told) == (False, "picture 2 of 3: width: expected 64, got 65")


@pytest.mark.parametrize(
    ("part", "value", "why"),
    [
        ("blank", Unknown("nobody knows"), "nobody knows"),
        ("width", None, "does not tell its width"),
    ],
)
def test_what_cannot_be_told_holds_neither_way(part, value, why):
    wanted = {"image": {part: True if part == "blank" else 1}}
    for expectation in (wanted, {"not": wanted}):
        passed, told = one(expectation, image=[{**PNG, part: value}])
        assert not passed
        assert why in told


@pytest.mark.parametrize(
    "wrong", [{"image": "png"}, {"image": {"colour": "red"}}, {"image": {"width": {"matches": 1}}}]
)
def test_what_makes_no_sense_is_an_error(wrong):
    with pytest.raises(RecipeError):
        one(wrong, image=[PNG])


def test_the_formats_that_can_be_told_are_known():
    told = {*sounds.NAMES.values(), "ogg"}
    assert {*media.FORMATS["audio"]} == told
    kinds = {kind.removeprefix("image/").removesuffix("+xml") for kind in pictures.SUFFIXES}
    assert {*media.FORMATS["image"]} == kinds
