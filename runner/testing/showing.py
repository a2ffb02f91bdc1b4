"""Showing: the recipe's lines where a case failed, and no traceback of ours."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from runner.errors import Mark
from runner.testing.session import named
from runner.testing.told import CaseError


class Reports:
    """Shows the recipe's lines where a case failed, and no traceback of ours."""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Put our words in the place of the traceback."""
        report = yield
        if call.excinfo is not None and isinstance(call.excinfo.value, CaseError):
            report.longrepr = _shown(call.excinfo, item.path)
        return report


def _shown(excinfo: pytest.ExceptionInfo[BaseException], path: Path) -> Any:
    """Say what a case came to as pytest has it: text, and where it crashed."""
    error = excinfo.value
    shown = excinfo.getrepr(style="value", chain=False)
    crash = shown.reprcrash
    if crash is not None and isinstance(error, CaseError):
        mark = error.mark or Mark(named(path), 1, 1)
        crash.path, crash.lineno = mark.file, mark.line
        first = str(error).split("\n")[0]
        crash.message = first.removeprefix(f"{mark.file}:{mark.line}:{mark.column}: ")
    return shown
