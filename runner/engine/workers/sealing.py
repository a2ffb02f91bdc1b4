"""Sealing: records as bytes that hold no secret: where one stood its name does.

Whoever opens them puts the secret of that name there that it has itself.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable, Mapping
from typing import Any

from runner.engine.user.secrets import MASK, SHORTEST
from runner.model import Secret

ENVIRON = "environ"
"""What stands for the environment: whoever opens the bytes puts its own there."""


class _Sealer(pickle.Pickler):
    """Pickles; texts are taken apart around what is secret."""

    def __init__(self, file: io.BytesIO, secrets: Mapping[str, str], environ: Any) -> None:
        super().__init__(file, pickle.HIGHEST_PROTOCOL)
        known = {name: value for name, value in secrets.items() if len(value) >= SHORTEST}
        self._secrets = dict(sorted(known.items(), key=lambda one: len(one[1]), reverse=True))
        self._bytes = {name: value.encode() for name, value in self._secrets.items()}
        self._environ = environ

    def persistent_id(self, obj: Any) -> Any:
        """Return what is to stand in the place of an object; None where it stays."""
        kind = type(obj)
        if kind is str:
            return self._parts(obj, self._secrets, "text")
        if kind is bytes:
            return self._parts(obj, self._bytes, "bytes")
        if obj is self._environ and obj is not None:
            return (ENVIRON,)
        if kind is Secret:
            return self._parts(obj.reveal(), self._secrets, "secret") or ("secret", ("",))
        return None

    def _parts(self, whole: Any, secrets: Mapping[str, Any], kind: str) -> Any:
        """Take a text apart: what is not secret at even places, names of secrets at odd ones."""
        found = [whole]
        for name, value in secrets.items():
            if value in whole:
                found = [piece for one in found for piece in _cut(one, name, value)]
        if len(found) == 1:
            return None
        return kind, tuple(str(part) if isinstance(part, _Name) else part for part in found)


class _Name(str):
    """The name of a secret, among parts of a text."""

    __slots__ = ()


def _cut(part: Any, name: str, value: Any) -> list[Any]:
    if isinstance(part, _Name):
        return [part]
    pieces = part.split(value)
    found = [pieces[0]]
    for piece in pieces[1:]:
        found += [_Name(name), piece]
    return found


def seal(value: Any, secrets: Mapping[str, str], environ: Any = None) -> bytes:
    """Return a value as bytes; `environ` is the mapping in it that is not sent."""
    file = io.BytesIO()
    _Sealer(file, secrets, environ).dump(value)
    return file.getvalue()


class _Opener(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, lookup: Callable[[str], str], environ: Any) -> None:
        super().__init__(file)
        self._lookup = lookup
        self._environ = environ

    def persistent_load(self, pid: Any) -> Any:
        """Put together what was taken apart."""
        if pid == (ENVIRON,):
            return self._environ
        kind, parts = pid
        told = [self._lookup(part) if place % 2 else part for place, part in enumerate(parts)]
        if kind == "bytes":
            return b"".join(part if isinstance(part, bytes) else part.encode() for part in told)
        return Secret("".join(told)) if kind == "secret" else "".join(told)


def unseal(content: bytes, lookup: Callable[[str], str], environ: Any = None) -> Any:
    """Return what was sealed; `lookup` tells the secret of a name."""
    return _Opener(io.BytesIO(content), lookup, environ).load()


def masking(secrets: Mapping[str, str]) -> Callable[[str], str]:
    """Return a `lookup` that masks the secrets that it does not know."""
    return lambda name: secrets.get(name, MASK)
