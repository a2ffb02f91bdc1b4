"""Draining: the first Ctrl-C lets what is under way finish; the next ends everything."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

TOLD = "stopping: what is under way is finished first"


def told(stop: KeyboardInterrupt) -> str:
    """Say what the first signal does, and what the next one will; SIGTERM has arguments."""
    return f"{TOLD}; {'a second SIGTERM' if stop.args else 'Ctrl-C again'} stops at once"


@contextmanager
def draining(stop: Callable[[KeyboardInterrupt], None]) -> Iterator[None]:
    """Call `stop` at the first Ctrl-C or SIGTERM; the next raises what the first would have.

    Signals that end the process anyway are left to do so.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    asked: list[int] = []

    def heed(number: int, frame: Any) -> None:
        del frame
        interrupt = KeyboardInterrupt(*(() if number == signal.SIGINT else (number,)))
        asked.append(number)
        if len(asked) > 1:
            raise interrupt
        stop(interrupt)

    signals = (signal.SIGINT, signal.SIGTERM)
    before = {one: signal.getsignal(one) for one in signals}
    heeded = [one for one, known in before.items() if callable(known)]
    for one in heeded:
        signal.signal(one, heed)
    try:
        yield
    finally:
        for one in heeded:
            signal.signal(one, before[one])
