"""Recipes below `tests/` are what tests work on: they are no tests themselves."""

import pytest

collect_ignore_glob = ["*.recipe.yaml", "*.recipe.yml"]


EXTRAS = (
    "serve",
    "test_dataset.py",
    "test_joining.py",
    "test_looking.py",
    "test_run_remote.py",
    "test_store.py",
)
"""Folders and files of tests that need an extra, or have one that does."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if not {*EXTRAS}.isdisjoint(item.path.parts):
            item.add_marker(pytest.mark.extra)
