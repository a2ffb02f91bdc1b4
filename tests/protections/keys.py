"""Keys: a key goes to its own host, and nowhere else."""

from __future__ import annotations

from tests.protections.taken import Protection

PROTECTIONS: tuple[Protection, ...] = ()
