"""JSON schemas that fetch, never end, or mean nothing."""

from __future__ import annotations

import json

from tests.hostile.case import CHAT, HELLO, Hostile, harmless, recipe

BAD: dict[str, dict[str, object]] = {
    "remote": {"$ref": "http://127.0.0.1:@PORT@/s.json"},
    "remote of https": {"$ref": "https://json-schema.org/draft/2020-12/schema#/nope"},
    "a file": {"$ref": "file:///etc/passwd"},
    "a file beside": {"$ref": "secret.json"},
    "a file above": {"$ref": "../outside/secret.txt"},
    "a place that is not there": {"$ref": "#/$defs/nothing"},
    "an anchor that is not there": {"$ref": "#nothing"},
    "itself": {"$ref": "#"},
    "round and round": {
        "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}},
        "$ref": "#/$defs/a",
    },
    "a dynamic remote": {"$dynamicRef": "http://127.0.0.1:@PORT@/s.json#a"},
    "an identity elsewhere": {"$id": "http://127.0.0.1:@PORT@/", "$ref": "other.json"},
    "another draft": {"$schema": "http://127.0.0.1:@PORT@/draft", "type": "object"},
    "a pattern that explodes": {"type": "string", "pattern": "^(a+)+$"},
    "a pattern of stars": {"type": "string", "pattern": "(.*)*(.*)*(.*)*x"},
    "a pattern with an echo": {"type": "string", "pattern": r"(a*)*\1b"},
    "a pattern of repeats": {"type": "string", "pattern": "((a{1,999}){1,999}){1,999}"},
    "a broken pattern": {"type": "string", "pattern": "("},
    "a huge pattern": {"type": "string", "pattern": "a{1,65535}" * 100},
    "a pattern of names": {"patternProperties": {"^(a+)+$": {}}},
    "an unknown type": {"type": "thing"},
    "a type of a number": {"type": 7},
    "required of a text": {"required": "a"},
    "properties of a list": {"properties": [1]},
    "a negative length": {"type": "string", "minLength": -1},
    "a schema that doubles": {
        "$defs": {
            "d0": {"type": ["string", "object"]},
            **{f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n - 1}"}] * 2} for n in range(1, 30)},
        },
        "$ref": "#/$defs/d29",
    },
    "a choice that doubles": {
        "$defs": {
            "d0": {"type": "null"},
            **{f"d{n}": {"anyOf": [{"$ref": f"#/$defs/d{n - 1}"}] * 2} for n in range(1, 30)},
        },
        "$ref": "#/$defs/d29",
    },
    "an endless number": {"enum": []},
    "items of a text": {"items": "x"},
}
UNKNOWN = json.loads(
    json.dumps(BAD["a schema that doubles"]).replace(
        '"type": ["string", "object"]', '"contains": {}'
    )
)
MEANT = ("itself", "round and round", "another draft")
STARTS = ["response", "vars", "expect", "tool"]


def _written(where: str, schema: object) -> str:
    text = json.dumps(schema)
    return {
        "response": f"{HELLO}response_schema: {text}\n",
        "vars": f"{HELLO}vars: {{v: {'a' * 40}!}}\n"
        f"vars_schema: {{type: object, properties: {{v: {text}}}}}\n",
        "expect": f"{HELLO}expect: [{{schema: {text}}}]\n",
        "tool": f"{HELLO}tools: [{{name: t, parameters: {text}}}]\n",
    }[where]


SOUND = {
    **{("response", name): 1 for name in ("itself", "round and round", "an endless number")},
    ("response", "another draft"): 3,
    ("response", "a schema that doubles"): 0,
    ("response", "a choice that doubles"): 1,
    **{("tool", f"a {what} that doubles"): 0 for what in ("schema", "choice")},
    ("response", "a pattern that explodes"): 0,
    ("response", "a pattern of stars"): 0,
    ("response", "a pattern of names"): 0,
    ("vars", "a pattern of names"): 0,
    **{("tool", name): 0 for name in (*MEANT, "a pattern of names")},
}
"""Schemas that are not refused, and their ends: they are sent, and replies read in bounds."""


def _case(where: str, name: str, schema: object) -> Hostile:
    made = recipe(f"{where} schema: {name}", _written(where, schema), "")
    if (where, name) not in SOUND:
        return made
    return made._replace(words=("run", "r.recipe.yaml", "--offline"), code=SOUND[where, name])


CASES: list[Hostile] = [
    *(_case(where, name, schema) for where in STARTS for name, schema in BAD.items()),
    harmless(
        "schema of many items",
        f"{HELLO}vars: {{v: '{{{{ range(60000) | list }}}}'}}\n"
        "vars_schema: {type: object, properties: {v: {uniqueItems: true}}}\n",
    ),
    harmless(
        "schema that doubles over variables",
        f"{HELLO}vars: {{v: a}}\nvars_schema: "
        + json.dumps({**BAD["a schema that doubles"], "required": ["v"]})
        + "\n",
    ),
    harmless(
        "schema that doubles over a reply",
        HELLO + f"expect: [{{json: {{schema: {json.dumps(BAD['a schema that doubles'])}}}}}]\n",
    ),
    harmless(
        "schema that nobody decides",
        HELLO + "expect: [not: {json: {schema: " + json.dumps(UNKNOWN) + "}}]\n",
        "takes too long",
        code=1,
    ),
    recipe("matches explodes", f"{HELLO}expect: [{{text: {{matches: '('}}}}]\n"),
    recipe("matches is huge", f"{HELLO}expect: [{{text: {{matches: '{'(a|' * 5_000}'}}}}]\n"),
    recipe("schema of a text", f"{CHAT}messages: [{{user: a}}]\nresponse_schema: text\n"),
]
