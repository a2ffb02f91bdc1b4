"""Baseline: what the cases of an earlier run came to, read from its JSON or JSON Lines report."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from runner.errors import SettingsError
from runner.record import Record
from runner.report.records import SCHEMA_VERSION
from runner.report.totals import Group

LONGEST = 4_000

Key: TypeAlias = tuple[str, str]
"""A recipe's file and the name of a case."""


class Outcome(Record):
    """What a case came to. `cost` is None where it is unknown, `text` the beginning of its answer.

    Of one that was made `before` no reply is known.
    The repeats of a case are one: its cost and latency are the mean of theirs, and it has no text.
    """

    recipe: str
    case: str
    state: str
    models: tuple[str, ...] = ()
    fingerprints: tuple[str, ...] = ()
    cost: float | None = None
    latency: float = 0.0
    text: str = ""
    length: int = 0
    before: bool = False

    @property
    def key(self) -> Key:
        """What it is found by."""
        return (self.recipe, self.case)


class Cases:
    """Makes outcomes of the records of runs as they come."""

    def __init__(self) -> None:
        self._groups: dict[Key, tuple[Group, list[Outcome]]] = {}

    def take(self, record: Mapping[str, Any]) -> Outcome | None:
        """Take a run; return its outcome, or None where more repeats of its case may come."""
        outcome = outcome_of(record)
        if not record.get("repeat"):
            return outcome
        if outcome.key not in self._groups:
            self._groups[outcome.key] = (Group(record["repeats"], record["passes"]), [])
        group, members = self._groups[outcome.key]
        members.append(outcome._replace(text="", length=0))
        self._groups[outcome.key] = (group.joined(outcome.state), members)
        return None

    def rest(self) -> Iterator[Outcome]:
        """Give the outcomes of the cases that were repeated."""
        for group, members in self._groups.values():
            costs = [member.cost for member in members if member.cost is not None]
            yield members[0]._replace(
                state=group.state,
                models=_distinct(name for member in members for name in member.models),
                fingerprints=_distinct(name for one in members for name in one.fingerprints),
                cost=sum(costs) / len(costs) if len(costs) == len(members) else None,
                latency=sum(member.latency for member in members) / len(members),
            )


def outcome_of(record: Mapping[str, Any]) -> Outcome:
    """Read the record of a run, as `runner.report.records` makes it."""
    steps = record["steps"]
    answers = [step["answer"] for step in steps if step["answer"]]
    costs = [paid["cost"] for step in steps for paid in _paid(step)]
    told = [step["answer"]["text"] for step in steps if step["answer"] and not step["final"]]
    text = next((text for text in reversed(told) if text), "")
    return Outcome(
        _near(record["recipe"]),
        record.get("case", record["run_id"]),
        record["state"],
        _distinct(answer["model"] for answer in answers),
        _distinct(answer["fingerprint"] for answer in answers),
        None if None in costs else sum(costs),
        sum(answer["latency"] for answer in answers),
        text[:LONGEST],
        len(text),
        bool(record.get("before")),
    )


def _paid(step: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = (step["answer"] or step["spent"], step.get("judging"))
    return [answer for answer in found if answer]


def _near(file: str) -> str:
    return file.removeprefix("./")


def _distinct(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name))


def read(lines: Iterable[str], name: str) -> dict[Key, Outcome]:
    """Read a report, by its lines; SettingsError where it is none."""
    cases = Cases()
    found: dict[Key, Outcome] = {}
    try:
        for record in _records(iter(lines)):
            outcome = cases.take(record)
            if outcome is not None:
                found[outcome.key] = outcome
    except (ValueError, RecursionError, LookupError, TypeError, AttributeError) as error:
        message = f"--baseline {name}: expected the JSON or JSON Lines report of an earlier run"
        told = f"{message}, got something else"
        told += f" ({error})" if isinstance(error, ValueError) else ""
        raise SettingsError(told, hint="make one by --report json=PATH") from error
    found |= {outcome.key: outcome for outcome in cases.rest()}
    return found


def _records(lines: Iterator[str]) -> Iterator[Mapping[str, Any]]:
    """Give the records of runs: a line each, or those of one JSON value."""
    first = next((line for line in lines if line.strip()), "")
    try:
        value = json.loads(first)
    except ValueError:
        value = json.loads(first + "".join(lines))
    if "run_id" not in value:
        yield from _known(value)["runs"]
        return
    yield _known(value)
    for line in lines:
        if line.strip():
            yield _known(json.loads(line))


def _known(value: Any) -> Any:
    if value["schema_version"] != SCHEMA_VERSION:
        message = f"it has the schema version {value['schema_version']!r}, not {SCHEMA_VERSION}"
        raise ValueError(message)
    return value
