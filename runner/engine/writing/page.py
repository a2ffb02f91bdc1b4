"""Page: reads what the HTML report is made of: its own files, and the outputs that it shows."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from urllib.parse import quote

from runner.engine.writing.places import is_address
from runner.report import html
from runner.report.encoding import Hide, unchanged
from runner.report.html.page import SCRIPTS, Page
from runner.report.html.report import Sources


def sources(report: Path, hide: Hide = unchanged, located: Callable[[str], str] = str) -> Sources:
    """Return what a report that will lie at `report` is told from.

    `located` says where on this machine an output lies.
    """
    folder = report.absolute().parent
    return Sources(
        page(), lambda path: _content(located(path)), lambda path: _address(path, folder), hide
    )


@cache
def page() -> Page:
    """Read the files of the page."""
    folder = Path(html.__file__).parent / "page"

    def text(name: str) -> str:
        return (folder / name).read_text(encoding="utf-8")

    return Page(text("page.html"), text("style.css"), tuple(text(f"{name}.js") for name in SCRIPTS))


def _content(path: str) -> bytes | None:
    """Read an output; one that cannot be read is no reason to have no report."""
    try:
        return Path(path).read_bytes()
    except OSError:
        return None


def _address(path: str, folder: Path) -> str:
    if is_address(path):
        return quote(path, safe=":/")
    try:
        relative = Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:  # on another drive
        return Path(path).absolute().as_uri()
    return f"./{quote(relative)}"
