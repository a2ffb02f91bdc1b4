"""Recipes that are no YAML, or YAML that means harm."""

from __future__ import annotations

from tests.hostile.case import ASK, CHAT, HELLO, Hostile, harmless, recipe

BOMB = "x-a: &a [1,1,1,1,1,1,1,1,1,1]\n" + "".join(
    f"x-{new}: &{new} [{','.join([f'*{old}'] * 10)}]\n"
    for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)
MERGES = "x-a: &a {k0: 1}\n" + "".join(
    f"x-m{n}: &m{n} {{<<: [{', '.join(['*a' if not n else f'*m{n - 1}'] * 9)}], k{n}: 1}}\n"
    for n in range(40)
)
TAGS = (
    "!!python/object/apply:os.system ['touch ran']",
    "!!python/object/new:os.system ['touch ran']",
    "!!python/name:os.system",
    "!!python/module:os",
    "!!python/tuple [1]",
    "!include /etc/passwd",
    "!ENV ${OPENAI_API_KEY}",
    "!!binary aGVsbG8=",
    "!!set {a}",
    "!!timestamp 2020-01-01",
    "!<tag:yaml.org,2002:python/object/apply:os.system> ['touch ran']",
)
ODD = {
    "nul": "\0",
    "escape": "\x1b[2J",
    "bell": "\x07",
    "c1": "\x9b31m",
    "delete": "\x7f",
    "backspaces": "\x08\x08",
}
KEYS = {
    "proto": "__proto__",
    "class": "__class__",
    "escape": '"\\e[31mred"',
    "bidi": '"\\u202eevil"',
    "newline": '"a\\n::error::x"',
    "number": "7",
    "null": "~",
    "list": "[a, b]",
    "mapping": "? {a: b}\n",
    "huge": "k" * 100_000,
    "empty": '""',
    "boolean": "true",
    "dotted": "vars.x",
}

CASES: list[Hostile] = [
    *(recipe(f"tag {tag[:50]}", f"{CHAT}messages: [{{user: {tag}}}]\n") for tag in TAGS),
    *(recipe(f"raw {name}", f"{CHAT}description: a{sign}b\n{ASK}") for name, sign in ODD.items()),
    *(recipe(f"key {name}", f"{HELLO}{key}: 1\n") for name, key in KEYS.items()),
    recipe("alias bomb", HELLO + BOMB),
    recipe("merge bomb", HELLO + MERGES + "x-z: &z {k: 1}\nvars: {a: *m39}\nnope: 1\n"),
    recipe("alias of itself", f"{HELLO}x-a: &a [*a]\n"),
    recipe("alias of itself in a mapping", f"{HELLO}vars: &a {{b: *a}}\n"),
    recipe("deep flow list", f"{HELLO}vars: {{a: {'[' * 5_000}{']' * 5_000}}}\n"),
    recipe("deep flow mapping", f"{HELLO}vars: {'{a: ' * 3_000}1{'}' * 3_000}\n"),
    recipe("deep block", HELLO + "".join(f"{' ' * n}a:\n" for n in range(1, 900))),
    recipe("deep and not closed", f"{HELLO}vars: {'[' * 100_000}"),
    recipe("larger than all recipes", b"#" * (17 << 20), "larger"),
    recipe("utf-16", HELLO.encode("utf-16")),
    recipe("utf-16 without a mark", HELLO.encode("utf-16-le")),
    recipe("utf-32", HELLO.encode("utf-32")),
    recipe("latin-1", HELLO.replace("Hello", "caf\xe9").encode("latin-1")),
    recipe("surrogate in utf-8", b"description: \xed\xa0\x80\n" + HELLO.encode()),
    recipe("overlong utf-8", b"description: \xc0\xaf\n" + HELLO.encode()),
    recipe("a picture", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9),
    recipe("a zip", b"PK\x03\x04" + bytes(1_000)),
    recipe("nothing but nul", bytes(100_000)),
    recipe("duplicate key", f"{HELLO}model: gpt-4o\n"),
    recipe("duplicate key below", f"{HELLO}vars: {{a: 1, a: 2}}\n"),
    recipe("two documents", f"{HELLO}---\n{HELLO}"),
    recipe("yaml directive of the future", f"%YAML 9.9\n---\n{HELLO}", "r.recipe.yaml:1"),
    recipe("tag directive", f"%TAG ! tag:yaml.org,2002:python/\n---\n{HELLO}x-a: !object {{}}\n"),
    recipe("huge number", f"{HELLO}repeat: {'9' * 5_000}\n"),
    recipe("huge hex number", f"{HELLO}repeat: 0x{'f' * 5_000}\n"),
    recipe("number of sixty parts", f"{HELLO}repeat: 1:59:59\n"),
    recipe("endless number", f"{CHAT}{ASK}params: {{temperature: .inf}}\n"),
    recipe("no number", f"{CHAT}{ASK}params: {{temperature: .nan}}\n"),
    recipe("unclosed quote of a megabyte", f'{HELLO}description: "{"x" * 1_000_000}'),
    recipe("a long bad line", f"{HELLO}bad line {'é' * 200_000}: : :\n"),
    recipe("many faults", CHAT + ASK + "".join(f"k{n}: {'v' * 90}\n" for n in range(1_000))),
    recipe(
        "many unknown keys",
        HELLO + "".join(f"expct{n}: 1\n" for n in range(5_000)),
        words=("check", "r.recipe.yaml"),
    ),
    harmless(
        "a long conversation",
        "steps:\n  - {name: s0, endpoint: chat.completions, model: m, messages: [{user: x}]}\n"
        + "".join(
            f"  - {{name: s{n}, continue: s{n - 1}, messages: [{{user: x}}]}}\n"
            for n in range(1, 1_200)
        ),
        words=("check", "r.recipe.yaml"),
    ),
    recipe("a deadline without end", f"{HELLO}timeout: 999999999999999999h\n"),
    recipe("tries without end", f"{HELLO}retries: 999999999999999999999\n"),
    recipe("many faults of one key", f"{CHAT}messages: [{'{who: x}, ' * 1_000}]\n"),
    recipe("repeat for ever", f"{HELLO}repeat: 1000000000\n", ""),
    recipe(
        "matrix without end",
        f"{HELLO}matrix: {{{', '.join(f'v{n}: [1,2,3,4,5,6,7,8,9,0]' for n in range(9))}}}\n",
    ),
    harmless("a hundred thousand comments", "# x\n" * 100_000 + HELLO),
    harmless("ten thousand anchors", HELLO + "".join(f"x-{n}: &a{n} 1\n" for n in range(5_000))),
    harmless("an escape in a text", f'{CHAT}messages: [{{user: "\\e]0;owned\\a\\e[2J"}}]\n'),
    harmless("bidi in a text", f'{CHAT}messages: [{{user: "\\u202eevil\\u2066"}}]\n'),
    harmless("a command for CI", f'{CHAT}messages: [{{user: "\\n::set-output name=a::b"}}]\n'),
    harmless("a description of escapes", f'{HELLO}description: "\\e[31mred\\n::error::x"\n'),
    harmless("a byte order mark", b"\xef\xbb\xbf" + HELLO.encode()),  # type: ignore[arg-type]
    harmless("old line ends", HELLO.replace("\n", "\r")),
]
