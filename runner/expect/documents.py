"""Document checks: mappings from a path, or a header's name, to a value or a check."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runner.expect import text, values
from runner.expect.paths import MISSING, absence, look, split
from runner.expect.text import Predicate
from runner.expect.wording import joined, shown


def document(actual: Any, expected: Any) -> str | None:
    """Judge what paths lead to; a lone `schema` with a mapping is a schema for the whole."""
    if not isinstance(expected, Mapping):
        return values.equals(actual, expected)
    if is_schema(expected):
        return text.satisfies(actual, expected["schema"])
    return joined(_at(actual, str(path), value, values.VALUES) for path, value in expected.items())


def is_schema(expected: Mapping[str, Any]) -> bool:
    """Tell whether a mapping is a schema for the whole, rather than paths."""
    return len(expected) == 1 and isinstance(expected.get("schema"), Mapping)


def _at(actual: Any, path: str, wanted: Any, checks: Mapping[str, Predicate]) -> str | None:
    found = look(actual, path)
    if found is not MISSING:
        told = values.judge(found, wanted, checks)
        return f"{path}: {told}" if told else None
    if isinstance(wanted, Mapping) and wanted.get("exists") is False:
        return None
    is_any = isinstance(wanted, Mapping) and set(wanted) == {"exists"}
    wish = "such a field" if is_any else _wish(wanted)
    return f"{path}: expected {wish}, but {absence(actual, path)}"


def _wish(wanted: Any) -> str:
    if not isinstance(wanted, Mapping):
        return shown(wanted)
    return " and ".join(f"{name} {shown(value)}" for name, value in wanted.items())


def headers(actual: Mapping[str, str], expected: Any) -> str | None:
    """Judge response headers by name, in any case of letters."""
    if not isinstance(expected, Mapping):
        return values.equals(dict(actual), expected)
    if is_schema(expected):
        return text.satisfies(dict(actual), expected["schema"])
    lower = {name.lower(): value for name, value in actual.items()}
    return joined(_header(lower, str(name), wanted) for name, wanted in expected.items())


def _header(actual: Mapping[str, str], name: str, wanted: Any) -> str | None:
    path = ".".join(split(name)).lower().replace("'", "''")
    return _at(actual, f"'{path}'" if "." in path or "'" in path else path, wanted, HEADERS)


def _numbered(predicate: Predicate) -> Predicate:
    """Let a check of numbers read a header, whose value is always text."""

    def check(actual: Any, expected: Any) -> str | None:
        try:
            return predicate(int(actual) if actual.isdecimal() else float(actual), expected)
        except ValueError:
            return predicate(actual, expected)

    return check


HEADERS: Mapping[str, Predicate] = {
    **values.VALUES,
    **text.CHECKS,
    **{name: _numbered(check) for name, check in values.AMOUNTS.items() if name != "equals"},
}
