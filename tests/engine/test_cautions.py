"""What is warned of is told once for each cause."""

from types import SimpleNamespace

import pytest

from runner.engine.cautions import Cautions
from runner.errors import Fault, Mark

MARK = Mark("a.yaml", 3, 1)


def heard(*messages, rows=None, hide=str, label=""):
    told = []
    cautions = Cautions(lambda fault: told.append(fault.message), hide)
    recipe, cell = SimpleNamespace(file="a.yaml"), SimpleNamespace(label=label)
    for message in messages:
        cautions.take(
            SimpleNamespace(rows=rows, recipe=recipe, cell=cell),  # type: ignore[arg-type]
            Fault(message, MARK, severity="warning"),
        )
    return told


def test_the_same_is_told_once():
    assert heard("o3 ends", "o3 ends", "o1 ends") == ["o3 ends", "o1 ends"]


@pytest.mark.parametrize("other", ["no city 'Oslo'", "no city 'Paris 7'"])
def test_of_rows_what_differs_by_their_values_is_told_once(other):
    assert heard("no city 'Rome'", other, "no luck", rows=[1]) == ["no city 'Rome'", "no luck"]


def test_a_secret_is_masked_before_lines_are_joined():
    def hide(text):
        return text.replace("se  cret", "***")

    assert heard("a\nse  cret  b", hide=hide) == ["a *** b"]
