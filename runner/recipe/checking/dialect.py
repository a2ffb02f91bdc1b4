"""Dialect: the plain part of JSON Schema, as a schema that our own evaluator can read.

A schema that keeps to it needs no `jsonschema` to be known for sound.
"""

from __future__ import annotations

from typing import Any

_SCHEMA = {"$ref": "#/$defs/schema"}
_SCHEMAS = {"type": "object", "additionalProperties": _SCHEMA}
_LIST = {"type": "array", "minItems": 1, "items": _SCHEMA}
_TEXT = {"type": "string"}
_TRUTH = {"type": "boolean"}
_NUMBER = {"type": "number"}
_SIZE = {"type": "integer", "minimum": 0}
_KIND = {"enum": ["array", "boolean", "integer", "null", "number", "object", "string"]}
_KINDS = {"type": "array", "minItems": 1, "uniqueItems": True, "items": _KIND}
_NAMES = {"type": "array", "uniqueItems": True, "items": _TEXT}

_FIELDS: dict[str, Any] = {
    "$schema": {"const": "https://json-schema.org/draft/2020-12/schema"},
    "type": {"anyOf": [_KIND, _KINDS]},
    "required": _NAMES,
    "dependentRequired": {"type": "object", "additionalProperties": _NAMES},
    "enum": {"type": "array"},
    "examples": {"type": "array"},
    "const": True,
    "default": True,
    "multipleOf": {"type": "number", "exclusiveMinimum": 0},
    **dict.fromkeys(("properties", "patternProperties", "$defs"), _SCHEMAS),
    **dict.fromkeys(("prefixItems", "anyOf", "allOf", "oneOf"), _LIST),
    **dict.fromkeys(("additionalProperties", "propertyNames", "items", "not"), _SCHEMA),
    **dict.fromkeys(("if", "then", "else"), _SCHEMA),
    **dict.fromkeys(("title", "description", "pattern", "format", "$ref", "$comment"), _TEXT),
    **dict.fromkeys(("uniqueItems", "deprecated", "readOnly", "writeOnly"), _TRUTH),
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), _NUMBER),
    **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems"), _SIZE),
    **dict.fromkeys(("minProperties", "maxProperties"), _SIZE),
}

PLAIN: dict[str, Any] = {
    "$ref": "#/$defs/schema",
    "$defs": {
        "schema": {
            "type": ["object", "boolean"],
            "properties": _FIELDS,
            "additionalProperties": False,
        }
    },
}
