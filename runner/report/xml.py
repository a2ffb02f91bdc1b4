"""XML: elements of version 1.0, in which every text can stand."""

from __future__ import annotations

import re
from collections.abc import Mapping

from runner.protocol.wire import printable

_NONE = "[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "&#10;", "\t": "&#9;"}


def text(value: str) -> str:
    """Return a text as it stands between tags; what no XML can hold is shown escaped."""
    clean = re.sub(_NONE, lambda found: f"\\u{ord(found[0]):04x}", printable(value))
    return re.sub("[&<>]", lambda found: _ESCAPES[found[0]], clean)


def attribute(value: str) -> str:
    """Return a text as it stands within quotes."""
    return re.sub('["\n\t]', lambda found: _ESCAPES[found[0]], text(value))


def opening(name: str, attributes: Mapping[str, object], end: str = ">") -> str:
    """Return the tag that opens an element; what is None or "" is left out."""
    told = {key: value for key, value in attributes.items() if value not in (None, "")}
    cells = [f'{key}="{attribute(str(value))}"' for key, value in told.items()]
    return f"<{' '.join([name, *cells])}{end}"


def element(name: str, attributes: Mapping[str, object], content: str = "") -> str:
    """Return an element that holds a text."""
    if not content:
        return opening(name, attributes, "/>")
    return f"{opening(name, attributes)}{text(content)}</{name}>"
