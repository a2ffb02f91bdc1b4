"""Bodies that would fill the memory: at most 500 MB are held, with the limits of every day."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.every import EVERY
from tests.faults.server import FaultServer

ROOM = """\
import sys, tempfile
from pathlib import Path
from tests.faults.meet import meet
from runner.transport.http import LIMITS

class Server:
    log = []

for case in sys.argv[2:]:
    kind, _, fault = case.partition(":")
    with tempfile.TemporaryDirectory() as folder:
        met = meet(Server, Path(folder), kind, f"{sys.argv[1]}/{fault}", quick=False, limits=LIMITS)
        print(case, type(met.error).__name__, met.files)
status = Path("/proc/self/status").read_text()  # what rusage tells holds the parent's before exec
print(int(status.partition("VmHWM:")[2].split()[0]) // 1024)
"""
ENDS = {
    "chat:endless-body": "BadReplyError []",
    "chat:gzip-bomb": "BadReplyError []",
    "chat:json-dense": "BadReplyError []",
    "stream:sse-hundred-thousand": "NoneType ['out.txt', 'out.txt.run.json']",
    "stream:sse-long-line": "BadReplyError []",
    "images:endless-body": "BadReplyError []",
    "realtime:ws-bomb": "ConnectionFailedError []",
    "realtime:ws-huge-frame": "ConnectionFailedError []",
}


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc tells the memory")
def test_bodies_of_any_size_fit_into_500_mb():
    with FaultServer(EVERY) as server:
        done = subprocess.run(
            [sys.executable, "-c", ROOM, server.url + "/fault", *ENDS],
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
    *ends, most = done.stdout.splitlines()
    assert ends == [f"{case} {end}" for case, end in ENDS.items()], done.stderr
    assert int(most) < 500
