"""Keywords: which words of a schema decide, which say nothing, and where references lead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_ABSENT = object()
_NOTES = (
    "$comment $defs $schema $id title description default examples deprecated readOnly writeOnly"
    " format contentEncoding contentMediaType then else definitions doNotSuggest"
    " markdownDescription enumDescriptions defaultSnippets"
)
DATA = frozenset(("enum", "const", "default", "examples"))
NAMED = frozenset(("properties", "patternProperties", "$defs", "definitions"))
"""Keywords whose keys are names, not keywords."""
_SILENT = frozenset(_NOTES.split())
"""Keywords that say nothing of the value by themselves; so do those that begin with `x-`."""


class UnknownKeywordError(Exception):
    """The schema says something that this evaluator does not know."""


def passed(keyword: str, schema: Mapping[str, Any], root: Any) -> None:
    """Pass over a keyword that decides nothing; another dialect or base is not ours to judge."""
    known = keyword in _SILENT or keyword.startswith("x-")
    if keyword == "$schema":
        known = schema[keyword].rstrip("#") == _DIALECT
    if keyword == "$id":
        known = schema is root
    if not known:
        raise UnknownKeywordError(keyword)


def resolve(reference: Any, root: Any) -> Any:
    """Return what a reference within the schema points at."""
    if not isinstance(reference, str) or not reference.startswith("#"):
        raise UnknownKeywordError(reference)
    if "%" in reference:
        from urllib.parse import unquote

        reference = unquote(reference)
    node = root
    for step in reference.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        node = node.get(name, _ABSENT) if isinstance(node, Mapping) else _ABSENT
    if node is _ABSENT or reference[1:2] not in ("", "/"):
        raise UnknownKeywordError(reference)
    return node
