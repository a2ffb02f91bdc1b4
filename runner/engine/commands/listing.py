"""Listing: what there is, as rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from runner import expect
from runner.engine.costs import prospect
from runner.engine.prepare import shape
from runner.engine.suite import Suite
from runner.engine.user import access, settings
from runner.engine.user.secrets import keyed, lacks_key
from runner.protocol import endpoints
from runner.protocol.pacing import worded
from runner.report.encoding import encode

Rows = list[dict[str, Any]]


def _settings(suite: Suite) -> settings.Settings:
    return settings.load(
        Path.cwd(), suite.environ, shape("project.json"), bare=suite.options.untrusted
    )


def _endpoints(suite: Suite, files: list[str]) -> Rows:
    del suite, files
    return [
        {
            "endpoint": found.name,
            "call": f"{found.method} {found.path}".strip(),
            "summary": found.summary,
            "takes": list(found.takes),
        }
        for found in endpoints.all_endpoints()
    ]


def _tools(suite: Suite, files: list[str]) -> Rows:
    del files
    found = _settings(suite)
    return [
        {"tool": tool.name, "description": tool.description, "parameters": tool.schema}
        for tool in suite.hooks(found).all()
    ]


def _expectations(suite: Suite, files: list[str]) -> Rows:
    del suite, files
    return [{"expectation": name, "summary": text} for name, text in expect.described()]


def _providers(suite: Suite, files: list[str]) -> Rows:
    del files
    found = _settings(suite)
    names = dict.fromkeys([*settings.BUILT_IN, *found.section("providers")])
    return [_provider(settings.provider(found, name)) for name in names]


def _provider(found: Any) -> dict[str, Any]:
    ready = f"ready; {keyed(found)}" if lacks_key(found) else "ready"
    return {
        "provider": found.name,
        "kind": found.kind,
        "base_url": "" if found.kind == "offline" else found.base_url,
        "state": access.needs(found) or ready,
        **({"limits": worded(found.limits)} if any(found.limits) else {}),
    }


KINDS: Mapping[str, Callable[[Suite, list[str]], Rows]] = {
    "endpoints": _endpoints,
    "tools": _tools,
    "expectations": _expectations,
    "providers": _providers,
    "recipes": prospect.rows,
}


def as_json(rows: Rows) -> str:
    """Write rows for machines."""
    return encode({"schema_version": 1, "rows": rows})


def as_text(rows: Rows) -> str:
    """Write rows for people: the first two columns aligned, longer values left out."""
    if not rows:
        return "(none)"
    names = [name for name in rows[0] if name not in ("takes", "parameters")]
    cells = [[_cell(row[name]) for name in names] for row in rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(names))]
    return "\n".join(
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    )


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return " ".join(str(value).split())
