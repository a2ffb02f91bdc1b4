"""The command: `runner`, or `python -m runner`."""

from __future__ import annotations

import signal
import sys
from typing import Any


def main() -> None:
    """Run the command line and exit with its code."""
    from runner.cli import cli

    signal.signal(signal.SIGTERM, _end)
    sys.exit(cli.main(standalone_mode=False, prog_name="runner") or 0)


def _end(number: int, frame: Any) -> None:
    """End as Ctrl-C does, so that `finally` steps are tried; the number tells the two apart."""
    del frame
    raise KeyboardInterrupt(number)


if __name__ == "__main__":
    main()
