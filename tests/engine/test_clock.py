"""The simulated service lets nobody wait: its clock is set forward by all that is slept."""

import threading
import time

import pytest

from runner import errors, run
from runner.engine.clock import SimulatedClock
from tests.engine.playing import written


def test_it_runs_ahead_of_the_real_clocks_by_what_was_slept():
    real = iter([100.0, 101.0, 7.0, 8.0])
    clock = SimulatedClock(lambda: next(real), lambda: next(real))
    assert clock.now() == 100.0
    clock.sleep(60)
    clock.sleep(-5)
    assert clock.now() == 161.0
    assert clock.clock() == 67.0
    time_of = clock.time()
    time_of.sleep(3600)
    assert time_of.clock() == 3668.0


def test_what_one_thread_waits_takes_no_time_of_another():
    clock = SimulatedClock(lambda: 5.0, lambda: 5.0)
    other = threading.Thread(target=lambda: clock.sleep(60))
    other.start()
    other.join()
    clock.sleep(1)
    assert clock.now() == clock.clock() == 6.0


BATCH = """\
steps:
  - name: up
    endpoint: files
    attachments: [a.jsonl]
    params: {purpose: batch}
  - name: batch
    endpoint: batches
    params:
      input_file_id: "{{ steps.up.json.id }}"
      endpoint: /v1/embeddings
      completion_window: 24h
      metadata: {simulate: expired}
    poll: {until: "{{ json.status == 'completed' }}", every: 10m, timeout: 24h}
"""
LINE = '{"custom_id": "a", "method": "POST", "url": "/v1/embeddings", "body": {"input": "x"}}\n'


def test_a_poll_of_a_day_takes_no_time_offline(tmp_path):
    written(tmp_path, {"a.jsonl": LINE, "case.recipe.yaml": BATCH})
    begin = time.monotonic()
    with pytest.raises(errors.PollTimeoutError, match="'expired'"):
        run(tmp_path / "case.recipe.yaml", offline=True, out=tmp_path / "out")
    assert time.monotonic() - begin < 5
