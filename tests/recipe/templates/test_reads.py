"""What a template reads is known before it renders."""

from __future__ import annotations

import pytest

from runner.recipe.templates.filling import reads_of


@pytest.mark.parametrize(
    ("source", "names", "sure"),
    [
        ("{{ a }}", "a", "a"),
        ("{{ a.b }} {{ c['d'] }}", "a c", "a c"),
        ("{{ a | upper }}", "a", "a"),
        ("{{ a ~ b }}", "a b", "a b"),
        ("{{ a is defined }}", "a", ""),
        ("{{ a.b is undefined }}", "a", ""),
        ("{{ a | default(b) }}", "a b", ""),
        ("{{ a | d('x') | upper }}", "a", ""),
        ("{{ a | d('x') }} {{ a }}", "a", "a"),
        ("{{ a and b }}", "a b", "a"),
        ("{{ a or b }}", "a b", "a"),
        ("{{ b if a else c }}", "a b c", "a"),
        ("{{ a if a is defined else 1 }}", "a", ""),
        ("{% if a %}{{ b }}{% elif c %}{% else %}{{ d }}{% endif %}", "a b c d", "a"),
        ("{% for x in a %}{{ x }}{{ b }}{{ loop.index }}{% endfor %}", "a b", "a"),
        ("{% set x = 1 %}{{ x }}", "", ""),
        ("{% set x = a %}", "a", ""),
        ("{% set x = a + 1 %}", "a", "a"),
        ("{% macro m(x) %}{{ x }}{{ a }}{% endmacro %}{{ m(b) }}", "a b", ""),
        ("{{ a in b }}", "a b", "a b"),
        ("{{ 1 < a < b }}", "a b", "a"),
        ("{{ range(3) }}", "range", ""),
        ("{{ range }}", "range", ""),
        ("{{ a.get('b') }}", "a", "a"),
        ("{{ [a, {'k': b}] }}", "a b", "a b"),
        ("{{ a[b] }}", "a b", "a b"),
        ("{% raw %}{{ a }}{% endraw %}", "", ""),
        ("{{ '{{ a }}' }}", "", ""),
    ],
)
def test_names(source, names, sure):
    found = reads_of(source)
    assert found.names == set(names.split())
    assert found.sure == set(sure.split())


@pytest.mark.parametrize(
    ("source", "paths", "sure"),
    [
        ("{{ row.a }}", "a", "a"),
        ("{{ row['a b'].c }}", "a b", "a b"),
        ("{{ row.a.b + row.c | int }}", "a,c", "a,c"),
        ("{{ row.a is defined }}", "a", ""),
        ("{{ row.a | default('') }}", "a", ""),
        ("{{ row.a if row.b else '' }}", "a,b", "b"),
        ("{{ row.items() }}", "", ""),
        ("{{ row.a.upper() }}", "a", "a"),
        ("{{ row[x] }}", "", ""),
        ("{{ row }}", "", ""),
        ("{{ other.a }}", "", ""),
        ("{% for row in rows %}{{ row.a }}{% endfor %}", "", ""),
    ],
)
def test_fields(source, paths, sure):
    found = reads_of(source)
    assert {field for name, field in found.paths if name == "row"} == set(
        filter(None, paths.split(","))
    )
    assert {field for name, field in found.sure_paths if name == "row"} == set(
        filter(None, sure.split(","))
    )
