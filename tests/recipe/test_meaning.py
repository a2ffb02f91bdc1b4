"""What a recipe's file says is told from how it is written."""

import pytest

from runner.recipe.meaning import digest
from runner.recipe.source import parse

OWN = "endpoint: models\nexpect: [{status: 200}]\noutput: {text: a.md}\n"


@pytest.mark.parametrize(
    "text",
    [
        "# A list.\nendpoint: models\n\nexpect:\n  - status: 200\noutput: {text: 'a.md'}\n",
        OWN + "description: All of them.\ntags: [smoke]\n",
        OWN + "matrix: {model: [a, b]}\nrepeat: 3\n",
        OWN + "vars: {city: Amsterdam}\nx-shared: 1\n",
    ],
)
def test_how_it_is_written_and_described_says_nothing(text):
    assert digest(parse(text, "a")) == digest(parse(OWN, "a"))


@pytest.mark.parametrize(
    "text",
    [
        OWN.replace("200", "201"),
        OWN.replace("200", "'200'"),
        OWN.replace("a.md", "b.md"),
        OWN + "params: {limit: 1}\n",
        "[]",
    ],
)
def test_what_it_asks_expects_and_writes_does(text):
    assert digest(parse(text, "a")) != digest(parse(OWN, "a"))
