"""Kills: what holds when a run is stopped, when rows go elsewhere, and as many are under way."""

from __future__ import annotations

from tests.protections.taken import Protection

POOL = "runner/engine/workers/pool.py"
RUNNING = "runner/engine/running.py"
PROCESSES = "runner/engine/workers/processes.py"
CLUSTER = "runner/engine/workers/cluster.py"
LABOUR = "runner/engine/workers/labour.py"
SHIPPING = "runner/engine/workers/shipping.py"
OF_SIGNALS = "tests/kills/test_signals.py::"
OF_KILLS = "tests/kills/test_kills.py::"
OF_DRAINING = "tests/engine/test_draining.py::"
OF_RESUME = "tests/cli/test_run_resume.py::"
OF_POOL = "tests/engine/workers/test_pool.py::"
OF_PROCESSES = "tests/engine/workers/test_processes.py::"
OF_CLUSTER = "tests/engine/workers/test_cluster.py::"
OF_LABOUR = "tests/engine/workers/test_labour.py::"
OF_SHIPPING = "tests/engine/workers/test_shipping.py::"
OF_LOAD = "tests/load/test_load.py::"

PROTECTIONS: tuple[Protection, ...] = (
    Protection(
        "Ctrl-C lets what is under way finish",
        RUNNING,
        "with draining(self._interrupt) if pool.drains else nullcontext():",
        "with nullcontext():",
        OF_SIGNALS + "test_what_is_under_way_is_finished",
    ),
    Protection(
        "Ctrl-C twice stops at once",
        "runner/engine/draining.py",
        "        if len(asked) > 1:\n            raise interrupt\n",
        "",
        OF_DRAINING + "test_the_first_is_told_and_the_second_raised",
    ),
    Protection(
        "TERM is told from Ctrl-C",
        "runner/engine/draining.py",
        "KeyboardInterrupt(*(() if number == signal.SIGINT else (number,)))",
        "KeyboardInterrupt()",
        OF_DRAINING + "test_the_first_is_told_and_the_second_raised",
    ),
    Protection(
        "TERM ends as Ctrl-C does, with 143",
        "runner/__main__.py",
        "    signal.signal(signal.SIGTERM, _end)\n",
        "",
        "tests/test_main.py::test_a_signal_lets_the_finally_steps_run",
    ),
    Protection(
        "a run of one job drains too",
        RUNNING,
        "drains=bool(self._batches)",
        "drains=False",
        OF_SIGNALS + "test_what_is_under_way_is_finished",
    ),
    Protection(
        "after Ctrl-C no row waits for its turn",
        "runner/transport/limited.py",
        "        if self._shared.is_stopped:\n",
        "        if self._shared is None:\n",
        "tests/transport/test_limited.py::test_who_waits_is_let_go_when_the_run_stops",
    ),
    Protection(
        "after a stop no thread takes more work",
        POOL,
        "return None if self._stopped else next(waiting, None)",
        "return next(waiting, None)",
        OF_POOL + "test_after_stop_nothing_begins_and_what_is_under_way_ends",
    ),
    Protection(
        "no thread takes more work once nobody reads on",
        POOL,
        "            self.stop()  # Nobody may read on.\n",
        "            pass\n",
        OF_POOL + "test_nothing_begins_once_nobody_reads_on",
    ),
    Protection(
        "what is under way is finished though another thread failed",
        POOL,
        "                failure = failure or found\n",
        "                raise found.error\n",
        OF_POOL + "test_what_is_under_way_is_finished_where_the_source_fails",
    ),
    Protection(
        "work is taken no faster than it is done",
        RUNNING,
        "pool.each(self._tasks())",
        "pool.each(iter([*self._tasks()]))",
        OF_LOAD + "test_many_rows_take_no_more_handles_or_memory_than_few",
    ),
    Protection(
        "processes share out the threads of a command",
        RUNNING,
        "(processes, -(-jobs // processes)),",
        "(processes, jobs),",
        OF_LOAD + "test_256_at_once_wait_for_a_slow_server_and_none_is_lost",
    ),
    Protection(
        "a full disk lets no more rows begin",
        RUNNING,
        "            self._broken = self._broken or error\n            self.stop()\n",
        "            self._broken = self._broken or error\n",
        OF_KILLS + "test_a_full_disk_is_told_and_room_lets_it_go_on[commit-3-trial0]",
    ),
    Protection(
        "a row that a full disk does not take is the last",
        "runner/engine/hopeless.py",
        '"no space left", ',
        "",
        OF_KILLS + "test_a_full_disk_is_told_and_room_lets_it_go_on[rename-9-trial0]",
    ),
    Protection(
        "a row that a read-only disk does not take is the last",
        "runner/engine/hopeless.py",
        '"read-only file system", ',
        "",
        OF_KILLS + "test_a_disk_that_becomes_read_only_is_told_and_loses_nothing[rename-9-trial0]",
    ),
    Protection(
        "an account without money stops the rows",
        "runner/errors.py",
        "return is_key or self.is_over_quota",
        "return is_key",
        OF_RESUME + "test_an_account_without_money_stops_the_rows[1]",
    ),
    Protection(
        "a rejected key stops the rows",
        "runner/errors.py",
        "return is_key or self.is_over_quota",
        "return self.is_over_quota",
        OF_RESUME + "test_what_failed_or_missed_last_is_asked_again_and_nothing_else",
    ),
    Protection(
        "what a worker process had when it died is told as lost",
        PROCESSES,
        "                yield self._lost(one.tasks.popitem()[1])\n",
        "                one.tasks.popitem()\n",
        OF_PROCESSES + "test_what_a_worker_had_when_it_died_is_told_as_lost",
    ),
    Protection(
        "a worker process ends as its parent is gone",
        PROCESSES,
        "    for end in parents:\n        end.close()\n",
        "",
        OF_PROCESSES + "test_workers_end_as_their_parent_is_killed",
    ),
    Protection(
        "a worker process leaves Ctrl-C to its parent",
        PROCESSES,
        "    signal.signal(signal.SIGINT, signal.SIG_IGN)\n",
        "",
        OF_PROCESSES + "test_ctrl_c_is_the_business_of_the_parent",
    ),
    Protection(
        "worker processes leave what they have not begun after a stop",
        PROCESSES,
        "            for one in crew:\n                one.halt()\n",
        "            pass\n",
        OF_PROCESSES + "test_what_is_not_begun_is_left_after_stop",
    ),
    Protection(
        "a chunk that a cluster tells twice counts once",
        CLUSTER,
        "            sent = self._sent.pop(future.key, None)\n",
        "            sent = self._sent.get(future.key)\n",
        OF_CLUSTER + "test_a_chunk_that_is_told_twice_counts_once",
    ),
    Protection(
        "rows that a worker of a cluster did not begin go to another",
        CLUSTER,
        "                self._back.append(task)\n",
        "                pass\n",
        OF_CLUSTER + "test_rows_that_were_not_begun_are_sent_again",
    ),
    Protection(
        "rows of a worker that died go to another",
        CLUSTER,
        "            allow_other_workers=True,\n",
        "",
        OF_CLUSTER + "test_a_chunk_may_go_to_others_where_its_worker_dies",
    ),
    Protection(
        "a cluster whose workers are gone ends the run",
        CLUSTER,
        "if self._alone and now - self._alone > ALONE:",
        "if self._alone < 0:",
        OF_CLUSTER + "test_a_run_whose_workers_are_all_gone_ends",
    ),
    Protection(
        "rows of a cluster are called back after a stop",
        CLUSTER,
        '            self._client.run(labour.halt, self._run, on_error="ignore")\n',
        "",
        OF_CLUSTER + "test_after_stop_rows_are_called_back_and_no_more_are_sent",
    ),
    Protection(
        "a worker begins no row that its driver no longer wants",
        LABOUR,
        "return self._one(work) if wanted() and not self.is_halted else None",
        "return self._one(work) if not self.is_halted else None",
        OF_LABOUR + "test_rows_that_nobody_wants_any_more_are_not_begun",
    ),
    Protection(
        "a worker whose disk is another is refused",
        LABOUR,
        "if not plan.options.store and not _only_collects(plan):",
        "if not plan:",
        OF_LABOUR + "test_a_disk_that_is_not_the_drivers_is_refused",
    ),
    Protection(
        "a worker of another version is refused",
        LABOUR,
        "if isinstance(one, Exception) or tuple(one) != versions()",
        "if isinstance(one, Exception)",
        OF_LABOUR + "test_workers_of_another_version_are_named",
    ),
    Protection(
        "two rows on two machines never write one file",
        SHIPPING,
        'if "row_id" not in read and (is_late or not read <= {*plan.context}):',
        'if "row_id" not in read and is_late:',
        OF_SHIPPING + "test_recipes_that_need_one_machine_are_refused",
    ),
    Protection(
        "a limit of costs is kept by one machine",
        SHIPPING,
        '        "--max-cost": options.max_cost is not None,\n',
        "",
        OF_SHIPPING + "test_what_one_machine_keeps_is_refused",
    ),
)
