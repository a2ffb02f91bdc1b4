"""What the official client does is told apart, case by case."""

import pytest

from tests.faults.cases import CLASSES, cases
from tests.faults.official import compared, table

pytest.importorskip("openai", reason="openai (extra client) is not installed")

ENDS = {
    "chat:none": ("right", 1, 0),
    "chat:status-400": ("error", 1, 0),
    "stream:sse-half": ("taken", 1, 0),
    "images:redirect-elsewhere": ("right", 1, 1),
}
EVERY = {str(case): case for name in CLASSES for case in cases(name)}


def test_the_ends_of_the_official_client_are_told_apart():
    found = compared([EVERY[name] for name in ENDS], threads=1)
    assert {str(one.case): (one.end, one.attempts, one.strays) for one in found} == ENDS
    assert all(one.ours for one in found)
    *_, last = table(found)
    assert last == "| all | 4 | 4 | 2 | 1 | 1 | 0 | 0 | 0 | 1 | 0 |"
