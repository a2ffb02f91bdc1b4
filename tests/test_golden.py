"""The command's behaviour as files: `case.yaml` (or a folder), `case.args`, `.out .err .code`.

Set RUNNER_GOLDEN=write to write what the command says now; then read the difference.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

GOLDEN = Path(__file__).parent / "golden"
CASES = sorted(path.with_suffix("").name for path in GOLDEN.glob("*.code"))
WRITE = os.environ.get("RUNNER_GOLDEN") == "write"
if WRITE:
    CASES = sorted({path.name.partition(".")[0] for path in GOLDEN.glob("*.yaml")})


def arguments(case: str) -> list[str]:
    """The words after `runner`: those of `case.args`, else a check of `case.yaml`."""
    own = GOLDEN / f"{case}.args"
    return own.read_text(encoding="utf-8").split() if own.exists() else ["check", f"{case}.yaml"]


@pytest.mark.parametrize("case", CASES)
def test_says_what_it_said(case, tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "runner", *arguments(case)],
        cwd=GOLDEN,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "RUNNER_OUT": str(tmp_path)},
    )
    told = {"out": done.stdout, "err": done.stderr, "code": f"{done.returncode}\n"}
    for ending, text in told.items():
        path = GOLDEN / f"{case}.{ending}"
        if WRITE:
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8")
    assert len(done.stderr.encode()) <= 4096
    assert "Traceback" not in done.stderr
