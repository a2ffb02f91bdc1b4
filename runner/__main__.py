"""The command: `runner`, or `python -m runner`."""

from __future__ import annotations

import gc
import os
import sys
from typing import Any

STARTED = 60_000
"""About as many objects as a start makes. To look for garbage among them is a tenth of its cost."""
_USUAL = gc.get_threshold()


def main() -> None:
    """Run the command line and exit with its code."""
    gc.callbacks.append(_look_as_usual)
    gc.set_threshold(STARTED, *_USUAL[1:])
    # `python -m` puts the working directory first: nothing that lies there is imported.
    if sys.path[0] in ("", os.getcwd()):  # noqa: PTH109  pathlib is not loaded yet
        del sys.path[0]
    import signal

    from runner.cli import cli
    from runner.cli.streams import prepare

    prepare()
    signal.signal(signal.SIGTERM, _end)
    code = cli.main(standalone_mode=False, prog_name="runner") or 0
    gc.freeze()  # the interpreter looks through all that is left as it ends
    sys.exit(code)


def _look_as_usual(*_: object) -> None:
    """Leave what the start made alone from now on."""
    gc.callbacks.remove(_look_as_usual)
    gc.freeze()
    gc.set_threshold(*_USUAL)


def _end(number: int, frame: Any) -> None:
    """End as Ctrl-C does, so that `finally` steps are tried; the number tells the two apart."""
    del frame
    raise KeyboardInterrupt(number)


if __name__ == "__main__":
    main()
