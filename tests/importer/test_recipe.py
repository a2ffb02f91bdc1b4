"""What a command becomes, key by key."""

from __future__ import annotations

from typing import Any

import pytest

from runner.engine.user import settings
from runner.errors import RecipeError
from runner.importer.recipe import Imported, Source, imported

BASE = "https://api.openai.com/v1"
CHAT = f"{BASE}/chat/completions"
HELLO = '{"model": "m", "messages": [{"role": "user", "content": "Hi"}]}'
KEYS: dict[str, Any] = {"endpoint": "chat.completions", "model": "m", "messages": [{"user": "Hi"}]}


def made(command: str, files: dict[str, bytes] | None = None, up: str = "") -> Imported:
    def read(path: str) -> bytes:
        return (files or {})[path]

    return imported(
        Source(command, "f", up), read, lambda name: settings.table(f"endpoints/{name}.json")
    )


def tree(command: str, **files: bytes) -> dict[str, Any]:
    return made(command, {name.replace("_", "."): body for name, body in files.items()}).tree


@pytest.mark.parametrize(
    "flags",
    [
        f"-d '{HELLO}'",
        f"--data '{HELLO}'",
        f"--data-raw '{HELLO}'",
        f"--data-binary '{HELLO}'",
        f"--json '{HELLO}'",
        f"-d'{HELLO}'",
        f"-XPOST -sSL -d '{HELLO}'",
        f"-H 'Content-Type: application/json' -d '{HELLO}'",
        f"--request POST --silent --compressed -w '%{{http_code}}' -d '{HELLO}'",
        "-d @b.json",
        "--data-binary @b.json",
        '-d "$(cat b.json)"',
        f"-d @- <<'E'\n{HELLO}\nE",
        f"-d @- <<< '{HELLO}'",
    ],
)
def test_a_body_is_found_however_it_is_given(flags):
    assert tree(f"curl {CHAT} {flags}", b_json=HELLO.encode()) == KEYS


def test_a_body_of_a_here_document_keeps_its_variables():
    body = HELLO.replace('"m"', '"$MODEL"').replace("Hi", "$WHAT")
    found = tree(f'MODEL=m\nWHAT=${{1:-"Hi"}}\ncurl {CHAT} -d "$(cat <<E\n{body}\nE\n)"')
    assert found == {
        "vars": {"MODEL": "m", "WHAT": "Hi"},
        **KEYS,
        "model": "{{ MODEL }}",
        "messages": [{"user": "{{ WHAT }}"}],
    }


def test_a_value_that_grows_is_whole_and_one_that_holds_itself_is_refused():
    body = HELLO.replace("'", "")
    grown = f"B='{body[:20]}'\nB=\"${{B}}\"'{body[20:]}'\ncurl {CHAT} -d \"$B\""
    assert tree(grown) == KEYS
    with pytest.raises(RecipeError, match="holds itself"):
        made(f"A=$B\nB=$(echo $A)\ncurl {CHAT} -d $A")


def test_a_body_that_is_piped_in_or_assigned_is_found():
    assert tree(f"echo '{HELLO}' | curl -d @- {CHAT}") == KEYS
    assert tree(f"BODY='{HELLO}'\nURL={CHAT}\ncurl $URL -d \"$BODY\"") == KEYS


@pytest.mark.parametrize(
    ("call", "keys"),
    [
        (f"{BASE}/models", {"endpoint": "models"}),
        (f"{BASE}/models/gpt-4.1", {"endpoint": "models.retrieve", "model": "gpt-4.1"}),
        (f"{BASE}/files?limit=3", {"endpoint": "files.list", "params": {"limit": 3}}),
        (f"-G {BASE}/files -d limit=3", {"endpoint": "files.list", "params": {"limit": 3}}),
        (f"-X DELETE {BASE}/files/f-1", {"endpoint": "files.delete", "id": "f-1"}),
        (f"{BASE}/files/f-1/content", {"endpoint": "files.content", "id": "f-1"}),
        (f"-X POST {BASE}/batches/b/cancel", {"endpoint": "batches.cancel", "id": "b"}),
        (
            f"{BASE}/fine_tuning/jobs/j/events?after=e",
            {"endpoint": "fine_tuning.jobs.events", "id": "j", "params": {"after": "e"}},
        ),
        (
            f'{BASE}/vector_stores -d \'{{"name": "x"}}\'',
            {
                "endpoint": "raw",
                "request": {"method": "POST", "path": "vector_stores", "body": {"name": "x"}},
            },
        ),
        (
            f"-X PUT '{BASE}/a/b?c=d'",
            {"endpoint": "raw", "request": {"method": "PUT", "path": "a/b", "query": {"c": "d"}}},
        ),
    ],
)
def test_the_endpoint_is_told_by_method_and_path(call, keys):
    assert tree(f"curl {call}") == keys


@pytest.mark.parametrize(
    ("flags", "keys"),
    [
        ("-m 60", {"timeout": 60}),
        ("--connect-timeout 2.5", {"timeout": {"connect": 2.5}}),
        ("-m 60 --connect-timeout 2", {"timeout": {"connect": 2, "total": 60}}),
        ("--retry 3", {"retries": 3}),
        ("-H 'X-A: b'", {"headers": {"X-A": "b"}}),
        ("-A me", {"headers": {"User-Agent": "me"}}),
        ("-H 'X-Team: '$TEAM", {"headers": {"X-Team": "{{ TEAM }}"}}),
        ("-H 'OpenAI-Organization: '$OPENAI_ORG_ID", {}),
        ("-H 'OpenAI-Project: proj_1'", {}),
        ("-H 'Accept-Encoding: gzip' -H 'Host: x'", {}),
        ("-o a/reply.json", {"output": {"body": "a/reply.json"}}),
        ("-o out/reply.json", {"output": {"body": "reply.json"}}),
        ("> reply.json", {"output": {"body": "reply.json"}}),
        ("| jq . > reply.json", {"output": {"json": "reply.json"}}),
        ("| jq -r '.choices[0].message.content' > a.md", {"output": {"text": "a.md"}}),
        ("| tee reply.json", {"output": {"body": "reply.json"}}),
        ("| jq .", {}),
        ("-o /dev/null -s", {}),
        ("2> errors.txt", {}),
    ],
)
def test_what_else_a_command_says_has_its_key(flags, keys):
    found = tree(f"curl {CHAT} -d '{HELLO}' {flags}")
    assert {key: found[key] for key in found if key not in (*KEYS, "vars_schema")} == keys


@pytest.mark.parametrize(
    ("flags", "secret"),
    [
        ("-H 'Authorization: Bearer sk-abcdefghijklmnop1234'", None),
        ("-H 'api-key: 0123456789abcdef0123456789abcdef'", None),
        ('-H "Authorization: Bearer $MY_KEY"', None),
        ("-u 'user:abcdefghijklmnop1234'", None),
        ("--oauth2-bearer abcdefghijklmnop1234", None),
        ("-b 'session=abcdefghijklmnop1234'", None),
        ("-H 'Cookie: session=abcdefghijklmnop1234'", None),
        ("-H 'X-Api-Key: abcdefghijklmnop1234'", "X_API_KEY"),
        ("-H 'X-Auth: abcdefghijklmnop1234'", "X_AUTH"),
        ("-H 'X-Other: sk-abcdefghijklmnop1234'", "API_TOKEN"),
        ('-H "X-Other: $GATEWAY_TOKEN"', "GATEWAY_TOKEN"),
    ],
)
def test_no_key_gets_into_a_recipe(flags, secret):
    found = made(f"MY_KEY=sk-abcdefghijklmnop1234\ncurl {CHAT} -d '{HELLO}' {flags}")
    assert "abcdefghijklmnop1234" not in str(found)
    assert "0123456789abcdef" not in str(found)
    assert found.tree.get("secrets") == ([secret] if secret else None)


def test_a_key_in_an_address_or_a_body_is_left_out_or_masked():
    found = made("curl 'https://me:abcdefghij@host/v1/models?api-key=abcdefghij'")
    assert found.tree == {"endpoint": "models"}
    assert "abcdefghij" not in str(found)
    body = HELLO.replace("Hi", "sk-abcdefghijklmnop1234")
    assert tree(f"curl {CHAT} -d '{body}'")["messages"] == [{"user": "{{ env.API_TOKEN }}"}]
    tool = '{"type": "mcp", "server_label": "a", "authorization": "abcdefghij"}'
    found = made(f'curl {CHAT} -d \'{HELLO[:-1]}, "tools": [{tool}], "user": "abc"}}\'')
    assert found.tree["tools"][0]["authorization"] == "{{ env.AUTHORIZATION }}"
    assert found.tree["secrets"] == ["AUTHORIZATION"]


@pytest.mark.parametrize(
    ("part", "short"),
    [
        ('{"type": "text", "text": "a"}', "a"),
        (
            '{"type": "image_url", "image_url": {"url": "https://a.b/c", "detail": "low"}}',
            {"image": "https://a.b/c", "detail": "low"},
        ),
        (
            '{"type": "image_url", "image_url":'
            ' {"url": "data:image/png;base64,\'"$(base64 -i a.png)"\'"}}',
            {"image": "a.png"},
        ),
        (
            '{"type": "input_audio", "input_audio":'
            ' {"data": "\'$(base64 -w0 a.wav)\'", "format": "wav"}}',
            {"audio": "a.wav"},
        ),
        (
            '{"type": "file", "file": {"filename": "a.pdf",'
            ' "file_data": "data:application/pdf;base64,\'$(base64 d/a.pdf)\'"}}',
            {"file": "d/a.pdf"},
        ),
        ('{"type": "file", "file": {"file_id": "f-1"}}', {"file_id": "f-1"}),
    ],
)
def test_a_part_that_a_recipe_can_say_shorter_is(part, short):
    body = '{"model": "m", "messages": [{"role": "user", "content": [' + part + "]}]}"
    assert tree(f"curl {CHAT} -d '{body}'")["messages"] == [{"user": [short]}]


def test_pictures_of_responses_become_messages():
    image = '{"type": "input_image", "image_url": "data:image/png;base64,\'$(base64 a.png)\'"}'
    text = '{"type": "input_text", "text": "What is it?"}'
    body = f'{{"model": "m", "input": [{{"role": "user", "content": [{text}, {image}]}}]}}'
    found = tree(f"curl {BASE}/responses -d '{body}'")
    assert found["messages"] == [{"user": ["What is it?", {"image": "a.png"}]}]
    assert "input" not in found


@pytest.mark.parametrize(
    ("body", "keys"),
    [
        ('{"prompt": "\'"$P"\'", "n": $N}', {"prompt": "{{ P }}", "params": {"n": "{{ N }}"}}),
        (
            '{"prompt": "a", "odd": {"file": "b"}, "n": "x"}',
            {"prompt": "a", "extra": {"odd": "{{ {'file': 'b'} }}", "n": "x"}},
        ),
        ('{"prompt": "{{ a }}"}', {"prompt": "{{ '{' }}{ a }}"}),
    ],
)
def test_what_a_body_says_is_said_under_its_key(body, keys):
    body = body.replace("$N", "'$N'")
    found = tree(f"curl {BASE}/images/generations -d '{body}'")
    assert {key: found.get(key) for key in keys} == keys


def test_variables_are_declared_with_their_types():
    found = tree(
        f'N=2\ncurl {BASE}/images/generations -d "{{\\"prompt\\": \\"$P\\", \\"n\\": $N}}"'
    )
    assert found["vars"] == {"N": 2}
    assert found["vars_schema"] == {"properties": {"P": {"type": "string"}}, "required": ["P"]}


def test_a_form_becomes_attachments_and_typed_fields():
    form = "-F image[]=@a.png -F 'image[]=@\"b;c.png\";type=image/png' -F mask=@m.png -F n=2"
    found = tree(f"curl {BASE}/images/edits {form} -F 'prompt=a; b' -F size=auto -F user=@u")
    assert found["attachments"] == [
        *("a.png", "b;c.png", {"file": "m.png", "as": "mask"}, {"file": "u", "as": "user"}),
    ]
    assert (found["prompt"], found["params"]) == ("a", {"n": 2, "size": "auto"})


def test_lists_of_a_form_are_lists():
    form = "-F file=@a.mp3 -F model=m -F timestamp_granularities[]=word -F temperature=0.20"
    found = tree(f"curl {BASE}/audio/transcriptions {form} -F 'timestamp_granularities[]=segment'")
    assert found["params"] == {"timestamp_granularities": ["word", "segment"]}
    assert found["extra"] == {"temperature": "0.20"}


@pytest.mark.parametrize(
    ("url", "keys", "comment"),
    [
        (
            "https://r.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-10-21",
            {"provider": "azure", "model": "d"},
            'api_version: "2024-10-21"',
        ),
        (
            "https://r.openai.azure.com/openai/v1/chat/completions",
            {"provider": "azure", "model": "m"},
            'api_version: "v1"',
        ),
        ("http://localhost:8080/v1/chat/completions", {"model": "m"}, "http://localhost:8080/v1"),
        ("https://g.com/openai/v1/chat/completions", {"model": "m"}, "https://g.com/openai/v1"),
        ("http://h/api/chat/completions", {"model": "m"}, "base_url: http://h/api"),
        ("$OPENAI_BASE_URL/chat/completions", {"model": "m"}, ""),
    ],
)
def test_another_service_is_told_in_comments_and_never_in_the_recipe(url, keys, comment):
    found = made(
        f"curl '{url}' -d '{HELLO}'".replace("'$", '"$').replace("ns' -d", 'ns" -d')
        if "$" in url
        else f"curl '{url}' -d '{HELLO}'"
    )
    assert found.tree["endpoint"] == "chat.completions"
    assert {key: found.tree.get(key) for key in keys} == keys
    assert comment in "\n".join(found.comments)
    assert bool(found.comments) == bool(comment)
    assert "://" not in str(found.tree)


def test_the_key_s_variable_is_told():
    found = made('curl http://h/v1/models -H "Authorization: Bearer $H_KEY"')
    assert "    api_key: {env: H_KEY}" in "\n".join(found.comments)
    found = made(f'curl {BASE}/models -H "Authorization: Bearer $MINE"')
    assert found.warnings == ("the key is read from OPENAI_API_KEY, not from MINE",)


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("curl", "has no address"),
        (f"curl {CHAT} -d", "curl's -d wants a value"),
        (f"curl {CHAT} -d '{{\"a\": }}'", "the body is no JSON"),
        (f"curl {CHAT} -d @-", "the body comes from a file that is not known here"),
        (f"curl {BASE}/unknown -F a=@b", "takes no form"),
        ("curl wss://api.openai.com/v1/realtime", "a WebSocket cannot be imported"),
        (f"curl -T a.png {BASE}/files", "--upload-file cannot be imported"),
        (f"curl -X PURGE {BASE}/files", "the method PURGE"),
        ("curl \ue000", "private use"),
    ],
)
def test_what_no_recipe_can_say_is_refused(command, message):
    with pytest.raises(RecipeError, match=message):
        made(command)


@pytest.mark.parametrize(
    ("flags", "warning"),
    [
        ("-x http://p", "--proxy is left out: set HTTPS_PROXY"),
        ("--unknown-flag", "--unknown-flag is left out: the runner has nothing like it"),
        (f"{BASE}/models", f"{BASE}/models is left out: one address is imported at a time"),
        (
            "-H 'OpenAI-Project: a'",
            "OpenAI-Project is left out: set OPENAI_PROJECT_ID in its place",
        ),
        ("-o ~/x.json", "~/x.json does not lie below out/: the reply goes to x.json"),
    ],
)
def test_what_is_left_out_is_told(flags, warning):
    assert warning in made(f"curl {BASE}/models {flags}").warnings
