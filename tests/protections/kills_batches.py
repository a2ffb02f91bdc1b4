"""Kills: what holds for batches of the service, for collected files, and for two rows of one."""

from __future__ import annotations

from tests.protections.taken import Protection

DESK = "runner/engine/via_batch/desk.py"
STORE = "runner/engine/via_batch/store.py"
PIECES = "runner/engine/via_batch/pieces.py"
REPLIES = "runner/engine/via_batch/replies.py"
SERVICE = "runner/engine/via_batch/service.py"
BATCHING = "runner/protocol/batching.py"
BEFOREHAND = "runner/engine/rows/beforehand.py"
COLLECTING = "runner/engine/rows/collecting.py"
OF_KILLS = "tests/engine/via_batch/test_kills.py::"
OF_ENDS = "tests/engine/via_batch/test_ends.py::"
OF_POOL = "tests/engine/via_batch/test_pool.py::"
OF_SERVICE = "tests/engine/via_batch/test_service.py::"
OF_PIECES = "tests/engine/via_batch/test_pieces.py::"
OF_ROWS = "tests/cli/test_run_rows.py::"
OF_RESUME = "tests/cli/test_run_resume.py::"
OF_SOME = "tests/cli/test_run_some.py::"
OF_COLLECTING = "tests/engine/rows/test_collecting.py::"

PROTECTIONS: tuple[Protection, ...] = (
    Protection(
        "a batch is recorded with its lines before it is sent",
        PIECES,
        "        self._store.intend(piece, one.asked)\n",
        "        self._store.intend(piece._replace(state='uploaded'), one.asked)\n",
        OF_KILLS + "test_a_command_may_be_killed_at_any_call[plain]",
    ),
    Protection(
        "the id of a file that was sent is recorded before its batch is made",
        DESK,
        "        self.store.update(piece)\n        if isinstance(made.body, Spool):\n",
        "        if isinstance(made.body, Spool):\n",
        OF_KILLS + "test_a_command_may_be_killed_at_any_call[plain]",
    ),
    Protection(
        "a batch that a killed command made is looked for",
        DESK,
        "self._create(piece, self._services(piece.provider).find(piece))",
        "self._create(piece)",
        OF_KILLS + "test_a_command_may_be_killed_at_any_call[plain]",
    ),
    Protection(
        "a batch whose reply was lost is looked for before it is made again",
        SERVICE,
        "            found = self.find(piece)\n",
        '            found = ""\n',
        OF_SERVICE + "test_after_a_fault_nobody_makes_a_batch_that_is_there",
    ),
    Protection(
        "a batch is made by no retry of its own",
        SERVICE,
        'Request("POST", "/batches", "batches", asked, retries=0)',
        'Request("POST", "/batches", "batches", asked)',
        OF_SERVICE + "test_after_a_fault_nobody_makes_a_batch_that_is_there",
    ),
    Protection(
        "replies of a batch are matched by their ids, whatever their order",
        REPLIES,
        "        for start, raw in _lines(body):\n            found = batching.outcome(raw)\n",
        "        for (start, raw), name in zip(_lines(body), wanted, strict=False):\n"
        "            found = batching.outcome(raw)\n"
        "            found = found and found._replace(id=name)\n",
        OF_POOL + "test_rows_come_in_whatever_order",
    ),
    Protection(
        "a line that is under way is not asked again",
        DESK,
        "        if self.store.is_open(line.id):\n            raise PutAside\n",
        "",
        OF_POOL + "test_batches_can_be_left_and_collected_later",
    ),
    Protection(
        "what is under way in batches is not asked one by one",
        "runner/engine/rows/journals.py",
        'if before and options.via == "live" and journal.is_awaited():',
        "if before and options.via == journal:",
        OF_POOL + "test_what_is_under_way_is_not_asked_live",
    ),
    Protection(
        "lines of a batch that expired are asked again alone",
        BATCHING,
        "            return self.code == CANCELLED\n",
        "            return True\n",
        OF_ENDS + "test_rows_of_a_batch_that_ended_badly_fail_or_are_asked_again[expired]",
    ),
    Protection(
        "a line is asked again no more often than its retries say",
        DESK,
        "final is False and tries > request.retries",
        "final is False and tries > 99",
        OF_ENDS + "test_what_expires_again_and_again_fails",
    ),
    Protection(
        "what was cancelled is asked again by --resume alone",
        BATCHING,
        "            return self.code == CANCELLED\n",
        "            return False\n",
        OF_ENDS + "test_what_was_cancelled_is_asked_again_by_resume_alone",
    ),
    Protection(
        "a line that no file of a cancelled batch names waits for --resume",
        REPLIES,
        '    if piece.state == "cancelled":\n',
        '    if piece.state == "":\n',
        "tests/engine/via_batch/test_replies.py::"
        "test_a_line_without_an_outcome_has_that_of_its_batch",
    ),
    Protection(
        "a bad line fails its row alone",
        REPLIES,
        "own = told.get(asked.line) or told.get(0)",
        "own = next(iter(told.values()), None)",
        OF_ENDS + "test_a_bad_line_fails_its_row_alone",
    ),
    Protection(
        "where a service has no room batches are halved",
        DESK,
        "            self._pieces.most = max(1, piece.lines // 2)\n",
        "",
        OF_ENDS + "test_without_room_batches_are_halved_and_made_one_by_one",
    ),
    Protection(
        "a stop while a service has no room sends no further batch",
        DESK,
        "and rest(wait):",
        "and rest(wait) is not None:",
        "tests/engine/via_batch/test_desk.py::"
        "test_a_stop_while_there_is_no_room_sends_nothing_more",
    ),
    Protection(
        "a batch has no more lines than a service takes",
        PIECES,
        "len(one.asked) >= min(lines, self.most) or ",
        "",
        OF_PIECES + "test_a_piece_has_no_more_lines_than_a_batch_may",
    ),
    Protection(
        "a batch has no more bytes than a service takes",
        PIECES,
        " or one.size + len(line.text) > size",
        "",
        OF_PIECES + "test_a_piece_has_no_more_bytes_than_a_batch_may",
    ),
    Protection(
        "a line that no batch can hold is an error",
        PIECES,
        "        if len(line.text) > size:\n",
        "        if size < 0:\n",
        OF_PIECES + "test_a_line_that_no_batch_can_hold_is_an_error",
    ),
    Protection(
        "a tool runs once however often its run is made anew",
        "runner/engine/via_batch/mail.py",
        "            store.called(self._run, self._rounds, calls, results)\n",
        "",
        OF_POOL + "test_a_tool_runs_once_however_often_its_run_is_made",
    ),
    Protection(
        "a run that asks something else each time asks no batch again",
        "runner/engine/via_batch/mail.py",
        "if self._sent == self._awaited.number and line.id != self._awaited.id:",
        "if self._sent < 0:",
        OF_POOL + "test_a_run_that_asks_something_else_each_time_fails",
    ),
    Protection(
        "what a batch was asked is forgotten once its rows are recorded, and not before",
        STORE,
        "        self._journal.commit()\n        rows = ",
        "        rows = ",
        "tests/engine/via_batch/test_store.py::"
        "test_rows_are_recorded_before_it_is_forgotten_what_they_asked",
    ),
    Protection(
        "money is held back for what is gathered for a batch",
        DESK,
        "        self._hold(line, provider, request)\n",
        "",
        OF_POOL + "test_money_is_held_back_by_the_prices_of_batches",
    ),
    Protection(
        "an id of a batch that leads elsewhere is no id",
        SERVICE,
        "        return wire.segment(identity)\n",
        "        return identity\n",
        OF_SERVICE + "test_an_id_that_leads_elsewhere_is_no_reply",
    ),
    Protection(
        "two rows never have one id",
        BEFOREHAND,
        "if _Digests.of(row.id) in twice and (-1, row.id) in seen:",
        "if row is None:",
        OF_ROWS + "test_the_whole_dataset_is_checked_before_the_first_request",
    ),
    Protection(
        "two rows never write one file",
        BEFOREHAND,
        "                place.add(found)\n",
        "",
        OF_ROWS + "test_two_rows_that_would_write_one_file_are_told",
    ),
    Protection(
        "a field that a row lacks is known before the first row is asked",
        BEFOREHAND,
        "if not self._needed <= row.values.keys():",
        "if rows is None:",
        OF_ROWS + "test_a_field_that_one_row_lacks_is_known_before_the_first_is_sent",
    ),
    Protection(
        "a row whose path is taken is known before the first row is asked",
        BEFOREHAND,
        "                self._landing.take(self._base + found, mark)\n",
        "",
        OF_ROWS + "test_a_row_whose_path_is_taken_is_known_before_the_first_is_sent[texts/a3.md]",
    ),
    Protection(
        "lines are collected in the dataset's order",
        COLLECTING,
        "        self._held[place] = line\n",
        "        self._held[self._next] = line\n",
        OF_COLLECTING + "test_lines_stand_in_the_order_of_their_places",
    ),
    Protection(
        "a collected file keeps the lines of rows that a stop left out",
        "runner/engine/rows/batch.py",
        "                if ended and self._is_old:\n                    self._pass_rest()\n",
        "",
        OF_RESUME + "test_a_collected_file_keeps_what_is_recorded_when_it_is_stopped_early[1]",
    ),
    Protection(
        "a collected file that lacks rows has no sidecar",
        "runner/engine/rows/batch.py",
        "self._record(time) if self._is_whole else None",
        "self._record(time)",
        OF_SOME + "test_a_collected_file_that_is_not_finished_has_no_sidecar",
    ),
    Protection(
        "rows that are asked anew by -k leave the records of all others",
        "runner/engine/user/options.py",
        "return self.fresh and not self.keyword.strip()",
        "return self.fresh",
        OF_SOME + "test_some_rows_are_asked_anew_and_what_is_of_others_stays[1]",
    ),
    Protection(
        "a collected file that is being changed has no sidecar of what it was",
        COLLECTING,
        "            self.path.with_name(self.path.name + SIDECAR).unlink(missing_ok=True)\n"
        "            self._file.seek(self._size)\n",
        "            self._file.seek(self._size)\n",
        OF_COLLECTING + "test_a_file_that_is_written_otherwise_has_no_sidecar_until_it_ends",
    ),
    Protection(
        "a collected file ends where its lines end",
        COLLECTING,
        "if self._is_same and self._size < os.fstat(self._file.fileno()).st_size:",
        "if self._size < 0:",
        OF_COLLECTING + "test_a_file_ends_where_its_lines_end",
    ),
    Protection(
        "a collected file lasts before its sidecar says that it is whole",
        COLLECTING,
        "            os.fsync(self._file.fileno())\n",
        "",
        OF_COLLECTING + "test_a_file_lasts_before_its_sidecar_is_there",
    ),
    Protection(
        "a collected file that could not be written to is not finished",
        COLLECTING,
        "        if self._is_broken:\n            return\n",
        "",
        OF_COLLECTING + "test_a_file_that_could_not_be_written_to_gets_no_sidecar",
    ),
    Protection(
        "what takes no lines is known before the first row is asked",
        COLLECTING,
        "if path.exists() and not path.is_file():",
        "if not path:",
        OF_RESUME + "test_a_place_that_takes_no_lines_is_told_before_anything_is_sent[pipe]",
    ),
)
