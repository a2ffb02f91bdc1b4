"""Records: a key or a secret is in no file that is kept: reports, sidecars, journals, cassettes."""

from __future__ import annotations

from tests.protections.taken import Protection

PROTECTIONS: tuple[Protection, ...] = (
    Protection(
        "a matrix holds no secret, as its values name the runs",
        "runner/engine/prepare.py",
        "    if any(hide(text) != text for text in map(str, (cell.values for cell in found))):\n",
        "    if False:\n",
        "tests/test_sentinel.py::test_a_secret_names_no_runs",
    ),
    Protection(
        "a secret that is too short to be masked is refused",
        "runner/engine/user/environment.py",
        '    if section == "env" or len(value) >= SHORTEST:\n',
        "    if True:\n",
        "tests/test_golden.py::test_the_command_says[secret-too-short]",
    ),
    Protection(
        "a JUnit report is masked",
        "runner/engine/writing/reporting.py",
        "return Junit(self._hide, self._drawers[-1])",
        "return Junit(str, self._drawers[-1])",
        "tests/cli/test_run_reports.py::test_no_report_holds_a_secret",
    ),
    Protection(
        "a JUnit report is masked before it is cut",
        "runner/report/entry.py",
        'bounded(" ".join(covered(hide(told[0])).split()), _MESSAGE)',
        'hide(bounded(" ".join(covered(told[0]).split()), _MESSAGE))',
        "tests/report/test_junit.py::test_secrets_are_hidden_before_they_are_escaped_or_cut",
    ),
    Protection(
        "an HTML report is masked",
        "runner/engine/writing/reporting.py",
        "sources(place, self._hide, self._located)",
        "sources(place, str, self._located)",
        "tests/cli/test_run_reports.py::test_no_report_holds_a_secret",
    ),
    Protection(
        "an HTML report is masked before it is cut",
        "runner/report/html/trim.py",
        "        text = self.hide(text)\n",
        "        text = self.hide(text) if len(text) < 1_000 else text\n",
        "tests/report/test_html.py::test_a_secret_at_the_place_of_a_cut_is_masked_first",
    ),
    Protection(
        "a picture in whose text a secret stands is not embedded",
        "runner/report/html/media.py",
        "if len(body) > self._small or self._tells(body):",
        "if len(body) > self._small:",
        "tests/report/test_html_media.py::test_nor_is_a_picture_in_whose_text_a_secret_stands",
    ),
    Protection(
        "a JSON report is masked",
        "runner/engine/writing/reporting.py",
        "return JsonWhole(self._hide)",
        "return JsonWhole(str)",
        "tests/cli/test_run_reports.py::test_no_report_holds_a_secret",
    ),
    Protection(
        "a report of JSON lines is masked",
        "runner/engine/writing/reporting.py",
        "return JsonLines(self._hide)",
        "return JsonLines(str)",
        "tests/cli/test_run_reports.py::test_no_report_holds_a_secret",
    ),
    Protection(
        "JSON is masked before it is escaped",
        "runner/report/encoding.py",
        "            return hide(value)\n",
        "            return value\n",
        "tests/report/test_records.py::"
        "test_the_whole_is_ascii_and_hides_secrets_before_they_are_escaped",
    ),
    Protection(
        "names of fields in JSON are masked",
        "runner/report/encoding.py",
        "{hide(str(key)): plain(item, hide)",
        "{str(key): plain(item, hide)",
        "tests/report/test_records.py::"
        "test_the_whole_is_ascii_and_hides_secrets_before_they_are_escaped",
    ),
    Protection(
        "cookies of a service are in no record",
        "runner/report/records.py",
        "for name, text in answer.headers.items() if name not in _PRIVATE",
        "for name, text in answer.headers.items()",
        "tests/report/test_records.py::"
        "test_an_answer_is_told_without_binary_bodies_cookies_and_history",
    ),
    Protection(
        "a summary for GitHub is masked",
        "runner/report/github.py",
        "told = entry.bounded(problems(result, lines, hide=self._hide), _TEXT)",
        "told = entry.bounded(problems(result, lines), _TEXT)",
        "tests/report/test_github.py::test_secrets_are_hidden",
    ),
    Protection(
        "annotations for GitHub are masked before they are escaped",
        "runner/report/annotations.py",
        "fault = bounded(hidden(fault, self._hide))",
        "fault = bounded(fault)",
        "tests/report/test_annotations.py::"
        "test_github_annotations_hide_secrets_before_they_are_escaped",
    ),
    Protection(
        "what changed since a baseline is masked",
        "runner/report/changes.py",
        "plain(result_record(result), self._hide)",
        "plain(result_record(result))",
        "tests/report/test_changes.py::test_texts_are_compared_as_they_are_written_masked",
    ),
    Protection(
        "faults as JSON are masked before they are cut",
        "runner/report/faults.py",
        "[record(bounded(hidden(fault, hide))) for fault in faults]",
        "[record(bounded(fault)) for fault in faults]",
        "tests/report/test_faults.py::test_json_is_ascii_and_hides_secrets_with_quotes_in_them",
    ),
    Protection(
        "a sidecar is masked",
        "runner/engine/writing/saving.py",
        "outputs.pretty(plain(told, world.hide))",
        "outputs.pretty(plain(told))",
        "tests/engine/writing/test_saving.py::test_secrets_stand_in_outputs_but_not_in_sidecars",
    ),
    Protection(
        "no digest tells of a secret",
        "runner/engine/writing/origin.py",
        "    if world.hide(text) == text:\n",
        "    if True:\n",
        "tests/engine/writing/test_origin.py::test_no_digest_tells_of_a_secret_or_of_a_place",
    ),
    Protection(
        "a reply that is kept is masked",
        "runner/engine/writing/saving.py",
        '    return world.hide(text).encode("utf-8", "surrogateescape")\n',
        "    return content\n",
        "tests/engine/writing/test_saving.py::test_what_is_kept_holds_no_secret",
    ),
    Protection(
        "a journal is masked",
        "runner/engine/rows/recorded.py",
        "hide(_told(result))[:LONGEST],",
        "_told(result)[:LONGEST],",
        "tests/engine/rows/test_journal.py::test_why_a_row_failed_is_recorded_without_its_secret",
    ),
    Protection(
        "a transcript of a session is masked",
        "runner/engine/transcript.py",
        "text = self._hide(f",
        "text = str(f",
        "tests/engine/test_transcript.py::test_secrets_are_hidden",
    ),
    Protection(
        "a recording's request is masked",
        "runner/cassette/asked.py",
        "        return short(hidden(value, find))\n    if isinstance(value, dict):",
        "        return short(value)\n    if isinstance(value, dict):",
        "tests/cassette/test_asked.py::test_a_secret_is_masked_wherever_it_stands",
    ),
    Protection(
        "a private header of a request is in no recording",
        "runner/cassette/asked.py",
        "MASK if PRIVATE.search(name) else short(hidden(value, find))",
        "short(hidden(value, find))",
        "tests/cassette/test_asked.py::test_a_private_header_is_masked_whatever_it_holds",
    ),
    Protection(
        "private headers of a reply are in no recording",
        "runner/transport/recording.py",
        "for name, value in reply.headers.items() if not PRIVATE.fullmatch(name)",
        "for name, value in reply.headers.items()",
        "tests/transport/test_cassette.py::test_private_headers_are_dropped",
    ),
    Protection(
        "a recorded body is masked though a secret is cut in it",
        "runner/cassette/scrubbing.py",
        "    text, sizes = _edited(text, sizes, edits)\n",
        "    text, sizes = text, sizes\n",
        "tests/cassette/test_scrubbing.py::test_a_secret_is_masked_though_it_is_cut_at_any_byte",
    ),
    Protection(
        "a secret that the events of a recorded stream bring in pieces is masked",
        "runner/cassette/scrubbing.py",
        "    if events:\n",
        "    if False:\n",
        "tests/cassette/test_scrubbing.py::test_a_secret_that_events_bring_in_pieces_goes",
    ),
    Protection(
        "a session that echoes a secret in pieces is recorded masked",
        "runner/transport/recording.py",
        "        clean = scrubbing.unbroken(self._frames, self._cassette.find)\n",
        "        clean = {}\n",
        "tests/transport/test_cassette.py::test_a_session_that_echoes_a_secret_in_pieces_hides_it",
    ),
    Protection(
        "a reply in which a secret cannot be masked is not recorded",
        "runner/transport/cassette.py",
        "        if any(self.find(content.decode(",
        "        if False and any(self.find(content.decode(",
        "tests/transport/test_cassette.py::test_a_secret_that_cannot_be_masked_is_not_saved",
    ),
    Protection(
        "a recording in which a secret is left is not saved",
        "runner/transport/cassette.py",
        "        if self.find(form.entry(one)):\n",
        "        if False:\n",
        "tests/transport/test_cassette.py::"
        "test_a_recording_whose_run_is_named_by_a_secret_is_not_saved",
    ),
    Protection(
        "what is missing in replay is told without what stands behind an address's ?",
        "runner/transport/cassette.py",
        'address = str(request.get("fetch", "")).partition("?")[0]',
        'address = str(request.get("fetch", ""))',
        "tests/transport/test_cassette.py::"
        "test_an_address_that_is_missing_is_told_without_its_signature",
    ),
)
