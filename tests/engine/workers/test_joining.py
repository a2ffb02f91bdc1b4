"""How a cluster is reached, and what is said where it is not."""

import socket
import sys

import pytest

from runner.engine.workers import joining
from runner.errors import ConnectionFailedError, SettingsError


def test_without_dask_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(SettingsError, match="needs the extra `cluster`") as found:
        joining.join("tcp://127.0.0.1:8786")
    assert "recipe-runner[cluster]" in found.value.hint


@pytest.mark.parametrize("address", ["local:", "local:x", "local:0", "local:257"])
def test_a_number_of_workers_is_a_number(address):
    pytest.importorskip("distributed", reason="the extra `cluster` is not installed")
    with pytest.raises(SettingsError, match="expected a number of workers, such as local:4"):
        joining.join(address)


@pytest.mark.parametrize("address", ["nowhere", "http://scheduler:8786"])
def test_what_is_no_address_is_refused(address):
    pytest.importorskip("distributed", reason="the extra `cluster` is not installed")
    with pytest.raises(SettingsError, match=f"--cluster {address}"):
        joining.join(address)


def test_a_scheduler_that_does_not_answer_is_named_within_the_deadline():
    pytest.importorskip("distributed", reason="the extra `cluster` is not installed")
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{held.getsockname()[1]}"
        with pytest.raises(ConnectionFailedError, match=f"no scheduler answers at {address}"):
            joining.join(address, deadline=0.3)
