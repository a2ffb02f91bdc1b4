"""Aside: what hooks print goes to standard error, so that standard output holds data alone."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Lock
from typing import Any, TextIO, cast

_speaking: ContextVar[bool] = ContextVar("speaking", default=False)
_lock = Lock()


class _Stdout:
    """Standard output, but for what speaks aside.

    Other threads write their results meanwhile, so `sys.stdout` cannot simply be swapped.
    """

    def __init__(self, real: TextIO) -> None:
        self.real = real
        self.users = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(sys.stderr if _speaking.get() else self.real, name)


@contextmanager
def aside() -> Iterator[None]:
    """Send what this thread prints to standard error."""
    with _lock:
        now: Any = sys.stdout
        ours = now if isinstance(now, _Stdout) else _Stdout(now)
        ours.users += 1
        sys.stdout = cast(TextIO, ours)
    token = _speaking.set(True)
    try:
        yield
    finally:
        _speaking.reset(token)
        with _lock:
            ours.users -= 1
            # Someone else may have put theirs in place meanwhile.
            if not ours.users and cast(Any, sys.stdout) is ours:
                sys.stdout = ours.real
