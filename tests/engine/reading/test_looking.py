"""Pictures that are no PNG, where Pillow is there."""

import io

import pytest

Image = pytest.importorskip("PIL.Image")


def saved(form, colours):
    picture = Image.new("RGB", (32, 16), colours[0])
    for place, colour in enumerate(colours[1:]):
        picture.paste(colour, (place, 0, 16, 16))
    file = io.BytesIO()
    picture.save(file, form)
    return file.getvalue()


@pytest.mark.parametrize("form", ["JPEG", "WEBP", "GIF"])
def test_a_picture_of_one_colour_is_even(form):
    from runner.engine.reading.looking import is_even

    assert is_even(saved(form, ["red"])) is True
    assert is_even(saved(form, ["red", "blue"])) is False


def test_what_cannot_be_opened_is_not_judged():
    from runner.engine.reading.looking import is_even

    assert is_even(b"\xff\xd8\xff nothing") is None
