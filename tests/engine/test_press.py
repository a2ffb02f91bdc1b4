"""What is alike in all rows is worked out once; what is not, never."""

import pytest

from runner.engine.passed import Passed
from runner.engine.press import Pressed, asked, keep, pressed
from runner.errors import RecipeSchemaError
from runner.model import Ask
from runner.recipe.ask import Reader
from runner.recipe.source import NOWHERE, Map

PARAMS = {"temperature": 1}
KEYS = {"model": "gpt-4.1", "params": PARAMS, "messages": [{"role": "user", "content": "one"}]}
BASE = Ask("chat.completions", run_id="a[row=1]")
MADE = BASE._replace(model="gpt-4.1", params=PARAMS, messages=tuple(KEYS["messages"]))


@pytest.fixture
def passed() -> Passed:
    found = Passed()
    keep(found, "ask", Pressed(KEYS, BASE, MADE))
    return found


def test_another_row_asks_in_its_own_words_and_name(passed):
    keys = KEYS | {"messages": [{"role": "user", "content": "two"}]}
    press = pressed(passed, "ask", keys, BASE._replace(run_id="a[row=2]"))
    assert press is not None
    found = asked(press, Reader(keys, Map(NOWHERE)), "a[row=2]")
    assert found == MADE._replace(messages=tuple(keys["messages"]), run_id="a[row=2]")
    assert found.params is PARAMS


@pytest.mark.parametrize(
    "keys",
    [
        KEYS | {"params": {"temperature": True}},
        KEYS | {"params": dict(PARAMS)},
        KEYS | {"model": "gpt-4o"},
        KEYS | {"retries": 1},
        {"messages": KEYS["messages"], "model": "gpt-4.1"},
    ],
)
def test_keys_that_are_not_the_very_same_are_read_anew(passed, keys):
    assert pressed(passed, "ask", keys, BASE) is None


@pytest.mark.parametrize("change", [{"accepts": (404,)}, {"endpoint": "responses"}])
def test_other_defaults_are_read_anew(passed, change):
    assert pressed(passed, "ask", KEYS, BASE._replace(**change)) is None


def test_what_a_row_asks_is_checked_as_ever(passed):
    press = pressed(passed, "ask", KEYS, BASE)
    assert press is not None
    with pytest.raises(RecipeSchemaError, match="expected a list of messages"):
        asked(press, Reader(KEYS | {"messages": []}, Map(NOWHERE)), "a")


def test_each_step_has_its_own(passed):
    assert pressed(passed, "other", KEYS, BASE) is None
