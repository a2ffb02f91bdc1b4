"""Any body that a command may send comes back, field for field."""

import json
import shlex
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from runner.engine.commands import importing
from runner.engine.commands.show import call
from runner.engine.suite import Suite
from runner.engine.user.options import Options
from runner.exchange import JsonBody
from runner.recipe.normal import ROLES

BASE = "https://api.openai.com/v1"
TEXT = some.text(
    some.sampled_from("ab é{}%#'\"\\$`\n\t-:|>&*!?0=[]") | some.characters(codec="utf-8"),
    max_size=12,
)
WORDS = some.sampled_from(["file", "include", "role", "type", "text", "content", "name", "user"])
SCALAR = some.none() | some.booleans() | some.integers(-9, 10**12) | some.floats(-2, 2) | TEXT
ANY = some.recursive(
    SCALAR,
    lambda inner: (
        some.lists(inner, max_size=3) | some.dictionaries(WORDS | TEXT, inner, max_size=3)
    ),
    max_leaves=6,
)
PART = some.one_of(
    some.fixed_dictionaries({"type": some.just("text"), "text": TEXT}),
    some.fixed_dictionaries(
        {
            "type": some.just("image_url"),
            "image_url": some.fixed_dictionaries(
                {
                    "url": some.sampled_from(
                        ["https://a.b/c.png?d=e", "data:image/png;base64,aaaa", "x"]
                    )
                },
                optional={"detail": some.sampled_from(["low", "odd"])},
            ),
        }
    ),
    some.fixed_dictionaries({"type": some.just("file"), "file": some.just({"file_id": "f-1"})}),
    some.just({"type": "refusal", "refusal": "no"}),
    ANY,
)
MESSAGE = some.one_of(
    some.fixed_dictionaries(
        {
            "role": some.sampled_from(["user", "system", "developer", "assistant", "tool"]),
            "content": TEXT | some.lists(PART, max_size=3) | some.none(),
        },
        optional={"name": TEXT, "tool_call_id": TEXT},
    ),
    ANY,
)
SHAPE = some.one_of(
    some.just({"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}),
    some.just({"type": "object"}),
    some.just({"type": "object", "properties": {"a": {"description": "{{ x }}"}}}),
    some.just({"a": {"type": "string"}}),
    ANY,
)
FUNCTION = some.fixed_dictionaries(
    {"name": some.sampled_from(["look", "get_it", "auto", "a b"])},
    optional={
        "description": TEXT,
        "parameters": SHAPE,
        "strict": some.booleans() | some.none(),
        "other": ANY,
    },
)
TOOLS = some.lists(
    FUNCTION.map(lambda one: {"type": "function", "function": one})
    | FUNCTION.map(lambda one: {"type": "function", **one})
    | some.sampled_from([{"type": "web_search"}, {"type": "custom", "custom": {"name": "c"}}, {}]),
    max_size=3,
)
CHOICE = some.sampled_from(
    [
        *("auto", "none", "required", "look", None),
        {"type": "function", "function": {"name": "look"}},
        {"type": "function", "name": "look"},
        {"type": "web_search"},
    ]
)
OTHERS: dict[str, some.SearchStrategy[Any]] = {
    "stream": some.booleans() | some.none(),
    "temperature": some.floats(-1, 3) | TEXT | some.none(),
    "metadata": ANY,
    "stop": ANY,
    "new_field": ANY,
    "tool_choice": CHOICE,
    "tools": TOOLS | ANY.filter(lambda value: not isinstance(value, dict)),
}


def are_items(value: Any) -> bool:
    """Whether no item is a message as recipes write it, which is none of the API's."""
    items = value if isinstance(value, list) else ()
    return not any(isinstance(item, dict) and {*item} & {*ROLES} for item in items)


ASKED: dict[str, dict[str, some.SearchStrategy[Any]]] = {
    "chat/completions": {"model": TEXT, "messages": some.lists(MESSAGE, max_size=3) | ANY},
    "responses": {
        "model": TEXT,
        "input": (TEXT | some.lists(MESSAGE, max_size=3) | ANY).filter(are_items),
    },
    "completions": {"model": TEXT, "prompt": ANY},
    "embeddings": {"model": TEXT, "input": ANY},
    "images/generations": {"model": TEXT, "prompt": ANY, "n": some.integers(1, 3)},
    "audio/speech": {"model": TEXT, "input": TEXT.filter(bool), "voice": TEXT},
    "fine_tuning/jobs": {"model": TEXT, "training_file": TEXT},
    "batches": {"input_file_id": TEXT, "endpoint": TEXT, "completion_window": TEXT},
    "something/new": {"model": TEXT},
}
SLOW = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large]


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)


def sent(command):
    """The first request of an imported command, and the recipe's text."""
    text = importing.recipe(command, Path(), "2026-11-22").text
    Path("one.recipe.yaml").write_text(text, encoding="utf-8")
    suite = Suite(Options(), lambda text: None)
    return call(suite.checked("one.recipe.yaml")), text


def comes_back(path, body):
    made, text = sent(f"curl {BASE}/{path} --json {shlex.quote(json.dumps(body))}")
    assert (made.method, made.url) == ("POST", f"{BASE}/{path}"), text
    assert isinstance(made.body, JsonBody)
    assert made.body.value == body, text


@pytest.mark.parametrize("path", ASKED)
@settings(max_examples=10, derandomize=True, suppress_health_check=SLOW)
@given(some.data())
def test_a_body_comes_back(path, data):
    comes_back(path, data.draw(some.fixed_dictionaries(ASKED[path], optional=OTHERS)))


@pytest.mark.slow
@pytest.mark.parametrize("path", ASKED)
@settings(max_examples=60, derandomize=True, suppress_health_check=SLOW)
@given(some.data())
def test_many_bodies_come_back(path, data):
    comes_back(path, data.draw(some.fixed_dictionaries(ASKED[path], optional=OTHERS)))


ODD: list[object] = [None, [], {}, 1]


@pytest.mark.parametrize("kind", ODD)
def test_a_part_of_no_kind_comes_back(kind):
    parts = [{"type": kind, "text": "a"}]
    comes_back("chat/completions", {"model": "m", "messages": [{"role": "user", "content": parts}]})


@settings(max_examples=20, derandomize=True, suppress_health_check=SLOW)
@given(some.dictionaries(some.sampled_from(["limit", "after", "order", "x", "y[]", "z[a]"]), TEXT))
def test_a_query_comes_back(pairs):
    wanted = urlencode(pairs)
    made, text = sent(f"curl '{BASE}/files?{wanted}'")
    assert sorted(made.url.partition("?")[2].split("&")) == sorted(wanted.split("&")), text
