"""Files that are written under a name of their own, and what killed runs left of them."""

import os
import subprocess
import sys
from pathlib import Path

from runner.transport import spooling, temporaries


def dead():
    script = "from runner.transport import spooling; print(spooling.owned())"
    words = [sys.executable, "-c", script]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()


def test_no_two_files_are_written_under_one_name(tmp_path):
    long = "x" * 200
    one, other = (temporaries.beside(f"{tmp_path}/{long}{n}.md") for n in (1, 2))
    assert one != other
    assert Path(one).parent == tmp_path


def test_what_killed_runs_left_goes_before_the_first_is_written(tmp_path):
    process = f"{spooling.owned().rsplit('-', 2)[0]}"
    left = [f".{dead()}.tmp-runner", f".{process}-abc-1.tmp-runner", ".elsewhere-1-a-2.tmp-runner"]
    machine = process.partition("-")[0]
    living = f".{machine}-{os.getppid()}-abc-1.tmp-runner"
    kept = [
        living,
        ".elsewhere-1-a-1.tmp-runner",
        "a.md",
        "mine.tmp-runner",
        ".x",
        f".{dead()}.other",
    ]
    for name in (*left, *kept):
        (tmp_path / name).write_text("")
    os.utime(tmp_path / left[-1], (0, 0))
    own = Path(temporaries.beside(str(tmp_path / "b.md")))
    own.write_text("")
    assert {path.name for path in tmp_path.iterdir()} == {*kept, own.name}
    temporaries.sweep(tmp_path)
    assert own.exists()


def test_a_process_that_ended_and_was_never_asked_for_is_no_more(tmp_path):
    script = "from runner.transport import spooling; print(spooling.owned(), flush=True)"
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        left = tmp_path / f".{child.stdout.read().strip()}.tmp-runner"
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        left.write_text("")
        temporaries.sweep(tmp_path)
        assert not left.exists()
