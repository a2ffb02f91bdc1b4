"""Retired: which models are gone, or go within a month, and what stands in their place.

The dates are data, `schemas/models.json`, and OpenAI's: other services keep their own. A model that
is gone is only ever warned of: whether it answers is for the service to say.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from runner.exchange import Json
from runner.protocol.rules import Refusal, base

SOON = 31
"""From how many days before its end a model is warned about."""


def retirement(model: str, families: Mapping[str, Json], today: str) -> Refusal | None:
    """Say that a model was shut down, or will be within a month; `today` is an ISO date."""
    shutdowns = families.get("shutdowns", {})
    row = _ending(base(model), shutdowns, today)
    if row is None:
        return None
    told = "was shut down on" if row["date"] <= today else "will be shut down on"
    living = _successor(row, shutdowns, today)
    successor = f"; its successor is {living}" if living else ""
    return Refusal(("model",), f"{model} {told} {row['date']}{successor}", "name a current model")


def _ending(name: str, shutdowns: Mapping[str, Json], today: str) -> Mapping[str, str] | None:
    row = _shutdown(name, shutdowns)
    if row is None:
        return None
    left = (date.fromisoformat(row["date"]) - date.fromisoformat(today)).days
    return row if left <= SOON else None


def _successor(row: Mapping[str, str], shutdowns: Mapping[str, Json], today: str) -> str:
    """Find the successor that goes on, where one that was named once has ended too."""
    for _ in shutdowns:
        name = row.get("successor", "")
        following = _ending(name, shutdowns, today)
        if following is None:
            return name
        row = following
    return ""


def _shutdown(name: str, shutdowns: Mapping[str, Json]) -> Mapping[str, str] | None:
    """A dated snapshot goes with its family unless it has a date of its own."""
    undated = re.sub(r"-\d{4}-\d{2}-\d{2}$", "", name)
    return shutdowns.get(name) or shutdowns.get(undated)
