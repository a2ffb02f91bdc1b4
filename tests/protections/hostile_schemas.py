"""Hostile schemas and patterns: they fetch nothing, and end."""

from __future__ import annotations

from tests.protections.taken import Protection

PROTECTIONS: tuple[Protection, ...] = (
    Protection(
        "a schema's own validator fetches nothing",
        "runner/recipe/checking/explain.py",
        "(_of_one_dialect(value), registry=_REGISTRY)",
        "(_of_one_dialect(value))",
        "tests/recipe/test_schema.py::test_a_schema_that_is_elsewhere_is_not_fetched",
    ),
    Protection(
        "a reference out of a schema is told before anything is sent",
        "runner/recipe/schema.py",
        '    if not value.startswith("#"):',
        "    if False:",
        "tests/recipe/test_schema_faults.py::test_a_fault_of_a_schema_is_told_where_it_stands",
    ),
    Protection(
        "a pattern that may take for ever goes to the automaton",
        "runner/recipe/checking/patterns.py",
        "    if work <= BUDGET and work <= steps.matcher:",
        "    if True:",
        "tests/recipe/checking/test_patterns.py::test_a_schema_that_searches_long_tells_in_time",
    ),
    Protection(
        "the automaton has its share of work",
        "runner/recipe/checking/automaton.py",
        "        self.work += work\n        if self.work > _MOST_WORK:",
        "        self.work += work\n        if False:",
        "tests/recipe/checking/test_patterns.py::test_a_look_ahead_that_takes_long_is_given_up",
    ),
    Protection(
        "an automaton has a bounded number of states",
        "runner/recipe/checking/automaton.py",
        "        if self.work > _MOST_NODES:",
        "        if False:",
        "tests/recipe/checking/test_patterns.py::test_an_automaton_has_so_many_states",
    ),
    Protection(
        "no automaton stands for references to groups",
        "runner/recipe/checking/automaton.py",
        "    if _MATCHER_ONLY & set(codes_of(tree)):",
        "    if False:",
        "tests/recipe/checking/test_patterns.py::test_a_reference_to_a_group_is_given_up_on_a_long_text",
    ),
    Protection(
        "a pattern that may never end is refused before there is a text",
        "runner/recipe/checking/patterns.py",
        "        if least > BUDGET:",
        "        if False:",
        "tests/recipe/checking/test_patterns.py::test_a_pattern_that_is_none_or_may_not_end_is_refused_quickly",
    ),
    Protection(
        "a pattern has a bounded length",
        "runner/recipe/checking/patterns.py",
        "    if len(pattern) > _LONGEST_PATTERN:",
        "    if False:",
        "tests/recipe/checking/test_patterns.py::test_a_pattern_that_is_none_or_may_not_end_is_refused_quickly",
    ),
    Protection(
        "a text that is searched has a bounded length",
        "runner/recipe/checking/patterns.py",
        "    if len(text) > LONGEST_TEXT:",
        "    if False:",
        "tests/recipe/checking/test_patterns.py::test_a_text_above_the_limit_is_not_searched",
    ),
    Protection(
        "a validation has its share of the matcher",
        "runner/recipe/checking/patterns.py",
        "work <= BUDGET and work <= steps.matcher",
        "work <= BUDGET",
        "tests/recipe/checking/test_steps.py::test_what_takes_too_long_is_not_decided[schema4-value4]",
    ),
    Protection(
        "steps end",
        "runner/recipe/checking/steps.py",
        "        if self.left < 0:",
        "        if False:",
        "tests/recipe/checking/test_steps.py::test_steps_end",
    ),
    Protection(
        "each value that is judged takes a step",
        "runner/recipe/checking/validate.py",
        "    if steps.left < 0:",
        "    if False:",
        "tests/recipe/checking/test_steps.py::test_each_value_that_is_judged_takes_a_step",
    ),
    Protection(
        "a reference is followed once for a value",
        "runner/recipe/checking/validate.py",
        "        steps.keep(key, answer)",
        "        pass",
        "tests/recipe/checking/test_steps.py::test_a_value_that_fits_is_found_to_fit",
    ),
    Protection(
        "comparing with a list of values takes steps",
        "runner/recipe/checking/validate.py",
        "    scope.steps.left -= len(wanted) * weight(value) // 4\n",
        "",
        "tests/recipe/checking/test_steps.py::test_what_takes_too_long_is_not_decided",
    ),
    Protection(
        "a mapping's many properties take steps",
        "runner/recipe/checking/validate.py",
        "    scope.steps.left -= len(wanted) // 4\n",
        "",
        "tests/recipe/checking/test_steps.py::test_what_takes_too_long_is_not_decided",
    ),
    Protection(
        "the worded validation takes steps",
        "runner/recipe/checking/explain.py",
        "        steps.spend(_CALL)\n",
        "",
        "tests/recipe/checking/test_steps.py::test_a_value_that_does_not_fit_is_told_as_such",
    ),
    Protection(
        "a dialect named below brings no rules of its own",
        "runner/recipe/checking/explain.py",
        '        if key != "$schema" or not isinstance(value, str)',
        "        if True",
        "tests/recipe/checking/test_steps.py::test_a_dialect_named_anew_below_brings_no_rules_without_bounds",
    ),
)
