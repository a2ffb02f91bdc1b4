"""Table: every protection, by what it protects from."""

from __future__ import annotations

from tests.protections import (
    downloads,
    faults,
    hostile,
    keys,
    kills,
    masks,
    records,
    replies,
    secrets,
    shown,
)

PROTECTIONS = (
    *faults.PROTECTIONS,
    *hostile.PROTECTIONS,
    *shown.PROTECTIONS,
    *replies.PROTECTIONS,
    *downloads.PROTECTIONS,
    *kills.PROTECTIONS,
    *keys.PROTECTIONS,
    *masks.PROTECTIONS,
    *records.PROTECTIONS,
    *secrets.PROTECTIONS,
)
