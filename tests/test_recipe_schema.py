"""What is a recipe or a project file, and where a mistake in one is told."""

from __future__ import annotations

import pytest
import yaml

from tests.schemas import places

GOOD = [
    """
    description: All of it.
    tags: [vision, smoke]
    vars: {city: Amsterdam}
    env: [HOME, {LANG: C}]
    endpoint: chat.completions
    model: gpt-4.1
    messages:
      - system: {include: prompts/guide.md}
      - include: context/piet.yaml
      - user:
          - What is this picture of {{ city }}?
          - image: files/canals.png
            detail: low
      - {role: assistant, content: null, tool_calls: []}
      - {tool: sunny, tool_call_id: call_1}
      - {role: user, content: [{type: image_url, image_url: {url: "https://example.org/a.png"}}]}
    params: {temperature: 0, seed: 7}
    tools:
      - get_weather
      - {name: get_time, description: A time., parameters: {zone: {type: string}}, returns: "12"}
      - {type: web_search}
    tool_choice: get_weather
    timeout: {connect: 5, total: 1m}
    x-anything: [1]
    expect:
      - text: {contains: [canal, boat], similar_to: {text: boats, at_least: 0.8}}
      - text: canal
      - json: {data.0.id: x, schema: {file: a.json}, n: {exists: true, length: {at_most: 3}}}
      - usage: {total_tokens: {at_most: 400}}
      - status: {between: [200, 299]}
      - cost: null
      - tool_calls: [{name: get_weather, arguments: {location: {contains: Paris}}}]
      - citations: {min: 2, url: {matches: "^https"}}
      - events: [response.created, {type: response.completed}]
      - image: {format: png, width: 1024, alpha: true}
      - audio: {format: mp3, seconds: {between: [0.5, 30]}}
      - that: "{{ usage.total_tokens < 2 * usage.prompt_tokens }}"
      - judge: {model: gpt-5, rubric: Is it kind, at_least: 0.7}
      - not: {text: {contains: boat}}
    repeat: 5
    pass: 4
    output: [{text: canals.md}, {content: "{{ parsed.svg }}", to: a.svg}]
    collect: {file: results.jsonl, fields: {id: "{{ row_id }}"}}
    matrix: {model: [gpt-4.1, gpt-5.1], voice: "{{ voices }}", exclude: [{voice: nova}]}
    dataset: {file: data/products.csv, id: sku}
    """,
    """
    steps:
      - {name: upload, endpoint: raw, request: {method: POST, path: files}}
      - name: tune
        endpoint: responses
        model: gpt-4.1-mini
        if: "{{ true }}"
        for_each: "{{ rows }}"
        poll: {until: "{{ json.status == 'done' }}", fail_if: "{{ no }}", every: 10s, timeout: 2h}
    finally:
      - {name: tidy, endpoint: responses.delete, id: "{{ steps.upload.json.id }}"}
    """,
    """
    endpoint: "{{ where }}"
    stream: "{{ live }}"
    retries: "{{ tries }}"
    params: {temperature: "{{ warmth }}"}
    messages: "{{ talk }}"
    """,
    "{endpoint: chat.completions, params: {temperature: '{{ t }}', reasoning_effort: brisk}}",
    "{endpoint: raw, request: {method: GET, path: /models, query: {limit: 2}}}",
    "{endpoint: responses, input: [{role: user, content: Hi}], params: {store: false}}",
    "{endpoint: chat.completions, params: {include: params.yaml}}",
]


@pytest.mark.parametrize("text", GOOD)
def test_a_recipe_of_the_contract_is_one(text):
    assert places("editor.json", yaml.safe_load(text)) == []


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("mesages: []", ""),
        ("messages: Hello", "messages"),
        ("messages: {user: Hello}", "messages"),
        ("messages: [Hello]", "messages.0"),
        ("messages: [{usr: Hello}]", "messages.0"),
        ("messages: [{user: Hello, system: Be brief}]", "messages.0"),
        ("messages: [{user: null}]", "messages.0.user"),
        ("messages: [{tool: sunny}]", "messages.0"),
        ("messages: [{user: [{img: a.png}]}]", "messages.0.user.0"),
        (
            "messages: [{role: user, content: [{type: image_url, image_url: 'http://a'}]}]",
            "messages.0.content.0.image_url",
        ),
        ("endpoint: chat.completion", "endpoint"),
        ("timeout: 10 s", "timeout"),
        ("timeout: {conect: 1}", "timeout"),
        ("retries: two", "retries"),
        ("retries: -1", "retries"),
        ("stream: 'yes'", "stream"),
        ("tools: [get weather]", "tools.0"),
        ("tools: [{nme: get_weather}]", "tools.0"),
        ("expect: {text: yes}", "expect"),
        ("expect: [{txt: a}]", "expect.0"),
        ("expect: [{text: a, status: 200}]", "expect.0"),
        ("expect: [{text: {contain: a}}]", "expect.0.text"),
        ("expect: [{latency: {at_most: '5'}}]", "expect.0.latency.at_most"),
        ("expect: [{that: usage.total_tokens}]", "expect.0.that"),
        ("output: {txt: a.md}", "output"),
        ("output: [{content: a}]", "output.0"),
        ("poll: {until: '{{ done }}', evry: 10s}", "poll"),
        ("steps: [{name: a, matrix: {model: [a]}}]", "steps.0.matrix"),
        ("steps: [{name: a b}]", "steps.0.name"),
        ("matrix: {model: gpt-5}", "matrix.model"),
        ("{endpoint: chat.completions, params: {temprature: 0}}", "params"),
        ("{endpoint: chat.completions, params: {temperature: warm}}", "params.temperature"),
        ("{endpoint: chat.completions, params: {messages: []}}", "params.messages"),
        ("steps: [{endpoint: responses, params: {n: 2}}]", "steps.0.params"),
    ],
)
def test_a_mistake_is_told_where_it_stands(text, place):
    assert places("editor.json", yaml.safe_load(text)) == [place]


@pytest.mark.parametrize(
    "text",
    [
        """
        providers:
          local: {base_url: "http://localhost:8080/v1", checks: off, empty_content: omit}
          work:
            kind: azure
            base_url: https://example.openai.azure.com
            api_key: {env: AZURE_OPENAI_API_KEY}
            api_version: 2024-10-21-preview
            models: {gpt-4.1: llama3.3}
            headers: {X-Team: red}
            timeout: {total: 2m}
            limits: {requests_per_minute: 60, tokens_per_minute: 100000, concurrency: 4}
        hooks: [hooks.py]
        vars: {city: Amsterdam}
        defaults: {provider: work, out: out, jobs: 4, max_cost: 2.5}
        checks: warn
        allow_paths: [../common]
        allow_hosts: [files.example.org]
        env_file: .env
        prices: {my-model: {input: 0.000001, output: 0}}
        x-note: anything
        """,
        "{}",
    ],
)
def test_a_project_file_of_the_contract_is_one(text):
    value = yaml.load(text.replace("checks: off", "checks: 'off'"), Loader=yaml.SafeLoader)
    assert places("project.json", value) == []


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("provider: openai", ""),
        ("providers: {a: {kind: opnai}}", "providers.a.kind"),
        ("providers: {a: {api_key: sk-123}}", "providers.a.api_key"),
        ("providers: {a: {api_key: {env: A, file: b}}}", "providers.a.api_key"),
        ("providers: {a: {base_url: localhost}}", "providers.a.base_url"),
        ("providers: {a: {limits: {concurrency: 0}}}", "providers.a.limits.concurrency"),
        ("checks: maybe", "checks"),
        ("hooks: hooks.py", "hooks"),
        ("defaults: {max_cost: free}", "defaults.max_cost"),
        ("prices: {a: {inptu: 1}}", "prices.a"),
    ],
)
def test_a_mistake_in_a_project_file_is_told_where_it_stands(text, place):
    assert places("project.json", yaml.safe_load(text)) == [place]
