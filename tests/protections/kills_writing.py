"""Kills: what lets files be whole, last, and leave no litter."""

from __future__ import annotations

from tests.protections.taken import Protection

LASTING = "runner/engine/writing/lasting.py"
OUTPUTS = "runner/engine/writing/outputs.py"
STORE = "runner/engine/writing/store.py"
SPOOLING = "runner/transport/spooling.py"
OF_LASTING = "tests/engine/writing/test_lasting.py::"
OF_OUTPUTS = "tests/engine/writing/test_outputs.py::"
OF_SPOOLING = "tests/transport/test_spooling.py::"
OF_TEMPORARIES = "tests/transport/test_temporaries.py::"

PROTECTIONS: tuple[Protection, ...] = (
    Protection(
        "the bytes of an output last before it has its name",
        LASTING,
        "                if not lasts:\n                    os.fsync(handle)\n",
        "",
        OF_LASTING + "test_bytes_last_then_they_have_names_and_then_these_last[few]",
    ),
    Protection(
        "the bytes of many outputs last before they have their names",
        LASTING,
        "lasts = len(opened) >= MANY and _all_last(opened)",
        "lasts = len(opened) >= MANY",
        OF_LASTING + "test_bytes_last_then_they_have_names_and_then_these_last[many]",
    ),
    Protection(
        "the name of an output lasts before its row is recorded",
        LASTING,
        "    for folder in {*map(_folder, files)}:\n        sync(folder)\n",
        "",
        OF_LASTING + "test_bytes_last_then_they_have_names_and_then_these_last[few]",
    ),
    Protection(
        "an output is written under a name of its own until it is whole",
        LASTING,
        "    temporary = temporaries.beside(path)\n",
        "    temporary = path\n",
        OF_OUTPUTS + "test_a_file_is_replaced",
    ),
    Protection(
        "an output that cannot have its name leaves nothing",
        LASTING,
        "            drop(files[place:])\n",
        "",
        OF_LASTING + "test_a_file_that_cannot_have_its_name_leaves_nothing_and_harms_no_other",
    ),
    Protection(
        "outputs of which one cannot be written leave nothing",
        LASTING,
        "            drop((*work.ready, *work.files[place + 1 :]))\n",
        "",
        OF_OUTPUTS + "test_what_cannot_all_be_written_leaves_nothing",
    ),
    Protection(
        "two results never share a path",
        OUTPUTS,
        "            if one in taken:\n",
        "            if one is None:\n",
        OF_OUTPUTS + "test_two_results_never_share_a_path",
    ),
    Protection(
        "an output is put at its address before its sidecar says that it is whole",
        STORE,
        "        self.put(local)\n        if beside.exists():\n            self.put(beside)\n",
        "        if beside.exists():\n            self.put(beside)\n        self.put(local)\n",
        "tests/engine/writing/test_store.py::"
        "test_an_output_is_put_before_its_sidecar_and_told_by_its_address",
    ),
    Protection(
        "at an address where files are renamed no part of one is seen",
        STORE,
        "            _give(system, unsettled, content)\n            system.mv(unsettled, place)\n",
        "            _give(system, place, content)\n",
        "tests/engine/writing/test_store.py::test_where_files_are_renamed_no_part_is_ever_seen",
    ),
    Protection(
        "a body on disk lasts before it becomes an output",
        SPOOLING,
        "            os.fsync(self._file.fileno())\n",
        "",
        OF_SPOOLING + "test_a_spool_is_on_the_disk_before_anybody_is_told_of_it",
    ),
    Protection(
        "a body that breaks leaves nothing on disk",
        SPOOLING,
        "            self._path.unlink(missing_ok=True)\n",
        "",
        OF_SPOOLING + "test_a_body_that_breaks_leaves_nothing[cut]",
    ),
    Protection(
        "what killed runs left is swept before the first file is written",
        "runner/transport/temporaries.py",
        "        sweep(Path(folder))\n",
        "",
        OF_TEMPORARIES + "test_what_killed_runs_left_goes_before_the_first_is_written",
    ),
    Protection(
        "what a living process writes is not swept",
        SPOOLING,
        "if birth != _birth if is_own else not _lives(int(process)):",
        "if birth != _birth or not is_own:",
        OF_TEMPORARIES + "test_what_killed_runs_left_goes_before_the_first_is_written",
    ),
    Protection(
        "what a process left that had this one's number is swept",
        SPOOLING,
        "if birth != _birth if is_own else not _lives(int(process)):",
        "if not is_own and not _lives(int(process)):",
        OF_TEMPORARIES + "test_what_killed_runs_left_goes_before_the_first_is_written",
    ),
    Protection(
        "what a process left that only waits to be forgotten is swept",
        SPOOLING,
        'return Path(f"/proc/{process}/stat").read_bytes().rpartition(b")")[2].split()[0] != b"Z"',
        "return True",
        OF_TEMPORARIES + "test_a_process_that_ended_and_was_never_asked_for_is_no_more",
    ),
    Protection(
        "what killed runs left of bodies is swept",
        SPOOLING,
        "            _removed(path)\n",
        "            pass\n",
        OF_SPOOLING + "test_what_killed_runs_left_is_swept_and_no_other",
    ),
)
