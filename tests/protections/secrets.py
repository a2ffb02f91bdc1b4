"""Secrets: what keeps keys and secrets from where they do not belong."""

from __future__ import annotations

from tests.protections.taken import Protection

PROTECTIONS: tuple[Protection, ...] = ()
