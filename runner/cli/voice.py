"""Voice: what commands print. No text of others steers a terminal, or GitHub, which reads logs."""

from __future__ import annotations

import os
import sys

from runner.protocol.wire import printable
from runner.report.encoding import tamed


def is_obeyed() -> bool:
    """Whether GitHub reads along: it obeys commands in a log."""
    return os.environ.get("GITHUB_ACTIONS") == "true"


def safe(text: str) -> str:
    """Show control characters escaped, and no commands to GitHub."""
    return tamed(printable(text)) if is_obeyed() else printable(text)


def show(text: str) -> None:
    """Print data on standard output."""
    print(safe(text), flush=True)


def say(text: str) -> None:
    """Print on standard error what is not data."""
    print(safe(text), file=sys.stderr, flush=True)
