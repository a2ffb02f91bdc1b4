"""Hostile cassettes: what recordings may say, and where they lie."""
# ruff: noqa: E501  words of a file as they stand there

from __future__ import annotations

from tests.protections.taken import Protection

PROTECTIONS: tuple[Protection, ...] = (
    Protection(
        "a cassette is a plain file",
        "runner/transport/tape.py",
        "not stat.S_ISREG(found.st_mode) or ",
        "",
        "tests/transport/test_cassette.py::test_a_cassette_that_is_a_pipe_is_not_waited_for",
    ),
    Protection(
        "no cassette is read through a link",
        "runner/transport/tape.py",
        "not stat.S_ISREG(found.st_mode) or self._leads_away(path)",
        "not stat.S_ISREG(found.st_mode)",
        "tests/transport/test_cassette.py::test_a_file_beside_it_that_is_not_the_recorded_one_is_refused[folder-is no plain file of this folder]",
    ),
    Protection(
        "what lies beside a cassette is what was recorded",
        "runner/transport/tape.py",
        '        if sha256(content).hexdigest()[:16] != name.partition(".")[0]:',
        "        if False:",
        "tests/transport/test_cassette.py::test_a_file_beside_it_that_is_not_the_recorded_one_is_refused",
    ),
    Protection(
        "a cassette has a bounded size",
        "runner/transport/tape.py",
        "        if found.st_size > limit:",
        "        if False:",
        "tests/transport/test_cassette.py::test_a_file_beside_it_that_is_not_the_recorded_one_is_refused[huge-is larger than 64 MiB]",
    ),
    Protection(
        "no cassette is written through a link",
        "runner/transport/tape.py",
        "            if self._leads_away(place):",
        "            if False:",
        "tests/transport/test_cassette.py::test_nothing_is_written_through_a_link",
    ),
    Protection(
        "nothing is removed through a link beside a cassette",
        "runner/transport/tape.py",
        "        if self.folder.is_symlink() or not self.folder.is_dir():",
        "        if not self.folder.is_dir():",
        "tests/transport/test_cassette.py::test_nothing_is_removed_through_a_link",
    ),
    Protection(
        "a cassette has its form, and no more",
        "runner/cassette/form.py",
        "    faults = schema.check(tree, SHAPE)",
        "    faults = []  # type: ignore[var-annotated]",
        "tests/hostile/test_hostile.py::test_hostile_input[cassette: unknown key]",
    ),
    Protection(
        "a cassette names files beside it by their hash alone",
        "runner/cassette/shape.py",
        '_FILE = {"type": "string", "pattern": r"^[0-9a-f]{16}\\.[a-z0-9]{1,5}$"}',
        '_FILE = {"type": "string"}',
        "tests/hostile/test_hostile.py::test_hostile_input[cassette: traversal]",
    ),
    Protection(
        "the pieces of a recorded stream are numbers of bearable length",
        "runner/cassette/shape.py",
        '            "pattern": r"^([0-9]{1,10}(@[0-9]{1,10}(\\.[0-9]{1,6})?)?( |$))*$",\n',
        "",
        "tests/hostile/test_hostile.py::test_hostile_input[cassette: pieces that explode]",
    ),
    Protection(
        "a part of a recorded body takes the place of a text",
        "runner/cassette/bodies.py",
        "        if not isinstance(value[last], str):",
        "        if False:",
        "tests/cassette/test_bodies.py::test_a_part_that_fits_nowhere_is_a_fault",
    ),
    Protection(
        "a request that no recording answers is not asked in replay",
        "runner/transport/cassette.py",
        '            if found is None and self.mode == "replay":',
        "            if False:",
        "tests/transport/test_cassette.py::test_a_missing_recording_names_the_nearest_and_the_difference",
    ),
)
