"""Which runs are asked for."""

import pytest

from runner.engine.selection import Selection, parsed
from runner.errors import SettingsError

NAME = "recipes/Vision.recipe.yaml vision[model=gpt-4.1]#2 smoke"


@pytest.mark.parametrize(
    ("expression", "fits"),
    [
        ("vision", True),
        ("VISION", True),
        ("audio", False),
        ("vision and smoke", True),
        ("vision and not smoke", False),
        ("audio or smoke", True),
        ("not (audio or smoke)", False),
        ("audio or vision and smoke", True),
        ("not audio and not slow", True),
        ('"model=gpt-4.1]#2"', True),
        ('"vision smoke"', False),
    ],
)
def test_an_expression_of_words(expression, fits):
    assert parsed(expression)(NAME) is fits


DEEP = "(" * 60 + "a" + ")" * 60


@pytest.mark.parametrize("expression", ["(a", "a)", "a b", "and a", "not", '"a', "()", DEEP])
def test_what_is_no_expression_is_told(expression):
    with pytest.raises(SettingsError, match="is no expression"):
        parsed(expression)


def test_one_of_several_tags_is_enough():
    chosen = Selection(tags=("smoke", "slow"))
    assert chosen.takes_recipe(["smoke", "vision"])
    assert not chosen.takes_recipe(["vision"])
    assert Selection().takes_recipe([])
