"""Store: outputs that belong to an address, such as `s3://bucket/path`, by fsspec.

They are written on this machine first, in a folder of the address's own, as whole as ever; then
each is put where it belongs, its sidecar after it, and only then recorded. Journals, spools and
what is left of failures stay in that folder. What is read of an address is brought there.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from runner.engine.writing.outputs import SIDECAR
from runner.errors import ConnectionFailedError, OutputError, RunnerError, SettingsError
from runner.results import Written

WHOLE = frozenset(("s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "adl", "oci", "oss", "r2"))
"""Where an object appears whole or not at all; elsewhere files are renamed."""
READ_ONLY = ("http", "https", "github", "git", "data")
UNSETTLED = ".tmp-runner"
PROBE = ".runner-probe"
LOCAL = ".runner"
EXTRA = "pip install 'recipe-runner[remote]'"
CONNECTIONS = 64


class Store:
    """The outputs at an address; `folder` is where they are made on this machine."""

    def __init__(self, address: str, folder: Path | None = None) -> None:
        self.address = _checked(address)
        self.folder = folder or Path(LOCAL) / _slug(self.address)
        self._is_probed = False
        self._lock = Lock()
        self._names: set[str] | None = None
        self._own: set[str] = set()
        self._brought: set[Path] = set()

    @cached_property
    def _opened(self) -> tuple[Any, str]:
        """Return the file system and the path in it; SettingsError where what it needs lacks."""
        try:
            from fsspec.core import url_to_fs
        except ImportError as error:
            message = f"--out {self.address} needs the extra `remote`"
            raise SettingsError(message, hint=EXTRA) from error
        options: dict[str, Any] = {"use_listings_cache": False, "skip_instance_cache": True}
        if self._kind in ("s3", "s3a"):
            config = {"max_pool_connections": CONNECTIONS, "connect_timeout": 10}
            options["config_kwargs"] = config
        try:
            system, base = url_to_fs(self.address, **options)
        except (ImportError, ValueError) as error:
            message = f"--out {self.address}: {_line(error)}"
            raise SettingsError(message, hint=EXTRA) from error
        except Exception as error:
            raise self._failed(error, "") from error
        return system, str(base).rstrip("/")

    @property
    def _kind(self) -> str:
        return self.address.partition("://")[0]

    @property
    def _system(self) -> Any:
        return self._opened[0]

    @property
    def _base(self) -> str:
        return self._opened[1]

    def named(self, local: Path) -> str:
        """Return the address of what lies in the folder."""
        return f"{self.address}/{local.relative_to(self.folder).as_posix()}"

    def local(self, told: str) -> Path | None:
        """Return where what an address names lies on this machine; None of another address."""
        name = told.removeprefix(f"{self.address}/")
        return None if name == told else self.folder / name

    def probe(self) -> None:
        """Write something small and remove it: what is wrong is known before the first request."""
        if self._is_probed:
            return
        self._is_probed = True
        place = f"{self._base}/{PROBE}-{uuid4().hex}"
        with self._told(""):
            self._write(place, b"")
        with suppress(Exception):  # Who may not remove may write all the same.
            self._system.rm_file(place)

    def put(self, local: Path) -> None:
        """Put a file where it belongs; OutputError where that cannot be."""
        name = local.relative_to(self.folder).as_posix()
        with self._told(name):
            self._write(f"{self._base}/{name}", local)
        self._own.add(name)

    def give(self, local: Path) -> None:
        """Put an output and its sidecar where they belong, and keep neither on this machine."""
        self.put_with_sidecar(local)
        _forget(local)

    def put_with_sidecar(self, local: Path) -> None:
        """Put an output where it belongs, and then its sidecar, if it has one by now."""
        beside = local.with_name(local.name + SIDECAR)
        self.put(local)
        if beside.exists():
            self.put(beside)

    def sent(self, files: Iterable[Written]) -> tuple[Written, ...]:
        """Put outputs where they belong, each before its sidecar; tell them by their addresses."""
        return tuple(map(self._sent, files))

    def _sent(self, file: Written) -> Written:
        local = Path(file.path)
        self.put_with_sidecar(local)
        return file._replace(path=self.named(local))

    def drop(self, files: Iterable[Written]) -> None:
        """Remove what was put where it belongs from this machine."""
        for file in files:
            local = self.local(file.path)
            if local is not None:
                _forget(local)

    def close(self) -> None:
        """Remove what was brought here to be looked at."""
        for local in self._brought:
            local.unlink(missing_ok=True)

    def fetch(self, local: Path) -> None:
        """Bring an output and its sidecar to the folder; what is not there is not here either."""
        self._fetch(local)
        self._fetch(local.with_name(local.name + SIDECAR))

    def fetch_sidecars(self) -> None:
        """Bring all sidecars to the folder."""
        for name in self._there():
            if name.endswith(SIDECAR) and not name.startswith("."):
                self._fetch(self.folder / name)

    def _fetch(self, local: Path) -> None:
        name = local.relative_to(self.folder).as_posix()
        if name in self._own:
            return  # It was put there by this very run.
        local.unlink(missing_ok=True)
        if name not in self._there():
            return
        with self._told(name):
            local.parent.mkdir(parents=True, exist_ok=True)
            self._brought.add(local)
            place = f"{self._base}/{name}"
            self._system.get_file(place, str(local))
            with suppress(
                NotImplementedError
            ):  # Objects tell whole seconds: the end of one counts.
                moment = self._system.modified(place).timestamp() + 1
                os.utime(local, (moment, moment))

    def _there(self) -> set[str]:
        """List what is at the address, once."""
        with self._lock:
            if self._names is None:
                with self._told(""):
                    found = self._system.find(self._base)
                    self._names = {str(one).removeprefix(f"{self._base}/") for one in found}
            return self._names

    def _write(self, place: str, content: bytes | Path) -> None:
        """Write an object whole or not at all."""
        system = self._system
        if self._kind in WHOLE:
            _give(system, place, content)
            return
        folder, _, name = place.rpartition("/")
        system.makedirs(folder, exist_ok=True)
        unsettled = f"{folder}/.{name[:100]}.{uuid4().hex[:8]}{UNSETTLED}"
        try:
            _give(system, unsettled, content)
            system.mv(unsettled, place)
        except BaseException:
            with suppress(Exception):
                system.rm_file(unsettled)
            raise

    def _told(self, name: str) -> _Telling:
        return _Telling(lambda error: self._failed(error, name))

    def _failed(self, error: Exception, name: str) -> RunnerError:
        """Word what went wrong at the address; `name` is that of an output, "" before the first."""
        if isinstance(error, RunnerError):
            return error
        place = f"{self.address}/{name}" if name else self.address
        for is_so, what, hint in KNOWN:
            if is_so(error):
                message = f"{place} {what}: {_line(error)}"
                if name:
                    return OutputError(message, hint=hint)
                return SettingsError(f"--out {message}", hint=hint)
        if name:
            return OutputError(f"{place}: {_line(error)}", hint="--resume goes on from here")
        return ConnectionFailedError(f"{place} cannot be reached: {_line(error)}", sent=False)


class _Telling:
    """Words what goes wrong within."""

    def __init__(self, word: Callable[[Exception], RunnerError]) -> None:
        self._word = word

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, Exception):
            raise self._word(error) from error


def _is_keyless(error: Exception) -> bool:
    return any(word in type(error).__name__ for word in ("Credential", "Profile", "Token"))


KNOWN: tuple[tuple[Callable[[Exception], bool], str, str], ...] = (
    (_is_keyless, "cannot be written to without credentials", "set AWS_PROFILE, say, as usual"),
    (lambda e: isinstance(e, PermissionError), "may not be written to", "look at its rights"),
    (lambda e: isinstance(e, FileNotFoundError), "is not there", "make the bucket first"),
    (lambda e: isinstance(e, NotImplementedError), "can only be read", "give another address"),
)
"""What goes wrong at addresses, what is said of it, and the way out."""


def _forget(local: Path) -> None:
    local.unlink(missing_ok=True)
    local.with_name(local.name + SIDECAR).unlink(missing_ok=True)


def _give(system: Any, place: str, content: bytes | Path) -> None:
    if isinstance(content, bytes):
        system.pipe_file(place, content)
    else:
        system.put_file(str(content), place)


def _checked(address: str) -> str:
    """Refuse an address that holds a key, or that nothing can be written to."""
    parts = urlsplit(address)
    if parts.password is not None:
        message = "--out holds credentials, which belong into the environment"
        raise SettingsError(message, hint=f"write {parts.scheme}://{parts.hostname}/…")
    if parts.scheme in READ_ONLY or parts.query or "::" in address:
        message = f"--out {address[:100]}: outputs cannot be written there"
        raise SettingsError(message, hint="give a folder, or an address such as s3://bucket/path")
    if not (parts.netloc + parts.path).strip("/") or ".." in parts.path.split("/"):
        message = f"--out {address[:100]}: expected an address such as s3://bucket/path"
        raise SettingsError(message)
    return address.rstrip("/")


def _slug(address: str) -> str:
    digest = hashlib.sha256(address.encode()).hexdigest()[:8]
    return f"{re.sub(r'[^A-Za-z0-9]+', '-', address)[:60]}-{digest}"


def _line(error: Exception) -> str:
    told = " ".join(str(error).split()) or type(error).__name__
    return told[:300]
