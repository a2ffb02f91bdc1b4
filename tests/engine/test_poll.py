"""A job is asked for again until the recipe is content, has enough, or its time is up."""

import pytest

from runner.engine.clock import spoken
from runner.errors import JobFailedError, PollTimeoutError, RecipeError
from runner.recipe.ask import seconds
from tests.engine.playing import planned, play, refused, reply

JOB = """\
steps:
  - name: job
    endpoint: raw
    request: {{path: jobs/1}}
    poll: {{until: "{{{{ json.status == 'done' }}}}"{more}}}
finally:
  - name: tidy
    endpoint: raw
    request: {{method: DELETE, path: "jobs/{{{{ steps.job.json.id }}}}"}}
"""
FAILS = ", fail_if: \"{{ json.status in ['bad', 'odd'] }}\""


def job(status):
    return reply({"id": "j1", "status": status})


def poll(folder, *outcomes, more=""):
    return play(folder, JOB.format(more=more), *outcomes, reply({}))


def test_the_first_reply_may_end_it(tmp_path):
    played = poll(tmp_path, job("done"))
    assert played.clock.waits == []
    assert len(played.script.sent) == 2


def test_it_asks_again_at_the_pace_of_the_recipe(tmp_path):
    played = poll(tmp_path, *map(job, ("new", "new", "new", "done")), more=", every: 10s")
    assert played.clock.waits == [10, 15, 22.5]
    answer = played.answer
    assert answer.json["status"] == "done"
    assert (answer.requests, answer.attempts, answer.latency) == (4, 4, 2.0)
    assert [request.ordinal for request in played.script.sent] == [0, 1, 2, 3, 0]


def test_without_a_pace_the_waits_grow(tmp_path):
    played = poll(tmp_path, *map(job, ("new", "new", "new", "done")))
    assert played.clock.waits == [2, 3, 4.5]


def test_the_waits_grow_to_a_minute_and_no_further(tmp_path):
    waits = poll(tmp_path, *[job("new")] * 12, job("done")).clock.waits
    assert 50 < waits[8] < 60
    assert waits[9:] == [60, 60, 60]


@pytest.mark.parametrize(("every", "last"), [("500ms", 4), ("1s", 8), ("10s", 60), ("1m", 60)])
def test_a_pace_of_the_recipe_grows_to_eight_times_itself_or_a_minute(tmp_path, every, last):
    waits = poll(tmp_path, *[job("new")] * 8, job("done"), more=f", every: {every}").clock.waits
    assert waits[0] == seconds(every)
    assert waits[6:] == [last, last]


def test_a_pace_of_the_recipe_may_be_slower(tmp_path):
    played = poll(tmp_path, job("new"), job("new"), job("done"), more=", every: 2m")
    assert played.clock.waits == [120, 120]


def test_it_fails_at_once(tmp_path):
    played = poll(tmp_path, job("new"), job("bad"), more=FAILS)
    assert isinstance(played.error, JobFailedError)
    assert "bad" in str(played.error)
    assert played.result.exit_code == 3


def test_what_came_stays_for_the_finally_steps(tmp_path):
    played = poll(tmp_path, job("new"), job("bad"), more=FAILS)
    assert played.answer.json["status"] == "bad"
    assert played.script.sent[-1].path == "/jobs/j1"


def test_failing_goes_before_being_done(tmp_path):
    assert isinstance(poll(tmp_path, job("odd"), more=FAILS).error, JobFailedError)


def test_its_time_ends_it(tmp_path):
    played = poll(tmp_path, *[job("new")] * 9, more=", every: 10s, timeout: 25s")
    assert isinstance(played.error, PollTimeoutError)
    assert "poll.timeout" in str(played.error)
    assert played.clock.waits == [10, 15]


def test_no_pace_is_so_quick_that_it_never_ends(tmp_path):
    played = poll(tmp_path, *[job("new")] * 90, more=", every: 0, timeout: 1s")
    assert played.clock.waits[:3] == pytest.approx([0.05, 0.075, 0.1125])
    assert len(played.clock.waits) == 6


@pytest.mark.parametrize("key", ["every", "timeout"])
def test_a_duration_that_is_none_is_told_with_its_place(tmp_path, key):
    played = poll(tmp_path, job("new"), more=f', {key}: "{{{{ json.status or 1 }}}}"')
    assert isinstance(played.error, RecipeError)


@pytest.mark.parametrize("key", ["every", "timeout"])
def test_a_duration_may_be_a_template(tmp_path, key):
    text = "vars: {v: soon}\n" + JOB.format(more=f', {key}: "{{{{ v }}}}"')
    played = play(tmp_path, text, job("new"), reply({}))
    assert "case.recipe.yaml:6:" in str(played.error)
    assert "expected a duration" in str(played.error)


def test_a_condition_that_does_not_say_yes_or_no_is_told_with_its_place(tmp_path):
    played = poll(tmp_path, job("new"), more=', fail_if: "{{ json.status }}"')
    assert "case.recipe.yaml:5:" in str(played.error)
    assert "true or false" in str(played.error)


RESPONSE = """\
steps:
  - name: think
    endpoint: responses
    model: gpt-4.1
    input: Think.
    params: {background: true}
    poll: {until: "{{ json.status == 'completed' }}", fail_if: "{{ json.status == 'failed' }}"}
  - name: more
    continue: think
    messages: [{user: Go on}]
"""
MESSAGE = {
    "type": "message",
    "role": "assistant",
    "content": [{"type": "output_text", "text": "B"}],
}
DONE = {
    "id": "resp_1",
    "status": "completed",
    "output": [{"type": "reasoning", "id": "rs_1"}, MESSAGE],
    "usage": {"input_tokens": 3, "output_tokens": 2, "total_tokens": 5},
}


def test_a_response_is_retrieved_by_its_id_and_can_be_continued(tmp_path):
    queued = reply({"id": "resp_1", "status": "queued", "output": []})
    played = play(tmp_path, RESPONSE, queued, queued, reply(DONE), reply(DONE))
    assert played.result.exit_code == 0
    sent = [f"{r.method} {r.path}" for r in played.script.sent]
    assert sent == ["POST /responses", *["GET /responses/resp_1"] * 2, "POST /responses"]
    assert played.script.bodies[3]["input"] == [
        {"role": "user", "content": "Think."},
        {"type": "reasoning", "id": "rs_1"},
        MESSAGE,
        {"role": "user", "content": "Go on"},
    ]


def test_the_tokens_of_one_object_count_once(tmp_path):
    early = reply({**DONE, "status": "in_progress"})
    played = play(tmp_path, RESPONSE, early, reply(DONE), reply(DONE))
    assert played.answer.usage["total_tokens"] == 5
    items = played.script.bodies[2]["input"]
    assert [item.get("type", "said") for item in items] == ["said", "reasoning", "message", "said"]


def test_a_reply_without_an_id_cannot_be_asked_for_again(tmp_path):
    played = play(tmp_path, RESPONSE, reply({"status": "queued", "output": []}))
    assert "no id" in str(played.error)


def test_a_failure_on_the_way_is_a_failure(tmp_path):
    played = poll(tmp_path, job("new"), refused(404, "gone"))
    assert "gone" in str(played.error)
    assert played.answer.json["status"] == "new"


@pytest.mark.parametrize(
    "step",
    [
        "{endpoint: models, poll: {until: '{{ true }}'}}",
        "{endpoint: raw, request: {path: x, method: POST}, poll: {until: '{{ true }}'}}",
        "{endpoint: raw, request: {path: x, body: {}}, poll: {until: '{{ true }}'}}",
    ],
)
def test_what_cannot_be_polled_is_known_before_sending(tmp_path, step):
    with pytest.raises(RecipeError, match="can be polled") as caught:
        planned(tmp_path, f"steps:\n  - {step}\n")
    assert ":2:" in str(caught.value)


@pytest.mark.parametrize(
    ("endpoint", "more", "retrieve"),
    [
        ("files", "attachments: [case.recipe.yaml], params: {purpose: evals}", "/files/j1"),
        ("files.retrieve", "id: j0", "/files/j1"),
        (
            "fine_tuning.jobs",
            "model: m, params: {training_file: f}",
            "/fine_tuning/jobs/j1",
        ),
        ("fine_tuning.jobs.retrieve", "id: j0", "/fine_tuning/jobs/j1"),
        ("fine_tuning.jobs.cancel", "id: j0", "/fine_tuning/jobs/j1"),
        ("fine-tunes", "params: {training_file: f}", "/fine-tunes/j1"),
        ("fine-tunes.retrieve", "id: j0", "/fine-tunes/j1"),
        (
            "batches",
            "params: {input_file_id: f, endpoint: /v1/x, completion_window: 24h}",
            "/batches/j1",
        ),
        ("batches.retrieve", "id: j0", "/batches/j1"),
        ("batches.cancel", "id: j0", "/batches/j1"),
        ("responses", "model: m, input: Hi", "/responses/j1"),
    ],
)
def test_each_object_is_asked_for_by_its_own_call(tmp_path, endpoint, more, retrieve):
    until = "{{ json.status == 'done' }}"
    text = f'steps:\n  - {{endpoint: {endpoint}, {more}, poll: {{until: "{until}"}}}}\n'
    states = [reply({"id": "j1", "status": word, "output": []}) for word in ("new", "done")]
    played = play(tmp_path, text, *states)
    assert played.result.exit_code == 0, played.result
    sent = played.script.sent[1]
    assert (sent.method, sent.path, sent.body) == ("GET", retrieve, None)


def test_a_long_poll_is_told_as_it_goes(tmp_path):
    states = ("new", "new", "new", "half", *["half"] * 7, "done")
    played = poll(tmp_path, *map(job, states), more=", every: 10s")
    assert played.told == [
        "case::job: new, 10 s",
        "case::job: new, 25 s",
        "case::job: half, 48 s",
        "case::job: half, 2 min 12 s",
        "case::job: half, 3 min 12 s",
        "case::job: half, 4 min 12 s",
        "case::job: half, 5 min 12 s",
        "case::job: half, 6 min 12 s",
        "case::job: half, 7 min 12 s",
        "case::job: done, 8 min 12 s",
    ]


def test_what_lasts_is_told_again_after_as_long_as_it_lasted(tmp_path):
    played = poll(tmp_path, *[job("new")] * 12, job("done"), more=", every: 1s, timeout: 50s")
    assert played.told == [f"case::job: new, {passed} s" for passed in (8, 21, 45)]


def test_a_short_one_is_not(tmp_path):
    assert poll(tmp_path, job("new"), job("half"), job("done"), more=", every: 1s").told == []


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0.0, "0 s"),
        (0.3, "0.3 s"),
        (40.4, "40 s"),
        (119, "119 s"),
        (200, "3 min 20 s"),
        (3600, "1 h 0 min"),
        (9000, "2 h 30 min"),
    ],
)
def test_how_long_it_took_is_said_as_people_do(seconds, told):
    assert spoken(seconds) == told


@pytest.mark.parametrize(
    ("found", "why"),
    [
        ({"error": {"code": "bad_file", "message": "No.", "param": None}}, "'No.' (bad_file)"),
        ({"error": "No."}, "'No.'"),
        (
            {"errors": {"data": [{"message": "No.", "line": 3, "code": "x"}, {"message": "Nor."}]}},
            "line 3: 'No.' (x); 'Nor.'",
        ),
        ({}, "its status is 'bad'"),
    ],
)
def test_a_failure_says_why(tmp_path, found, why):
    played = poll(tmp_path, reply({"id": "j1", "status": "bad", **found}), more=FAILS)
    assert str(played.error).endswith(why)


def test_little_time_left_is_not_spent_on_one_answer(tmp_path):
    played = poll(tmp_path, *[job("new")] * 3, more=", every: 100s, timeout: 3m")
    assert [request.timeout.total for request in played.script.sent[:3]] == [600, 80, 30]


def test_what_has_no_status_is_told_by_its_reply(tmp_path):
    played = poll(
        tmp_path, *[reply({"id": "j1", "status": None})] * 9, more=", every: 3s, timeout: 6s"
    )
    words = "the job did not end within 6 s: the last reply was 200"
    assert str(played.error) == f"{words}\n  hint: raise poll.timeout"
    assert played.told == ["case::job: waiting, 6 s"]
