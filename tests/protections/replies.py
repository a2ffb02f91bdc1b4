"""Replies: what holds against what a model or a server says."""

from __future__ import annotations

from tests.protections.taken import Protection

PROTECTIONS: tuple[Protection, ...] = (
    Protection(
        "JSON that nests without bottom is refused",
        "runner/protocol/json_text.py",
        "    if is_deep(value, text):\n        raise ValueError(_TOO_DEEP)\n",
        "",
        "tests/protocol/test_wire.py::test_what_is_no_json_is_refused_in_plain_words",
    ),
    Protection(
        "JSON that is too deep for the decoder is no fault of ours",
        "runner/protocol/json_text.py",
        "    except RecursionError as error:\n        raise ValueError(_TOO_DEEP) from error\n",
        "",
        "tests/protocol/test_wire.py::test_what_is_no_json_is_refused_in_plain_words",
    ),
    Protection(
        "JSON whose values would fill the memory is not decoded",
        "runner/protocol/json_text.py",
        "    if is_heavy(text):\n",
        "    if False:\n",
        "tests/protocol/test_json_text.py::test_values_that_would_fill_the_memory_are_not_decoded",
    ),
    Protection(
        "NaN in a reply is no number",
        "runner/protocol/json_text.py",
        "_DECODER = JSONDecoder(parse_constant=_constant, parse_float=_float)",
        "_DECODER = JSONDecoder(parse_float=_float)",
        "tests/protocol/test_wire.py::test_what_is_no_json_is_refused_in_plain_words",
    ),
    Protection(
        "a number in a reply that is too large to keep is refused",
        "runner/protocol/json_text.py",
        "    if value - value:\n",
        "    if False:\n",
        "tests/protocol/test_wire.py::test_what_is_no_json_is_refused_in_plain_words",
    ),
    Protection(
        "halves of characters in a reply become whole text",
        "runner/protocol/wire.py",
        "        return mended(value)\n",
        "        return value\n",
        "tests/protocol/test_wire.py::test_json_is_decoded",
    ),
    Protection(
        "a service's words of an error are bounded",
        "runner/protocol/wire.py",
        "return shown if len(shown) <= limit else",
        "return printable(text) if len(shown) <= limit or limit == _LONGEST else",
        "tests/protocol/test_wire_errors.py::test_what_the_server_says_is_bounded",
    ),
    Protection(
        "an id of a service leads to no other path",
        "runner/protocol/wire.py",
        'if not text.strip(". ") or {".", ".."} & {*re.split(r"[/\\\\]", text)}:',
        "if not text:",
        "tests/protocol/test_wire.py::test_an_id_cannot_lead_elsewhere",
    ),
    Protection(
        "an id of a service is quoted within a path",
        "runner/protocol/wire.py",
        'return quote(text, safe=":@")',
        "return text",
        "tests/protocol/test_wire.py::test_an_id_is_one_segment_of_the_path",
    ),
    Protection(
        "a list that never ends is not read for ever",
        "runner/protocol/paging.py",
        "        if after in seen:\n",
        "        if False:\n",
        "tests/protocol/test_paging.py::test_a_server_that_does_not_heed_after_is_found_out",
    ),
    Protection(
        "what a model says names no place on the disk",
        "runner/engine/writing/pieces.py",
        "return template.path(row[key], context)",
        "return template.as_text(template.render(row[key], context))",
        "tests/engine/writing/test_saving.py::test_what_a_model_says_names_no_place",
    ),
    Protection(
        "a picture is named by what its bytes are",
        "runner/protocol/endpoints/images.py",
        '    if found is None:\n        message = f"picture {place} of the reply is none',
        '    if content is None:\n        message = f"picture {place} of the reply is none',
        "tests/protocol/endpoints/test_images.py::test_a_reply_without_pictures_is_an_error",
    ),
    Protection(
        "a file that a run wrote is no other than its path says",
        "runner/engine/writing/pieces.py",
        'return [honest(piece) for piece in made] if part == "body" else made',
        "return made",
        "tests/engine/writing/test_saving.py::test_a_body_is_no_other_file_than_its_path_says",
    ),
    Protection(
        "data is never a template",
        "runner/recipe/templates/filling.py",
        "    return value if type(value) in _DATA else _ABSENT\n",
        "    if isinstance(value, str) and OPEN.search(value):\n"
        "        return _through_jinja(value, None)(context, bounds.Meter())\n"
        "    return value if type(value) in _DATA else _ABSENT\n",
        "tests/recipe/templates/test_filling.py::test_what_was_data_is_never_rendered",
    ),
    Protection(
        "data that holds the signs of a template passes as it is",
        "runner/recipe/templates/filling.py",
        "            made.append(check(text) if check else text)\n",
        '            made.append((check(text) if check else text).replace("{", ""))\n',
        "tests/recipe/templates/test_filling.py::test_data_passes_unchanged",
    ),
    Protection(
        "a model that calls tools for ever is stopped",
        "runner/protocol/flow.py",
        "        if turn == ask.max_tool_rounds:\n            break\n",
        "",
        "tests/protocol/test_tool_rounds.py::test_one_round_more_is_a_failure",
    ),
    Protection(
        "a reply that calls tools without number is refused before ids are given",
        "runner/protocol/flow.py",
        "MOST_CALLS = 10_000",
        "MOST_CALLS = 10_001",
        "tests/protocol/test_flow.py::test_calls_without_number_are_counted_before_they_are_named",
    ),
    Protection(
        "calls with one id get an id each",
        "runner/protocol/flow.py",
        "        while name in taken:\n",
        "        while not name:\n",
        "tests/protocol/test_flow.py::test_each_call_has_an_id_of_its_own",
    ),
    Protection(
        "a thousand calls at once run nothing",
        "runner/engine/tools/toolbox.py",
        "        if len(calls) > MOST_CALLS:\n",
        "        if False:\n",
        "tests/engine/tools/test_tool_rounds.py::test_too_many_calls_at_once_run_none",
    ),
    Protection(
        "calls of one round run no more at once than is allowed",
        "runner/engine/tools/toolbox.py",
        "ThreadPoolExecutor(min(self._jobs, len(calls)))",
        "ThreadPoolExecutor(len(calls))",
        "tests/engine/tools/test_tool_rounds.py::"
        "test_calls_of_one_round_run_side_by_side_up_to_a_limit",
    ),
    Protection(
        "a tool that the recipe does not list is not run",
        "runner/engine/tools/toolbox.py",
        "        tool = self._tools.get(name)\n        if tool is None:\n",
        "        tool = self._tools.get(name)\n"
        "        if tool is None and self._hooks.find(name) is not None:\n"
        '            return Tool(name, "", {})\n'
        "        if tool is None:\n",
        "tests/engine/tools/test_toolbox.py::test_a_tool_that_the_recipe_does_not_list_is_not_run",
    ),
    Protection(
        "the API's own tools are not run here",
        "runner/engine/tools/toolbox.py",
        "for tool in tools if tool.runs and tool.raw is None",
        "for tool in tools",
        "tests/engine/tools/test_toolbox.py::"
        "test_a_tool_that_does_not_run_or_is_the_apis_own_is_not_run",
    ),
    Protection(
        "a call whose arguments do not fit its schema runs nothing",
        "runner/engine/tools/toolbox.py",
        "        if wrong:\n",
        "        if False:\n",
        "tests/engine/tools/test_toolbox.py::test_a_call_with_bad_arguments_runs_nothing",
    ),
    Protection(
        "arguments that are no object run nothing",
        "runner/engine/tools/toolbox.py",
        "    if not isinstance(found, dict):\n",
        "    if False:\n",
        "tests/engine/tools/test_toolbox.py::test_what_goes_wrong_is_told_to_the_model",
    ),
    Protection(
        "a tool's result that is too large does not go back to the model",
        "runner/engine/tools/toolbox.py",
        "    if size > LARGEST:\n",
        "    if False:\n",
        "tests/engine/tools/test_toolbox.py::test_a_result_is_bounded_in_bytes",
    ),
    Protection(
        "what a hook raises is bounded before the model is told",
        "runner/engine/tools/toolbox.py",
        'return message if len(message) <= LONGEST_ERROR else f"{message[: LONGEST_ERROR - 1]}…"',
        "return message",
        "tests/engine/tools/test_toolbox.py::test_an_error_is_bounded_and_can_be_sent",
    ),
    Protection(
        "what a hook prints is no data on standard output",
        "runner/engine/tools/toolbox.py",
        "        with aside():\n            return _text(_finished(found.function(**bound)))\n",
        "        return _text(_finished(found.function(**bound)))\n",
        "tests/engine/tools/test_tool_rounds.py::test_what_hooks_print_goes_to_standard_error",
    ),
    Protection(
        "a hook that ends the process ends its own call alone",
        "runner/engine/tools/toolbox.py",
        "        except BaseException as error:\n            failure = self._failure",
        "        except Exception as error:\n            failure = self._failure",
        "tests/engine/tools/test_toolbox.py::test_what_goes_wrong_is_told_to_the_model",
    ),
    Protection(
        "a session's model that calls tools for ever is stopped",
        "runner/protocol/endpoints/realtime.py",
        "        if turn == ask.max_tool_rounds:\n            break\n",
        "",
        "tests/protocol/endpoints/test_realtime.py::test_endless_tool_rounds_end",
    ),
    Protection(
        "a judge's answer is data between marks that no answer can write",
        "runner/protocol/judging.py",
        "{hashlib.sha256(answer.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}",
        "",
        "tests/protocol/test_judging.py::"
        "test_the_answer_stands_alone_between_marks_that_it_cannot_hold",
    ),
)
