"""Page: one HTML text of its template, style, script and data, which can only show them."""

from __future__ import annotations

import base64
import hashlib
import html
import json
from collections.abc import Iterable, Iterator
from typing import Any

from runner.protocol.wire import printable
from runner.record import Record

SCRIPTS = (
    *("words", "store", "plots", "diff", "said", "steps", "case"),
    *("filters", "list", "grid", "overview", "sheet", "main"),
)
"""The pieces of the script in their order: `page/NAME.js`, which share one scope."""


class Page(Record):
    """The files of the page, read: `page/page.html`, `page/style.css` and the script's pieces."""

    template: str
    style: str
    scripts: tuple[str, ...]

    def head(self, title: str, told: str) -> str:
        """Return what stands above the data; `told` is for who runs no script."""
        values = {
            "%%POLICY%%": policy(self.style, self.script()),
            "%%STYLE%%": self.style,
            "%%TOLD%%": escaped(told),
            "%%TITLE%%": escaped(title),
        }
        text = self.template.partition("%%DATA%%")[0]
        for name, value in values.items():
            text = text.replace(name, value, 1)
        return text

    def script(self) -> str:
        """Return the script whole."""
        return "\n(() => {\n'use strict';\n" + "\n".join(self.scripts) + "\n})();\n"

    def foot(self) -> str:
        """Return what stands below the data."""
        return self.template.partition("%%DATA%%")[2]


def policy(style: str, script: str) -> str:
    """Word the policy that the browser holds the page to: nothing but what stands in it."""
    rules = {
        "default-src": "'none'",
        "style-src": f"'sha256-{_digest(style)}'",
        "script-src": f"'sha256-{_digest(script)}'",
        "img-src": "'self' data:",
        "media-src": "'self' data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def escaped(text: str) -> str:
    """Return a text as HTML shows it."""
    return html.escape(printable(text))


def packed(value: Any) -> str:
    """Return a value as ASCII JSON that no HTML parser sees a tag in."""
    text = json.dumps(value, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def block(name: str, pieces: Iterable[str]) -> Iterator[str]:
    """Yield packed JSON as an element that is no code."""
    yield f'<script type="application/json" id="{name}">'
    yield from pieces
    yield "</script>\n"


def listed(packed_items: Iterable[str]) -> Iterator[str]:
    """Yield the list of items that are packed already."""
    yield "["
    for place, item in enumerate(packed_items):
        yield f",\n{item}" if place else item
    yield "]"
