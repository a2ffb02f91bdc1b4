"""In the text of a file a fault is marked where its template stands."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.errors import FileMark, Mark
from runner.recipe import template
from runner.recipe.source import Map
from runner.recipe.templates.filling import Text, mark_in
from tests.ending import ends_within


def placed(source, **wanted):
    """The line, the column and the words that a text of a file is marked at."""
    mark = mark_in(Text(source, (), FileMark("p.md", 1, 1)), **wanted)
    assert mark is not None
    line = re.split("\r\n|\r|\n", source)[mark.line - 1]
    return mark.line, mark.column, line[mark.column - 1 :][: mark.width]


@pytest.mark.parametrize(
    ("source", "line", "column"),
    [
        ("{{ v }}", 1, 4),
        ("v: {{ v }}", 1, 7),
        ("v: {{ v | e }}", 1, 7),
        ("v {{ w }} v\n{{ w.v }}{{ v.w }}", 2, 13),
        ("v {{ w }} v\n{{ w.v ~ v.w }}", 2, 10),
        ("Hello\n{{\n  v }}", 3, 3),
        ("v\n{{\n\n  w\n ~ v }}", 5, 4),
        ("v\r\n{{ w }}\rv {{ v }}", 3, 6),
        ("{% if v %}v{% endif %}", 1, 7),
        ("{%- if w -%}  \n v {%- endif %}\n{{ v }}", 3, 4),
        ("{# {{ v }} #}{{ v }}", 1, 17),
        ("{% raw %}{{ v }}{% endraw %}{{ v }}", 1, 32),
        ("{{ 'v' ~ v }}", 1, 10),
        ("{{ '}} v' ~ v }}", 1, 13),
        ("{{ {'v': {'w': 1}}[v] }}", 1, 20),
        ("{{ w | v }}{{ v }}", 1, 15),
        ("{{ dict(v=v) }}", 1, 11),
        ("{{ 1 if v == 2 }}", 1, 9),
        ("{{ vv ~ v }}", 1, 9),
    ],
)
def test_in_a_file_a_name_is_marked_where_a_template_reads_it(source, line, column):
    assert placed(source, name="v") == (line, column, "v")


@pytest.mark.parametrize(
    ("source", "line", "place"),
    [
        ("a {{ b }}\nc {%- if d %}", 2, (2, 3, "{%-")),
        ("a\n{# b #} {{ c }} {{ d }}", 2, (2, 9, "{{")),
        ("{{ a |\n  b }} {{ c }}", 2, (2, 8, "{{")),
        ("{{ a |\n  b }}", 2, (2, 3, "b")),
        ("{{ a |\n\n b }}", 2, (2, 1, "")),
        ("a {{ b", 1, (1, 3, "{{")),
        ("a {# b", 1, (1, 3, "{#")),
        ("a\nb {{ c }}", 0, (2, 3, "{{")),
        ("{# a #}", 0, (1, 1, "{")),
    ],
)
def test_in_a_file_a_line_is_marked_at_its_first_template(source, line, place):
    """Without one it is marked at its first word; without a line the first of all is."""
    assert placed(source, line=line) == place


BRACED = ("{{ v }}", "{{ w | e }}", "{{- v -}}", "{% raw %}", "{% endraw %}")
SIGNS = ("v", *"{}%#=|.\"' ", "\n", "\r\n", "\r")


@given(st.lists(st.sampled_from(BRACED + SIGNS)).map("".join))
def test_whatever_a_file_holds_its_marks_point_at_what_they_mean(source):
    """Also of a text that is no template: its fault has a place too."""
    assert placed(source, name="v")[2] in {"v", "{{", "{%", "{{-", "{#", source[:1].strip("\r\n")}


def test_what_is_no_file_keeps_its_mark():
    mark = Mark("r.yaml", 3, 7)
    assert mark_in(Text("a\n{{ v }}", (), mark), 2) == mark
    assert mark_in(Text("a\n{{ v }}", (), mark), name="v") == mark


def test_the_places_of_many_names_are_found_in_one_walk():
    text = "".join(f"{{{{ n{count} }}}}" for count in range(30_000))
    tree = Map()
    tree.put("a", text, (Mark("r.yaml", 1, 1), FileMark("p.md", 1, 1)))
    with ends_within(10):
        assert len(template.names(tree)) == 30_000
