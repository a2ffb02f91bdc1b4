"""Journals: where the journal of a recipe stands; two recipes of one name have one each."""

from __future__ import annotations

import os
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from runner.engine.prepare import Plan
from runner.engine.rows.identity import digest_of, is_other, is_simulated
from runner.engine.rows.journal import Journal, TornError
from runner.engine.selection import Chooser
from runner.engine.writing import provenance
from runner.errors import SettingsError

if TYPE_CHECKING:
    from runner.engine.rows.dataset import Row
    from runner.engine.user.options import Options

WAYS = "--resume goes on where it stopped, --fresh starts anew"
DONE = (
    "--fresh asks all again (with -k row=ID only rows of such ids), "
    "--resume only what is not done, --stale what changed"
)


def place_of(out: Path, plan: Plan) -> Path:
    """Say where the journal of a recipe stands."""
    return out / ".runner" / f"{plan.recipe.name}.db"


def _other_place(out: Path, plan: Plan) -> Path:
    """Say where the journal stands where one of another recipe has the name."""
    return place_of(out, plan).with_stem(f"{plan.recipe.name}-{digest_of(file_of(out, plan))[:8]}")


def file_of(out: Path, plan: Plan) -> str:
    """Name the recipe that a journal is of: from the folder of outputs, wherever we are."""
    return provenance.named(plan.recipe.file, out)


def is_begun(out: Path, plan: Plan) -> bool:
    """Whether a run of these rows was begun; what has no rows keeps no journal."""
    place = place_of(out, plan)
    if plan.rows is None or _other_place(out, plan).exists():
        return True
    if not place.exists():
        return False
    journal = Journal(place)
    try:
        return _is_of(journal, out, plan)
    finally:
        journal.close()


def opened(out: Path, plan: Plan, taken: Container[Path]) -> Journal:
    """Open the journal of a recipe; `taken` are those of others of this command."""
    place, other = place_of(out, plan), _other_place(out, plan)
    if place in taken or other.exists():
        return _opened(other, plan)
    journal = _opened(place, plan)
    if _is_of(journal, out, plan):
        return journal
    journal.close()
    return _opened(other, plan)


def _opened(place: Path, plan: Plan) -> Journal:
    """Open a journal; one that is torn is replaced where all is to begin anew."""
    try:
        return Journal(place)
    except TornError:
        if not plan.options.forgets_all:
            raise
    for ending in ("", "-wal", "-shm"):
        Path(f"{place}{ending}").unlink(missing_ok=True)
    return Journal(place)


def _is_of(journal: Journal, out: Path, plan: Plan) -> bool:
    """Whether a journal is a recipe's: one whose own recipe is gone was moved with it."""
    own, named = file_of(out, plan), journal.told().get("file")
    return named in (None, own) or not os.path.lexists(out / named)


def copied(out: Path, plan: Plan, folder: Path) -> Journal:
    """Open a copy of the journal of a recipe, made in a folder: what it is of is left as it is."""
    place, other = place_of(out, plan), _other_place(out, plan)
    if not other.exists():
        found = _copied(place, folder / "0")
        if _is_of(found, out, plan):
            return found
        found.close()
    return _copied(other, folder / "1")


def _copied(place: Path, folder: Path) -> Journal:
    from shutil import copyfile

    folder.mkdir()
    for one in (place, place.with_name(f"{place.name}-wal")):
        with suppress(FileNotFoundError):
            copyfile(one, folder / one.name)
    journal = Journal(folder / place.name)
    journal.place = place
    return journal


def rows_in(plan: Plan) -> Iterable[Row | None]:
    """List the rows of a plan; one without a dataset runs once."""
    return plan.rows.rows() if plan.rows is not None else (None,)


def chosen(plans: Sequence[Plan]) -> Iterator[str]:
    """List the ids of the runs that `-k` asks for."""
    for plan in plans:
        takes = Chooser(plan).takes
        yield from (plan._replace(row=row).suffix for row in filter(takes, rows_in(plan)))


def refuse(
    journal: Journal, plans: Sequence[Plan], before: Mapping[str, str], now: Mapping[str, str]
) -> None:
    """Refuse to go on unasked, or with what changed; what is asked anew may have changed."""
    options = plans[0].options
    if options.fresh:
        _refuse_awaited(journal, options)
        return
    changed = [name for name in {**before, **now} if before.get(name) != now.get(name)]
    if before and not (options.resume or options.stale or options.last_failed):
        raise ran_before(journal, plans, changed)
    if before and not options.stale and changed:
        message = f"since the run was begun this changed: {', '.join(changed)}"
        raise SettingsError(message, hint=_way_on(changed, before, now))
    if before and options.via == "live" and journal.is_awaited():
        message = f"of {journal.place} batches are under way"
        raise SettingsError(message, hint="--via batch --resume collects them")


def _way_on(changed: Sequence[str], before: Mapping[str, str], now: Mapping[str, str]) -> str:
    """Say how to go on with what changed: that it was simulated alone makes nothing stale."""
    told = before.get("provider", "")
    if [*changed] != ["provider"] or is_other(told, now["provider"]):
        return "--fresh starts anew, --stale asks again what the change concerns"
    return "--fresh starts anew" + "; --stale leaves what was made offline" * is_simulated(told)


def _refuse_awaited(journal: Journal, options: Options) -> None:
    """Refuse to ask some rows anew where batches may be of others."""
    if not options.forgets_all and journal.is_awaited():
        message = f"of {journal.place} batches are under way"
        hint = "--via batch --resume collects them; --fresh without -k leaves them to themselves"
        raise SettingsError(message, hint=hint)


def left(journal: Journal, plan: Plan) -> str:
    """Forget batches that are under way as rows are asked anew, one by one; say which."""
    if not plan.options.forgets_all or plan.options.via == "batch" or not journal.is_awaited():
        return ""
    from runner.engine.via_batch.store import Store

    return Store(journal, anew=True).left_told(plan.recipe.name)


def ran_before(journal: Journal, plans: Sequence[Plan], changed: Sequence[str]) -> SettingsError:
    """Say how far the run came that a journal is of, and how to go on."""
    counts, total = journal.counts(), sum(1 for plan in plans for _ in rows_in(plan))
    word = "runs" if plans[0].rows is None else "rows"
    done = counts.get("passed", 0) + counts.get("missed", 0)
    is_all = done == total and not changed
    all_done = f"all {total:,} {word} are done" if total > 1 else f"its one {word[:-1]} is done"
    told = [
        all_done if is_all else f"{done:,} of {total:,} {word} are done",
        *([f"{counts['missed']:,} of them missed"] if counts.get("missed") else []),
        *([f"{counts['failed']:,} failed"] if counts.get("failed") else []),
    ]
    since = f"; since then this changed: {', '.join(changed)}" if changed else ""
    message = f"{plans[0].recipe.name} ran before: {', '.join(told)}{since} ({journal.place})"
    return SettingsError(message, hint=DONE if is_all else WAYS)
