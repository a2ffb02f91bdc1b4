"""Faults: what keeps a cut or broken answer from passing for a whole one."""

from __future__ import annotations

from tests.protections.taken import Protection

PROTECTIONS: tuple[Protection, ...] = (
    Protection(
        "what brings no whole answer is refused, whatever the endpoint",
        "runner/transport/http.py",
        "            check_whole(reply, request, address.url)\n",
        "",
        "tests/faults/test_rows.py::test_a_status_that_brings_no_answer_may_be_expected",
    ),
    Protection(
        "a status that nobody accepts has to bring JSON",
        "runner/protocol/endpoint.py",
        "        if not reply.accepted:\n            raise\n",
        "",
        "tests/protocol/test_endpoint.py::"
        "test_a_body_that_is_no_json_is_an_error_unless_the_status_was_accepted",
    ),
    Protection(
        "JSON that nests deep is no reply",
        "runner/protocol/json_text.py",
        "if text_nests(text):",
        "if False:",
        "tests/protocol/test_wire.py::test_what_is_no_json_is_refused_in_plain_words",
    ),
    Protection(
        "NaN is no JSON",
        "runner/protocol/json_text.py",
        "_DECODER = JSONDecoder(parse_constant=_constant, parse_float=_float)",
        "_DECODER = JSONDecoder(parse_float=_float)",
        "tests/protocol/test_wire.py::test_what_is_no_json_is_refused_in_plain_words",
    ),
    Protection(
        "a number beyond all bounds is no JSON",
        "runner/protocol/json_text.py",
        "_DECODER = JSONDecoder(parse_constant=_constant, parse_float=_float)",
        "_DECODER = JSONDecoder(parse_constant=_constant)",
        "tests/protocol/test_wire.py::test_what_is_no_json_is_refused_in_plain_words",
    ),
    Protection(
        "bytes that are no UTF-8 are no JSON",
        "runner/protocol/wire.py",
        "text = body.decode().removeprefix(_BOM)",
        'text = body.decode("utf-8", "replace").removeprefix(_BOM)',
        "tests/faults/test_cases.py::test_a_fault_ends_as_it_must[chat:bad-utf-8]",
    ),
    Protection(
        "a stream's JSON nests no deeper than a reply's",
        "runner/protocol/streams/values.py",
        "if line - body > DEEPEST and text_nests(text[body:line]):",
        "if False:",
        "tests/protocol/test_streams_values.py::test_nesting_is_bounded_in_a_block_as_in_pieces",
    ),
    Protection(
        "an event that is no JSON ends its stream",
        "runner/protocol/streams/values.py",
        '            self.fault = BadReplyError(f"{message}: {excerpt(event.data)}")\n',
        "",
        "tests/protocol/test_streams_chat.py::test_an_event_that_is_no_json_is_an_error_t"
        "hat_keeps_the_text",
    ),
    Protection(
        "an event beyond the limit ends its stream",
        "runner/protocol/streams/values.py",
        "        except BadReplyError as error:\n"
        "            self.fault = error\n"
        "            return\n",
        "        except BadReplyError:\n            return\n",
        "tests/protocol/test_streams_values.py::test_an_event_beyond_the_limit_is_a_fault"
        "_after_those_before_it",
    ),
    Protection(
        "a chat's stream that stops early is not whole",
        "runner/protocol/streams/chat.py",
        "if not is_done and not self._is_finished():",
        "if False:",
        "tests/protocol/test_streams_chat.py::test_a_stream_that_stops_early_is_never_tak"
        "en_for_whole",
    ),
    Protection(
        "a stream of several choices ends with the last of them",
        "runner/protocol/streams/chat.py",
        "return bool(choices) and all(",
        "return bool(choices) and any(",
        "tests/protocol/test_streams_choices.py::test_several_choices_are_kept_apart_and_"
        "all_must_end",
    ),
    Protection(
        "an error within a chat's stream is an error",
        "runner/protocol/streams/chat.py",
        "        if error:\n",
        "        if False:\n",
        "tests/faults/test_cases.py::test_a_fault_ends_as_it_must[stream:sse-error-late]",
    ),
    Protection(
        "a response's stream that stops early is not whole",
        "runner/protocol/streams/responses.py",
        "        if self._ended is None:\n            missing",
        "        if self._ended is None:\n"
        '            self._end({}, "completed")\n'
        "        if self._ended is None:\n"
        "            missing",
        "tests/protocol/test_streams_responses.py::test_a_cut_between_blocks_changes_noth"
        "ing_and_an_early_end_is_known",
    ),
    Protection(
        "an error within a response's stream is an error",
        "runner/protocol/streams/responses.py",
        'if kind == "error" or event.get("error"):',
        "if False:",
        "tests/faults/test_cases.py::test_a_fault_ends_as_it_must[responses:sse-error-late]",
    ),
    Protection(
        "an error in place of a stream is an error",
        "runner/protocol/streams/values.py",
        'if error and not value.keys() & {"choices", "output"}:',
        "if False:",
        "tests/protocol/test_streams_responses.py::test_a_plain_error_is_an_error",
    ),
    Protection(
        "a stream of pictures that stops early is not whole",
        "runner/protocol/streams/images.py",
        "        if len(self._rows) < self._count:\n            missing",
        "        if not self._count:\n            missing",
        "tests/protocol/test_streams_images.py::test_no_cut_stream_passes_for_whole",
    ),
    Protection(
        "a stream of speech that stops early is not whole",
        "runner/protocol/streams/audio.py",
        'if self._done is None and not found.values.done and found.kind == "events":',
        "if False:",
        "tests/protocol/test_streams_audio.py::test_speech_that_is_cut_is_never_whole",
    ),
    Protection(
        "a stream of a transcript that stops early is not whole",
        "runner/protocol/streams/audio.py",
        'if found.kind == "events" and not (self._done or found.values.done):',
        "if False:",
        "tests/protocol/test_streams_audio.py::test_a_transcript_that_is_cut_is_never_whole",
    ),
    Protection(
        "a session that closes early is no whole answer",
        "runner/protocol/endpoints/realtime.py",
        "    if heard is None:\n        msg",
        "    if heard is None:\n"
        '        return Told({"type": "response.done"}, 0.0)\n'
        "    if heard is None:\n"
        "        msg",
        "tests/faults/test_cases.py::test_a_fault_ends_as_it_must[realtime:ws-close-1000]",
    ),
    Protection(
        "a response of a session that failed is an error",
        "runner/protocol/realtime_answers.py",
        'if status == "failed":',
        "if False:",
        "tests/faults/test_cases.py::test_a_fault_ends_as_it_must[realtime:ws-failed]",
    ),
    Protection(
        "bytes that are no picture are none",
        "runner/protocol/endpoints/images.py",
        "    if found is None:\n",
        "    if found is None:\n"
        '        return Artifact("image", "image/png", content)\n'
        "    if found is None:\n",
        "tests/faults/test_cases.py::test_a_fault_ends_as_it_must[images:picture-html]",
    ),
    Protection(
        "a picture without its end is cut",
        "runner/protocol/endpoints/images.py",
        "if pictures.is_cut(content):",
        "if False:",
        "tests/faults/test_cases.py::test_a_fault_ends_as_it_must[images:picture-cut]",
    ),
    Protection(
        "base64 that is broken is no picture",
        "runner/protocol/pictures.py",
        'bare + "=" * (-len(bare) % 4), strict_mode=True',
        'bare + "=" * (-len(bare) % 4)',
        "tests/faults/test_cases.py::test_a_fault_ends_as_it_must[images:picture-no-base64]",
    ),
    Protection(
        "base64 that is broken is no sound",
        "runner/protocol/endpoints/realtime.py",
        'base64.b64decode(delta or "", validate=True)',
        'base64.b64decode(delta or "")',
        "tests/faults/test_cases.py::test_a_fault_ends_as_it_must[realtime:ws-bad-sound]",
    ),
    Protection(
        "HTML is no speech",
        "runner/protocol/endpoints/audio.py",
        'if "json" in kind or body.lstrip()[:1] == b"<" or body.startswith((b\'{"\', b"{\\n")):',
        'if "json" in kind:',
        "tests/faults/test_cases.py::test_a_fault_ends_as_it_must[speech:sound-html]",
    ),
    Protection(
        "an empty reply is no speech",
        "runner/protocol/endpoints/audio.py",
        "    if not sounds.size_of(body):\n",
        "    if False:\n",
        "tests/faults/test_cases.py::test_a_fault_ends_as_it_must[speech:sound-empty]",
    ),
    Protection(
        "a sound is of the kind that its file's name says",
        "runner/engine/writing/fitting.py",
        "    head, size = head_of(piece.body, HEAD), sounds.size_of(piece.body)\n"
        "    if media.contradicts(suffix, head):\n",
        "    head, size = head_of(piece.body, HEAD), sounds.size_of(piece.body)\n    if False:\n",
        "tests/faults/test_cases.py::test_a_fault_ends_as_it_must[speech:sound-mp3]",
    ),
    Protection(
        "text is no sound, whatever it is said to be",
        "runner/engine/writing/fitting.py",
        'if kind.startswith("audio/") and head and media.media_type("", head) == "text/plain":',
        "if False:",
        "tests/engine/test_audio.py::test_text_is_no_sound",
    ),
    Protection(
        "a sound that lacks bytes it says to have is cut",
        "runner/engine/writing/fitting.py",
        "if sounds.is_cut(head, size):",
        "if False:",
        "tests/faults/test_cases.py::test_a_fault_ends_as_it_must[speech:sound-cut]",
    ),
)
