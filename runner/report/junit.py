"""JUnit: a suite for each recipe, a case for each run, as CI services read them.

A missed expectation is a `failure`; what the service, a hook or we did wrong is an `error`. A case
has one of them at most, as some readers know only one. Of repeats each is a case, and a miss that
is tolerated is no failure.
"""

from __future__ import annotations

import datetime
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from runner.report import entry
from runner.report.changes import Changes
from runner.report.console import Lines
from runner.report.encoding import Hide
from runner.report.face import Shelf
from runner.report.totals import Group, Groups
from runner.report.xml import element, opening
from runner.results import RunResult

_KINDS = {"failures": "failure", "errors": "error", "skipped": "skipped"}


class Junit:
    """Puts cases on a shelf as they come, and orders them by recipe in the end."""

    def __init__(self, hide: Hide, shelf: Shelf) -> None:
        self._hide = hide
        self._shelf = shelf
        self._groups = Groups()
        self._suites: dict[str, list[tuple[int, int]]] = {}

    def take(self, result: RunResult, lines: Lines) -> str:
        """Take a run; nothing can be written before all are counted."""
        self._groups.take(result)
        place = self._shelf.put(json.dumps(entry.of(result, lines, self._hide)))
        self._suites.setdefault(result.recipe, []).append((result.place, place))
        return ""

    def end(self, changes: Changes | None = None) -> Iterator[str]:  # noqa: ARG002  told elsewhere
        """Give the whole."""
        suites = sorted(self._suites, key=lambda recipe: min(self._suites[recipe]))
        counted = {recipe: self._counted(recipe) for recipe in suites}
        whole = sum(counted.values(), Counter[str]())
        yield '<?xml version="1.0" encoding="UTF-8"?>\n'
        yield opening("testsuites", {"name": "runner", **_counts(whole)}) + "\n"
        for recipe in suites:
            yield from self._suite(recipe, counted[recipe])
        yield "</testsuites>\n"

    def _cases(self, recipe: str) -> Iterator[dict[str, Any]]:
        for _, place in sorted(self._suites[recipe]):
            case = json.loads(self._shelf.get(place))
            group = self._groups.found.get((recipe, case["case"])) if case["repeat"] else None
            yield _judged(case, group) if group else case

    def _counted(self, recipe: str) -> Counter[str]:
        counts: Counter[str] = Counter()
        for case in self._cases(recipe):
            counts.update(("tests", case["kind"]))
            counts["ms"] += round(case["time"] * 1000)
            counts["began"] = min(filter(None, (counts["began"], int(case["began"]))), default=0)
        return counts

    def _suite(self, recipe: str, counts: Counter[str]) -> Iterator[str]:
        name = self._hide(recipe)
        began = counts["began"] and datetime.datetime.fromtimestamp(counts["began"], datetime.UTC)
        moment = began.strftime("%Y-%m-%dT%H:%M:%S") if began else ""
        told = {"name": name, **_counts(counts), "timestamp": moment, "file": name}
        yield f"  {opening('testsuite', told)}\n"
        for case in self._cases(recipe):
            yield _testcase(case)
        yield "  </testsuite>\n"


def _counts(counts: Counter[str]) -> dict[str, object]:
    kinds = {name: counts[kind] for name, kind in _KINDS.items()}
    return {"tests": counts["tests"], **kinds, "time": f"{counts['ms'] / 1000:.3f}"}


def _judged(case: dict[str, Any], group: Group) -> dict[str, Any]:
    """Tell with one of its repeats what a case came to."""
    verdict = f"{group.passed} of {group.repeats} passed, {group.passes} must: {group.state}"
    told = {**case, "properties": [*case["properties"], ["case", verdict]]}
    if case["kind"] != "failure":
        return told
    if group.state == "passed":
        output = f"a miss that is tolerated: {verdict}\n{case['text']}\n\n{case['out']}"
        return {**told, "kind": "passed", "out": output}
    return {**told, "message": f"{case['message']} ({verdict})"}


def _testcase(case: dict[str, Any]) -> str:
    names = ("name", "classname", "file", "line")
    told = {**{name: case[name] for name in names}, "time": f"{case['time']:.3f}"}
    rows = [f"    {opening('testcase', told)}", "      <properties>"]
    for name, value in case["properties"]:
        rows.append(f"        {element('property', {'name': name, 'value': value})}")
    rows.append("      </properties>")
    if case["kind"] in _KINDS.values():
        why = {"message": case["message"], "type": case["type"]}
        rows.append(f"      {element(case['kind'], why, case['text'])}")
    if case["out"].strip():
        rows.append(f"      {element('system-out', {}, case['out'].strip())}")
    return "\n".join([*rows, "    </testcase>\n"])
