"""The fine-tunes of before 2024 go their way too."""

import pytest

from tests.protocol.simulated.working import Service, jsonl

PAIRS = jsonl({"prompt": "For what team did Piet play?", "completion": "For the Yankees."})


@pytest.fixture
def service():
    return Service()


def begin(service, **fields):
    body = {"model": "davinci", "training_file": service.upload(PAIRS)} | fields
    return service.ask("POST /fine-tunes", body)


def test_a_tune_goes_through_its_states(service):
    tune = begin(service)
    assert (tune["status"], tune["fine_tuned_model"]) == ("pending", None)
    assert tune["training_files"][0]["filename"] == "a.jsonl"
    service.later(10)
    assert service.ask(f"GET /fine-tunes/{tune['id']}")["status"] == "running"
    service.later(30)
    [done] = service.ask("GET /fine-tunes")["data"]
    assert (done["status"], done["fine_tuned_model"]) == (
        "succeeded",
        "davinci:ft-offline-2027-01-15-08-00-00",
    )
    assert [event["message"] for event in done["events"]] == [
        f"Created fine-tune: {tune['id']}",
        "Fine-tune started",
        "Fine-tune succeeded",
    ]


def test_servers_that_list_by_pages_are_like_this_one(service):
    ids = [begin(service, suffix=name)["id"] for name in "ab"]
    page = service.ask("GET /fine-tunes", None, ("limit", "1"))
    assert ([row["id"] for row in page["data"]], page["has_more"]) == ([ids[1]], True)
    rest = service.ask("GET /fine-tunes", None, ("after", ids[1]))
    assert ([row["id"] for row in rest["data"]], rest["has_more"]) == ([ids[0]], False)


def test_its_model_knows_what_it_was_taught(service):
    tune = begin(service, suffix="piet")
    service.later(40)
    model = service.ask(f"GET /fine-tunes/{tune['id']}")["fine_tuned_model"]
    assert model.startswith("davinci:ft-offline-piet-")
    asked = {"model": model, "prompt": "For what team did Piet play?"}
    assert "Yankees" in service.ask("POST /completions", asked)["choices"][0]["text"]


def test_a_failure_can_be_asked_for(service):
    tune = begin(service, suffix="failed")
    service.later(40)
    failed = service.ask(f"GET /fine-tunes/{tune['id']}")
    assert (failed["status"], failed["fine_tuned_model"]) == ("failed", None)
    assert failed["events"][-1]["level"] == "error"


def test_a_file_of_another_account_is_let_pass(service):
    tune = begin(service, training_file="file-cj5I")
    assert tune["training_files"][0]["id"] == "file-cj5I"


def test_what_is_not_there_is_refused(service):
    assert service.refused("POST /fine-tunes", {"model": "davinci"}) == (400, "training_file")
    assert service.refused("GET /fine-tunes/ft-none")[0] == 404
