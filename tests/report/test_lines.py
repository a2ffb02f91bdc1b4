"""Results as JSON, line by line."""

import json

import pytest

from runner.report.changes import Changes
from runner.report.encoding import unchanged
from runner.report.lines import JsonLines, JsonWhole
from tests.report.runs import answer, lines, run

SECRET = 'se"cr\\é\nt'


def hide(text):
    return text.replace(SECRET, "***")


def written(report, *runs, changes=None):
    return "".join([*(report.take(one, lines) for one in runs), *report.end(changes)])


def test_a_line_for_each_run_is_there_as_soon_as_it_is_taken():
    report = JsonLines(unchanged)
    first = report.take(run("a"), lines)
    assert first.endswith("}\n")
    assert first.count("\n") == 1
    record = json.loads(first)
    assert (record["schema_version"], record["run_id"]) == (1, "a")
    assert list(report.end()) == []


@pytest.mark.parametrize("count", [0, 1, 3])
def test_the_whole_is_one_value(count):
    runs = [run(f"a{number}") for number in range(count)]
    value = json.loads(written(JsonWhole(unchanged), *runs))
    assert [one["run_id"] for one in value["runs"]] == [one.run_id for one in runs]
    assert value["totals"]["passed"] == count
    assert set(value) == {"schema_version", "runs", "totals"}


def test_the_whole_tells_what_changed():
    changes = Changes("old.json", counts={"new": 1}, matched=2)
    value = json.loads(written(JsonWhole(unchanged), run(), changes=changes))
    assert value["baseline"]["since"] == "old.json"
    assert value["baseline"]["counts"] == {"new": 1}


@pytest.mark.parametrize("report", [JsonLines, JsonWhole])
def test_pictures_and_sounds_are_counted_and_long_texts_are_not(report):
    encoded, words = "iVBO" * 20_000, "a word " * 2_000
    reply = answer(json={"data": [{"b64_json": encoded}], "text": words, "short": "iVBO"})
    told = written(report(unchanged), run(answer=reply))
    assert '"b64_json": "(80000 characters)"' in told
    assert words in told
    assert '"short": "iVBO"' in told
    assert len(told) < 20_000


@pytest.mark.parametrize("report", [JsonLines, JsonWhole])
def test_secrets_are_hidden_before_they_are_escaped(report):
    told = written(report(hide), run(cell={"who": f"\x1b {SECRET}"}))
    assert told.isascii()
    assert json.dumps(SECRET)[1:-1] not in told
    assert "\\u001b ***" in told
