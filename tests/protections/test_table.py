"""The table of protections fits the code and the tests, and what is taken out is noticed."""

from __future__ import annotations

import ast
from functools import cache

import pytest

from tests.protections.table import PROTECTIONS
from tests.protections.taken import ROOT, copied, without
from tests.test_docs import quoted, rows

SAMPLES = ("where a redirect of a download leads is judged like its first address",)


@cache
def named_in(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("one", PROTECTIONS, ids=lambda one: one.what)
def test_a_protection_stands_once_and_has_its_test(one):
    assert (ROOT / one.file).read_text(encoding="utf-8").count(one.code) == 1
    assert one.without != one.code
    file, _, name = one.test.partition("::")
    assert name.partition("[")[0] in named_in(file)


def test_each_promise_can_be_taken_out():
    taken = {one.test.partition("[")[0] for one in PROTECTIONS}
    assert not [row[0] for row in rows("What we promise") if quoted(row[-1])[0] not in taken]


def test_no_two_protections_are_described_alike():
    assert len({one.what for one in PROTECTIONS}) == len(PROTECTIONS)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return copied(tmp_path_factory.mktemp("copy"))


@pytest.mark.slow
@pytest.mark.parametrize("what", SAMPLES)
def test_what_is_taken_out_is_noticed(what, project):
    (one,) = (one for one in PROTECTIONS if one.what == what)
    found = without(one, project)
    assert found.noticed, found.told


@pytest.mark.slow
def test_what_changes_nothing_is_not_noticed(project):
    (one,) = (one for one in PROTECTIONS if one.what == SAMPLES[0])
    assert not without(one._replace(without=one.code + "\n"), project).noticed
