"""Recipes below `tests/` are what tests work on: they are no tests themselves."""

import pytest
from hypothesis import settings

collect_ignore_glob = ["*.recipe.yaml", "*.recipe.yml"]


DAY = "2026-11-22"
EXTRAS = (
    "serve",
    "test_dataset.py",
    "test_joining.py",
    "test_looking.py",
    "test_run_remote.py",
    "test_store.py",
)
"""Folders and files of tests that need an extra, or have one that does."""


settings.register_profile("own", deadline=None)
settings.load_profile("own")
# No test promises how long one example takes, and a machine may stand still for a moment.


@pytest.fixture(autouse=True)
def day(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let models be as old as on one day: later, there are more warnings of those that end."""
    monkeypatch.setattr("runner.engine.writing.provenance.day", lambda seconds: DAY)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if not {*EXTRAS}.isdisjoint(item.path.parts):
            item.add_marker(pytest.mark.extra)
