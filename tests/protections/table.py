"""Table: every protection, by what it protects from."""

from __future__ import annotations

from tests.protections import (
    faults,
    faults_answers,
    faults_bounds,
    faults_retries,
    hostile,
    kills,
    replies,
    secrets,
)

PROTECTIONS = (
    *faults.PROTECTIONS,
    *faults_answers.PROTECTIONS,
    *faults_bounds.PROTECTIONS,
    *faults_retries.PROTECTIONS,
    *hostile.PROTECTIONS,
    *replies.PROTECTIONS,
    *kills.PROTECTIONS,
    *secrets.PROTECTIONS,
)
