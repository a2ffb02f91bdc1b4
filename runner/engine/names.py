"""Names: what templates may read, as far as a recipe tells that is wrong otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from runner.engine.user import settings
from runner.engine.user.options import Options
from runner.errors import Fault
from runner.recipe import lint, matrix
from runner.recipe.source import Map, Seq


def unread(
    keys: Map, steps: Sequence[Map], found: settings.Settings, options: Options
) -> list[Fault]:
    """Find templates that read what nothing gives, in a recipe that is wrong otherwise too."""
    own = keys.get("vars")
    # A list of mappings gives nothing, but what it names was meant to be there.
    meant = own if isinstance(own, Seq) else [own]
    named = {*found.section("vars"), *options.given, *typed(keys)}
    named |= {name for row in meant if isinstance(row, Map) for name in row}
    named |= matrix.names(keys.get("matrix"))
    names = tuple(str(row.get("name")) for row in maps(keys.get("steps")))
    written = lint.Written(
        tuple(steps), (), names, keys, frozenset(named), frozenset(), frozenset()
    )
    return lint.faults(written)


def maps(rows: Any) -> list[Map]:
    """Return the mappings of what ought to be a list of them."""
    return [row for row in rows if isinstance(row, Map)] if isinstance(rows, Seq) else []


def typed(keys: Map) -> Iterable[str]:
    """Return the variables that `vars_schema` names."""
    wanted = keys.get("vars_schema")
    properties = wanted.get("properties", {}) if isinstance(wanted, Mapping) else {}
    return properties if isinstance(properties, Mapping) else ()
