"""Project files, variables, environments, hooks, cassettes and baselines that mean harm."""
# ruff: noqa: E501  a case a line

from __future__ import annotations

import json

from tests.hostile.case import CHAT, HELLO, RUN, Content, Hostile, command, project

PROJECTS: dict[str, Content] = {
    "a tag": "hooks: !!python/object/apply:os.system ['touch ran']\n",
    "a key": "providers: {a: {api_key: sk-0123456789012345}}\n",
    "a key of a file and a variable": "providers: {a: {api_key: {env: A, file: b}}}\n",
    "an address of a file": "providers: {a: {base_url: 'file:///etc/passwd'}}\n",
    "an address of gopher": "providers: {a: {base_url: 'gopher://127.0.0.1'}}\n",
    "an address without a host": "providers: {a: {base_url: 'http://'}}\n",
    "an unknown key": "nope: 1\n",
    "an unknown key of a provider": "providers: {a: {url: x}}\n",
    "an escape": '"\\e[2J": 1\n',
    "a list": "[1]\n",
    "a text": "text\n",
    "a bomb": "x-a: &a [1,1,1,1,1,1,1,1,1]\n"
    + "".join(
        f"x-{n}: &b{n} [{', '.join(['*a' if not n else f'*b{n - 1}'] * 9)}]\n" for n in range(9)
    ),
    "deep": f"vars: {{a: {'[' * 2_000}{']' * 2_000}}}\n",
    "not utf-8": b"vars: {a: \xff}\n",
    "nul": b"vars: {a: \0}\n",
    "jobs without end": "defaults: {jobs: 0}\n",
    "a cost below nothing": "defaults: {max_cost: -1}\n",
    "a cost that is no number": "defaults: {max_cost: .nan}\n",
    "a limit of nothing": "providers: {a: {limits: {requests_per_minute: 0}}}\n",
    "hooks that are not there": "hooks: [nowhere.py]\n",
    "hooks of a folder": "hooks: [.]\n",
    "hooks of a number": "hooks: [7]\n",
    "hosts of an address": "allow_hosts: ['http://a/b']\n",
    "a duplicate key": "vars: {a: 1}\nvars: {b: 2}\n",
    "a price that is none": "prices: {m: {input: free}}\n",
    "a variable that is taken": "vars: {env: 1}\n",
    "a provider that is not there": "defaults: {provider: nobody}\n",
}
VARIABLES: dict[str, Content] = {
    "yaml tag": "a: !!python/name:os.system\n",
    "bomb": "x: &a [1,1]\ny: [" + ", ".join(["*a"] * 9) + "\n",
    "list": "[1, 2]\n",
    "text": "hello\n",
    "nul": b"a: \0\n",
    "not utf-8": b"a: \xff\n",
    "deep": "a: " + "[" * 3_000 + "\n",
    "duplicate": "a: 1\na: 2\n",
}
_RECORDING = """\
cassette: 1
recordings:
  - run: r
    ordinal: 0
    recorded: "2026-01-01T00:00:00Z"
    request: {method: POST, path: /chat/completions, json: {model: gpt-4.1, messages: [{role: user, content: Hello}]}}
    reply: REPLY
"""
_GOOD = "{status: 200, headers: {content-type: application/json}, json: {choices: [{index: 0, message: {role: assistant, content: Hi}, finish_reason: stop}]}}"


def recorded(reply: str = _GOOD) -> str:
    """A cassette of one recording."""
    return _RECORDING.replace("REPLY", reply)


CASSETTES: dict[str, Content] = {
    "traversal": recorded("{status: 200, file: ../../outside/secret.txt}"),
    "absolute": recorded("{status: 200, file: /etc/passwd}"),
    "name without a hash": recorded("{status: 200, file: secret.txt}"),
    "name of a device": recorded("{status: 200, file: /dev/zero}"),
    "name with nul": recorded('{status: 200, file: "0123456789abcdef.b\\0n"}'),
    "body within json elsewhere": recorded(
        "{status: 200, json: {a: b}, parts: [{at: /a, file: ../../outside/secret.txt}]}"
    ),
    "python tag": recorded("!!python/object/apply:os.system ['touch ran']"),
    "unknown key": recorded("{status: 200, run: 'rm -rf'}"),
    "status of text": recorded("{status: ok}"),
    "status out of range": recorded("{status: 99999}"),
    "endless time": recorded("{status: 200, elapsed: .inf, text: a}"),
    "no number of seconds": recorded("{status: 200, elapsed: .nan, text: a}"),
    "pieces that explode": recorded(f"{{status: 200, pieces: '{'1@' * 30_000}x', text: a}}"),
    "no version": "recordings: []\n",
    "version of tomorrow": "cassette: 2\nrecordings: []\n",
    "a list": "[1, 2]\n",
    "a bomb": "cassette: &a [1,1,1]\n"
    + "".join(f"x{n}: [{', '.join(['*a'] * 99)}]\n" for n in range(99)),
    "deep": f"cassette: 1\nrecordings: {'[' * 5_000}\n",
    "not utf-8": b"cassette: \xff\n",
    "nul": b"cassette: 1\0\n",
    "larger than all cassettes": b"#" * (17 << 20),
    "recorded at no time": recorded().replace("2026-01-01", "2026-99-99"),
    "a time of another form": recorded().replace("2026-01-01T00:00:00Z", "yesterday"),
    "ordinal below nothing": recorded().replace("ordinal: 0", "ordinal: -1"),
    "request of nothing": recorded().replace("request: {method", "request: {}\n    x: {method"),
}
SPLIT = 'providers: {a: {headers: {X: "a\\r\\nb: c"}}}\ndefaults: {provider: a}\n'
NAMED = {
    "env_file nowhere.env": "env_file: nowhere.env\n",
    "env_file .": "env_file: .\n",
    "key file of provider a": "providers: {a: {api_key: {file: nowhere}}}\ndefaults: {provider: a}\n",
}
MISSED: dict[str, str] = {
    "another request": recorded().replace("Hello", "Other"),
    "an empty cassette": "cassette: 1\nrecordings: []\n",
    "a redirect": recorded("{status: 302, headers: {location: 'http://127.0.0.1:@PORT@/'}}"),
    "an error with escapes": recorded(
        '{status: 400, json: {error: {message: "\\e[2J\\u202e::error::"}}}'
    ),
    "a body that is no JSON": recorded('{status: 200, text: "<html>\\e[2J"}'),
    "a refusal of escapes": recorded('{refused: {message: "\\e[2J\\u202e"}}'),
    "a download elsewhere": recorded("{status: 503, headers: {retry-after: '1e9'}, text: a}"),
}
BROKEN: dict[str, Content] = {
    "name with a line end": recorded('{status: 200, file: "0123456789abcdef.bin\\n"}'),
    "file that is not there": recorded("{status: 200, file: 0123456789abcdee.bin}"),
    "wrong digest": recorded("{status: 200, file: 0123456789abcdef.bin}"),
    "link as a body": recorded("{status: 200, file: 0123456789abcdea.bin}"),
    "part at no place": recorded(
        "{status: 200, json: {a: b}, parts: [{at: /nope/x, file: 0123456789abcdef.bin}]}"
    ),
}
"""These are found to be broken once they are asked."""
BASELINES: dict[str, Content] = {
    "no json": "{",
    "a list": "[1]",
    "a text": '"text"',
    "of tomorrow": json.dumps({"schema_version": 10**9, "runs": []}),
    "runs of text": json.dumps({"schema_version": 1, "runs": "x"}),
    "a run of a number": json.dumps({"schema_version": 1, "runs": [7]}),
    "a run without steps": json.dumps({"schema_version": 1, "runs": [{"recipe": "r"}]}),
    "deep": "[" * 100_000,
    "not utf-8": b"\xff\xfe{",
    "nul": b"\0" * 1_000,
    "empty": "",
    "a huge number": '{"schema_version": ' + "9" * 10_000 + "}",
    "no number": '{"schema_version": NaN}',
}


FLAGS: dict[str, tuple[tuple[str, ...], str]] = {
    "half a letter as JSON": (("--var", 'a:="\\ud800"'), "--var a:="),
    "bytes that are no text": (("--var", "a=\udcff\udcfe"), "--var a="),
    "a path that is no text": (("--file", "a=\udcff"), "--file a="),
    "no number": (("--var", "a:=NaN"), "--var a:="),
    "deep JSON": (("--var", f"a:={'[' * 9_000}"), "--var a:="),
    "a deadline without end": (("--timeout", "9" * 21 + "h"), "--timeout"),
    "tries without end": (("--retries", "9" * 21), "--retries"),
    "a folder of a long name": (("--out", "a" * 5_000), "folder of outputs"),
    "a name without end": (("--" + "a" * 9_000,), "No such option"),
    "a tag that is no text": (("--tag", "\udcff"), "--tag"),
}


def _cassette(name: str, content: Content, code: int = 2) -> Hostile:
    files = {
        "r.recipe.yaml": HELLO,
        "cassettes/r.yaml": content,
        "cassettes/r/0123456789abcdef.bin": "not what the name says",
    }
    links = {"cassettes/r/0123456789abcdea.bin": "@ABOVE@/outside/secret.txt"}
    words = (*RUN, "--cassette", "replay")
    return Hostile(
        f"cassette: {name}", files, "r.yaml" if code == 2 else "", words, code, links=links
    )


CASES: list[Hostile] = [
    *(
        project(f"project: {name}", text, "hooks" if "hooks of" in name else "runner.yaml")
        for name, text in PROJECTS.items()
    ),
    *(
        Hostile(
            f"variables: {name}",
            {"r.recipe.yaml": HELLO, "v.yaml": text},
            "v.yaml",
            (*RUN, "--vars-file", "v.yaml"),
        )
        for name, text in VARIABLES.items()
    ),
    *(_cassette(name, text) for name, text in CASSETTES.items()),
    *(_cassette(name, text, 3) for name, text in MISSED.items()),
    *(
        _cassette(name, text, 3)._replace(says="cassettes/r.yaml:1:1")
        for name, text in BROKEN.items()
    ),
    Hostile(
        "project: a header of two lines", {"r.recipe.yaml": HELLO, "runner.yaml": SPLIT}, "headers"
    ),
    *(
        Hostile(f"project: {says}", {"r.recipe.yaml": HELLO, "runner.yaml": text}, says)
        for says, text in NAMED.items()
    ),
    *(
        Hostile(
            f"baseline: {name}",
            {"r.recipe.yaml": HELLO, "b.json": text},
            "b.json",
            (*RUN, "--baseline", "b.json"),
        )
        for name, text in BASELINES.items()
    ),
    Hostile(
        "cassette: a link",
        {"r.recipe.yaml": HELLO},
        "r.yaml",
        (*RUN, "--cassette", "replay"),
        links={"cassettes/r.yaml": "@ABOVE@/outside/secret.txt"},
    ),
    Hostile(
        "cassettes: a link",
        {"r.recipe.yaml": HELLO},
        "r.yaml",
        (*RUN, "--cassette", "replay"),
        3,
        links={"cassettes": "@ABOVE@/outside"},
    ),
    *(
        command(f"flag: {name}", *RUN, "--offline", *words, says=says)
        for name, (words, says) in FLAGS.items()
    ),
    Hostile(
        "python beside a recipe",
        {
            "r.recipe.yaml": HELLO,
            **{
                f"{name}.py": "open('ran', 'w')\n"
                for name in ("json", "hooks", "conftest", "sitecustomize", "yaml")
            },
        },
        "",
        (*RUN, "--offline"),
        0,
    ),
    Hostile(
        "a tool that is Python",
        {
            "r.recipe.yaml": f"{CHAT}messages: [{{user: a}}]\ntools: [os.system, hooks.py]\n",
            "hooks.py": "open('ran', 'w')\n",
        },
        "r.recipe.yaml:",
    ),
    Hostile(
        "an env file beside a recipe",
        {
            "r.recipe.yaml": HELLO,
            ".env": "OPENAI_BASE_URL=http://127.0.0.1:9\nOPENAI_API_KEY=a\n",
        },
        "",
        (*RUN, "--offline"),
        0,
    ),
]
