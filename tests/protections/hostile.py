"""Hostile: what holds against recipes, files beside them, schemas, recordings and command lines."""

from __future__ import annotations

from tests.protections.taken import Protection

PROTECTIONS: tuple[Protection, ...] = ()
