"""Simulated models: a list, and one by name."""

from __future__ import annotations

import pytest

from runner.protocol.simulated import simulate
from tests import openapi
from tests.protocol.simulated.asking import error, request, shape_faults, value, world


def get(endpoint: str, path: str):
    return simulate(request(endpoint, path=path, method="GET"), world())


def test_the_list_has_models_of_our_shape():
    found = value(get("models", "/models"))
    assert found["object"] == "list"
    assert len(found["data"]) > 5
    assert [shape_faults("model", one) for one in found["data"]] == [[]] * len(found["data"])
    assert len({one["id"] for one in found["data"]}) == len(found["data"])


@openapi.needs_openapi
def test_both_satisfy_the_official_schema():
    assert openapi.reply_faults("GET", "/models", value(get("models", "/models"))) == []
    one = value(get("models.retrieve", "/models/gpt-4.1"))
    assert openapi.reply_faults("GET", "/models/{model}", one) == []


@pytest.mark.parametrize(
    ("path", "name"),
    [("/models/gpt-4.1", "gpt-4.1"), ("/models/org%2Fmy%20model", "org/my model")],
)
def test_any_name_is_a_model(path, name):
    assert value(get("models.retrieve", path))["id"] == name


def test_a_model_that_ends_says_when():
    assert value(get("models.retrieve", "/models/gpt-4.1"))["shutdown_date"] == "2027-01-14"


def test_one_name_is_no_model():
    assert error(get("models.retrieve", "/models/no-such-model")) == (404, "model_not_found", None)
