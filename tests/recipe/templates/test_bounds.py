"""No template fills memory or time, and what recipes do is within the bounds."""

from __future__ import annotations

import time
import tracemalloc

import pytest

from runner.errors import RecipeTemplateError
from runner.recipe import template
from runner.recipe.templates import bounds

CONTEXT = {
    "a": "a",
    "big": "x" * 1_000_000,
    "row": {"b": 1},
    "rows": [f"r{i}" for i in range(20_000)],
}


def nested(value: str, times: int = 60) -> str:
    return (
        "{% set ns = namespace(s=1, t=1) %}{% for i in range(" + str(times) + ") %}"
        "{% set ns.s = " + value + " %}{% set ns.t = (ns.t, ns.t) %}{% endfor %}"
    )


PAIR = nested("(ns.s, ns.s)")
LIST = nested("[ns.s, ns.s]")
LONG = "{% set long = 'a' * 16000000 %}{% for i in range(100000) %}"

BOMBS = {
    "times": "{{ 'a' * 1000000000 }}",
    "times reversed": "{{ 1000000000 * 'a' }}",
    "list times": "{{ [1] * 1000000000 }}",
    "power": "{{ 9 ** (9 ** 9) }}",
    "negative power": "{{ (-9) ** 999999 }}",
    "product": "{{ 10 ** 2000 * 10 ** 2000 }}",
    "percent": "{{ '%1000000000d' % 1 }}",
    "percent star": "{{ '%*d' % (1000000000, 1) }}",
    "percent precision": "{{ '%.1000000000f' % 1 }}",
    "percent key": "{{ '%(a(b))999999999d' % {'a(b)': 1} }}",
    "percent repeated": "{{ ('%(a)s' * 100000) % {'a': big} }}",
    "format": "{{ '{:1000000000}'.format(1) }}",
    "format nested": "{{ '{:{}}'.format(1, 1000000000) }}",
    "format precision": "{{ '{:.1000000000f}'.format(1) }}",
    "format many": "{{ ('{0:9999}' * 100000).format(1) }}",
    "format repeated": "{{ ('{0}' * 100000).format(big) }}",
    "format filter": "{{ '%1000000000d' | format(1) }}",
    "center": "{{ 'a' | center(1000000000) }}",
    "center method": "{{ 'a'.center(1000000000) }}",
    "ljust": "{{ 'a'.ljust(1000000000) }}",
    "rjust": "{{ 'a'.rjust(1000000000) }}",
    "zfill": "{{ 'a'.zfill(1000000000) }}",
    "expandtabs": "{{ '\t'.expandtabs(1000000000) }}",
    "expandtabs by name": "{{ '\t'.expandtabs(tabsize=1000000000) }}",
    "indent": "{{ 'a\nb' | indent(1000000000) }}",
    "indent first": "{{ 'a' | indent(1000000000, true) }}",
    "indent by text": "{{ ('a\n' * 100000) | indent('x' * 100000) }}",
    "replace": "{{ ('a' * 100000) | replace('a', big) }}",
    "replace method": "{{ ('a' * 100000).replace('a', big) }}",
    "replace nothing": "{{ ('a' * 100000).replace('', big) }}",
    "join": "{{ range(100000) | join(big) }}",
    "join method": "{{ big.join('b' * 100000) }}",
    "range": "{{ range(10 ** 12) | list }}",
    "huge range": "{{ range(10 ** 30) }}",
    "batch": "{{ [1] | batch(1000000000, 0) | list }}",
    "slice filter": "{{ [1] | slice(1000000000) | list }}",
    "round": "{{ 1.5 | round(1000000000, 'ceil') }}",
    "sum of lists": "{{ ([[0] * 1000] * 4000) | sum(start=[]) | length }}",
    "int": "{{ ('f' * 30000000) | int(0, 16) }}",
    "nested loops": "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}",
    "three loops": "{% for a in range(999) %}{% for b in range(999) %}{% for c in range(999) %}x"
    "{% endfor %}{% endfor %}{% endfor %}",
    "looped filter": "{% for a in range(9999) | map('string') %}{% for b in range(9999) | select %}"
    "{% endfor %}{% endfor %}",
    "loop filter": "{% for a in range(9999) %}{% for b in range(9999) if b < 0 %}{% endfor "
    "%}{% endfor %}",
    "long body": "{% for a in range(99999) %}{% if [" + "row.b," * 4000 + "] %}{% endif "
    "%}{% endfor %}",
    "looped text": "{% for a in range(99999) %}" + "x" * 60_000 + "{% endfor %}",
    "looped value": "{% for a in range(99999) %}{{ big }}{% endfor %}",
    "macro": "{% macro f() %}{{ f() }}{{ f() }}{% endmacro %}{{ f() }}",
    "macro tree": "{% macro f(n) %}{% if n %}{{ f(n-1) }}{{ f(n-1) }}{% endif %}{% endmacro "
    "%}{{ f(60) }}",
    "macro text": "{% macro f() %}{% for i in range(500) %}" + "x" * 60_000 + "{% endfor "
    "%}{% endmacro %}"
    "{% set ns = namespace(l=[]) %}{% for i in range(1000) %}{% set ns.l = ns.l + [f()] "
    "%}{% endfor %}",
    "recursive loop": "{% for x in [1, 2] recursive %}{{ loop([1, 2]) }}{% endfor %}",
    "recursive tree": "{% for x in range(9) recursive %}{% if loop.depth < 20 %}{{ "
    "loop(range(9)) }}"
    "{% endif %}{% endfor %}",
    "call blocks": "{% macro f() %}{{ caller() }}{{ caller() }}{% endmacro %}"
    + "{% call f() %}" * 15 + "x" + "{% endcall %}" * 15,
    "doubled by ~": nested("ns.s ~ ns.s") + "{{ ns.s }}",
    "doubled by +": "{% set ns = namespace(s='aa') %}{% for i in range(60) %}{% set ns.s = "
    "ns.s + ns.s %}"
    "{% endfor %}{{ ns.s }}",
    "doubled list": "{% set ns = namespace(s=[1]) %}{% for i in range(60) %}{% set ns.s = "
    "ns.s + ns.s %}"
    "{% endfor %}{{ ns.s }}",
    "held texts": "{% set ns = namespace(l=[]) %}{% for i in range(100) %}"
    "{% set ns.l = ns.l + ['\U0001d11e' * 16000000] %}{% endfor %}",
    "shared list": LIST + "{{ ns.s }}",
    "shared list in text": LIST + "={{ ns.s }}",
    "shared mapping": nested("{'a': ns.s, 'b': ns.s}") + "{{ ns.s | tojson }}",
    "shared key": PAIR + "{{ {ns.s: 1} | length }}",
    "shared dict call": PAIR + "{{ dict([[ns.s, 1]]) | length }}",
    "shared equal": PAIR + "{{ ns.s == ns.t }}",
    "shared test": PAIR + "{{ ns.s is eq(ns.t) }}",
    "shared select": PAIR + "{{ [ns.s] | select('eq', ns.t) | list }}",
    "shared in": PAIR + "{{ ns.s in {'a': 1} }}",
    "shared index": PAIR + "{{ [ns.s].index(ns.t) }}",
    "shared get": PAIR + "{{ row.get(ns.s) }}",
    "shared unique": PAIR + "{{ [ns.s] | unique | list | length }}",
    "shared sort": PAIR + "{{ [ns.s, ns.t] | sort | length }}",
    "shared upper": PAIR + "{{ ns.s | upper }}",
    "shared percent": LIST + "{{ '%s' % ns.s }}",
    "shared format": LIST + "{{ '{}'.format(ns.s) }}",
    "shared conversion": LIST + "{{ '{!r}'.format(ns.s) }}",
    "shared join": LIST + "{{ ns.s | join }}",
    "shared changed": PAIR + "{% for i in [1] %}{{ loop.changed(ns.s) }}{{ "
    "loop.changed(ns.t) }}{% endfor %}",
    "looped in": LONG + "{% if 'ab' in long %}{% endif %}{% endfor %}",
    "looped equal": "{% set other = 'a' * 16000000 %}" + LONG + "{% if long == other %}{% "
    "endif %}{% endfor %}",
    "looped slice": LONG + "{% if long[1:] %}{% endif %}{% endfor %}",
    "looped filter on text": LONG + "{% set b = long | upper %}{% endfor %}",
    "looped method": LONG + "{% set b = long.upper() %}{% endfor %}",
    "looped sort": "{% for i in range(1000) %}{% set x = rows | sort %}{% endfor %}",
    "looped map": "{% for i in range(1000) %}{% set x = rows | map('upper') %}{% endfor %}",
    "looped groupby": "{% for i in range(1000) %}{% set x = rows | groupby(0) %}{% endfor %}",
    "looped cycle": LONG + "{{ loop.cycle(long) }}{% endfor %}",
    "backwards": "{{ ('a' * 16000000).rfind('b' ~ 'a' * 8000000) }}",
    "strip": "{{ ('a' * 16000000).strip('b' * 16000000 ~ 'a') }}",
    "trim": "{{ ('a' * 16000000) | trim('b' * 16000000 ~ 'a') }}",
    "wordwrap": "{{ ('a' * 3000000) | wordwrap(1) }}",
    "wordwrap dashes": "{{ ('-' * 1000000) | wordwrap(80) }}",
    "urlize": "{{ ('a@a' ~ '.a' * 1000000) | urlize }}",
    "striptags": "{{ ('<!---->' * 1000000) | striptags }}",
    "split": "{{ ('ab,' * 10000000).split(',') | length }}",
    "list of text": "{{ ('ab ' * 10000000) | list | length }}",
    "wordcount": "{{ ('ab ' * 10000000) | wordcount }}",
    "urlencode": "{{ ('é' * 30000000) | urlencode }}",
    "escape": "{{ ('<' * 32000000) | escape }}",
    "xmlattr": "{{ {'a': '<' * 30000000} | xmlattr }}",
    "json escapes": "{{ [('\x01' * 30000000)] }}",
    "pprint": "{{ range(100000) | list | pprint }}",
    "from_json": "{{ ('[' ~ '[],' * 9000000 ~ '1]') | from_json | length }}",
    "deep json": "{{ ('[' * 1000000) | from_json }}",
    "deep list": nested("[ns.s]", 5000) + "{{ ns.s }}",
    "wide indent": "{{ [1] | tojson(1000000000) }}",
    "deep indent": "{% set ns = namespace(s=range(100000) | list) %}{% for i in range(200) %}"
    "{% set ns.s = [ns.s] %}{% endfor %}{{ ns.s | tojson(16) }}",
    "parentheses": "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
    "brackets": "{{ " + "[" * 5000 + "]" * 5000 + " }}",
    "nested if": "{% if 1 %}" * 500 + "{% endif %}" * 500,
    "nested for": "{% for i in [1] %}" * 30 + "{% endfor %}" * 30,
    "long sum": "{{ " + "+".join(["1"] * 200_000) + " }}",
    "many minuses": "{{ " + "-" * 19_000 + "1 }}",
    "many filters": "{{ a" + "|upper" * 6000 + " }}",
    "many fields": "{{ a" + ".b" * 9000 + " }}",
    "many expressions": "{{ a|upper }}" * 300_000,
    "huge literal": "{{ " + "9" * 100_000 + " }}",
    "open comments": "{# " * 1_000_000,
    "open expressions": "{{ " * 1_000_000,
    "open text": '{{ "' + '\\"' * 1_000_000,
    "long source": "{{ a|upper }}" + "x" * (5 << 20),
    "field by lists": LIST + "{{ row[ns.s] }}",
    "field by tuples": PAIR + "{{ row[ns.s] }}",
    "attr by tuples": PAIR + "{{ row | attr(ns.s) }}",
}  # fmt: skip
TWICE = "{% set l = 'a' * 17000000 %}"
MANY = TWICE + "{% set m = 'a' * 17000000 %}{% for i in range(99) %}"
BARELY = {
    "two loops": "{% for i in range(99999) %}{% endfor %}" * 2,
    "calls of a macro": "{% macro f(n) %}{% if n %}{{ f(n-1) }}{{ f(n-1) }}{% endif %}{% endmacro "
    "%}{{ f(16) }}",
    "calls of a loop": "{% for x in range(9) recursive %}{% if loop.depth < 6 %}{{ loop(range(9)) "
    "}}{% endif %}{% endfor %}",
    "a text": "{{ 'a' * 33600000 }}!",
    "a text in two": TWICE + "{{ l }}{{ l }}",
    "a text by ~": TWICE + "{{ (l ~ l) | length }}",
    "a text by +": TWICE + "{{ (l + l) | length }}",
    "a list": "{{ [[1, 2]] * 20000000 | int }}",
    "many comparisons": MANY + "{% if l == m %}{% endif %}{% endfor %}",
    "many searches": MANY + "{% if 'b' in l %}{% endif %}{% endfor %}",
    "many slices": MANY + "{% if l[1:] %}{% endif %}{% endfor %}",
    "many filters": MANY + "{% set b = l | int %}{% endfor %}",
    "many methods": MANY + "{% set b = l.find('b') %}{% endfor %}",
    "a key": nested("(ns.s, ns.s)", 20) + "{{ {ns.s: 1} | length }}",
    "a product": "{{ 10 ** 2000 * 10 ** 2000 }}",
    "a power": "{{ 2 ** 8193 }}",
    "a number": "{{ ('f' * 3000) | int(0, 16) }}",
    "a field by %": "{{ '%10001d' % 1 }}",
    "a field of a format": "{{ '{:10001}'.format(1) }}",
    "a filter of a format": "{{ '%10001d' | format(1) }}",
    "tokens": "{{ a }}{# #}" * 10_001 + "{{ a|upper }}",
    "a source": "{{ a|upper }}" + "x" * (4 << 20),
    "an indent": "{{ [1] | tojson(17) }}",
    "a precision": "{{ 1.5 | round(301) }}",
    "lists that are added": "{{ [[1], [2]] | sum(start=[]) }}",
}
UNMADE = {
    "center": "{{ 'a' | center(100000000) }}",
    "center method": "{{ 'a'.center(100000000) }}",
    "expandtabs": "{{ '\t'.expandtabs(100000000) }}",
    "indent": "{{ 'a\nb' | indent(100000000) }}",
    "replace": "{{ ('a' * 1000) | replace('a', 'b' * 100000) }}",
    "replace method": "{{ ('a' * 1000).replace('a', 'b' * 100000) }}",
    "join": "{{ range(1000) | join('b' * 100000) }}",
    "join method": "{{ ('b' * 100000).join('a' * 1000) }}",
    "times": "{{ 'a' * 100000000 }}",
    "batch": "{{ [1] | batch(20000000, 0) | list }}",
    "slice": "{{ [1] | slice(1000000) | list }}",
    "percent": "{{ ('%(a)s' * 2000) % {'a': 'b' * 100000} }}",
    "format": "{{ ('{0}' * 1000).format('b' * 100000) }}",
    "conversion": "{{ '{!r}'.format(['b' * 100000] * 2000) }}",
}


# Those of one kind take a second each; one of each kind will do from day to day.
OFTEN = ("shared list", "shared equal", "shared key")
CASES = [
    pytest.param(name, marks=[pytest.mark.slow] if "shared" in name and name not in OFTEN else [])
    for name in BOMBS
]


@pytest.mark.parametrize("name", CASES)
def test_a_bomb_is_refused_quickly(name):
    began = time.process_time()
    with pytest.raises(RecipeTemplateError) as caught:
        template.render(BOMBS[name], CONTEXT)
    assert time.process_time() - began < 10
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize("name", ["held texts", "doubled list", "macro text", "escape"])
def test_a_bomb_takes_little_memory(name):
    tracemalloc.start()
    try:
        with pytest.raises(RecipeTemplateError):
            template.render(BOMBS[name], CONTEXT)
        assert tracemalloc.get_traced_memory()[1] < 700_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", BARELY)
def test_what_is_barely_too_much_is_refused(name):
    with pytest.raises(RecipeTemplateError):
        template.render(BARELY[name], CONTEXT)


@pytest.mark.parametrize("name", UNMADE)
def test_what_is_refused_was_never_made(name):
    tracemalloc.start()
    try:
        with pytest.raises(RecipeTemplateError):
            template.render(UNMADE[name], CONTEXT)
        assert tracemalloc.get_traced_memory()[1] < 40_000_000
    finally:
        tracemalloc.stop()


def test_a_tree_of_bombs_costs_no_more_than_one():
    began = time.process_time()
    with pytest.raises(RecipeTemplateError):
        template.render([BOMBS["shared equal"]] * 50, CONTEXT)
    assert time.process_time() - began < 10
    with pytest.raises(RecipeTemplateError, match="too much work"):
        template.render(["{% for i in range(90000) %}{% endfor %}"] * 2, {})


def test_what_recipes_do_is_within_the_bounds():
    rows = [{"id": i, "name": f"row {i}", "tags": ["a", "b"]} for i in range(5_000)]
    source = (
        "{% for row in rows %}{{ loop.index }}. {{ row.name | upper }}: {{ row.tags | join(', ') }}"
        "{% if row.id % 2 %} odd{% endif %}\n{% endfor %}"
        "{{ rows | map(attribute='id') | sum }} {{ rows | selectattr('id', 'eq', 7) | list "
        "| length }}"
    )
    made = template.render(source, {"rows": rows})
    assert made.startswith("1. ROW 0: a, b\n2. ROW 1: a, b odd\n")
    assert made.endswith("\n12497500 1")
    picture = "x" * 20_000_000
    assert len(template.render("data:{{ picture }}{{ '' }}", {"picture": picture})) == 20_000_005
    assert template.render("{{ json.data }}", {"json": {"data": picture}}) is picture
    assert template.render("{{ {'a': picture} }}", {"picture": picture}) == {"a": picture}


def test_a_meter_is_for_one_rendering():
    compiled = template.compile("{% for i in range(90000) %}{% endfor %}done")
    assert [compiled({}) for _ in range(3)] == ["done"] * 3


def test_ends_of_ranges_are_exact():
    assert template.render("{{ range(131072) | length }}", {}) == 131_072
    assert template.render("{{ range(5, -5, -3) }}", {}) == [5, 2, -1, -4]
    assert template.render("{{ range(0) }}", {}) == []
    with pytest.raises(RecipeTemplateError, match="range gives at most"):
        template.render("{{ range(131073) | length }}", {})


def test_numbers_have_a_largest_size():
    assert template.render(f"{{{{ 2 ** {bounds.BITS} > 1 }}}}", {}) is True
    assert template.render("{{ 2 ** -1 }}", {}) == 0.5
    assert template.render("{{ 1 ** 10000000 }}", {}) == 1
