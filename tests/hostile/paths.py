"""Recipes that name files they may not read, or write where they may not."""

from __future__ import annotations

from collections.abc import Iterator

from tests.hostile.case import CHAT, HELLO, RUN, SECRET, Hostile

TARGETS = {
    "above": "../outside/secret.txt",
    "absolute": "@ABOVE@/outside/secret.txt",
    "through a link": "link/secret.txt",
    "a link": "leaf.txt",
    "round and round": "loop",
    "a dot-file": ".env",
    "in a dot-folder": ".git/config",
    "a device": "/dev/zero",
    "the environment": "/proc/self/environ",
    "a pipe": "pipe",
    "a folder": "folder",
    "a long name": "a" * 5_000,
    "down and up": "folder/../../outside/secret.txt",
    "an address of a file": "file:///etc/passwd",
    "nul": '"a\\0b"',
    "nothing": '""',
}
READERS = {
    "include": "messages: [{user: {include: PATH}}]\n",
    "file": "messages: [{user: {file: PATH}}]\n",
    "attachments": "messages: [{user: a}]\nattachments: [PATH]\n",
    "image": "messages: [{user: [{image: PATH}]}]\n",
    "audio": "messages: [{user: [{audio: PATH}]}]\n",
    "extends": "messages: [{user: a}]\nextends: PATH\n",
    "schema": "messages: [{user: a}]\nresponse_schema: {file: PATH}\n",
    "rows": "messages: [{user: '{{ row.a }}'}]\ndataset: PATH\n",
}
OUTPUTS = {
    "above": "../o.md",
    "absolute": "@ABOVE@/outside/o.md",
    "a dot-file": ".bashrc",
    "in a dot-folder": "a/.git/hooks/pre-commit",
    "a sidecar": "a.md.run.json",
    "a reserved name": "con.md",
    "a folder": "a/",
    "nothing": '""',
    "a line": '"a\\nb.md"',
    "an escape": '"a\\e[2J.md"',
    "bidi": '"a\\u202egnp.md"',
    "nul": '"a\\0.md"',
    "a separator of a value": "'{{ ''a/../../b'' }}.md'",
    "dots of a value": "'{{ ''..'' }}/b.md'",
    "up in the middle": "a/../../b.md",
    "a link": "gate/o.md",
}
LINKS = {
    "link": "@ABOVE@/outside",
    "leaf.txt": "@ABOVE@/outside/secret.txt",
    "loop": "loop",
    "out/gate": "@ABOVE@/outside",
}
BESIDE = {".env": SECRET, ".git/config": SECRET, "folder/a.txt": "a"}


def _cases() -> Iterator[Hostile]:
    for reader, text in READERS.items():
        for target, path in TARGETS.items():
            files = {"r.recipe.yaml": CHAT + text.replace("PATH", path), **BESIDE}
            yield Hostile(f"{reader}: {target}", files, "r.recipe.yaml:", links=LINKS)
    for target, path in OUTPUTS.items():
        files = {"r.recipe.yaml": f"{HELLO}output: {{text: {path}}}\n", "out/a.md": "old"}
        offline = (*RUN, "--offline")
        yield Hostile(f"output: {target}", files, "output", offline, links=LINKS)
        files = {
            "r.recipe.yaml": f"{HELLO}output: {{text: a.md}}\n"
            f"collect: {{file: {path.replace('.md', '.jsonl')}}}\n"
            "dataset: d.csv\n",
            "d.csv": "a\n1\n",
        }
        yield Hostile(f"collect: {target}", files, "collect", offline, links=LINKS)


CASES = [*_cases()]
