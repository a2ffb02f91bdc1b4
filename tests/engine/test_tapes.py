"""Recordings of a command: what is asked, what is kept, and what is told where one is missing."""

import io

import pytest

from runner import errors, run, runs
from runner.engine.suite import Suite
from runner.engine.tapes import age
from runner.engine.user.options import Options
from tests.engine.playing import written

CASE = """\
matrix: {city: [Paris, Rome]}
endpoint: chat.completions
model: gpt-6-luna
messages: [{user: "Where is {{ city }}?"}]
output: {text: "{{ city }}.md"}
"""
POLL = """\
steps:
  - name: ask
    endpoint: responses
    model: gpt-6-luna
    input: Where is Rome?
    params: {background: true}
    poll: {until: "{{ json.status == 'completed' }}", every: 10m, timeout: 24h}
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    written(tmp_path, {"case.recipe.yaml": CASE, "poll.recipe.yaml": POLL})
    return tmp_path


def ran(folder, mode, **flags):
    """Run the case; return the codes of its runs."""
    named = {"offline": mode != "replay", "out": folder / "out"} | flags
    done = runs(folder / "case.recipe.yaml", cassette=mode, **named)
    return [result.exit_code for result in done]


def text_of(folder):
    return (folder / "cassettes" / "case.yaml").read_text(encoding="utf-8")


def test_what_was_recorded_replays_without_a_key_at_eight_at_once(folder):
    assert ran(folder, "record") == [0, 0]
    first = (folder / "out" / "Rome.md").read_bytes()
    assert ran(folder, "replay", jobs=8, out=folder / "again") == [0, 0]
    assert (folder / "again" / "Rome.md").read_bytes() == first


def test_a_recording_that_is_missing_is_told_and_nothing_was_sent(folder):
    ran(folder, "record")
    written(folder, {"case.recipe.yaml": CASE.replace("Rome", "Oslo")})
    done = runs(folder / "case.recipe.yaml", cassette="replay", out=folder / "out")
    assert [result.exit_code for result in done] == [0, 3]
    step = done[1].steps[0]
    assert isinstance(step.error, errors.ReplayMissError)
    assert "recorded 'Where is Rome?', asked 'Where is Oslo?'" in str(step.error)
    assert (step.sent, step.attempts) == (0, 0)


def test_record_drops_what_no_run_uses_any_more(folder):
    ran(folder, "record")
    written(folder, {"case.recipe.yaml": CASE.replace("Rome", "Oslo")})
    ran(folder, "auto")
    assert {"Paris", "Rome", "Oslo"} <= set(text_of(folder).replace("?", " ").split())
    ran(folder, "record")
    assert "Rome" not in text_of(folder)
    assert "Oslo" in text_of(folder)


@pytest.mark.parametrize("choice", [{"keyword": "Paris"}, {"fail_fast": True}])
def test_record_of_some_runs_keeps_the_recordings_of_the_others(folder, choice):
    ran(folder, "record")
    if "fail_fast" in choice:
        broken = CASE.replace("endpoint", "expect: [{status: 500}]\nendpoint")
        written(folder, {"case.recipe.yaml": broken})
    suite = Suite(Options(offline=True, cassette="record", out=folder / "out", **choice), print)
    try:
        assert len(list(suite.runs(suite.all_checked([str(folder / "case.recipe.yaml")])))) == 1
    finally:
        suite.close()
    assert "Rome" in text_of(folder)


def test_a_poll_of_hours_takes_no_time_in_replay(folder):
    first = run(folder / "poll.recipe.yaml", offline=True, cassette="record", out=folder / "out")
    again = run(folder / "poll.recipe.yaml", cassette="replay", out=folder / "out")
    assert first.steps[0].sent == again.steps[0].sent > 1


def test_a_cassette_that_is_broken_ends_the_command_before_anything_is_sent(folder):
    ran(folder, "record")
    written(folder, {"cassettes/case.yaml": text_of(folder).replace("cassette: 1", "cassette: 9")})
    for mode in ("replay", "record", "auto"):
        with pytest.raises(errors.RecipeError, match=r"case\.yaml:2:11: ") as caught:
            ran(folder, mode)
        assert caught.value.exit_code == 2


def test_auto_needs_a_key_only_for_what_is_not_recorded(folder):
    ran(folder, "record")
    assert ran(folder, "auto", offline=False) == [0, 0]
    written(folder, {"case.recipe.yaml": CASE.replace("Rome", "Oslo")})
    before = text_of(folder)
    (missing,) = [
        step.error
        for result in runs(folder / "case.recipe.yaml", cassette="auto", out=folder / "out")
        for step in result.steps
        if step.error
    ]
    assert "OPENAI_API_KEY is not set" in str(missing)
    assert text_of(folder) == before


def test_auto_needs_a_key_before_anything_where_nothing_is_recorded(folder):
    with pytest.raises(errors.SettingsError, match="OPENAI_API_KEY is not set"):
        ran(folder, "auto", offline=False)


def test_a_file_in_the_place_of_the_folder_is_told_as_that(folder):
    written(folder, {"cassettes": ""})
    with pytest.raises(errors.RecipeError, match="cassettes is no folder") as caught:
        ran(folder, "replay")
    assert caught.value.faults[0].hint == "move the file away"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (Options(cassette="play"), "--cassette play: expected one of off, replay, record, auto"),
        (Options(cassette="replay", max_age="soon"), "--max-age soon: expected a duration"),
        (Options(max_age="30d"), "it needs --cassette"),
    ],
)
def test_a_wrong_flag_is_told(options, message):
    with pytest.raises(errors.SettingsError) as caught:
        Suite(options, print)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", 90), ("1.5h", 5400), ("30d", 2_592_000), ("2w", 1_209_600)]
)
def test_an_age_has_its_units(text, seconds):
    assert age(text) == seconds
    assert age(None) is None


def test_a_recipe_from_standard_input_has_no_cassette(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(POLL.encode())))
    with pytest.raises(errors.SettingsError, match="standard input has no cassette"):
        run("-", cassette="replay")
