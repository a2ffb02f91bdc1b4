"""Writing: a tree as YAML that people read, and that reads back as it was, to the last sign.

Plainer and much quicker than PyYAML's own: text that spans lines stands as it is below a `|`.
"""

from __future__ import annotations

import json
import re

from runner.exchange import Json

WIDTH = 96
_PLAIN = re.compile(r"[A-Za-z/][\w./+-]*(?: [\w./+-]+)*", re.ASCII)
_WORDS = frozenset(("null", "true", "false"))
_ODD = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")


def written(tree: dict[str, Json], indent: int = 0) -> str:
    """Write a mapping, block style."""
    pad = " " * indent
    return "".join(f"{pad}{_word(key)}:{_after(item, indent)}\n" for key, item in tree.items())


def listed(items: list[Json], indent: int = 0) -> str:
    """Write a list, block style."""
    return "".join(f"{' ' * indent}-{_item(item, indent)}\n" for item in items)


def _item(value: Json, indent: int) -> str:
    if isinstance(value, dict) and value:
        return " " + written(value, indent + 2)[indent + 2 : -1]
    return _after(value, indent)


def _after(value: Json, indent: int) -> str:
    """Write what stands after a key's colon or an item's dash."""
    if isinstance(value, dict) and value:
        return "\n" + written(value, indent + 2)[:-1]
    if isinstance(value, list) and value:
        line = _flow(value, indent)
        return line or "\n" + listed(value, indent + 2)[:-1]
    if isinstance(value, str) and "\n" in value and value[0] not in " \t\n" and _is_block(value):
        return _block(value, indent + 2)
    return " " + _scalar(value)


def _flow(items: list[Json], indent: int) -> str:
    """Write a short list of scalars on one line; "" where it is none."""
    if len(items) > WIDTH or any(isinstance(item, dict | list) for item in items):
        return ""
    line = f" [{', '.join(map(_scalar, items))}]"
    return line if len(line) + indent < WIDTH else ""


def _is_block(text: str) -> bool:
    return _ODD.search(text) is None


def _block(text: str, indent: int) -> str:
    body = text.rstrip("\n")
    ends = len(text) - len(body)
    mark = "|" if ends == 1 else "|-" if not ends else "|+"
    pad = " " * indent
    lines = [pad + line if line else "" for line in body.split("\n")]
    return f" {mark}\n" + "\n".join(lines) + "\n" * max(ends - 1, 0)


def _scalar(value: Json) -> str:
    if isinstance(value, str):
        return _word(value)
    if isinstance(value, dict | list):
        return "{}" if isinstance(value, dict) else "[]"
    return json.dumps(value)


def _word(text: str) -> str:
    if len(text) <= WIDTH and _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    return _ODD.sub(lambda odd: f"\\u{ord(odd[0]):04x}", json.dumps(text, ensure_ascii=False))
