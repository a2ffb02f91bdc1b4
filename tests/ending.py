"""Ending: a test that would not end fails, and holds up no other."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def ends_within(seconds: int) -> Iterator[None]:
    """Raise TimeoutError in the main thread once the time is up."""

    def end(*_: object) -> None:
        message = f"not ended after {seconds} s"
        raise TimeoutError(message)

    before = signal.signal(signal.SIGALRM, end)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
