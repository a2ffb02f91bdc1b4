"""Journals: where the journal of a recipe stands; two recipes of one name have one each."""

from __future__ import annotations

from collections.abc import Container
from pathlib import Path

from runner.engine.prepare import Plan
from runner.engine.rows.identity import digest_of
from runner.engine.rows.journal import Journal
from runner.engine.writing import provenance


def place_of(out: Path, plan: Plan) -> Path:
    """Say where the journal of a recipe stands."""
    return out / ".runner" / f"{plan.recipe.name}.db"


def _other_place(out: Path, plan: Plan) -> Path:
    """Say where the journal stands where one of another recipe has the name."""
    return place_of(out, plan).with_stem(f"{plan.recipe.name}-{digest_of(file_of(plan))[:8]}")


def file_of(plan: Plan) -> str:
    """Name the recipe that a journal is of."""
    return provenance.named(plan.recipe.file, plan.settings.root)


def is_begun(out: Path, plan: Plan) -> bool:
    """Whether a run of these rows was begun; what has no rows keeps no journal."""
    places = (place_of(out, plan), _other_place(out, plan))
    return plan.rows is None or any(place.exists() for place in places)


def opened(out: Path, plan: Plan, taken: Container[Path]) -> Journal:
    """Open the journal of a recipe; `taken` are those of others of this command."""
    place = place_of(out, plan)
    if place in taken:
        return Journal(_other_place(out, plan))
    journal = Journal(place)
    if journal.told().get("file", file_of(plan)) == file_of(plan):
        return journal
    journal.close()
    return Journal(_other_place(out, plan))
