"""Kills: what holds when a run, a disk or a clock fails: the journal, resuming, stopping."""

from __future__ import annotations

from tests.protections.taken import Protection

JOURNAL = "runner/engine/rows/journal.py"
BATCH = "runner/engine/rows/batch.py"
JOURNALS = "runner/engine/rows/journals.py"
IDENTITY = "runner/engine/rows/identity.py"
MADE = "runner/engine/rows/made.py"
STANDING = "runner/engine/rows/standing.py"
OF_JOURNAL = "tests/engine/rows/test_journal.py::"
OF_KILLS = "tests/kills/test_kills.py::"
OF_SIGNALS = "tests/kills/test_signals.py::"
OF_RESUME = "tests/cli/test_run_resume.py::"
OF_JOURNALS = "tests/cli/test_run_journals.py::"
OF_ROWS = "tests/cli/test_run_rows.py::"

PROTECTIONS: tuple[Protection, ...] = (
    Protection(
        "a journal is open for one run alone",
        JOURNAL,
        '        base.execute("pragma locking_mode = exclusive")\n',
        "",
        OF_JOURNAL + "test_a_second_copy_is_refused",
    ),
    Protection(
        "a second copy of a run is told of the first",
        JOURNAL,
        'if "locked" in told:',
        "if told is None:",
        OF_SIGNALS + "test_a_second_copy_is_refused_and_changes_nothing",
    ),
    Protection(
        "a torn last record takes no record before it",
        JOURNAL,
        "pragma journal_mode = wal",
        "pragma journal_mode = delete",
        OF_KILLS + "test_a_torn_last_record_loses_that_record_alone[0.5-trial0]",
    ),
    Protection(
        "a record that was committed outlives a loss of power",
        JOURNAL,
        "pragma synchronous = full",
        "pragma synchronous = off",
        OF_JOURNAL + "test_a_commit_is_on_the_disk_before_the_run_goes_on",
    ),
    Protection(
        "a journal whose pages are damaged is refused",
        JOURNAL,
        'if told != "ok":',
        'if told == "":',
        OF_JOURNAL + "test_a_journal_with_a_damaged_page_is_told",
    ),
    Protection(
        "a journal of another version is refused",
        JOURNAL,
        'if self.told().get("schema_version") != str(SCHEMA_VERSION):',
        "if False:",
        OF_JOURNAL + "test_a_journal_of_another_version_is_told_and_left",
    ),
    Protection(
        "a link among the files of a run is not followed",
        JOURNAL,
        "            _own(place.parent)\n",
        "",
        OF_JOURNAL + "test_a_link_is_not_followed",
    ),
    Protection(
        "a journal changes by all or by nothing",
        JOURNAL,
        "                with contextlib.suppress(sqlite3.Error):\n"
        '                    self._base.execute("rollback")\n',
        "",
        OF_JOURNAL + "test_what_cannot_all_be_changed_is_not_changed_at_all",
    ),
    Protection(
        "a record that found no room waits until there is some",
        JOURNAL,
        '        self.change((f"insert or replace into rows values ({marks})", rows))\n'
        "        self._waiting.clear()\n",
        "        self._waiting.clear()\n"
        '        self.change((f"insert or replace into rows values ({marks})", rows))\n',
        OF_JOURNAL + "test_what_found_no_room_is_recorded_once_there_is_some",
    ),
    Protection(
        "a journal is closed under nobody's query",
        JOURNAL,
        "with self._lock, contextlib.suppress(AttributeError, sqlite3.Error):",
        "with contextlib.suppress(AttributeError, sqlite3.Error):",
        OF_JOURNAL + "test_a_journal_may_be_closed_while_others_ask",
    ),
    Protection(
        "what came last of a row counts",
        JOURNAL,
        "insert or replace into rows",
        "insert or ignore into rows",
        OF_JOURNAL + "test_what_came_last_of_a_row_counts",
    ),
    Protection(
        "a record waits no longer than a moment",
        JOURNAL,
        "return bool(self._waiting) and time.monotonic() - self._since >= GROUP",
        "return len(self._waiting) >= MOST",
        OF_JOURNAL + "test_a_record_waits_no_longer_than_a_moment",
    ),
    Protection(
        "records go by a clock that nobody sets",
        JOURNAL,
        "import time\n",
        "import time as day\nfrom types import SimpleNamespace\n\n"
        "time = SimpleNamespace(monotonic=lambda: day.time())\n",
        OF_KILLS + "test_a_clock_that_jumps_is_no_harm[back-trial0-fsync-20]",
    ),
    Protection(
        "deadlines go by a clock that nobody sets",
        "runner/transport/http.py",
        "clock: Callable[[], float] = time.monotonic,",
        "clock: Callable[[], float] = lambda: time.time(),",
        "tests/transport/test_http.py::test_a_clock_that_is_set_ends_no_request",
    ),
    Protection(
        "what is recorded is not asked again after a kill",
        BATCH,
        "        if is_done:\n",
        "        if is_done and entry.requests == 0:\n",
        OF_KILLS + "test_a_kill_and_a_resume_lose_and_double_nothing",
    ),
    Protection(
        "a row that failed is asked again",
        JOURNAL,
        'return self.state in ("passed", "missed")',
        'return self.state in ("passed", "missed", "failed")',
        OF_RESUME + "test_rows_that_failed_are_asked_again_and_others_never[1]",
    ),
    Protection(
        "a row that missed is not asked again unasked",
        JOURNAL,
        'return self.state in ("passed", "missed")',
        'return self.state == "passed"',
        OF_ROWS + "test_what_was_missed_is_done_and_counts",
    ),
    Protection(
        "a row whose worker died is not recorded",
        BATCH,
        "        if is_lost(result):\n",
        "        if result is None:\n",
        OF_KILLS + "test_processes_that_die_leave_their_rows_to_the_next_run",
    ),
    Protection(
        "a run that was begun is not begun again unasked",
        JOURNALS,
        "if before and not (options.resume or options.stale or options.last_failed):",
        "if not before and options.stale:",
        OF_ROWS + "test_a_run_that_was_begun_is_neither_lost_nor_made_again_unasked",
    ),
    Protection(
        "a run does not go on with what changed unasked",
        JOURNALS,
        "if before and not options.stale and changed:",
        "if not before and changed and options.stale:",
        OF_JOURNALS + "test_simulated_answers_are_no_answers_of_a_service",
    ),
    Protection(
        "a changed recipe is named before a run goes on",
        IDENTITY,
        '        ["recipe", first.files.meaning],\n',
        "",
        "tests/engine/via_batch/test_pool.py::test_what_changed_is_asked_anew_where_that_is_wanted",
    ),
    Protection(
        "a changed dataset is named before a run goes on",
        IDENTITY,
        '        ["dataset", digest_of(datasets)],\n',
        "",
        OF_ROWS + "test_a_change_is_named_and_only_what_it_concerns_is_asked_again",
    ),
    Protection(
        "a changed hook is named before a run goes on",
        IDENTITY,
        '        ["hooks", digest_of(dict(hooks))],\n',
        "",
        OF_RESUME + "test_hooks_that_changed_are_named",
    ),
    Protection(
        "a changed file is named before a run goes on",
        IDENTITY,
        'f"file {name}": digest for name, digest in sorted(inputs.items())',
        'f"file {name}": "" for name in sorted(inputs)',
        OF_JOURNALS + "test_a_file_that_changed_is_named",
    ),
    Protection(
        "a changed variable is named before a run goes on",
        IDENTITY,
        'return found | {"variables": digest_of(values)}',
        "return found",
        OF_RESUME + "test_a_variable_that_changed_is_named_though_others_read_the_row",
    ),
    Protection(
        "another provider is named before a run goes on",
        IDENTITY,
        "return SIMULATED * is_offline + digest_of(asked)",
        'return digest_of("")',
        OF_JOURNALS + "test_another_name_for_a_model_is_another_provider",
    ),
    Protection(
        "a row that changed is asked again",
        MADE,
        "return self[:2] == now[:2] and not is_other",
        "return not is_other",
        OF_JOURNALS + "test_a_row_that_changed_is_asked_again_and_no_other[collect]",
    ),
    Protection(
        "what another service answered does not stand for a row",
        STANDING,
        "told[:2] == now[:2] and stands_for(told.whom, now.whom)",
        "told[:2] == now[:2]",
        OF_JOURNALS + "test_what_goes_on_after_a_change_asks_the_service_where_it_was_simulated",
    ),
    Protection(
        "a torn journal is replaced by --fresh alone",
        JOURNALS,
        "        if not plan.options.forgets_all:\n            raise\n",
        "        pass\n",
        OF_JOURNALS + "test_a_torn_journal_is_replaced_where_all_begins_anew",
    ),
    Protection(
        "two recipes of one name keep a journal each",
        JOURNALS,
        "    if _is_of(journal, out, plan):\n        return journal\n    journal.close()\n",
        "    if journal:\n        return journal\n    journal.close()\n",
        OF_JOURNALS + "test_recipes_of_one_name_keep_their_journals_whatever_command_names_them[a]",
    ),
)
