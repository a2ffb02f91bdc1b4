"""Hostile doors: what is imported, when nothing is sent, and how little is told."""
# ruff: noqa: E501  words of a file as they stand there

from __future__ import annotations

from tests.protections.taken import Protection

PROTECTIONS: tuple[Protection, ...] = (
    Protection(
        "nothing of the working directory is imported",
        "runner/__main__.py",
        "        del sys.path[0]",
        "        pass",
        "tests/test_main.py::test_what_lies_in_the_working_directory_is_not_imported",
    ),
    Protection(
        "nothing beside a file of hooks is imported",
        "runner/engine/tools/hooks.py",
        "    try:\n        with aside():\n            exec(",
        "    sys.path.insert(0, str(path.parent))\n    try:\n        with aside():\n            exec(",
        "tests/engine/tools/test_hooks.py::test_a_module_beside_the_file_is_not_imported",
    ),
    Protection(
        "hooks are those that the user's side names",
        "runner/engine/suite.py",
        "        files = (*found.hooks, *self.options.hooks)",
        '        files = (*found.hooks, *self.options.hooks, *sorted(found.root.glob("hooks.py")))',
        "tests/hostile/test_hostile.py::test_hostile_input[python beside a recipe]",
    ),
    Protection(
        "a file of variables counts where the project names it",
        "runner/engine/user/dotenv.py",
        '    for name in listed(project.get("env_file", ())):',
        '    for name in listed(project.get("env_file", ".env")):\n        if not (root / name).is_file():\n            continue',
        "tests/engine/user/test_settings.py::test_a_file_of_variables_that_nobody_names_is_not_read",
    ),
    Protection(
        "of several broken recipes nothing is sent",
        "runner/engine/suite.py",
        "                faults += error.faults\n        faults",
        "                faults += [] if done else error.faults\n        faults",
        "tests/cli/test_run_checked.py::test_a_broken_second_recipe_lets_nothing_be_sent",
    ),
    Protection(
        "a missing key of the second recipe lets nothing be sent",
        "runner/engine/suite.py",
        "                reachable(checked.plan)",
        "                pass",
        "tests/cli/test_run_checked.py::test_a_key_that_the_second_recipe_lacks_lets_nothing_be_sent",
    ),
    Protection(
        "params that the schema refuses are not sent",
        "runner/engine/step.py",
        "    faults = refusing.param_faults(step, made, kitchen.passed) + refusing.schema_faults(step, made)",
        "    faults = refusing.schema_faults(step, made)",
        "tests/cli/test_run_early.py::test_it_is_found_beforehand",
    ),
    Protection(
        "an error of many faults tells what fits in 4 KB",
        "runner/cli/faults.py",
        "        if told and size > LIMIT - 100:",
        "        if False:",
        "tests/hostile/test_hostile.py::test_hostile_input[many faults]",
    ),
    Protection(
        "one fault is told in 4 KB",
        "runner/cli/faults.py",
        "    return text if len(whole) <= limit else",
        "    return text if len(whole) else",
        "tests/cli/test_commands.py::test_an_error_at_the_door_is_bounded_and_steers_no_terminal",
    ),
    Protection(
        "wrong usage is told in 4 KB",
        "runner/cli/__init__.py",
        "safe(error.message)[:LONGEST]",
        "safe(error.message)",
        "tests/hostile/test_hostile.py::test_hostile_input[flag: a name without end]",
    ),
    Protection(
        "a long line is shown around its fault",
        "runner/errors.py",
        "source[start : start + 100]",
        "source",
        "tests/recipe/reading/test_yaml_source.py::test_a_message_stays_short_whatever_the_file_holds",
    ),
    Protection(
        "a fault of many says its place in the file",
        "runner/errors.py",
        "        placed = sorted(faults, key=_place)",
        "        placed = [fault._replace(mark=None) for fault in faults]",
        "tests/hostile/test_hostile.py::test_hostile_input[many unknown keys]",
    ),
)
