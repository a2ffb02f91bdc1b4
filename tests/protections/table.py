"""Table: every protection, by what it protects from."""

from __future__ import annotations

from tests.protections import (
    faults,
    hostile,
    kills,
    kills_batches,
    kills_costs,
    kills_stops,
    kills_writing,
    replies,
    secrets,
)

PROTECTIONS = (
    *faults.PROTECTIONS,
    *hostile.PROTECTIONS,
    *replies.PROTECTIONS,
    *kills.PROTECTIONS,
    *kills_batches.PROTECTIONS,
    *kills_costs.PROTECTIONS,
    *kills_stops.PROTECTIONS,
    *kills_writing.PROTECTIONS,
    *secrets.PROTECTIONS,
)
