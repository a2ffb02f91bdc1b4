"""One text keeps its type, shows values as JSON, renders once, and says what is wrong."""

from __future__ import annotations

from types import MappingProxyType
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.recipe import template
from tests.recipe.filled import CONTEXT, fault, render


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("{{ n }}", 3),
        ("{{n}}", 3),
        ("  {{ n }}\n", 3),
        ("{{- n -}}", 3),
        ("{{ half }}", 0.5),
        ("{{ yes }}", True),
        ("{{ nothing }}", None),
        ("{{ items }}", [1, "é", None]),
        ("{{ row.deep }}", {"er": [10, 20]}),
        ("{{ row.deep.er[1] }}", 20),
        ("{{ row['id'] }}", 7),
        ("{{ n + 1 }}", 4),
        ("{{ n == 3 }}", True),
        ('{{ "}}" }}', "}}"),
        ("{{ '{{ n }}' }}", "{{ n }}"),
        ("{{ '1_000' }}", "1_000"),
        ("{{ '7' }}", "7"),
        ("{{ [n, yes] }}", [3, True]),
        ("{{ {'a': (n, nothing)} }}", {"a": [3, None]}),
        ("{{ range(3) }}", [0, 1, 2]),
        ("{{ row.deep.keys() }}", ["er"]),
        ("{{ items | map('string') }}", ["1", "é", "null"]),
        ("{{ result }}", "mine"),
        ("{{ result ~ '!' }}", "mine!"),
        ("{{ blank }}", ""),
        ("{{ '<' | escape }}", "&lt;"),
    ],
)
def test_a_value_that_is_wholly_one_expression_keeps_its_type(source, value):
    made = render(source)
    assert made == value
    assert type(made) is type(value)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{{ n }}{{ n }}", "33"),
        ("{{ n }} {{ n }}", "3 3"),
        ("n: {{ n }}", "n: 3"),
        ("{{ yes }}, {{ no }}, {{ nothing }}", "true, false, null"),
        ("={{ half }}", "=0.5"),
        ("={{ items }}", '=[1, "é", null]'),
        ("={{ row.deep }}", '={"er": [10, 20]}'),
        ("={{ (n, yes) }}", "=[3, true]"),
        ("={{ row.deep.items() }}", '=[["er", [10, 20]]]'),
        ("{{ n ~ yes ~ nothing ~ items }}", '3truenull[1, "é", null]'),
        ("={{ yes | string }}", "=true"),
        ("={{ [yes, nothing] | join('-') }}", "=true-null"),
        ("={{ '<b>' }} & {{ '<b>' | tojson }}", '=<b> & "<b>"'),
        ("a\n{{ n }}\n\n", "a\n3\n\n"),
        ("{% if yes %}{{ n }}{% else %}-{% endif %}", "3"),
        ("{% for i in range(3) %}{{ loop.index }}/{{ loop.length }} {% endfor %}", "1/3 2/3 3/3 "),
        ("{% for k, v in row.deep.items() %}{{ k }}={{ v }}{% endfor %}", "er=[10, 20]"),
        ("{% for i in [1, 2, 3] if i > 1 %}{{ i }}{% else %}none{% endfor %}", "23"),
        ("{% macro m(x) %}<{{ x }}{{ caller() }}>{% endmacro %}{% call m(n) %}!{% endcall %}",
         "<3!>"),
        ("{% set j = joiner(',') %}{% for i in [1, 2] %}{{ j() }}{{ i }}{% endfor %}", "1,2"),
        ("{% set c = cycler('a', 'b') %}{{ c.next() }}{{ c.next() }}{{ c.next() }}", "aba"),
        ("{% for i in [1, 2] %}{{ loop.cycle('a', 'b') }}{% endfor %}", "ab"),
        ("{% set ns = namespace(t=0) %}{% for i in [1, 2] %}{% set ns.t = ns.t + i %}{% "
        "endfor %}{{ ns.t }}", "3"),
        ("{% with a = n %}{{ a }}{% endwith %}{% filter upper %}x{% endfilter %}", "3X"),
        ("{% set b %}[{{ n }}]{% endset %}{{ b }}", "[3]"),
        ("{% raw %}{{ n }}{% endraw %}{# gone #}", "{{ n }}"),
        ("{% for i in [1, [2, [3]]] recursive %}{{ loop(i) if i is iterable else i }}{% "
        "endfor %}", "123"),
        ("{{ '%s-%03d' % ('a', 7) }} {{ '{:>4}'.format(n) }} {{ '%s' | format(n) }}",
         "a-007    3 3"),
        ("{{ '%(a)s' % {'a': 1} }}{{ 7 % 4 }} {{ 2 ** 3 }} {{ 'ab' * 2 }} {{ [1] + [2] }}",
         "13 8 abab [1, 2]"),
        ("={{ 'x' if no }}", "="),
        ("{{ n in [1, 3] }} {{ 'id' in row }} {{ 'b' in 'abc' }} {{ items == items }}",
         "true true true true"),
        ("{{ text[1:] }} {{ items[::-1] }}", 'örd [null, "é", 1]'),
        ("{{ text.upper() }} {{ 'a,b'.split(',') }} {{ text.replace('w', 'v') }}",
         'WÖRD ["a", "b"] vörd'),
    ],
)  # fmt: skip
def test_mixed_text_shows_values_as_json(source, text):
    assert render(source) == text


@pytest.mark.parametrize("name", ["items", "keys", "copy"])
def test_a_field_comes_before_a_method(name):
    assert render(f"{{{{ row.{name} }}}}") == CONTEXT["row"][name]
    assert render(f"={{{{ row.{name} }}}}{{{{ '' }}}}") == f"={CONTEXT['row'][name]}"


@pytest.mark.parametrize(
    "source",
    ["{{ row.values }}", "={{ row.values }}", "{{ text.upper }}", "={{ text.upper }}{{ n }}",
     "{{ range }}", "{{ [row.get] }}", "={{ {'a': row.get} }}", "{{ dict }}",
     "{% macro m() %}{% endmacro %}{{ m }}"],
)  # fmt: skip
def test_to_render_a_method_is_an_error(source):
    assert "function" in fault(source).message


class Point(NamedTuple):
    x: int
    y: str


def test_records_are_read_by_name_and_shown_as_mappings():
    assert render("{{ p.x }}", p=Point(1, "b")) == 1
    assert render("{{ p['y'] }}{{ p.y }}", p=Point(1, "b")) == "bb"
    assert render("={{ p }}", p=Point(1, "b")) == '={"x": 1, "y": "b"}'
    assert fault("{{ p._fields }}", p=Point(1, "b")).message.endswith("has no '_fields'")


def test_any_mapping_will_do():
    view = MappingProxyType({"a": MappingProxyType({"b": 1})})
    assert template.render("{{ a.b }} {{ a }}", view) == '1 {"b": 1}'


@given(st.text())
def test_a_text_without_braces_is_itself(text):
    text = text.replace("{", "")
    assert template.render(text, {}) == text


@given(
    st.text() | st.lists(st.sampled_from(["{{ 7 }}", "{{", "{% x %}", "{#", "a"])).map("".join),
    st.sampled_from(["{{ v }}", "{{ v | trim('') }}", "{{ d.v }}"]),
)
def test_data_passes_unchanged(value, source):
    assert template.render(source, {"v": value, "d": {"v": value}}) == value
    assert template.render(f"<{source}>", {"v": value, "d": {"v": value}}) == f"<{value}>"


@pytest.mark.parametrize("data", ["{{ secret }}", "{% for %}", "{# x", "{{ 7 * 7 }}", "{{"])
@pytest.mark.parametrize(
    "source", ["{{ v }}", "a {{ v }}", "{{ v | string }}", "{{ [v] }}", "{{ v ~ '' }}"]
)
def test_what_was_data_is_never_rendered(data, source):
    made = render(source, v=data, secret="leaked")
    assert data in str(made)
    assert "leaked" not in str(made)
    assert "49" not in str(made)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(-1e9, 1e9) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(JSON)
def test_the_short_way_and_jinja_agree(value):
    context = {"a": {"b": value}}
    assert template.render("{{ a.b }}", context) == template.render("{{ (a).b }}", context)
    assert template.render("x{{ a.b }}", context) == template.render("x{{ (a).b }}", context)


@pytest.mark.parametrize(
    ("source", "message", "hint"),
    [
        ("{{ tex }}", "'tex' is undefined", "did you mean 'text'?"),
        ("{{ tex | upper }}", "'tex' is undefined", "did you mean 'text'?"),
        ("a {{ tex }}", "'tex' is undefined", "did you mean 'text'?"),
        ("{{ zzzzz }}", "'zzzzz' is undefined", "known here: blank, bytes, half, items, n, no"),
        ("{{ row.ids }}", "row.ids: no such field", "did you mean 'id'?"),
        ("{{ row['ids'] }}!", "row.ids: no such field", "did you mean 'id'?"),
        ("{{ row.deep.xyz.abc }}", "row.deep.xyz: no such field", "known here: er"),
        ("{{ text.id }}", "text.id: a text has no 'id'", ""),
        ("{{ nothing.id }}", "nothing.id: a null has no 'id'", ""),
        ("{{ items[9] }}", "items.9: a list has no 9", ""),
        ("{{ row[[1]] }}", "[a list]: no such field", "known here: "),
        ("{{ row[{'a': 1}] }}", "[a mapping]: no such field", "known here: "),
        ("{{ n | slugg }}", "no filter is named 'slugg'", "did you mean 'slug'?"),
        ("{{ n is defind }}", "no test is named 'defind'", "did you mean 'defined'?"),
        ("{{ n + text }}", "`+` does not go between a number and a text", "`~` joins"),
        ("{{ 1 / 0 }}", "a division by zero", "guard it"),
        ("{{ n() }}", "a number cannot be called", ""),
        ("{{ 'a' if no }}", "there is no else", ""),
        ("{{ 'x' | from_json }}", "the text is no JSON", ""),
        ("{{ bytes }}", "b64encode", ""),
        ("{{", "{{ is not closed", ""),
        ("{{ n", "{{ is not closed", "end it with }}"),
        ("{% if n %}", "{% if %} is not closed", "{% endif %}"),
        ("body {#fff}", "{# is not closed", "{% raw %}"),
    ],
)
def test_an_error_says_what_and_the_way_out(source, message, hint):
    found = fault({"a": [source]}, bytes=b"x")
    assert message in found.message
    assert hint in found.hint
    assert found.where == "a.0"
    assert len(str(found)) < 1000


@pytest.mark.parametrize(
    "source",
    ["{% if zzz %}{% endif %}", "{{ zzz == 1 }}", "{{ zzz and n }}", "{{ not zzz }}",
     "{{ zzz is none }}",
     "{{ zzz is string }}", "{{ zzz in items }}", "{{ n in zzz }}", "{{ [zzz] }}",
     "={{ {'a': zzz} }}",
     "{{ zzz | length }}", "{{ zzz | list }}", "{{ zzz ~ 'a' }}", "{{ 'a%s' % zzz }}",
     "{{ zzz | tojson }}",
     "{{ zzz | string }}", "{% for i in zzz %}{% endfor %}", "{{ [zzz] | join }}", "{{ zzz() }}",
     "{{ zzz.a.b }}", "{{ zzz['a'] }}", "{{ zzz[1:] }}", "{{ -zzz }}", "{{ 'a'.join([zzz]) }}",
     "{{ '{}'.format(zzz) }}", "{{ row.zzz or 1 }}", "{{ row.zzz is none }}",
     "{{ zzz | attr('a') }}"],
)  # fmt: skip
def test_what_is_undefined_fails_in_every_use(source):
    assert "zzz" in fault(source).message


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("{{ zzz is defined }}", False),
        ("{{ zzz is undefined }}", True),
        ("{{ row.zzz is defined }}", False),
        ("{{ row.zzz.deeper is defined }}", False),
        ("{{ zzz | default('d') }}", "d"),
        ("{{ row.zzz.deeper | d(5) }}", 5),
        ("{{ zzz if zzz is defined else 'e' }}", "e"),
        ("{{ items | map(attribute='zzz', default=0) }}", [0, 0, 0]),
    ],
)
def test_what_is_undefined_may_be_asked_for(source, value):
    assert render(source) == value
