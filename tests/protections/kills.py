"""Kills: what holds when a run, a disk or a clock fails, and what bounds what a run takes."""

from __future__ import annotations

from tests.protections.taken import Protection

PROTECTIONS: tuple[Protection, ...] = ()
