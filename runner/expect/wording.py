"""Wording: how an expectation shows what it wanted and what it found."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from runner.errors import RecipeError
from runner.model import Fixed

_SHOWN = 160
_BRIEF = 60
_DIFF_LINES = 200  # difflib takes cubic time on hostile texts
_DIFF_SHOWN = 40
_AROUND = 2


class Unknown:
    """Stands for a value that nothing can tell, for this reason."""

    def __init__(self, reason: str) -> None:
        self.reason = reason

    def __str__(self) -> str:
        return f"unknown: {self.reason}"


def misused(value: Any, what: str, wanted: str) -> RecipeError:
    """Make the error of a check whose own value is of no use."""
    return RecipeError(f"expect: {what}: expected {wanted}, got {shown(value)}")


def bare(tree: Any) -> Any:
    """Take values out of what kept them from being rendered."""
    if isinstance(tree, Fixed):
        return bare(tree.value)
    if isinstance(tree, Mapping):
        return {key: bare(value) for key, value in tree.items()}
    return [bare(item) for item in tree] if isinstance(tree, list) else tree


def joined(told: Iterable[str | None]) -> str | None:
    """Join what checks said; None where all of them hold."""
    return "; ".join(filter(None, told)) or None


def shown(value: Any) -> str:
    """Show a value on one line, shortened."""
    if isinstance(value, str):
        return _quoted(value)
    try:
        text = json.dumps(value, ensure_ascii=False, default=str)
    except (ValueError, RecursionError):
        text = f"a {type(value).__name__} that is too deep to show"
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}… ({_size(value, text)})"


def brief(value: Any) -> str:
    """Show a value in a few words: of what has many parts their number."""
    text = shown(value)
    if len(text) <= _BRIEF or not isinstance(value, list | tuple | Mapping):
        return text
    what = "a mapping of {:,} fields" if isinstance(value, Mapping) else "a list of {:,}"
    return what.format(len(value))


def figure(value: Any, holds: Callable[[float], bool]) -> str:
    """Show a number in four figures, if what is held of it `holds` of these too."""
    if not isinstance(value, float) or not 1e-12 < abs(value) < 1e12:
        return shown(value)
    short = float(f"{value:.4g}")
    if holds(short) != holds(value):
        return shown(value)
    return f"{short:.16f}".rstrip("0").rstrip(".") if abs(short) < 1 else f"{short:.12g}"


def _quoted(text: str) -> str:
    if len(text) <= _SHOWN:
        return repr(text)
    ends = f"{text[: _SHOWN - 40]} … {text[-40:]}"
    return f"{ends!r} ({len(text):,} characters)"


def _size(value: Any, text: str) -> str:
    if isinstance(value, Mapping):
        return f"{len(value):,} fields"
    return f"{len(value):,} items" if isinstance(value, list) else f"{len(text):,} characters"


def difference(wanted: str, actual: str) -> str:
    """Say how two texts differ: by lines where there are several, else from the first place on."""
    lines = wanted.splitlines(), actual.splitlines()
    start, stop = _alike(*lines)
    parts = [rows[max(0, start - _AROUND) : len(rows) - max(0, stop - _AROUND)] for rows in lines]
    if max(map(len, lines)) > 1 and max(map(len, parts)) <= _DIFF_LINES:
        return "expected another text:\n" + "\n".join(
            _diff(parts[0], parts[1], max(0, start - _AROUND))
        )
    place = next(
        (at for at, (a, b) in enumerate(zip(wanted, actual, strict=False)) if a != b),
        min(len(wanted), len(actual)),
    )
    return f"expected the text {_near(wanted, place)}, got {_near(actual, place)}"


def _alike(one: list[str], other: list[str]) -> tuple[int, int]:
    """Count the lines that are the same at the start, and at the end."""
    most = min(len(one), len(other))
    start = next((at for at in range(most) if one[at] != other[at]), most)
    left = most - start
    stop = next((at for at in range(left) if one[-1 - at] != other[-1 - at]), left)
    return start, stop


def _diff(wanted: list[str], actual: list[str], skipped: int) -> list[str]:
    from difflib import unified_diff

    rows = list(unified_diff(wanted, actual, "expected", "found", lineterm="", n=_AROUND))
    # The bar keeps CI from reading a line of the reply as a workflow command.
    told = [f"  | {_cut(row).rstrip()}" for row in rows[:_DIFF_SHOWN]]
    told += [f"  | … and {len(rows) - _DIFF_SHOWN} lines more"] if len(rows) > _DIFF_SHOWN else []
    before = [f"  | ({skipped:,} lines before are the same)"] if skipped and told else []
    return before + told or ["  | (only the line ends, or the last of them, differ)"]


def _near(text: str, place: int) -> str:
    if len(text) <= _SHOWN:
        return repr(text)
    start = max(0, place - 40)
    part = ("…" if start else "") + _cut(text[start:])
    return f"{part!r} ({len(text):,} characters; shown from {start + 1:,})"


def _cut(text: str) -> str:
    """Shorten a text. Each cut is marked: by that, what is left of a secret is found."""
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
