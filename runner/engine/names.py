"""Names: what templates may read, as far as a recipe tells that is wrong otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from runner.engine.user import settings
from runner.engine.user.options import Options
from runner.errors import Fault
from runner.recipe import lint, matrix
from runner.recipe.source import Map


def unread(
    keys: Map, steps: Sequence[Map], found: settings.Settings, options: Options
) -> list[Fault]:
    """Find templates that read what nothing gives, in a recipe that is wrong otherwise too."""
    own = keys.get("vars")
    named = {*found.section("vars"), *(own if isinstance(own, Map) else ()), *options.given}
    named |= matrix.names(keys.get("matrix")) | {*typed(keys)}
    rows = keys.get("steps", ())
    names = tuple(str(row.get("name")) for row in rows if isinstance(row, Map))
    written = lint.Written(
        tuple(steps), (), names, keys, frozenset(named), frozenset(), frozenset()
    )
    return lint.faults(written)


def typed(keys: Map) -> Iterable[str]:
    """Return the variables that `vars_schema` names."""
    wanted = keys.get("vars_schema")
    properties = wanted.get("properties", {}) if isinstance(wanted, Mapping) else {}
    return properties if isinstance(properties, Mapping) else ()
