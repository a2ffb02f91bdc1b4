"""The official description of the API, where it is at hand: values held against its schemas.

It lies beside the project as `shared/openapi/openai.yaml`, or where RUNNER_OPENAPI says. Reading
three megabytes of YAML takes seconds, so the corrected schemas are kept as JSON between runs.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match
from referencing import Registry

BESIDE = Path(__file__).parents[2] / "shared" / "openapi" / "openai.yaml"
PATH = Path(os.environ.get("RUNNER_OPENAPI") or BESIDE)
EDITION = 2
"""To be raised with every change of `_corrected`, so that no older result is read."""

needs_openapi = pytest.mark.skipif(not PATH.is_file(), reason="the official openai.yaml is absent")

OPTIONAL = {
    "FunctionTool": {"strict"},
    "InputImageContent": {"detail"},
    "OutputTextContent": {"logprobs"},
}
"""What the document requires and the service does not."""
NEEDED = {"FunctionCallOutputItemParam": ["call_id"]}
"""What the service requires and the document does not."""


def faults(component: str, value: Any) -> list[str]:
    """Say where a value breaks a schema under `components.schemas`."""
    return _faults(f"#/components/schemas/{component}", value)


def request_faults(method: str, path: str, body: Any, media_type: str = "application/json") -> Any:
    """Say where a body breaks the schema of an operation's request."""
    where = f"#/paths/{_step(path)}/{method.lower()}/requestBody/content/{_step(media_type)}/schema"
    return _faults(where, body)


def reply_faults(
    method: str, path: str, body: Any, status: int = 200, media_type: str = "application/json"
) -> list[str]:
    """Say where a body breaks the schema of an operation's reply."""
    content = f"responses/{status}/content/{_step(media_type)}/schema"
    return _faults(f"#/paths/{_step(path)}/{method.lower()}/{content}", body)


def path_of(method: str, path: str) -> str | None:
    """Find the path under which an operation is described; the plainest where several fit."""
    found = [
        name
        for name, operations in _document()["paths"].items()
        if method.lower() in operations
        and re.fullmatch(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(name)), path)
    ]
    return min(found, key=lambda name: name.count("{"), default=None)


def unknown_fields(component: str, body: dict[str, Any]) -> set[str]:
    """Name the fields that a schema does not have, which the service would refuse."""
    return set(body) - _fields(_document()["components"]["schemas"][component])


def body_fields(method: str, path: str) -> set[str]:
    """Name the fields of an operation's JSON body."""
    operation = _document()["paths"][path][method.lower()]
    return _fields(operation["requestBody"]["content"]["application/json"]["schema"])


def _fields(schema: dict[str, Any]) -> set[str]:
    if "$ref" in schema:
        return _fields(_document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    parts = schema.get("allOf", []) + schema.get("anyOf", [])
    return set(schema.get("properties", {})).union(*map(_fields, parts))


def _step(text: str) -> str:
    return text.replace("~", "~0").replace("/", "~1")


def _faults(reference: str, value: Any) -> list[str]:
    found = []
    for error in _validator(reference).iter_errors(value):
        # The deepest error of the branch that fits best says more than "fits no branch".
        deepest = best_match([error]) or error
        found.append(f"{deepest.json_path}: {deepest.message[:400]}")
    return found


@cache
def _validator(reference: str) -> Draft202012Validator:
    return Draft202012Validator({"$ref": reference, **_document()}, registry=Registry())


@cache
def _document() -> dict[str, Any]:
    state = PATH.stat()
    name = f"openapi-{EDITION}-{state.st_size}-{state.st_mtime_ns}.json"
    kept = Path(tempfile.gettempdir()) / f"recipe-runner-tests-{os.getuid()}" / name
    if kept.is_file():
        return dict(json.loads(kept.read_bytes()))
    document = _read()
    kept.parent.mkdir(mode=0o700, exist_ok=True)
    # Several test processes may write it at once: each its own file, the rename whole.
    own = kept.with_suffix(f".{os.getpid()}")
    own.write_text(json.dumps(document))
    own.replace(kept)
    return document


def _read() -> dict[str, Any]:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    document = yaml.load(PATH.read_text(encoding="utf-8"), Loader=loader)
    # Through JSON, so that dates become text and number keys (statuses) too.
    plain = json.loads(json.dumps(document, default=str))
    corrected = _corrected({"paths": plain["paths"], "components": plain["components"]})
    for name, optional in OPTIONAL.items():
        schema = corrected["components"]["schemas"][name]
        schema["required"] = [field for field in schema["required"] if field not in optional]
    for name, needed in NEEDED.items():
        corrected["components"]["schemas"][name].setdefault("required", []).extend(needed)
    return dict(corrected)


def _corrected(node: Any, named: bool = False) -> Any:
    """Leave out prose, read older words, and take overlapping `oneOf` for `anyOf`.

    `named` is true of a mapping whose keys are names (of properties) and no keywords.
    """
    if isinstance(node, list):
        return [_corrected(item) for item in node]
    if not isinstance(node, dict):
        return node
    if named:
        return {name: _corrected(value) for name, value in node.items()}
    kept = {
        key: _corrected(value, key in ("properties", "schemas"))
        for key, value in node.items()
        if key not in PROSE
    }
    if isinstance(kept.get("oneOf"), list):
        kept["allOf"] = [*kept.get("allOf", []), {"anyOf": kept.pop("oneOf")}]
    if kept.get("exclusiveMinimum") is True:
        kept["exclusiveMinimum"] = kept.pop("minimum")
    if kept.pop("nullable", None) is True:
        return {"anyOf": [kept, {"type": "null"}]}
    return kept


PROSE = ("description", "title", "discriminator", "example", "x-oaiMeta")
