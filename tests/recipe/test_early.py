"""Early: what is filled in before the first request reads no row, step or reply."""

from __future__ import annotations

import pytest

from runner.recipe import build, early
from tests.recipe.trees import reader, told, tree


def faults(text):
    """What comes too early in a recipe."""
    recipe = build.build("r.yaml", build.keys_of("r.yaml", tree(text), reader()))
    return early.faults(step.keys for step in (*recipe.steps, *recipe.finals))


@pytest.mark.parametrize(
    ("text", "place", "where"),
    [
        ("endpoint: '{{ row.kind }}'", "1:11", "endpoint"),
        ("endpoint: models\nprovider: '{{ row.kind }}'", "2:11", "provider"),
        ("tools: [{name: a, description: '{{ row.kind }}', parameters: {}}]", "1:32", "tools"),
        ("tools: ['{{ row.kind }}']", "1:9", "tools"),
        ("messages: [{user: {include: '{{ row.kind }}.md'}}]", "1:29", "include"),
        ("expect: [{json: {schema: {file: '{{ row.kind }}.json'}}}]", "1:33", "expect"),
        ("steps: [{name: a, endpoint: '{{ row.kind }}'}]", "1:29", "endpoint"),
    ],
)
def test_a_row_is_read_too_early(text, place, where):
    found = faults(text)
    message = "the template reads 'row', and is filled in once, before the first request"
    assert told(found) == [f"{place} {where}: {message}"]
    assert 'vars: {name: "{{ row.NAME }}"}' in found[0].hint


@pytest.mark.parametrize("name", ["row_id", "steps.a.text", "item", "loop.index", "run", "reply"])
def test_other_names_that_have_no_value_yet_are_told(name):
    (fault,) = faults(f"provider: '{{{{ {name} }}}}'")
    assert repr(name.partition(".")[0]) in fault.message


@pytest.mark.parametrize(
    "text",
    [
        "endpoint: '{{ kind }}'\nvars: {kind: '{{ row.kind }}'}",
        "provider: '{{ env.P }}'",
        "tools: [{name: a, parameters: {}, returns: '{{ row.kind }} {{ arguments.x }}'}]",
        "messages: [{user: '{{ row.kind }}'}]",
        "expect: [{text: '{{ row.kind }}'}]",
    ],
)
def test_variables_and_what_is_filled_in_later_are_let_pass(text):
    assert faults(text) == []
