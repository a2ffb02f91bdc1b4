"""What image models refuse, by their families."""

import pytest

from runner.protocol import rules
from tests.schemas import load

FAMILIES = load("models.json")


def refused(model: str, body: dict[str, object], endpoint: str = "images.generations") -> list[str]:
    return [".".join(map(str, r.path)) for r in rules.faults(endpoint, model, body, FAMILIES)]


@pytest.mark.parametrize("model", ["gpt-image-1", "gpt-image-2.6-sunburst", "chatgpt-image-latest"])
@pytest.mark.parametrize("endpoint", ["images.generations", "images.edits"])
def test_newer_models_answer_in_base64_alone(model, endpoint):
    assert refused(model, {"response_format": "url"}, endpoint) == ["response_format"]
    assert refused(model, {"output_format": "webp", "quality": "low", "n": 3}, endpoint) == []


@pytest.mark.parametrize(
    ("model", "body", "paths"),
    [
        ("gpt-image-1", {"size": "2048x1024"}, ["size"]),
        ("gpt-image-1-mini", {"size": "1024x1536"}, []),
        ("gpt-image-2", {"size": "2048x1024"}, []),
        ("gpt-image-1.5", {"quality": "max"}, ["quality"]),
        ("gpt-image-2-2026-04-21", {"quality": "max"}, ["quality"]),
        ("gpt-image-2.5-flare", {"quality": "max"}, []),
        ("gpt-image-2.5-flare", {"quality": "hd"}, ["quality"]),
        ("gpt-image-2", {"background": "transparent", "output_format": "jpeg"}, ["background"]),
        ("gpt-image-2", {"background": "transparent", "output_format": "png"}, []),
        ("gpt-image-2", {"background": "transparent"}, []),
        ("gpt-image-2", {"partial_images": 2}, ["partial_images"]),
        ("gpt-image-2", {"partial_images": 2, "stream": True}, []),
        ("gpt-image-2", {"style": "vivid"}, ["style"]),
        ("dall-e-3", {"style": "vivid", "quality": "hd", "size": "1792x1024"}, []),
        ("dall-e-3", {"n": 2}, ["n"]),
        ("dall-e-3", {"output_format": "png", "stream": True}, ["output_format", "stream"]),
        ("dall-e-2", {"size": "1792x1024"}, ["size"]),
        ("flux.1-schnell", {"style": "any", "quality": "hd", "response_format": "url"}, []),
    ],
)
def test_a_family_refuses_what_it_does_not_have(model, body, paths):
    assert refused(model, body) == paths


def test_an_edit_is_no_matter_for_every_model():
    assert refused("dall-e-3", {}, "images.edits") == ["model"]
    assert refused("gpt-image-2", {"input_fidelity": "high"}, "images.edits") == ["input_fidelity"]
    assert refused("gpt-image-1.5", {"input_fidelity": "high"}, "images.edits") == []


def test_only_a_known_family_says_what_a_field_means_that_is_left_out():
    for endpoint in ("images.generations", "images.edits"):
        assert rules.defaults(endpoint, "gpt-image-2.5-flare", FAMILIES) == {"output_format": "png"}
    assert rules.defaults("images.generations", "flux.1-schnell", FAMILIES) == {}
    assert rules.defaults("chat.completions", "gpt-image-2", FAMILIES) == {}


@pytest.mark.parametrize("model", ["gpt-image-2", "gpt-image-2.6-sunburst", "gpt-image-3"])
@pytest.mark.parametrize("endpoint", ["images.generations", "images.edits"])
@pytest.mark.parametrize(
    ("size", "why"),
    [
        ("1000x1024", "width and height must be divisible by 16"),
        ("1600x160", "the aspect ratio must be between 1:3 and 3:1"),
        ("4096x2160", "the maximum supported resolution is 3840x2160"),
        ("2176x2176", "the maximum supported resolution is 3840x2160"),
        ("3840x2160", ""),
        ("2160x3840", ""),
        ("1536x864", ""),
        ("auto", ""),
    ],
)
def test_newer_models_draw_in_sizes_of_their_own(model, endpoint, size, why):
    found = rules.faults(endpoint, model, {"size": size}, FAMILIES)
    told = [f"{model} refuses size {size!r}: {why}"] if why else []
    assert [refusal.message for refusal in found] == told


@pytest.mark.parametrize("endpoint", ["images.generations", "images.edits"])
@pytest.mark.parametrize(
    ("body", "paths"),
    [
        ({"output_compression": 50}, ["output_compression"]),
        ({"output_compression": 50, "output_format": "png"}, ["output_compression"]),
        ({"output_compression": 50, "output_format": "jpeg"}, []),
        ({"output_compression": 100}, []),
    ],
)
def test_a_png_is_not_compressed_with_loss(endpoint, body, paths):
    assert refused("gpt-image-2.6-flare", body, endpoint) == paths
