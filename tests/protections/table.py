"""Table: every protection, by what it protects from."""

from __future__ import annotations

from tests.protections import faults, hostile, kills, replies, secrets

PROTECTIONS = (
    *faults.PROTECTIONS,
    *hostile.PROTECTIONS,
    *replies.PROTECTIONS,
    *kills.PROTECTIONS,
    *secrets.PROTECTIONS,
)
