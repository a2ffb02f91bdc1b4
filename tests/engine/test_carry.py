"""A provider's requests go to its host, in its words, with its key and nobody else's."""

import json

import pytest

from runner.engine.carry import Carrier, Spoken
from runner.engine.user import access
from runner.errors import SettingsError
from runner.exchange import JsonBody, Request
from runner.model import Secret
from runner.protocol.providers import Provider
from tests.engine.playing import Script, chat
from tests.faults.faults import FAULTS
from tests.faults.server import FaultServer

BODY = JsonBody(
    {"model": "gpt-4.1", "messages": [{"role": "assistant", "content": None, "tool_calls": []}]}
)
REQUEST = Request("POST", "/chat/completions", "chat.completions", BODY, model="gpt-4.1")


@pytest.fixture(scope="module")
def server():
    with FaultServer(FAULTS) as server:
        yield server


@pytest.fixture
def carrier():
    told: list[str] = []
    made = Carrier(told.append, {})
    yield made
    made.close()


def mine(server, key="key-0123456789", **more):
    return Provider("mine", "openai", server.base("none"), Secret(key), key_name="MY_KEY", **more)


def test_a_request_goes_out_with_the_key_and_the_headers(server, carrier):
    provider = mine(server, headers=(("X-A", "b"),))
    reply = carrier(provider).send(REQUEST)
    assert reply.status == 200
    seen = server.log[-1]
    assert seen.path == "/fault/none/chat/completions"
    assert seen.headers["authorization"] == "Bearer key-0123456789"
    assert seen.headers["x-a"] == "b"


def test_a_provider_has_one_transport(server, carrier):
    assert carrier(mine(server)) is carrier(mine(server))
    assert carrier(mine(server)) is not carrier(mine(server, "key-9876543210"))
    assert carrier(mine(server)) is not carrier(mine(server, models={"a": "b"}))


def test_models_have_the_providers_own_names(server, carrier):
    carrier(mine(server, models={"gpt-4.1": "llama3.3"})).send(REQUEST)
    assert json.loads(server.log[-1].body)["model"] == "llama3.3"


@pytest.mark.parametrize(
    ("empty", "message"),
    [
        ("keep", {"role": "assistant", "content": None, "tool_calls": []}),
        ("omit", {"role": "assistant", "tool_calls": []}),
        ("empty", {"role": "assistant", "content": "", "tool_calls": []}),
    ],
)
def test_empty_content_is_told_in_the_providers_way(server, carrier, empty, message):
    carrier(mine(server, empty_content=empty)).send(REQUEST)
    assert json.loads(server.log[-1].body)["messages"] == [message]


def test_a_provider_without_its_key_cannot_be_asked(carrier):
    bare = Provider("mine", "openai", "https://host.example", key_name="MY_KEY")
    assert access.needs(bare)
    with pytest.raises(SettingsError, match="MY_KEY is not set") as caught:
        carrier(bare)
    assert "--offline" in str(caught.value)


def test_the_offline_provider_needs_nothing(carrier):
    offline = Provider("offline", "offline")
    assert carrier(offline).send(REQUEST._replace(body=None, endpoint="models")).status in (
        200,
        400,
    )
    assert carrier(offline) is carrier(offline)


def test_channels_are_in_the_providers_words_too():
    class Opening(Script):
        def open(self, request):
            self.sent.append(request)
            return self

    script = Opening(chat())
    spoken = Spoken(Provider("mine", "openai", models={"gpt-4.1": "other"}), script)
    spoken.open(REQUEST)
    assert script.sent[0].model == "other"
    spoken.close()
