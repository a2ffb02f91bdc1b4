"""Taint: no value of the environment enters an address, a path or a file name."""

from __future__ import annotations

import pytest

from runner.recipe import build, normal, taint
from tests.recipe.trees import reader, tree

CHAT = "endpoint: chat.completions\n"


def places(text, given=(), declared="env: [A]\n"):
    """The lines and columns of the places that the environment would enter."""
    recipe = build.build("r.yaml", build.keys_of("r.yaml", tree(declared + text), reader()))
    steps = [normal.normal(step.keys) for step in (*recipe.steps, *recipe.finals)]
    found = taint.faults(recipe.keys, steps, frozenset(given))
    return [(fault.mark.line, fault.mark.column) for fault in found if fault.mark]


@pytest.mark.parametrize(
    "text",
    [
        "messages: [{user: [{image: '{{ env.A }}.png'}]}]",
        "messages: [{user: [{image: 'https://a/?k={{ env.A }}'}]}]",
        "messages: [{user: [{file: '{{ env.A }}'}]}]",
        "messages: [{user: [{type: image_url, image_url: {url: 'https://{{ env.A }}'}}]}]",
        "messages: [{include: '{{ env.A }}.md'}]",
        "messages: [{system: {include: '{{ env.A }}.md'}}]",
        "params: {x: {file: '{{ env.A }}.json'}}",
        "response_schema: {file: '{{ env.A }}.json'}",
        "attachments: ['{{ env.A }}.png']",
        "attachments: '{{ env.A }}'",
        "attachments: [{file: '{{ env.A }}', as: image}]",
        "tools: [{type: mcp, server_url: 'https://a/{{ env.A }}'}]",
        "output: {text: '{{ env.A }}.md'}",
        "output: [{text: a.md}, {content: x, to: '{{ env.A }}'}]",
        "request: {path: 'x/{{ env.A }}'}",
        "request: {path: x, query: {key: '{{ env.A }}'}}",
        "id: '{{ env.A }}'",
        "expect: [{text: {equals: {file: '{{ env.A }}'}}}]",
        "matrix: {n: ['{{ env.A }}']}\noutput: {text: '{{ n }}.md'}",
        "matrix: {n: [a], include: [{n: '{{ env.A }}'}]}\noutput: {text: '{{ n }}.md'}",
        "matrix: {n: ['{{ env.A }}']}\nvars: {n: a, m: '{{ n }}'}\noutput: {text: '{{ m }}.md'}",
    ],
)
def test_paths_and_addresses_are_kept_clean(text):
    assert [line for line, _ in places(text)] == [2 + text.count("\n")]


@pytest.mark.parametrize(
    "text",
    [
        "messages: [{user: 'Hi {{ env.A }}'}]",
        "headers: {X-Token: '{{ env.A }}'}",
        "params: {metadata: {path: '{{ env.A }}', to: '{{ env.A }}', file: '{{ env.A }}', x: 1}}",
        "model: '{{ env.A }}'",
        "request: {path: x, body: {path: '{{ env.A }}'}, headers: {X: '{{ env.A }}'}}",
        "output: [{content: '{{ env.A }}', to: a.md}]",
        "tools: [{name: a, returns: '{{ env.A }}'}]",
        "messages: [{user: [{image: '{{ city }}.png'}]}]",
        "attachments: [a.png]\noutput: {text: a.md}\nid: x\n",
    ],
)
def test_what_is_said_may_hold_it(text):
    assert places(f"vars: {{city: x}}\n{text}") == []


def test_it_spreads_through_variables():
    text = """\
    env: [A]
    vars: {clean: 1, a: "{{ env.A }}", b: ["{{ a }}"], c: "{{ clean }}"}
    id: "{{ b }}"
    output: {text: "{{ c }}.md"}
    """
    assert places(text, declared="") == [(3, 5)]


TOLD = """\
steps:
  - {name: one, tools: [{name: t, returns: "{{ env.A }}"}], output: {text: "%s"}}
  - {name: two, vars: {v: "%s"}, id: "{{ v }}"}
  - {name: three, for_each: "{{ steps.one.tool_calls }}", attachments: ["{{ item.%s }}"]}
"""


def test_it_spreads_through_what_a_tool_gives_back():
    result = "{{ steps.one.tool_calls[0].result }}"
    text = TOLD % ("{{ tool_calls[0].result }}.md", result, "result")
    assert [line for line, _ in places(text)] == [3, 4, 5]


def test_what_the_service_says_is_none_of_it():
    text = TOLD % ("a.md", "{{ steps.one.json.id }}", "result")
    assert [line for line, _ in places(text)] == [5]
    assert places(text.replace("env.A", "1")) == []


def test_a_value_of_the_command_line_is_clean():
    text = "vars: {a: '{{ env.A }}', b: '{{ a }}'}\nid: '{{ b }}'\n"
    assert places(text) == [(3, 5)]
    assert places(text, given=["b"]) == []
    assert places(text, given=["a"]) == []


def test_it_spreads_through_a_step_s_variables_and_items():
    text = """\
    env: [A]
    steps:
      - {name: a, vars: {x: "{{ env.A }}"}, id: "{{ x }}"}
      - {name: b, vars: {x: 1}, id: "{{ x }}"}
      - {name: c, for_each: "{{ [env.A] }}", id: "{{ item }}"}
      - {name: d, for_each: "{{ [1] }}", id: "{{ item }}"}
    finally:
      - {name: e, id: "{{ env.A }}"}
    """
    assert [line for line, _ in places(text, declared="")] == [3, 5, 8]


def test_a_variable_may_hide_a_dirty_one():
    text = """\
    env: [A]
    vars: {x: "{{ env.A }}"}
    steps: [{name: a, vars: {x: 1}, id: "{{ x }}"}]
    """
    assert places(text, declared="") == []


def test_secrets_are_values_of_the_environment():
    assert places("id: '{{ env.A }}'", declared="secrets: [A]\n") == [(2, 5)]


def test_without_either_nothing_is_looked_for():
    assert places("id: '{{ env.A }}'", declared="tags: []\n") == []
