"""The official client, sync and async, drives every endpoint of `runner serve`."""

import asyncio
import base64
import io
import json
import time

import pytest

from tests.serve.conftest import KEY

openai = pytest.importorskip("openai", reason="openai (extra client) is not installed")

# What the client deprecates of itself is no matter of ours.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

ASK = [{"role": "user", "content": "What is the capital of Sweden?"}]
WEATHER = {
    "name": "get_weather",
    "parameters": {"type": "object", "properties": {"location": {"type": "string"}}},
}
LINES = "".join(
    json.dumps({"messages": [*ASK, {"role": "assistant", "content": f"Stockholm {i}"}]}) + "\n"
    for i in range(10)
).encode()


class Waiting:
    """The asynchronous client with a synchronous face: every call is awaited."""

    def __init__(self, target, loop):
        self._target = target
        self._loop = loop

    def __getattr__(self, name):
        return Waiting(getattr(self._target, name), self._loop)

    def __call__(self, *args, **named):
        return self._loop.run_until_complete(self._called(args, named))

    async def _called(self, args, named):
        found = self._target(*args, **named)
        if hasattr(found, "__await__"):
            found = await found
        if hasattr(found, "__aiter__"):
            return [item async for item in found]
        return found


@pytest.fixture(params=["sync", "async"])
def client(request, served):
    named = {"api_key": KEY, "base_url": served, "max_retries": 0}
    if request.param == "sync":
        with openai.OpenAI(**named) as made:
            yield made
        return
    loop = asyncio.new_event_loop()
    made = openai.AsyncOpenAI(**named)
    yield Waiting(made, loop)
    loop.run_until_complete(made.close())
    loop.close()


def test_chat(client):
    told = client.chat.completions.create(model="gpt-6-luna", messages=ASK)
    assert "Stockholm" in told.choices[0].message.content
    assert told.usage.total_tokens > 0


def test_chat_streamed(client):
    events = client.chat.completions.create(model="gpt-6-luna", messages=ASK, stream=True)
    text = "".join(event.choices[0].delta.content or "" for event in events if event.choices)
    assert "Stockholm" in text


def test_chat_tools(client):
    messages = [{"role": "user", "content": "What is the weather like in Paris?"}]
    tools = [{"type": "function", "function": WEATHER}]
    first = client.chat.completions.create(model="m", messages=messages, tools=tools)
    (call,) = first.choices[0].message.tool_calls
    assert json.loads(call.function.arguments) == {"location": "Paris"}
    result = {"role": "tool", "tool_call_id": call.id, "content": "18 degrees"}
    messages += [first.choices[0].message.model_dump(exclude_none=True), result]
    second = client.chat.completions.create(model="m", messages=messages, tools=tools)
    assert "18 degrees" in second.choices[0].message.content


def test_responses(client):
    told = client.responses.create(model="gpt-6-luna", input=ASK[0]["content"])
    assert "Stockholm" in told.output_text
    assert client.responses.retrieve(told.id).id == told.id
    client.responses.delete(told.id)
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(told.id)


def test_responses_streamed(client):
    events = list(client.responses.create(model="m", input=ASK[0]["content"], stream=True))
    assert events[0].type == "response.created"
    assert "Stockholm" in events[-1].response.output_text


def test_responses_in_the_background(client):
    told = client.responses.create(model="m", input="A long story.", background=True)
    assert told.status == "queued"
    assert client.responses.cancel(told.id).status == "cancelled"


def test_models(client):
    assert "gpt-6-luna" in [model.id for model in client.models.list()]
    assert client.models.retrieve("gpt-6-luna").id == "gpt-6-luna"


def test_texts(client):
    told = client.completions.create(model="m", prompt=ASK[0]["content"], max_tokens=50)
    assert "Stockholm" in told.choices[0].text
    vector = client.embeddings.create(model="m", input="a dog", dimensions=16).data[0].embedding
    assert len(vector) == 16
    assert client.moderations.create(input="I will kill you").results[0].flagged


def test_images(client):
    made = client.images.generate(model="gpt-image-2.6-flare", prompt="a cat", size="1024x1024")
    picture = base64.b64decode(made.data[0].b64_json)
    assert picture.startswith(b"\x89PNG")
    edited = client.images.edit(
        model="gpt-image-2.6-flare", image=("a.png", picture, "image/png"), prompt="a hat"
    )
    assert base64.b64decode(edited.data[0].b64_json).startswith(b"\x89PNG")


def test_speech_and_back(client):
    spoken = client.audio.speech.create(
        model="gpt-4o-mini-tts", voice="nova", input="Hello there", response_format="wav"
    )
    assert spoken.content.startswith(b"RIFF")
    sound = ("a.wav", spoken.content)
    heard = client.audio.transcriptions.create(model="gpt-transcribe", file=sound)
    assert heard.text
    told = client.audio.translations.create(model="whisper-1", file=sound)
    assert told.text


def test_the_items_of_a_response(client):
    first = client.responses.create(model="gpt-6-luna", input="Hello", store=True)
    second = client.responses.create(
        model="gpt-6-luna", input=ASK, previous_response_id=first.id, store=True
    )
    [item] = client.responses.input_items.list(first.id)
    assert (item.role, item.content[0].text) == ("user", "Hello")
    items = list(client.responses.input_items.list(second.id, limit=1, order="asc"))
    assert [item.role for item in items] == ["user", "assistant", "user"]
    assert items[-1].content[0].text == ASK[0]["content"]


def test_files(client):
    made = client.files.create(file=("a.jsonl", io.BytesIO(LINES)), purpose="fine-tune")
    assert made.id in [file.id for file in client.files.list()]
    assert client.files.retrieve(made.id).bytes == len(LINES)
    assert client.files.content(made.id).content == LINES
    assert client.files.delete(made.id).deleted


def test_fine_tuning(client):
    file = client.files.create(file=("a.jsonl", io.BytesIO(LINES)), purpose="fine-tune")
    job = client.fine_tuning.jobs.create(model="gpt-4.1-mini", training_file=file.id)
    assert job.id in [one.id for one in client.fine_tuning.jobs.list()]
    assert client.fine_tuning.jobs.retrieve(job.id).id == job.id
    assert list(client.fine_tuning.jobs.list_events(job.id))
    assert list(client.fine_tuning.jobs.checkpoints.list(job.id)) == []
    assert client.fine_tuning.jobs.pause(job.id).status == "paused"
    assert client.fine_tuning.jobs.resume(job.id).status != "paused"
    assert client.fine_tuning.jobs.cancel(job.id).status == "cancelled"


def test_batches(client):
    body = {"model": "gpt-6-luna", "messages": ASK}
    line = {"custom_id": "a", "method": "POST", "url": "/v1/chat/completions", "body": body}
    content = (json.dumps(line) + "\n").encode()
    file = client.files.create(file=("b.jsonl", io.BytesIO(content)), purpose="batch")
    batch = client.batches.create(
        input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h"
    )
    assert batch.id in [one.id for one in client.batches.list()]
    assert client.batches.retrieve(batch.id).endpoint == "/v1/chat/completions"
    assert client.batches.cancel(batch.id).status in ("cancelling", "cancelled")


def test_realtime(served):
    pytest.importorskip("websockets", reason="websockets is not installed")
    with (
        openai.OpenAI(api_key=KEY, base_url=served) as client,
        client.realtime.connect(model="gpt-realtime-2.1") as talk,
    ):
        talk.session.update(session={"type": "realtime", "output_modalities": ["text"]})
        content = [{"type": "input_text", "text": ASK[0]["content"]}]
        talk.conversation.item.create(item={"type": "message", "role": "user", "content": content})
        talk.response.create()
        text = ""
        for event in talk:
            if event.type == "response.output_text.delta":
                text += event.delta
            if event.type == "response.done":
                break
    assert "Stockholm" in text


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("status=503", openai.InternalServerError),
        ("status=404", openai.NotFoundError),
        ("quota", openai.RateLimitError),
        ("cut", openai.APIConnectionError),
    ],
)
def test_faults_come_when_asked_for(client, fault, error):
    with pytest.raises(error):
        client.chat.completions.create(model="m", messages=ASK, extra_headers={"X-Fault": fault})


def test_a_slow_answer_is_whole(client):
    start = time.monotonic()
    told = client.chat.completions.create(
        model="m", messages=ASK, extra_headers={"X-Fault": "slow"}
    )
    assert "Stockholm" in told.choices[0].message.content
    assert time.monotonic() - start > 0.3


def test_only_the_key_lets_in(served):
    with (
        openai.OpenAI(api_key="another", base_url=served, max_retries=0) as client,
        pytest.raises(openai.AuthenticationError),
    ):
        client.models.list()


@pytest.mark.parametrize("version", ["2024-10-21"])
def test_azure_s_dated_routes_are_understood(served, version):
    root = served.removesuffix("/v1")
    with openai.AzureOpenAI(
        api_key=KEY, azure_endpoint=root, api_version=version, max_retries=0
    ) as client:
        told = client.chat.completions.create(model="my-deployment", messages=ASK)
    assert told.model == "my-deployment"
