"""Joining: a cluster is reached, or started here, and every worker in it is fit for the work."""

from __future__ import annotations

import logging
import signal
import time
from importlib import import_module
from typing import Any

from runner.engine.workers import labour
from runner.errors import ConnectionFailedError, RunnerError, SettingsError

LOCAL = "local:"
PLACES = ("tcp", "tls", "ws", "wss")
"""Schemes of addresses that are a host and a port."""
DEADLINE = 10.0
"""Seconds within which a scheduler has to answer, and a worker to be there."""
MOST = 256
EXTRA = "pip install 'recipe-runner[cluster]'"


class Joined:
    """A cluster that was reached."""

    def __init__(self, address: str, client: Any, own: Any = None) -> None:
        self.address = address
        self.client = client
        self._own = own

    def workers(self) -> list[str]:
        """List the workers that are there now, by their addresses."""
        return [*self.client.scheduler_info(n_workers=-1)["workers"]]

    def close(self) -> None:
        """Let go of the cluster; one that was started here ends."""
        self.client.close(timeout=2)
        if self._own is not None:
            self._own.close(timeout=5)


def join(address: str, deadline: float = DEADLINE) -> Joined:
    """Reach a cluster; SettingsError or ConnectionFailedError where it cannot be used."""
    try:
        distributed: Any = import_module("distributed")
    except ImportError as error:
        message = "--cluster needs the extra `cluster`"
        raise SettingsError(message, hint=EXTRA) from error
    for name in [*logging.root.manager.loggerDict]:
        if name.startswith("distributed"):  # What it has to say, we say.
            logging.getLogger(name).setLevel(logging.CRITICAL)
    joined = _started(distributed, address) if address.startswith(LOCAL) else None
    joined = joined or _reached(distributed, address, deadline)
    try:
        _wait(joined, deadline)
        _compare(joined)
    except BaseException:
        joined.close()
        raise
    return joined


def _started(distributed: Any, address: str) -> Joined:
    number = address.removeprefix(LOCAL)
    if not number.isdecimal() or not 0 < int(number) <= MOST:
        message = f"--cluster {address}: expected a number of workers, such as local:4"
        raise SettingsError(message)
    # Ctrl-C is the driver's business: what is started while it is ignored ignores it too.
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        own = distributed.LocalCluster(
            n_workers=int(number),
            threads_per_worker=1,
            dashboard_address="127.0.0.1:0",
            worker_dashboard_address=None,
            silence_logs=logging.CRITICAL,
        )
    finally:
        signal.signal(signal.SIGINT, before)
    return Joined(address, distributed.Client(own, set_as_default=False), own)


def _reached(distributed: Any, address: str, deadline: float) -> Joined:
    try:
        _judge(address)
    except ValueError as error:
        message = f"--cluster {address}: {error}"
        hint = "a scheduler's address is such as tcp://scheduler:8786; local:4 starts four workers"
        raise SettingsError(message, hint=hint) from error
    try:
        client = distributed.Client(address, timeout=deadline, set_as_default=False)
    except Exception as error:  # What answers may be anything.
        message = f"no scheduler answers at {address} within {deadline:g} s"
        hint = "`dask scheduler` starts one; TLS needs a tls:// address"
        raise ConnectionFailedError(message, hint=hint, sent=False) from error
    return Joined(address, client)


def _judge(address: str) -> None:
    """Hold an address to be one of a scheduler's, before any thread is begun; ValueError."""
    addressing: Any = import_module("distributed.comm.addressing")
    registry: Any = import_module("distributed.comm.registry")
    scheme, place = addressing.parse_address(address)
    registry.get_backend(scheme)
    if scheme in PLACES:
        addressing.parse_host_port(place)


def _wait(joined: Joined, deadline: float) -> None:
    until = time.monotonic() + deadline
    while not joined.workers():
        if time.monotonic() > until:
            message = f"the scheduler at {joined.address} has no workers"
            hint = f"start some: dask worker {joined.address}"
            raise ConnectionFailedError(message, hint=hint, sent=False)
        time.sleep(0.1)


def _compare(joined: Joined) -> None:
    """Refuse workers that run something else."""
    found = joined.client.run(labour.versions, on_error="return")
    for address, told in labour.told_of(found).items():
        if told == labour.NONE:
            raise no_runner(address)
        message = f"the worker {address} runs {told}; here it is {', '.join(labour.versions())}"
        raise SettingsError(message, hint="install the same versions everywhere")


def no_runner(address: str) -> RunnerError:
    """Make the error of a worker that cannot import what it is to run."""
    message = f"the worker {address} has no runner of this version"
    return SettingsError(message, hint=f"there too: {EXTRA}")
