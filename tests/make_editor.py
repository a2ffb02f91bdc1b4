"""Editors: make `schemas/editor.json`, which completes `params`, of the endpoints' schemas.

Run `python tests/make_editor.py` after a change in `schemas/endpoints/`; a test says when to.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

SCHEMAS = Path(__file__).parent.parent / "schemas"
HEAD = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "A recipe, for editors",
    "description": "Made by tests/make_editor.py: recipe.json, and the params of each endpoint, "
    "where a template may stand for each.",
    "allOf": [{"$ref": "recipe.json"}, {"$ref": "#/$defs/asked"}],
    "properties": {key: {"items": {"$ref": "#/$defs/asked"}} for key in ("steps", "finally")},
}
INCLUDED = {"type": "string", "description": "A file with the params."}
TEMPLATE = {"$ref": "#/$defs/template"}


def main() -> None:
    """Write the file anew."""
    (SCHEMAS / "editor.json").write_text(page(SCHEMAS), encoding="utf-8")


def page(schemas: Path) -> str:
    """Write one line a field."""
    head = json.dumps(HEAD, indent=2).removesuffix("\n}")
    template = '"template": {"type": "string", "pattern": "\\\\{\\\\{|\\\\{%"}'
    files = sorted((schemas / "endpoints").glob("*.json"))
    blocks = ",\n".join(_block(file) for file in files)
    asked = f'"asked": {{"allOf": [\n{blocks}\n  ]}}'
    return f'{head},\n  "$defs": {{{template},\n  {asked}}}\n}}\n'


def _block(file: Path) -> str:
    endpoint = file.name.removesuffix(".json")
    fields = json.loads(file.read_text(encoding="utf-8"))["properties"]
    asked = {"required": ["endpoint"], "properties": {"endpoint": {"const": endpoint}}}
    made = {name: _field(endpoint, name, field) for name, field in fields.items()}
    made.setdefault("include", INCLUDED)
    lines = [f"        {json.dumps(name)}: {json.dumps(rule)}" for name, rule in made.items()]
    inner = "{\n" + ",\n".join(lines) + "\n      }"
    return (
        f'    {{\n      "if": {json.dumps(asked)},\n'
        f'      "then": {{"properties": {{"params": {{"additionalProperties": false, "properties": '
        f"{inner}}}}}}}\n    }}"
    )


def _field(endpoint: str, name: str, field: Mapping[str, Any]) -> dict[str, Any]:
    target = {"$ref": f"endpoints/{endpoint}.json#/properties/{name}"}
    if "not" in field:
        return target
    values = [{"enum": field["x-values"]}] if "x-values" in field else []
    return {"anyOf": [target, *values, TEMPLATE]}


if __name__ == "__main__":
    main()
