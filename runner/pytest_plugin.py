"""The pytest plugin: recipes are tests, and replayed unless another mode is asked for.

Every pytest of an environment imports this as it starts: what reads and runs recipes is imported
with the first recipe that is found.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from runner.report.totals import Totals
    from runner.testing.items import RecipeFile

ENDINGS = (".recipe.yaml", ".recipe.yml")
MODES = {
    "replay": "Replay what is recorded beside recipes (the default).",
    "live": "Ask the services that recipes name.",
    "offline": "Ask the simulated service: no key, no network.",
    "record": "Ask the services, and record what they reply.",
}
COUNTED = ("requests", "attempts", "input_tokens", "output_tokens", "cost", "measured", "unpriced")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the flags and the settings."""
    group = parser.getgroup("recipes")
    for mode, told in MODES.items():
        group.addoption(
            f"--recipes-{mode}",
            action="append_const",
            const=mode,
            dest="recipes_modes",
            help=told,
        )
    group.addoption(
        "--recipes-out",
        metavar="DIR",
        help="The folder of outputs; without it each case has a temporary one.",
    )
    parser.addini("recipes_mode", f"How recipes run: {', '.join(MODES)}.", default="replay")


def mode_of(config: pytest.Config) -> str:
    """Return how recipes run; UsageError where that is not clear."""
    asked = config.getoption("recipes_modes") or [config.getini("recipes_mode")]
    if len({*asked}) > 1:
        flags = " and ".join(f"--recipes-{mode}" for mode in dict.fromkeys(asked))
        message = f"{flags}: choose one of them"
        raise pytest.UsageError(message)
    if asked[0] not in MODES:
        message = f"recipes_mode = {asked[0]}: expected one of {', '.join(MODES)}"
        raise pytest.UsageError(message)
    return str(asked[0])


def pytest_configure(config: pytest.Config) -> None:
    """Refuse what cannot be, before anything is collected."""
    if mode_of(config) == "record" and config.getoption("dist", "no") != "no":
        message = "--recipes-record: several processes would write the same recordings; add -n 0"
        raise pytest.UsageError(message)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> RecipeFile | None:
    """Collect a recipe."""
    if not file_path.name.endswith(ENDINGS):
        return None
    from runner.testing.items import collected

    return collected(file_path, parent)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Refuse to ask what cannot be recorded, before anything is asked."""
    config = session.config
    asks = not (config.getoption("collectonly") or config.getoption("setuponly", False))
    if asks and mode_of(config) == "record":
        from runner.testing.items import probe

        probe(session)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say what the recipes came to."""
    reports = [*_reports(terminalreporter)]
    if not reports:
        return
    from runner.report.console import summary_of

    told = summary_of(_came_to(reports))
    terminalreporter.write_line(f"recipes ({mode_of(config)}): {told}")


def _reports(terminalreporter: pytest.TerminalReporter) -> Iterator[pytest.TestReport]:
    """List the reports on cases of recipes: of the asking, and of the judging."""
    for reports in terminalreporter.stats.values():
        for report in reports:
            is_one = isinstance(report, pytest.TestReport) and report.when != "teardown"
            if is_one and report.nodeid.partition("::")[0].endswith(ENDINGS):
                yield report


def _came_to(reports: list[pytest.TestReport]) -> Totals:
    """Add up what the reports tell; those of other processes are among them."""
    from runner.report.totals import Totals

    whole = Totals()
    for report in reports:
        state = _state(report)
        if state:
            whole = whole._replace(**{state: getattr(whole, state) + 1})
        if report.when == "setup":
            whole = _added(whole, dict(report.user_properties))
    return whole


def _state(report: pytest.TestReport) -> str:
    """Name what a report says of a case: nothing, where it was asked and not yet judged."""
    if report.when == "setup":
        return "failed" if report.failed else ""
    return {"passed": "passed", "failed": "missed"}.get(report.outcome, "")


def _added(whole: Totals, told: dict[str, Any]) -> Totals:
    told = {"measured": int("input_tokens" in told), **told}
    counts = {name: getattr(whole, name) + told.get(name, 0) for name in COUNTED}
    return whole._replace(**counts)
