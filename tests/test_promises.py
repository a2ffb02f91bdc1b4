"""Each promise of the README names a test that exists."""

from __future__ import annotations

import ast

import pytest

from tests.test_docs import ROOT, quoted, rows

PROMISES = rows("What we promise")


@pytest.mark.parametrize("row", PROMISES, ids=lambda row: row[0][:60])
def test_a_promise_names_its_test(row):
    (named,) = quoted(row[-1])
    file, _, name = named.partition("::")
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    assert name in [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
