from collections.abc import Iterator

import pytest

from tests.faults.faults import FAULTS
from tests.faults.server import FaultServer


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session")
def server() -> Iterator[FaultServer]:
    with FaultServer(FAULTS) as server:
        yield server
