"""Properties: laws that hold for any input, tried with inputs made at random.

`RUNNER_EXAMPLES=20000 pytest tests/properties` tries long; without it, each is tried a little.
"""

import os

from hypothesis import HealthCheck, settings

from runner.errors import RecipeError

bounded = settings(
    max_examples=int(os.environ.get("RUNNER_EXAMPLES", "100")),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def told(error: RecipeError) -> None:
    """Hold that each fault is told in few words."""
    assert error.faults
    assert all(len(fault.message) < 4_096 for fault in error.faults)
