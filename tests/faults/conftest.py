from collections.abc import Iterator

import pytest

from tests.faults.faults import FAULTS
from tests.faults.server import FaultServer


@pytest.fixture(scope="module")
def server() -> Iterator[FaultServer]:
    with FaultServer(FAULTS) as server:
        yield server
