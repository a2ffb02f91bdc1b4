"""Table: every protection, by what it protects from."""

from __future__ import annotations

from tests.protections import (
    faults,
    hostile,
    hostile_bounds,
    hostile_cassettes,
    hostile_doors,
    hostile_paths,
    hostile_rows,
    hostile_schemas,
    hostile_strangers,
    hostile_templates,
    hostile_words,
    kills,
    replies,
    secrets,
)

PROTECTIONS = (
    *faults.PROTECTIONS,
    *hostile.PROTECTIONS,
    *hostile_words.PROTECTIONS,
    *hostile_doors.PROTECTIONS,
    *hostile_cassettes.PROTECTIONS,
    *hostile_templates.PROTECTIONS,
    *hostile_bounds.PROTECTIONS,
    *hostile_schemas.PROTECTIONS,
    *hostile_paths.PROTECTIONS,
    *hostile_rows.PROTECTIONS,
    *hostile_strangers.PROTECTIONS,
    *replies.PROTECTIONS,
    *kills.PROTECTIONS,
    *secrets.PROTECTIONS,
)
