"""Docstrings: the summary, and what is said of each argument, in the three common styles."""

from __future__ import annotations

import re
from collections.abc import Iterator

from runner.record import Record

SECTION = re.compile(
    r"(args|arguments|params|parameters|other parameters|keyword args|keyword arguments"
    r"|attributes):?\s*",
    re.IGNORECASE,
)
ENTRY = re.compile(r"\*{0,2}(\w+)\s*(?:\(.*?\))?\s*:(?:\s+(.*)|$)")
FIELD = re.compile(
    r"^:(?:param|parameter|arg|argument|key|keyword|ivar)\s+(?:[^:\n]*\s)?\\?\*{0,2}(\w+):"
    r"[ \t]*((?:.*)(?:\n(?!\s*:)[ \t]*\S.*)*)",
    re.MULTILINE,
)
RULE = re.compile(r"-{3,}\s*")


class Doc(Record):
    """What a docstring says: its first paragraph, and a text for each argument it names."""

    summary: str
    arguments: dict[str, str]


def read(doc: str) -> Doc:
    """Read a docstring whose indentation was cleaned (Google, NumPy or Sphinx style)."""
    lines = doc.splitlines()
    found = [*_numpy(lines), *_google(lines), *((m[1], m[2]) for m in FIELD.finditer(doc))]
    return Doc(_summary(lines), {name: " ".join(text.split()) for name, text in found})


def _summary(lines: list[str]) -> str:
    first: list[str] = []
    for line in lines:
        heading = SECTION.fullmatch(line) and line.rstrip().endswith(":")
        if (first and not line.strip()) or line.startswith(":") or heading:
            break
        first.append(line)
    if len(first) > 1 and RULE.fullmatch(first[1]):
        return ""
    return " ".join(" ".join(first).split())


def _google(lines: list[str]) -> Iterator[tuple[str, str]]:
    for place, line in enumerate(lines):
        if SECTION.fullmatch(line) and line.rstrip().endswith(":"):
            yield from _entries(_block(lines[place + 1 :]))


def _block(lines: list[str]) -> list[str]:
    """Return the indented lines that come first."""
    block: list[str] = []
    for line in lines:
        if line.strip() and not line[0].isspace():
            break
        block.append(line)
    return [line for line in block if line.strip()]


def _entries(block: list[str]) -> Iterator[tuple[str, str]]:
    margin = _margin(block[0]) if block else 0
    name, text = "", ""
    for line in block:
        entry = ENTRY.match(line.strip()) if _margin(line) == margin else None
        if entry is None:
            text += f" {line}"
            continue
        if name:
            yield name, text
        name, text = entry[1], entry[2] or ""
    if name:
        yield name, text


def _numpy(lines: list[str]) -> Iterator[tuple[str, str]]:
    for place in range(len(lines) - 1):
        if SECTION.fullmatch(lines[place]) and RULE.fullmatch(lines[place + 1]):
            yield from _numpy_entries(lines[place + 2 :])


def _numpy_entries(lines: list[str]) -> Iterator[tuple[str, str]]:
    for place, line in enumerate(lines):
        if place + 1 < len(lines) and RULE.fullmatch(lines[place + 1]):
            return
        if not line.strip() or line[0].isspace():
            continue
        text = " ".join(_block(lines[place + 1 :]))
        for name in line.partition(":")[0].split(","):
            yield name.strip().lstrip("*"), text


def _margin(line: str) -> int:
    return len(line) - len(line.lstrip())
