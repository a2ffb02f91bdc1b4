"""What stands under `params` of files, jobs and batches, held against the API's own document."""

import pytest

from tests import openapi
from tests.schemas import load, places
from tests.test_endpoint_schemas import api_document, request_fields

EXPIRY = {"anchor": "created_at", "seconds": 3600}
BATCH = {"input_file_id": "f", "endpoint": "/v1/responses", "completion_window": "24h"}
TUNE = {"training_file": "f"}


def tuned(kind, **settings):
    return TUNE | {"method": {"type": kind, kind: {"hyperparameters": settings}}}


@pytest.mark.parametrize(
    ("endpoint", "params"),
    [
        ("files", {"purpose": "fine-tune"}),
        ("files", {"purpose": "newer", "expires_after": EXPIRY}),
        ("files.list", {"purpose": "batch", "limit": 10_000, "order": "asc", "after": "f"}),
        ("fine_tuning.jobs", TUNE | {"suffix": None, "validation_file": None, "seed": 1}),
        ("fine_tuning.jobs", tuned("supervised", n_epochs="auto", batch_size=3)),
        ("fine_tuning.jobs", tuned("dpo", beta=0.1, learning_rate_multiplier=0.5)),
        ("fine_tuning.jobs", TUNE | {"hyperparameters": {"n_epochs": 3}, "metadata": {"a": "b"}}),
        ("fine_tuning.jobs.list", {"limit": 5, "metadata": {"a": "b"}}),
        ("fine_tuning.jobs.events", {"limit": 100, "after": "e"}),
        ("fine-tunes", TUNE | {"n_epochs": 4, "suffix": "x"}),
        ("batches", BATCH | {"metadata": {"a": "b"}, "output_expires_after": EXPIRY}),
        ("batches.list", {"limit": 1}),
        ("fine-tunes.list", {"limit": 1, "after": "ft-1"}),
    ],
)
def test_params_that_the_service_takes_fit(endpoint, params):
    assert places(f"endpoints/{endpoint}.json", params) == []


@pytest.mark.parametrize(
    ("endpoint", "params", "place"),
    [
        ("files", {}, ""),
        ("files", {"purpose": 3}, "purpose"),
        ("files", {"purpose": "batch", "file": "a"}, "file"),
        ("files", {"purpose": "batch", "expires_after": {"seconds": 3600}}, "expires_after"),
        (
            "files",
            {"purpose": "batch", "expires_after": EXPIRY | {"seconds": 60}},
            "expires_after.seconds",
        ),
        ("files.list", {"limit": 0}, "limit"),
        ("files.retrieve", {"limit": 1}, ""),
        ("fine_tuning.jobs", {"suffix": "a"}, ""),
        ("fine_tuning.jobs", TUNE | {"model": "m"}, "model"),
        ("fine_tuning.jobs", TUNE | {"suffix": "x" * 65}, "suffix"),
        ("fine_tuning.jobs", TUNE | {"n_epochs": 3}, ""),
        (
            "fine_tuning.jobs",
            tuned("supervised", n_epochs="many"),
            "method.supervised.hyperparameters.n_epochs",
        ),
        (
            "fine_tuning.jobs",
            tuned("supervised", beta=1),
            "method.supervised.hyperparameters",
        ),
        ("fine_tuning.jobs", TUNE | {"metadata": {"a": 1}}, "metadata.a"),
        ("fine_tuning.jobs.events", {"limit": 101}, "limit"),
        ("fine-tunes", {"n_epochs": 4}, ""),
        ("batches", {"endpoint": "/v1/responses", "completion_window": "24h"}, ""),
        ("batches", BATCH | {"endpoint": 3}, "endpoint"),
        ("batches.cancel", {"reason": "late"}, ""),
    ],
)
def test_a_mistake_in_params_is_refused(endpoint, params, place):
    assert places(f"endpoints/{endpoint}.json", params) == [place]


@pytest.mark.parametrize(
    ("endpoint", "path", "media_type"),
    [
        ("files", "/files", "multipart/form-data"),
        ("fine_tuning.jobs", "/fine_tuning/jobs", "application/json"),
        ("batches", "/batches", "application/json"),
    ],
)
def test_every_field_of_the_api_document_is_known(endpoint, path, media_type):
    document = api_document()
    body = document["paths"][path]["post"]["requestBody"]["content"][media_type]
    asked = request_fields(document, body["schema"])
    assert len(asked) > 2
    assert asked - load(f"endpoints/{endpoint}.json")["properties"].keys() == set()


@pytest.mark.parametrize(
    ("endpoint", "path"),
    [
        ("files.list", "/files"),
        ("fine_tuning.jobs.list", "/fine_tuning/jobs"),
        ("fine_tuning.jobs.events", "/fine_tuning/jobs/{fine_tuning_job_id}/events"),
        ("batches.list", "/batches"),
    ],
)
def test_every_query_field_of_the_api_document_is_known(endpoint, path):
    rows = api_document()["paths"][path]["get"]["parameters"]
    asked = {row["name"] for row in rows if row["in"] == "query"}
    assert asked == set(load(f"endpoints/{endpoint}.json")["properties"])


@openapi.needs_openapi
@pytest.mark.parametrize("kind", ["supervised", "dpo"])
def test_a_method_that_fits_is_the_official_one(kind):
    body = tuned(kind, n_epochs=3) | {"model": "gpt-4.1"}
    assert openapi.request_faults("POST", "/fine_tuning/jobs", body) == []
