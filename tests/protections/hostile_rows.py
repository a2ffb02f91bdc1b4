"""Hostile rows: a dataset is data, and wrong before its first row is asked."""
# ruff: noqa: E501  words of a file as they stand there

from __future__ import annotations

from tests.protections.taken import Protection

PROTECTIONS: tuple[Protection, ...] = (
    Protection(
        "each row has the cells of the header",
        "runner/engine/rows/cells.py",
        "        if cells and len(cells) != len(header):",
        "        if False:",
        "tests/cli/test_run_hostile.py::test_what_is_wrong_is_told_by_its_place_and_nothing_is_sent[a short row]",
    ),
    Protection(
        "a header names no column twice",
        "runner/engine/rows/cells.py",
        "    if twice is not None:",
        "    if False:",
        "tests/cli/test_run_hostile.py::test_what_is_wrong_is_told_by_its_place_and_nothing_is_sent[a header twice]",
    ),
    Protection(
        "each column has a name",
        "runner/engine/rows/cells.py",
        '    if "" in header:',
        "    if False:",
        "tests/cli/test_run_hostile.py::test_what_is_wrong_is_told_by_its_place_and_nothing_is_sent[a header without a name]",
    ),
    Protection(
        "a row is a mapping",
        "runner/engine/rows/dataset.py",
        "        if not isinstance(values, Mapping):",
        "        if False:",
        "tests/cli/test_run_hostile.py::test_what_is_wrong_is_told_by_its_place_and_nothing_is_sent[null rows]",
    ),
    Protection(
        "an id can be shown",
        "runner/engine/rows/ids.py",
        "if text.isprintable():",
        "if text:",
        "tests/cli/test_run_hostile.py::test_what_is_wrong_is_told_by_its_place_and_nothing_is_sent[an escape in an id]",
    ),
    Protection(
        "an id is of a bearable length",
        "runner/engine/rows/ids.py",
        "if len(text) > LONGEST_ID:",
        "if not text:",
        "tests/cli/test_run_hostile.py::test_what_is_wrong_is_told_by_its_place_and_nothing_is_sent[an id without end]",
    ),
    Protection(
        "a line of a dataset has a bounded length",
        "runner/engine/rows/dataset.py",
        "                if len(line) > LONGEST:",
        "                if False:",
        "tests/cli/test_run_hostile.py::test_what_is_wrong_is_told_by_its_place_and_nothing_is_sent[a line without end]",
    ),
    Protection(
        "a dataset is UTF-8",
        "runner/engine/rows/dataset.py",
        'line.decode("utf-8-sig" if number == 1 else "utf-8")',
        'line.decode("utf-8-sig" if number == 1 else "utf-8", "replace")',
        "tests/cli/test_run_hostile.py::test_what_is_wrong_is_told_by_its_place_and_nothing_is_sent[no text]",
    ),
    Protection(
        "a row of JSON names no field twice",
        "runner/engine/rows/dataset.py",
        "json_text.parse(text, once=True)",
        "json_text.parse(text)",
        "tests/cli/test_run_hostile.py::test_what_is_wrong_is_told_by_its_place_and_nothing_is_sent[a field twice]",
    ),
    Protection(
        "a row of JSON holds no half character",
        "runner/engine/rows/dataset.py",
        "        if _HALF.search(text):",
        "        if False:",
        "tests/cli/test_run_hostile.py::test_what_is_wrong_is_told_by_its_place_and_nothing_is_sent[half a character]",
    ),
    Protection(
        "a cell of CSV holds what follows the rules of quotes",
        "runner/engine/rows/cells.py",
        "dataset.lines()), strict=True)",
        "dataset.lines()))",
        "tests/cli/test_run_hostile.py::test_what_is_wrong_is_told_by_its_place_and_nothing_is_sent[a quote is open]",
    ),
    Protection(
        "JSON from outside nests to a depth that can be borne",
        "runner/protocol/json_text.py",
        "    if text_nests(text):\n        raise",
        "    if False:\n        raise",
        "tests/cli/test_run_hostile.py::test_what_is_wrong_is_told_by_its_place_and_nothing_is_sent[deep JSON, closed]",
    ),
    Protection(
        "no two rows have one id",
        "runner/engine/rows/beforehand.py",
        "        if _Digests.of(row.id) in twice and (-1, row.id) in seen:",
        "        if False:",
        "tests/cli/test_run_hostile.py::test_what_is_wrong_is_told_by_its_place_and_nothing_is_sent[ids that are equal]",
    ),
    Protection(
        "no two rows write one file",
        "runner/engine/rows/beforehand.py",
        "            if _Digests.of(found) in written[number] and (number, found) in seen:",
        "            if False:",
        "tests/cli/test_run_hostile.py::test_rows_that_would_write_one_file_are_told_though_their_ids_differ",
    ),
    Protection(
        "each row has the fields that the recipe reads",
        "runner/engine/rows/beforehand.py",
        "        if not self._needed <= row.values.keys():",
        "        if False:",
        "tests/cli/test_run_hostile.py::test_what_is_wrong_is_told_by_its_place_and_nothing_is_sent[row 5001 lacks a field]",
    ),
    Protection(
        "a row leads no file elsewhere",
        "runner/engine/rows/beforehand.py",
        "                outputs.fit(found)\n",
        "",
        "tests/cli/test_run_hostile.py::test_no_cell_leads_a_file_elsewhere",
    ),
    Protection(
        "what a row makes wrong is known before the first is asked",
        "runner/engine/rows/beforehand.py",
        "        found = self._rehearsal.faults(plan) if is_due else []",
        "        found: list[Fault] = []",
        "tests/cli/test_run_early.py::test_it_is_found_beforehand",
    ),
    Protection(
        "a row that cannot be read hides no other",
        "runner/engine/rows/dataset.py",
        "                if wrong is None:\n",
        "                if True:\n",
        "tests/cli/test_run_rows.py::test_rows_that_cannot_be_read_are_told_beside_those_that_are_wrong",
    ),
    Protection(
        "of many wrong rows a few are told",
        "runner/engine/rows/wrong.py",
        "        self.faults += found[: MOST - len(self.faults)]",
        "        self.faults += found",
        "tests/cli/test_run_early.py::test_of_many_rows_that_are_wrong_some_are_told_and_all_are_counted",
    ),
    Protection(
        "what a cell holds is data",
        "runner/recipe/templates/filling.py",
        "            text = bounds.text_of(value, meter)\n",
        "            text = bounds.text_of(value, meter)\n            text = str(filler(Text(text, (), None))(context, meter))\n",
        "tests/recipe/templates/test_filling.py::test_what_was_data_is_never_rendered",
    ),
)
