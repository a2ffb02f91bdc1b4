"""The recipes against aimock, a server that others wrote (npm, @copilotkit/aimock)."""

import json
import shutil
import subprocess
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runner import run
from runner.errors import ApiStatusError
from runner.protocol import pictures
from runner.protocol.simulated import images

HERE = Path(__file__).parent
RECIPES = HERE.parent.parent / "recipes"
LLMOCK = shutil.which("llmock")
LISTENING = "listening on "
KEY = "sk-sentinel-0123456789"
PASSING = (
    "audio.speech",
    "audio.transcriptions",
    "audio.translations",
    "batches.list",
    "batches.retrieve",
    "chat.completions",
    "chat.completions.context",
    "chat.completions.image",
    "chat.completions.image-address",
    "chat.completions.reasoning",
    "chat.completions.schema",
    "chat.completions.stream",
    "chat.completions.tools",
    "embeddings",
    "files",
    "files.content",
    "files.delete",
    "files.list",
    "files.retrieve",
    "fine_tuning.jobs.cancel",
    "fine_tuning.jobs.list",
    "fine_tuning.jobs.retrieve",
    "images.edits",
    "images.edits.mask",
    "images.generations.url",
    "models",
    "raw",
    "realtime.text",
    "realtime.tools",
    "responses",
    "responses.stream",
    "responses.tools",
)

WAITING = ("batches", "batches.cancel", "fine_tuning.jobs", "flows/fine-tune")
"""Those that ask again until a job is done."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        LLMOCK is None, reason="no llmock on the PATH (npm install @copilotkit/aimock)"
    ),
]


def made() -> list[dict[str, Any]]:
    """What aimock is to answer with bytes: pictures and sounds that are whole."""
    posters = {"images": [picture(1024, 1536), picture(1024, 1536)]}
    sound = b64encode((RECIPES / "files" / "greeting.mp3").read_bytes()).decode()
    said = {"text": "Hello there.", "usage": {"type": "tokens", "total_tokens": 5}}
    return [
        answering(posters, endpoint="image", userMessage="poster"),
        answering({"image": picture(1024, 1024, "jpeg")}, endpoint="image", userMessage="frozen"),
        answering({"image": picture(1024, 1024)}, endpoint="image"),
        answering({"audio": sound, "format": "mp3"}, endpoint="speech"),
        answering({"transcription": said}, endpoint="transcription"),
        answering({"transcription": said}, endpoint="translation"),
        answering({"embedding": [0.5, 0.25, -1.0]}, endpoint="embedding"),
    ]


def answering(response: dict[str, Any], **match: str) -> dict[str, Any]:
    return {"match": match, "response": response}


def picture(width: int, height: int, kind: str = "png") -> dict[str, str]:
    order = images.Order("canals", 1, width, height, kind, False, ())
    return {"b64Json": b64encode(images.picture(order)).decode()}


@pytest.fixture(scope="module")
def aimock(tmp_path_factory) -> Iterator[str]:
    told = json.loads((HERE / "aimock.json").read_text(encoding="utf-8"))["fixtures"]
    fixtures = tmp_path_factory.mktemp("aimock") / "fixtures.json"
    fixtures.write_text(json.dumps({"fixtures": made() + told}), encoding="utf-8")
    server = subprocess.Popen(
        [str(LLMOCK), "--port", "0", "--fixtures", str(fixtures)],
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


def missed(result) -> list[str]:
    return [check.message for step in result.steps for check in step.checks if not check.passed]


@pytest.mark.parametrize("name", PASSING)
def test_expectations_hold(asked, name):
    result = asked(recipe(name))
    assert not missed(result)
    assert {step.state for step in result.steps} == {"passed"}


@pytest.mark.parametrize("name", WAITING)
def test_jobs_are_waited_for(asked, name, tmp_path):
    """The same recipes, but that they ask again at once."""
    project = shutil.copytree(RECIPES, tmp_path / "recipes")
    path = project / f"{name}.recipe.yaml"
    text = path.read_text(encoding="utf-8")
    for slow in ("every: 10s", "every: 5s"):
        text = text.replace(slow, "every: 20ms")
    assert "every: 20ms" in text
    path.write_text(text, encoding="utf-8")
    result = asked(path)
    assert not missed(result)
    assert {step.state for step in result.steps} == {"passed"}
    assert max(step.answer.requests for step in result.steps if step.answer) > 1


def test_the_pictures_that_come_are_written(asked, tmp_path):
    """aimock leaves out what OpenAI tells of pictures beside them: that alone is missed."""
    [step] = asked(recipe("images.generations")).steps
    assert [check.message for check in step.checks if not check.passed] == [
        "output_format: expected 'png', but there is no 'output_format' in it, "
        "which has the fields 'created, data'"
    ]
    posters = [tmp_path / "images" / f"poster-{number}.png" for number in (1, 2)]
    assert [Path(file.path) for file in step.files] == posters
    looks = [pictures.look(poster.read_bytes()) for poster in posters]
    assert looks == [pictures.Look("image/png", 1024, 1536)] * 2


def test_a_list_is_read_to_its_last_page(asked):
    result = asked(recipe("files.list"))
    [listed] = [step for step in result.steps if step.step == "list"]
    assert listed.answer.requests > 1


def test_base64_vectors_are_those_that_the_server_holds(asked, tmp_path):
    asked(recipe("embeddings"))
    rows = (tmp_path / "embeddings" / "texts.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(row)["embedding"] for row in rows] == [[0.5, 0.25, -1.0]] * 3


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
