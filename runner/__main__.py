"""The command: `runner`, or `python -m runner`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and exit with its code."""
    from runner.cli import cli

    sys.exit(cli.main(standalone_mode=False, prog_name="runner") or 0)


if __name__ == "__main__":
    main()
