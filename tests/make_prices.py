"""Prices: reduce the price table in a litellm wheel to `schemas/prices.json`.

Run `pip download litellm --no-deps -d FOLDER`, then `python tests/make_prices.py` with the wheel's
path. The wheel is read as an archive; nothing of it is imported or installed.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zipfile import ZipFile

TABLE = "litellm/model_prices_and_context_window_backup.json"
TARGET = Path(__file__).parent.parent / "schemas" / "prices.json"
RATES = {
    "input": "input_cost_per_token",
    "output": "output_cost_per_token",
    "cached_input": "cache_read_input_token_cost",
    "cache_write": "cache_creation_input_token_cost",
    "audio_input": "input_cost_per_audio_token",
    "audio_output": "output_cost_per_audio_token",
    "cached_audio_input": "cache_read_input_audio_token_cost",
    "image_input": "input_cost_per_image_token",
    "image_output": "output_cost_per_image_token",
    "per_character": "input_cost_per_character",
}
PLAIN = {
    "per_image": "input_cost_per_image",
    "max_input": "max_input_tokens",
    "max_output": "max_output_tokens",
}
TIERS = {"batch": "_batches", "flex": "_flex", "priority": "_priority", "ultrafast": "_ultrafast"}
LONG = "_above_272k_tokens"
OPENAI = {"openai", "text-completion-openai"}
AZURE = {"azure", "azure_text"}
FREE = ("moderation",)


def main(wheel: Path) -> None:
    """Write the reduced table of this wheel."""
    with ZipFile(wheel) as archive:
        table = json.loads(archive.read(TABLE))
    _, version, *_ = wheel.name.split("-")
    source = {"name": "litellm", "version": version, "date": f"{datetime.now(UTC):%Y-%m-%d}"}
    TARGET.write_text(page(reduce(table), source), encoding="utf-8")


def reduce(table: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Keep the models of OpenAI, and those of Azure whose prices differ."""
    kept = {name: rates(row) for name, row in table.items() if _is_kept(name, row, OPENAI)}
    azure = {name: rates(row) for name, row in table.items() if _is_kept(name, row, AZURE)}
    kept |= {name: row for name, row in azure.items() if _differs(row, kept.get(name[6:], {}))}
    return {name: row for name, row in kept.items() if row}


def rates(row: Mapping[str, Any]) -> dict[str, Any]:
    """Translate one row; a price that the table lacks is absent, never 0."""
    found = _rates(row, "")
    found |= {ours: row[theirs] for ours, theirs in PLAIN.items() if row.get(theirs)}
    found |= _per_second(row)
    long = _rates(row, LONG)
    found |= {"long": {"above": 272000, **long}} if long else {}
    tiers = {tier: _tier(row, suffix) for tier, suffix in TIERS.items()}
    return found | {tier: value for tier, value in tiers.items() if value}


def _rates(row: Mapping[str, Any], suffix: str) -> dict[str, Any]:
    free = row.get("mode") in FREE
    pairs = {ours: row.get(theirs + suffix) for ours, theirs in RATES.items()}
    pairs |= {"output": None} if row.get("mode") == "embedding" else {}
    return {ours: price for ours, price in pairs.items() if price or (free and price == 0)}


def _tier(row: Mapping[str, Any], suffix: str) -> dict[str, Any]:
    long = _rates(row, LONG + suffix)
    return _rates(row, suffix) | ({"long": {"above": 272000, **long}} if long else {})


def _per_second(row: Mapping[str, Any]) -> dict[str, Any]:
    """Speech is billed by the second it lasts; the table names it on either side or on both."""
    price = row.get("input_cost_per_second") or row.get("output_cost_per_second")
    return {"per_second": price} if price else {}


def _is_kept(name: str, row: Mapping[str, Any], providers: set[str]) -> bool:
    """A name with a slash is a size, a quality or a region of a model that has its own row."""
    return row.get("litellm_provider") in providers and "/" not in name.removeprefix("azure/")


def _differs(row: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return any(other.get(key) != value for key, value in row.items())


def page(models: Mapping[str, Any], source: Mapping[str, str]) -> str:
    """Write one line a model, so that a change of price is a change of one line."""
    rows = sorted(models.items())
    lines = [f"    {json.dumps(name)}: {json.dumps(row, sort_keys=True)}" for name, row in rows]
    head = f'{{\n  "source": {json.dumps(source)},\n  "unit": "US dollars"'
    return head + ',\n  "models": {\n' + ",\n".join(lines) + "\n  }\n}\n"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
