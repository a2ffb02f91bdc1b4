"""The recipes against aimock, a server that others wrote (npm, @copilotkit/aimock)."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from runner import run
from runner.errors import ApiStatusError

HERE = Path(__file__).parent
RECIPES = HERE.parent.parent / "recipes"
LLMOCK = shutil.which("llmock")
LISTENING = "listening on "
KEY = "sk-sentinel-0123456789"
PASSING = (
    "chat.completions",
    "chat.completions.context",
    "chat.completions.image",
    "chat.completions.image-address",
    "chat.completions.reasoning",
    "chat.completions.schema",
    "chat.completions.stream",
    "chat.completions.tools",
    "models",
    "raw",
    "responses",
    "responses.stream",
    "responses.tools",
)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        LLMOCK is None, reason="no llmock on the PATH (npm install @copilotkit/aimock)"
    ),
]


@pytest.fixture(scope="module")
def aimock() -> Iterator[str]:
    server = subprocess.Popen(
        [str(LLMOCK), "--port", "0", "--fixtures", str(HERE / "aimock.json")],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert server.stdout is not None
    try:
        said = next((line for line in server.stdout if LISTENING in line), "")
        assert said, "aimock did not start"
        yield said.partition(LISTENING)[2].strip() + "/v1"
    finally:
        server.terminate()
        server.communicate(timeout=10)


@pytest.fixture
def asked(aimock, monkeypatch, tmp_path):
    """Run a recipe with only the base URL changed."""
    monkeypatch.setenv("OPENAI_BASE_URL", aimock)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    return lambda path, **flags: run(path, out=tmp_path, **flags)


def recipe(name: str) -> Path:
    return RECIPES / f"{name}.recipe.yaml"


@pytest.mark.parametrize("name", PASSING)
def test_expectations_hold(asked, name):
    result = asked(recipe(name))
    missed = [check.message for step in result.steps for check in step.checks if not check.passed]
    assert not missed
    assert [step.state for step in result.steps] == ["passed"]


@pytest.mark.parametrize("name", ["chat.completions.tools", "responses.tools"])
def test_tool_results_go_back_to_the_model(asked, name):
    answer = asked(recipe(name)).steps[0].answer
    assert answer.text == "It is 18 degrees in Paris, with light rain."
    assert [json.loads(call.output)["temperature"] for call in answer.tool_calls] == [18]
    assert answer.requests == 2


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "chat.completions.stream",
            "To ensure that artificial general intelligence benefits all of humanity.",
        ),
        ("responses.stream", "Amsterdam."),
    ],
)
def test_a_stream_gives_the_whole_answer(asked, name, text):
    answer = asked(recipe(name)).steps[0].answer
    assert answer.text == text
    assert answer.ttft is not None
    assert answer.request_id.startswith("req-")


def test_usage_and_price_are_read(asked):
    answer = asked(recipe("chat.completions")).steps[0].answer
    used = answer.usage
    assert used["input_tokens"] == used["prompt_tokens"] > 0
    assert used["total_tokens"] == used["input_tokens"] + used["output_tokens"]
    assert answer.cost > 0


def test_a_model_without_a_price_has_an_unknown_cost(asked):
    result = asked(recipe("raw"), vars={"chat_model": "a-model-of-its-own"})
    answer = result.steps[0].answer
    assert answer.model == "a-model-of-its-own"
    assert answer.cost is None


def test_a_refusal_for_the_rate_says_so(asked, tmp_path):
    path = tmp_path / "limit.recipe.yaml"
    path.write_text(
        "endpoint: chat.completions\nmodel: m\nmessages: [{user: over the limit}]\nretries: 0\n"
    )
    with pytest.raises(ApiStatusError, match=r"answered 429 \(rate_limit_error\): Slow down"):
        asked(path)


def test_what_the_server_does_not_have_is_told(asked):
    with pytest.raises(ApiStatusError, match=r"answered 404 \(not_found\): Not found") as caught:
        asked(recipe("models.retrieve"))
    assert KEY not in str(caught.value)
    assert "has this server what the path names?" in caught.value.hint
