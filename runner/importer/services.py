"""Services: what the project file must hold, so that the service of the command is asked."""

from __future__ import annotations

import re
from collections.abc import Mapping

from runner.importer.address import Place
from runner.importer.holes import Holes

DATED = re.compile(r"\d{4}-|v1$|preview$")
CURRENT = "2024-10-21"
"""The version of Azure's dated routes that is told where the command names none."""


def comments(place: Place, headers: Mapping[str, str], holes: Holes) -> tuple[str, ...]:
    """Say what the project file must hold, so that the right service is asked."""
    key = _key_name(headers, holes)
    if place.kind == "azure":
        version = place.version if DATED.match(place.version) else CURRENT
        lines = [
            "providers:",
            "  azure:",
            "    kind: azure",
            f"    base_url: {holes.plain(place.base)}",
            f'    api_version: "{version}"',
            *([f"    api_key: {{env: {key}}}"] if key else []),
        ]
        holes.warn(
            "the address is Azure's: put the lines above the recipe into runner.yaml"
            " (or set AZURE_OPENAI_ENDPOINT, AZURE_OPENAI_API_KEY and OPENAI_API_VERSION)"
        )
        return ("In runner.yaml:", *(f"  {line}" for line in lines))
    if place.kind == "other":
        base = holes.plain(place.base)
        holes.warn(
            f"a recipe names no address: set OPENAI_BASE_URL={base}, or put the lines above the"
            " recipe into runner.yaml and run it with --provider server"
        )
        lines = ["providers:", "  server:", f"    base_url: {base}"]
        lines += [f"    api_key: {{env: {key}}}"] if key else []
        return ("In runner.yaml:", *(f"  {line}" for line in lines))
    if key and key != "OPENAI_API_KEY":
        holes.warn(f"the key is read from OPENAI_API_KEY, not from {key}")
    return ()


def _key_name(headers: Mapping[str, str], holes: Holes) -> str:
    """Name the variable that the command's key came from."""
    for name, value in headers.items():
        if name.lower() in ("authorization", "api-key"):
            hole = holes.hole(value.removeprefix("Bearer ").strip())
            if hole is not None and re.fullmatch(r"[A-Za-z_]\w*", hole.name):
                return "" if hole.name == "API_TOKEN" else hole.name
    return ""
