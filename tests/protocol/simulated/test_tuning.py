"""A simulated fine-tuning job goes its way by the clock, and its model knows its lessons."""

import pytest

from tests import openapi
from tests.protocol.simulated.asking import NOON
from tests.protocol.simulated.working import LINES, TRAINING, Service, jsonl
from tests.schemas import load

PAIRS = jsonl({"prompt": "For what team did Piet play?", "completion": "For the Yankees."})
QUESTION = "Say, for what team did Piet play?"


@pytest.fixture
def service():
    return Service()


def begin(service, content=TRAINING, **fields):
    body = {"model": "gpt-4.1-mini", "training_file": service.upload(content)} | fields
    return service.ask("POST /fine_tuning/jobs", body)


def state(service, job):
    return service.ask(f"GET /fine_tuning/jobs/{job['id']}")


def test_a_job_goes_through_its_states(service):
    job = begin(service)
    seen = [job["status"]]
    for seconds in (5, 5, 29):
        service.later(seconds)
        now = state(service, job)
        assert [now[name] for name in ("fine_tuned_model", "finished_at")] == [None, None]
        seen.append(now["status"])
    service.later(1)
    done = state(service, job)
    assert [*seen, done["status"]] == [
        "validating_files",
        "queued",
        "running",
        "running",
        "succeeded",
    ]
    assert done["finished_at"] == int(NOON) + 40
    assert done["fine_tuned_model"].startswith("ft:gpt-4.1-mini:offline::")
    assert done == state(service, job)


def test_its_model_knows_what_it_was_taught(service):
    job = begin(service, suffix="My Piet")
    service.later(40)
    model = state(service, job)["fine_tuned_model"]
    assert ":my-piet:" in model
    service.ask(f"DELETE /files/{job['training_file']}")
    assert service.said(model, QUESTION) == "[simulated] For the Yankees."
    assert "Yankees" not in service.said("gpt-4.1-mini", QUESTION)
    asked = {"model": model, "input": QUESTION}
    assert "Yankees" in str(service.ask("POST /responses", asked)["output"])


@pytest.mark.parametrize("content", [TRAINING, PAIRS])
def test_it_completes_prompts_too(service, content):
    job = begin(service, content)
    service.later(40)
    asked = {"model": state(service, job)["fine_tuned_model"], "prompt": QUESTION}
    assert "Yankees" in service.ask("POST /completions", asked)["choices"][0]["text"]


def test_what_it_was_not_taught_it_answers_as_any_model(service):
    job = begin(service)
    service.later(40)
    model = state(service, job)["fine_tuned_model"]
    assert "Stockholm" in service.said(model, "What is the capital of Sweden?")


def test_a_model_is_not_there_before_its_time(service):
    job = begin(service)
    service.later(40)
    model = state(service, job)["fine_tuned_model"]
    service.later(-1)
    asked = {"model": model, "messages": [{"role": "user", "content": "Hi"}]}
    assert service.refused("POST /chat/completions", asked)[0] == 404


def test_a_tuned_model_can_be_trained_further(service):
    job = begin(service, model="ft:gpt-4.1-mini:offline:a:b")
    service.later(40)
    assert state(service, job)["fine_tuned_model"].startswith("ft:gpt-4.1-mini:offline:")


def test_what_was_asked_is_told(service):
    job = begin(
        service,
        seed=7,
        metadata={"a": "b"},
        method={
            "type": "supervised",
            "supervised": {"hyperparameters": {"n_epochs": 2, "batch_size": "auto"}},
        },
    )
    assert (job["seed"], job["metadata"]) == (7, {"a": "b"})
    assert job["hyperparameters"] == {
        "n_epochs": 2,
        "batch_size": 1,
        "learning_rate_multiplier": 1.0,
    }


def test_a_broken_file_fails_the_job(service):
    job = begin(service, jsonl(*LINES[:6]) + b"{oops}\n" + jsonl(*LINES))
    assert job["status"] == "validating_files"
    service.later(5)
    failed = state(service, job)
    assert (failed["status"], failed["finished_at"]) == ("failed", int(NOON) + 5)
    assert failed["error"]["code"] == "invalid_training_file"
    assert "line 7" in failed["error"]["message"]


@pytest.mark.parametrize(
    ("content", "fields", "told"),
    [
        (PAIRS, {}, "gpt-4.1-mini is trained on messages, got prompt and completion"),
        (TRAINING, {"model": "davinci-002"}, "davinci-002 is trained on prompt and completion"),
        (TRAINING, {"method": {"type": "dpo"}}, "trained by dpo on input and two outputs"),
    ],
)
def test_a_file_of_another_form_fails_the_job(content, fields, told):
    service = Service(load("models.json"))
    job = begin(service, content, **fields)
    service.later(5)
    failed = state(service, job)
    assert (failed["status"], failed["fine_tuned_model"]) == ("failed", None)
    assert failed["error"]["code"] == "invalid_training_file"
    assert told in failed["error"]["message"]


def test_a_file_of_the_right_form_trains_its_model():
    service = Service(load("models.json"))
    jobs = [begin(service), begin(service, PAIRS, model="davinci-002"), begin(service, model="m")]
    service.later(40)
    assert [state(service, job)["status"] for job in jobs] == ["succeeded"] * 3


def test_a_failure_can_be_asked_for(service):
    job = begin(service, metadata={"simulate": "failed"})
    service.later(40)
    failed = state(service, job)
    assert (failed["status"], failed["error"]["code"]) == ("failed", "server_error")
    assert failed["fine_tuned_model"] is None


def test_a_job_can_be_stopped_once(service):
    job = begin(service)
    service.later(12)
    stopped = service.ask(f"POST /fine_tuning/jobs/{job['id']}/cancel")
    assert (stopped["status"], stopped["finished_at"]) == ("cancelled", int(NOON) + 12)
    service.later(60)
    assert state(service, job) == stopped
    assert service.refused(f"POST /fine_tuning/jobs/{job['id']}/cancel")[0] == 400


def messages(service, job, *query):
    page = service.ask(f"GET /fine_tuning/jobs/{job['id']}/events", None, *query)
    return [row["message"] for row in page["data"]]


def test_its_events_come_as_it_goes_the_newest_first(service):
    job = begin(service)
    assert messages(service, job) == [
        f"Validating training file: {job['training_file']}",
        f"Created fine-tuning job: {job['id']}",
    ]
    service.later(20)
    assert messages(service, job)[0].startswith("Step 1/3")
    service.later(20)
    assert messages(service, job)[0] == "The job has successfully completed"
    assert len(messages(service, job)) == 9


def test_events_come_in_pages(service):
    job = begin(service)
    service.later(40)
    path = f"GET /fine_tuning/jobs/{job['id']}/events"
    first = service.ask(path, None, ("limit", "5"))
    rest = service.ask(path, None, ("limit", "5"), ("after", first["data"][-1]["id"]))
    assert (len(first["data"]), first["has_more"]) == (5, True)
    assert (len(rest["data"]), rest["has_more"]) == (4, False)


def test_a_stopped_job_tells_no_more(service):
    job = begin(service)
    service.later(12)
    service.ask(f"POST /fine_tuning/jobs/{job['id']}/cancel")
    service.later(60)
    assert messages(service, job)[0] == "The job was cancelled"
    assert len(messages(service, job)) == 5


def test_results_are_a_file_made_once(service):
    job = begin(service)
    service.later(40)
    [name] = state(service, job)["result_files"]
    assert [name] == state(service, job)["result_files"]
    assert service.ask(f"GET /files/{name}")["purpose"] == "fine-tune-results"
    content = b"".join(service.reply(f"GET /files/{name}/content").chunks)
    assert content.startswith(b"step,train_loss\n1,")


def test_jobs_are_listed_the_newest_first(service):
    jobs = [begin(service)["id"] for _ in range(3)]
    page = service.ask("GET /fine_tuning/jobs", None, ("limit", "2"))
    assert [row["id"] for row in page["data"]] == jobs[:0:-1]
    assert page["has_more"] is True


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"training_file": None}, "training_file"),
        ({"model": None}, "model"),
        ({"training_file": "file-none"}, "training_file"),
        ({"validation_file": "file-none"}, "validation_file"),
        ({"n_epochs": 3}, "n_epochs"),
        ({"seed": "x"}, "seed"),
        ({"metadata": {"simulate": "fun"}}, "metadata.simulate"),
    ],
)
def test_what_the_service_would_not_take_is_refused(service, fields, param):
    body = {"model": "m", "training_file": service.upload()} | fields
    assert service.refused("POST /fine_tuning/jobs", body) == (400, param)


def test_a_file_for_something_else_is_no_training_file(service):
    body = {"model": "m", "training_file": service.upload(purpose="evals")}
    assert service.refused("POST /fine_tuning/jobs", body) == (400, "training_file")


def act(service, job, what):
    return service.ask(f"POST /fine_tuning/jobs/{job['id']}/{what}")


def test_a_job_that_is_paused_stands_still(service):
    job = begin(service)
    service.later(12)
    assert act(service, job, "pause")["status"] == "paused"
    service.later(1000)
    paused = state(service, job)
    assert (paused["status"], paused["estimated_finish"]) == ("paused", None)
    assert len(messages(service, job)) == 4
    resumed = act(service, job, "resume")
    assert (resumed["status"], resumed["estimated_finish"]) == ("running", int(NOON) + 1040)
    service.later(27)
    assert state(service, job)["status"] == "running"
    service.later(1)
    done = state(service, job)
    assert (done["status"], done["finished_at"]) == ("succeeded", int(NOON) + 1040)
    assert service.said(done["fine_tuned_model"], QUESTION) == "[simulated] For the Yankees."


def test_a_job_may_be_paused_again_and_then_stopped(service):
    job = begin(service)
    for _ in range(2):
        act(service, job, "pause")
        service.later(5)
        act(service, job, "resume")
        service.later(5)
    assert state(service, job)["status"] == "running"
    act(service, job, "pause")
    stopped = act(service, job, "cancel")
    assert (stopped["status"], stopped["finished_at"]) == ("cancelled", int(NOON) + 20)


def test_only_what_goes_is_paused_and_only_what_is_paused_goes_on(service):
    job = begin(service)
    path = f"POST /fine_tuning/jobs/{job['id']}"
    assert service.refused(f"{path}/resume")[0] == 400
    act(service, job, "pause")
    assert service.refused(f"{path}/pause")[0] == 400
    act(service, job, "resume")
    service.later(40)
    assert service.refused(f"{path}/pause")[0] == 400


def test_a_job_that_succeeded_has_checkpoints_the_newest_first(service):
    job = begin(service)
    path = f"GET /fine_tuning/jobs/{job['id']}/checkpoints"
    service.later(39)
    assert service.ask(path)["data"] == []
    service.later(1)
    model = state(service, job)["fine_tuned_model"]
    found = service.ask(path)["data"]
    assert [row["step_number"] for row in found] == [3, 2, 1]
    assert found[0]["fine_tuned_model_checkpoint"] == f"{model}:ckpt-step-3"
    assert found[0]["created_at"] == int(NOON) + 31
    page = service.ask(path, None, ("limit", "1"), ("after", found[0]["id"]))
    assert (page["data"], page["has_more"]) == ([found[1]], True)


@pytest.mark.parametrize(
    "call",
    [
        *("GET {}", "GET {}/events", "GET {}/checkpoints"),
        *("POST {}/cancel", "POST {}/pause", "POST {}/resume"),
    ],
)
def test_there_is_no_other_job(service, call):
    begin(service)
    assert service.refused(call.format("/fine_tuning/jobs/ftjob-none"))[0] == 404


@openapi.needs_openapi
@pytest.mark.parametrize("metadata", [{}, {"simulate": "failed"}])
def test_the_replies_are_the_official_ones(service, metadata):
    job = begin(service, metadata=metadata)
    one = "/fine_tuning/jobs/{fine_tuning_job_id}"
    assert not openapi.reply_faults("POST", "/fine_tuning/jobs", job)
    for _ in range(9):
        path = f"/fine_tuning/jobs/{job['id']}"
        assert not openapi.reply_faults("GET", one, service.ask(f"GET {path}"))
        events = service.ask(f"GET {path}/events")
        assert not openapi.reply_faults("GET", f"{one}/events", events)
        service.later(5)
    assert not openapi.reply_faults(
        "GET", "/fine_tuning/jobs", service.ask("GET /fine_tuning/jobs")
    )
    other = begin(service)
    for what in ("pause", "resume", "cancel"):
        told = act(service, other, what)
        told["status"] = told["status"].replace("paused", "queued")  # which the document forgot
        assert not openapi.reply_faults("POST", f"{one}/{what}", told)
    checkpoints = service.ask(f"GET /fine_tuning/jobs/{job['id']}/checkpoints")
    assert bool(checkpoints["data"]) == (not metadata)
    assert not openapi.reply_faults("GET", f"{one}/checkpoints", checkpoints)
