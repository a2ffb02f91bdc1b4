"""Table: every protection, by what it protects from."""

from __future__ import annotations

from tests.protections import downloads, faults, hostile, keys, kills, replies, secrets, shown

PROTECTIONS = (
    *faults.PROTECTIONS,
    *hostile.PROTECTIONS,
    *shown.PROTECTIONS,
    *replies.PROTECTIONS,
    *downloads.PROTECTIONS,
    *kills.PROTECTIONS,
    *keys.PROTECTIONS,
    *secrets.PROTECTIONS,
)
