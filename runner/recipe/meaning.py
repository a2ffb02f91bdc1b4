"""Meaning: what a recipe's file says, however it is commented, laid out and described."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from runner.model import Fixed, Ref

ASIDE = frozenset(
    (
        *("description", "tags", "$schema"),
        *("matrix", "dataset", "repeat", "pass"),
        *("vars", "vars_schema", "env", "secrets"),
    )
)
"""Keys that tell people something, multiply runs, or give values, which are compared one by one."""


def digest(tree: Any) -> str:
    """Hash what a recipe asks, expects and writes: SHA-256 in hex."""
    keys = tree if isinstance(tree, Mapping) else {"": tree}
    return digest_of({key: value for key, value in keys.items() if _counts(str(key))})


def digest_of(value: Any) -> str:
    """Hash a value, in the order it is written in: SHA-256 in hex."""
    text = json.dumps(value, separators=(",", ":"), default=repr)
    return hashlib.sha256(text.encode()).hexdigest()


def plain(tree: Any) -> Any:
    """Write a tree in normal form as plain values: references and expressions as written."""
    if isinstance(tree, Fixed):
        return plain(tree.value)
    if isinstance(tree, Ref):
        return _written(tree)
    if isinstance(tree, Mapping):
        return {key: plain(value) for key, value in tree.items()}
    return [plain(item) for item in tree] if isinstance(tree, list) else tree


def _written(ref: Ref) -> Any:
    if ref.kind in ("image", "audio"):
        return {ref.kind: ref.path, **ref.options}
    return {"file": ref.path, **ref.options}


def _counts(key: str) -> bool:
    return key not in ASIDE and not key.startswith("x-")
