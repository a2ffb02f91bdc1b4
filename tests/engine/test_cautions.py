"""What is warned of is told once for each cause."""

from types import SimpleNamespace

import pytest

from runner.engine.cautions import Cautions
from runner.engine.suite import Suite
from runner.engine.user.options import Options
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


def test_what_workers_keep_is_told_once():
    """Each process says all once; their parent says it once for all of them."""
    plan = SimpleNamespace(
        rows=[1], recipe=SimpleNamespace(file="a.yaml"), cell=SimpleNamespace(label="")
    )
    told = []
    parent = Cautions(lambda fault: told.append(fault.message), str)
    for city in ("Rome", "Paris"):
        worker = Cautions(parent.heed, str)
        worker.keep()
        for _ in range(2):
            worker.take(plan, Fault(f"no city '{city}'", MARK))  # type: ignore[arg-type]
        assert not told or city == "Paris"
        for fault in worker.kept():
            parent.take(plan, fault)  # type: ignore[arg-type]
        assert not worker.kept()
    assert told == ["no city 'Rome'"]


def test_a_secret_is_masked_before_lines_are_joined():
    def hide(text):
        return text.replace("se  cret", "***")

    assert heard("a\nse  cret  b", hide=hide) == ["a *** b"]


def test_what_is_told_while_a_run_goes_is_masked_and_steers_nothing():
    told: list[str] = []
    suite = Suite(Options(), told.append, {})
    suite.masker.learn("hush-hush-0815")
    suite.tell("the job is \x1b[2J hush-hush-0815")
    suite.close()
    assert told == ["the job is \\x1b[2J ***"]
