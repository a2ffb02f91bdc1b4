"""How often a step has its turn is known before anything is sent, or known not to be."""

import pytest

from runner.engine.turns import turns
from tests.engine.playing import planned

STEP = """
vars: {{words: [a, b]}}
steps:
- {{name: one, endpoint: models}}
- {{name: two, endpoint: models, {}}}
"""


def of(tmp_path, keys):
    plan = planned(tmp_path, STEP.format(keys))
    return [*turns(plan, plan.steps[1])]


@pytest.mark.parametrize(
    ("keys", "count", "known", "sure"),
    [
        ("retries: 0", 1, True, True),
        ('if: "{{ words | length == 2 }}"', 1, True, True),
        ('if: "{{ words | length == 3 }}"', 0, True, True),
        ('if: "{{ steps.one.status == 200 }}"', 1, True, False),
        ('for_each: "{{ words }}"', 2, True, True),
        ('for_each: "{{ range(3) | list }}"', 3, True, True),
        ('for_each: "{{ words }}", if: "{{ item == \'a\' }}"', 1, True, True),
        ('for_each: "{{ steps.one.texts }}"', 1, False, False),
    ],
)
def test_a_step_has_its_turns(tmp_path, keys, count, known, sure):
    found = of(tmp_path, keys)
    assert len(found) == count
    assert all((turn.known, turn.sure) == (known, sure) for turn in found)


def test_a_turn_sees_its_item_and_its_own_variables(tmp_path):
    keys = 'for_each: "{{ words }}", vars: {own: "{{ item }}!", late: "{{ steps.one.text }}"}'
    first, second = of(tmp_path, keys)
    assert (first.scope["own"], second.scope["loop"]["index"]) == ("a!", 2)
    assert "late" not in first.scope
