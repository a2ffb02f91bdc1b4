"""Values on no list, models that are gone, and the table that says so."""

from __future__ import annotations

import pytest

from runner.protocol.endpoints import MODULES
from runner.protocol.retired import retirement
from runner.protocol.rules import FINDERS, soft_values
from tests.schemas import load

CHAT = "chat.completions"
FAMILIES = load("models.json")


def test_a_value_that_no_list_knows_is_told():
    schema = load(f"endpoints/{CHAT}.json")
    body = {"reasoning_effort": "brisk", "verbosity": "low", "audio": {"voice": "nvoa"}}
    found = soft_values(body, schema)
    assert [refusal.path for refusal in found] == [("reasoning_effort",), ("audio", "voice")]
    assert found[0].message == "'brisk' is not a known value"
    assert found[0].hint == "known are none, minimal, low, medium, high, xhigh, max"
    assert found[1].hint.startswith("did you mean 'nova'? known are ")


@pytest.mark.parametrize(
    ("endpoint", "body", "paths"),
    [
        ("responses", {"include": ["reasoning.encrypted_content", "x"]}, [("include", 1)]),
        ("responses", {"reasoning": {"effort": "brisk"}}, [("reasoning", "effort")]),
        ("responses", {"model": "any", "tools": [{"type": "new"}], "service_tier": None}, []),
        (CHAT, {"audio": {"voice": {"id": "voice_1"}, "format": "ogg"}}, [("audio", "format")]),
        (CHAT, {"metadata": {"a": "b"}, "unheard_of": "x"}, []),
        (
            "responses",
            {"prompt": {"id": "p", "variables": {"a": {"detail": "x"}}}},
            [("prompt", "variables", "a", "detail")],
        ),
    ],
)
def test_soft_lists_are_found_at_any_depth(endpoint, body, paths):
    found = soft_values(body, load(f"endpoints/{endpoint}.json"))
    assert [refusal.path for refusal in found] == paths


TODAY = "2026-11-22"


@pytest.mark.parametrize(
    ("model", "date"),
    [
        ("davinci", "2024-01-04"),
        ("o1-preview", "2025-07-28"),
        ("o1-mini-2024-09-12", "2025-10-27"),
        ("gpt-4o-audio-preview", "2026-05-07"),
        ("dall-e-2", "2026-05-12"),
        ("dall-e-3", "2026-05-12"),
        ("gpt-4o-search-preview", "2026-07-23"),
        ("gpt-4", "2026-10-23"),
        ("gpt-4-turbo", "2026-10-23"),
        ("gpt-3.5-turbo", "2026-10-23"),
        ("o1", "2026-10-23"),
        ("o1-pro", "2026-10-23"),
        ("o3-mini", "2026-10-23"),
        ("o4-mini", "2026-10-23"),
        ("gpt-image-1", "2026-10-23"),
        ("ft:gpt-3.5-turbo-0125:acme::a1", "2026-10-23"),
    ],
)
def test_a_model_that_is_gone_is_told(model, date):
    found = retirement(model, FAMILIES, TODAY)
    assert found is not None
    assert found.path == ("model",)
    assert found.message.startswith(f"{model} was shut down on {date}")


@pytest.mark.parametrize(
    ("model", "date"),
    [
        ("gpt-image-1.5", "2026-12-01"),
        ("gpt-image-1-mini", "2026-12-01"),
        ("chatgpt-image-latest", "2026-12-01"),
        ("gpt-5", "2026-12-11"),
        ("gpt-5-mini", "2026-12-11"),
        ("gpt-5-nano", "2026-12-11"),
        ("o3", "2026-12-11"),
        ("tts-1", "2027-01-06"),
        ("gpt-4o-mini-tts", "2027-01-06"),
        ("gpt-4o", "2027-01-14"),
        ("gpt-4o-mini", "2027-01-14"),
        ("gpt-4.1", "2027-01-14"),
        ("gpt-4.1-mini", "2027-01-14"),
        ("gpt-realtime", "2027-01-20"),
        ("gpt-audio-mini", "2027-01-20"),
        ("whisper-1", "2027-02-26"),
        ("gpt-4o-mini-transcribe", "2027-02-26"),
    ],
)
def test_every_shutdown_has_its_date(model, date):
    assert FAMILIES["shutdowns"][model]["date"] == date
    assert retirement(model, FAMILIES, "2026-10-24") is None


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        ("2026-11-09", None),
        (
            "2026-11-10",
            "gpt-5 will be shut down on 2026-12-11; its successor is gpt-6.1-sol",
        ),
        ("2026-12-10", "gpt-5 will be shut down on 2026-12-11; its successor is gpt-6.1-sol"),
        ("2026-12-11", "gpt-5 was shut down on 2026-12-11; its successor is gpt-6.1-sol"),
    ],
)
def test_the_end_is_told_a_month_ahead(today, expected):
    found = retirement("gpt-5", FAMILIES, today)
    assert (found.message if found else None) == expected


@pytest.mark.parametrize(
    ("model", "successor"),
    [
        ("o1-mini", "gpt-5.6-terra"),
        ("o1-preview", "gpt-5.6-sol"),
        ("dall-e-3", "gpt-image-2.5-sunburst"),
        ("gpt-4o-audio-preview", "gpt-audio-1.5"),
        ("davinci:ft-personal-2023-05-05-15-39-01", "gpt-6-luna"),
        ("gpt-4o-mini-search-preview", "gpt-5-search-api"),
    ],
)
def test_a_successor_that_ended_too_is_followed(model, successor):
    found = retirement(model, FAMILIES, "2026-11-22")
    assert found is not None
    assert found.message.partition("its successor is ")[2] == successor


def test_successors_that_go_round_end_nowhere():
    families = {"shutdowns": {name: {"date": "2020-01-01", "successor": name} for name in "ab"}}
    found = retirement("a", families, "2026-11-22")
    assert found is not None
    assert found.message == "a was shut down on 2020-01-01"


def test_a_snapshot_may_have_a_date_of_its_own():
    found = retirement("gpt-4o-2024-05-13", FAMILIES, TODAY)
    assert found is not None
    assert "2026-10-23" in found.message
    assert retirement("gpt-4o-2024-08-06", FAMILIES, TODAY) is None


@pytest.mark.parametrize("model", ["gpt-6.2-astra", "llama3.3", "", "ft:llama:a:b"])
def test_a_model_without_a_date_goes_on(model):
    assert retirement(model, FAMILIES, TODAY) is None


def test_every_rule_is_one_that_is_read():
    """A rule with a misspelt word would refuse nothing and never be missed."""
    known = {"serves", *FINDERS, "defaults", "trains", "unless", "hint"}
    for family in FAMILIES["families"]:
        assert family.keys() - {"serves"} == {"name", "match", "rules"}
        assert all(endpoint in MODULES for endpoint in family.get("serves", ()))
        for endpoint, rules in family["rules"].items():
            assert endpoint in MODULES
            assert all(rule.keys() <= known for rule in rules)


def test_fields_of_the_rules_are_fields_of_the_endpoint():
    for family in FAMILIES["families"]:
        for endpoint, rules in family["rules"].items():
            fields = {path.split(".")[0] for rule in rules for path in rule.get("fields", ())}
            assert fields <= load(f"endpoints/{endpoint}.json")["properties"].keys()
