"""Hostile templates: they reach nothing, and what they fill in is data."""
# ruff: noqa: E501  words of a file as they stand there

from __future__ import annotations

from tests.protections.taken import Protection

PROTECTIONS: tuple[Protection, ...] = (
    Protection(
        "a template reaches no private name",
        "runner/recipe/templates/sandbox.py",
        'not attribute.startswith("_") and _reaches(obj, attribute)',
        "_reaches(obj, attribute)",
        "tests/recipe/templates/test_sandbox.py::test_no_template_reaches_beyond_its_values",
    ),
    Protection(
        "a template reaches the attributes of the table alone",
        "runner/recipe/templates/sandbox.py",
        "    return any(isinstance(obj, kind) and attribute in names for kind, names in ATTRIBUTES)",
        "    return hasattr(obj, attribute)",
        "tests/recipe/templates/test_sandbox.py::test_no_template_reaches_beyond_its_values",
    ),
    Protection(
        "a template calls nothing but its own",
        "runner/recipe/templates/sandbox.py",
        "        if known or any(__obj is one for one in GLOBALS.values()):",
        "        if True:",
        "tests/recipe/templates/test_sandbox.py::test_no_template_reaches_beyond_its_values",
    ),
    Protection(
        "a subscript reaches no attribute",
        "runner/recipe/templates/sandbox.py",
        "        if isinstance(argument, str) and argument in _fields(obj):",
        "        if isinstance(argument, str) and hasattr(obj, argument):",
        "tests/recipe/templates/test_sandbox.py::test_no_template_reaches_beyond_its_values",
    ),
    Protection(
        "a format string goes through the sandbox",
        "runner/recipe/templates/sandbox.py",
        "return BoundedFormatter(__self, meter).vformat(text, args, named)",
        "return text.format(*args, **named)",
        "tests/recipe/templates/test_sandbox.py::test_no_template_reaches_beyond_its_values",
    ),
    Protection(
        "a template includes, imports and extends nothing",
        "runner/recipe/templates/program.py",
        "        if isinstance(node, _REFUSED):",
        "        if False:",
        "tests/recipe/templates/test_sandbox.py::test_no_template_reaches_beyond_its_values",
    ),
    Protection(
        "a template has no globals of Jinja's",
        "runner/recipe/templates/sandbox.py",
        "    made.globals = {}\n",
        "",
        "tests/recipe/templates/test_sandbox.py::test_the_globals_are_few",
    ),
    Protection(
        "a template gives values, and no functions",
        "runner/recipe/templates/bounds.py",
        "    raise _no_value(value)\n",
        "    return repr(value)\n",
        "tests/recipe/templates/test_filling.py::test_to_render_a_method_is_an_error",
    ),
    Protection(
        "whatever fails in a template is a fault of the recipe",
        "runner/recipe/templates/filling.py",
        "        except Exception as error:\n            raise RecipeTemplateError.of(",
        "        except RecursionError as error:\n            raise RecipeTemplateError.of(",
        "tests/recipe/templates/test_reasons.py::test_a_complaint_is_told_in_words_of_the_language",
    ),
    Protection(
        "what is undefined is an error in every use",
        "runner/recipe/templates/sandbox.py",
        "        undefined=Absent,\n",
        "",
        "tests/recipe/templates/test_filling.py::test_what_is_undefined_fails_in_every_use",
    ),
    Protection(
        "no tuple is hashed for want of a field",
        "runner/recipe/templates/sandbox.py",
        "isinstance(obj, _SUBSCRIPTED) and not isinstance(argument, tuple)",
        "isinstance(obj, _SUBSCRIPTED)",
        "tests/recipe/templates/test_sandbox.py::test_no_tuple_is_looked_up",
    ),
    Protection(
        "a field that is not there is named in few words",
        "runner/recipe/templates/sandbox.py",
        "name=_short(argument)",
        "name=argument",
        "tests/recipe/templates/test_filling.py::test_an_error_says_what_and_the_way_out",
    ),
    Protection(
        "the name of an attribute is a text",
        "runner/recipe/templates/filters.py",
        "text_of(name, context.meter))",
        "name)",
        "tests/recipe/templates/test_sandbox.py::test_no_tuple_is_looked_up",
    ),
    Protection(
        "the name of a filter is a text",
        "runner/recipe/templates/filters.py",
        '    "filter": lambda value: isinstance(value, str) and value in FILTERS,',
        '    "filter": lambda value: value in FILTERS,',
        "tests/recipe/templates/test_sandbox.py::test_no_tuple_is_looked_up",
    ),
    Protection(
        "all variables share one meter",
        "runner/recipe/values.py",
        "        weigh(value, meter)\n",
        "",
        "tests/hostile/test_hostile.py::test_hostile_input[vars of a many lists]",
    ),
    Protection(
        "a variable nests to a depth that can be borne",
        "runner/recipe/values.py",
        '"the value nests too deep" if nests(value) else ""',
        '""',
        "tests/hostile/test_hostile.py::test_hostile_input[vars of a chain that nests]",
    ),
    Protection(
        "templates tell a bounded number of faults",
        "runner/recipe/template.py",
        "        if len(faults) >= FAULTS:",
        "        if False:",
        "tests/recipe/test_template.py::test_at_most_twenty_faults_are_told",
    ),
    Protection(
        "what is filled in is not rendered again",
        "runner/recipe/templates/filling.py",
        "            return _through_jinja(source, check)(context, meter)\n        return value",
        "            return _through_jinja(source, check)(context, meter)\n        return filler(Text(value, (), None))(context, meter) if isinstance(value, str) else value",
        "tests/recipe/templates/test_filling.py::test_data_passes_unchanged",
    ),
)
