"""Showing: the place in a recipe where a case failed, and none of ours."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from runner.errors import Mark
from runner.testing.session import named
from runner.testing.told import CaseError


class Reports:
    """Names the place in a recipe where a case failed."""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Put the recipe in the place of our module."""
        report = yield
        if call.excinfo is not None and isinstance(call.excinfo.value, CaseError):
            _place(getattr(report.longrepr, "reprcrash", None), call.excinfo.value, item.path)
        return report


def _place(crash: Any, error: CaseError, path: Path) -> None:
    """Say where it crashed, as pytest has it for its last lines and for reports."""
    if crash is None:
        return
    mark = error.mark or Mark(named(path), 1, 1)
    crash.path, crash.lineno = mark.file, mark.line
    first = str(error).split("\n")[0]
    crash.message = first.removeprefix(f"{mark.file}:{mark.line}:{mark.column}: ")
