"""Journals: where the journal of a recipe stands; two recipes of one name have one each."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from runner.engine.prepare import Plan
from runner.engine.rows.identity import digest_of
from runner.engine.rows.journal import Journal
from runner.engine.writing import provenance
from runner.errors import SettingsError

if TYPE_CHECKING:
    from runner.engine.rows.dataset import Row

WAYS = "--resume goes on where it stopped, --fresh starts anew"
DONE = "--fresh asks all again, --resume only what is not done, --stale what changed"


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


def rows_in(plan: Plan) -> Iterable[Row | None]:
    """List the rows of a plan; one without a dataset runs once."""
    return plan.rows.rows() if plan.rows is not None else (None,)


def ran_before(journal: Journal, plans: Sequence[Plan], changed: Sequence[str]) -> SettingsError:
    """Say how far the run came that a journal is of, and how to go on."""
    counts, total = journal.counts(), sum(1 for plan in plans for _ in rows_in(plan))
    word = "runs" if plans[0].rows is None else "rows"
    done = counts.get("passed", 0) + counts.get("missed", 0)
    is_all = done == total and not changed
    told = [
        f"{f'all {total:,}' if is_all else f'{done:,} of {total:,}'} {word} are done",
        *([f"{counts['missed']:,} of them missed"] if counts.get("missed") else []),
        *([f"{counts['failed']:,} failed"] if counts.get("failed") else []),
    ]
    since = f"; since then this changed: {', '.join(changed)}" if changed else ""
    message = f"{plans[0].recipe.name} ran before: {', '.join(told)}{since} ({journal.place})"
    return SettingsError(message, hint=DONE if is_all else WAYS)
