"""What was true once is told with what is true today: every row of the table."""

import pytest

from runner.importer.outdated import ROWS, Facts, warnings

CHAT, SPEECH = "/chat/completions", {"voice": "nova", "format": "mp3"}
WRONG = {
    "audio from chat": Facts("POST", CHAT, {"response_format": "audio", "audio": SPEECH}),
    "fine-tunes": Facts("POST", "/fine-tunes", {"model": "davinci"}),
    "the list of fine-tunes": Facts("GET", "/fine-tunes"),
    "training files": Facts("POST", "/files", {"purpose": "fine-tune"}, is_form=True),
    "images without a model": Facts("POST", "/images/generations", {"prompt": "x"}),
    "garbled fields": Facts("POST", "/images/edits", {"model": "m"}, True, is_garbled=True),
    "multipart by hand": Facts(
        "POST", "/audio/x", is_form=True, headers={"content-type": "multipart/form-data"}
    ),
    "bare transcripts": Facts("POST", "/audio/transcriptions", {"response_format": "text"}),
    "streams": Facts("POST", CHAT, {"stream": True}),
    "insecure": Facts("GET", "/models", insecure=True),
    "versions on Azure": Facts("POST", CHAT, azure_version="[model]"),
}
RIGHT = {
    "audio from chat": Facts("POST", CHAT, {"modalities": ["text", "audio"], "audio": SPEECH}),
    "fine-tunes": Facts("POST", "/fine_tuning/jobs", {"model": "m"}),
    "the list of fine-tunes": Facts("GET", "/fine_tuning/jobs/ftjob-1"),
    "training files": Facts("POST", "/files", {"purpose": "batch"}, is_form=True),
    "images without a model": Facts("POST", "/images/generations", {"model": "m"}),
    "garbled fields": Facts("POST", "/images/edits", {"model": "m"}, True),
    "multipart by hand": Facts("POST", "/audio/x", headers={"content-type": "application/json"}),
    "bare transcripts": Facts("POST", "/audio/transcriptions", {"response_format": "json"}),
    "streams": Facts("POST", CHAT, {"stream": False}),
    "insecure": Facts("GET", "/models"),
    "versions on Azure": Facts("POST", CHAT, azure_version="2024-10-21"),
}
SAID = {
    "audio from chat": "modalities: [text, audio]",
    "fine-tunes": "fine_tuning.jobs",
    "the list of fine-tunes": "fine_tuning.jobs.retrieve",
    "training files": "one JSON object a line",
    "images without a model": "name a model",
    "garbled fields": "image=@FILE",
    "multipart by hand": "boundary",
    "bare transcripts": "bare text, not JSON",
    "streams": "server-sent events",
    "insecure": "verifies TLS",
    "versions on Azure": "2024-10-21",
}


def test_every_row_has_its_cases():
    names = [row.name for row in ROWS]
    assert names == sorted(set(names), key=names.index)
    assert set(names) == set(WRONG) == set(RIGHT) == set(SAID)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_row_is_found_where_it_is_wrong_and_nowhere_else(row):
    assert row.found(WRONG[row.name])
    assert not row.found(RIGHT[row.name])
    assert list(warnings(WRONG[row.name])) == [row.message]
    assert list(warnings(RIGHT[row.name])) == []
    assert SAID[row.name] in row.message
