"""Errors are told with the lines that they point at, and none comes of itself."""

import pytest

from runner.engine.reading.files import Files
from runner.engine.reading.quoting import quoting
from runner.errors import Fault, Mark, RecipeError


@pytest.fixture
def files(tmp_path):
    made = Files(tmp_path)
    made.texts["a.yaml"] = "model: 5\n"
    return made


def test_an_error_gets_the_line_that_it_points_at(files):
    error = RecipeError.of(Fault("expected text", Mark("a.yaml", 1, 8)))
    with pytest.raises(RecipeError, match=r"1 \| model: 5") as caught, quoting(files):
        raise error
    assert caught.value.__cause__ is error


def test_an_error_that_points_nowhere_stays_as_it_is(files):
    error = RecipeError("no such file")
    with pytest.raises(RecipeError) as caught, quoting(files):
        raise error
    assert caught.value is error
    assert error.__cause__ is None
