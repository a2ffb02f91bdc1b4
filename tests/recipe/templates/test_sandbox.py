"""No template runs code, or reaches beyond the values it was given."""

from __future__ import annotations

from typing import Any

import pytest
from jinja2 import Undefined

from runner.errors import RecipeTemplateError
from runner.recipe import template
from runner.recipe.templates.filling import GLOBALS
from runner.recipe.templates.sandbox import GLOBALS as BUILT_IN
from runner.recipe.templates.sandbox import SANDBOX


class Hashed:
    """Fails where it is looked up: a tuple of tuples takes for ever to hash."""

    def __hash__(self) -> int:
        raise AssertionError


class Thing:
    secret = "leaked"

    def method(self) -> str:
        return "leaked"


CONTEXT: dict[str, Any] = {
    "a": "a",
    "big": "x" * 1_000_000,
    "row": {"b": 1},
    "rows": [f"r{i}" for i in range(20_000)],
    "thing": Thing(),
    "call": len,
    "f": 1.5,
}

ESCAPES = [
    "{{ ''.__class__ }}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ ''['__class__'] }}",
    "{{ [].__class__.__base__ }}",
    "{{ ().__class__ }}",
    "{{ row.__class__ }}",
    "{{ f.__class__ }}",
    "{{ f.as_integer_ratio() }}",
    "{{ '' | attr('__class__') }}",
    "{{ '' | attr('_' ~ '_class__') }}",
    "{{ ['']| map(attribute='__class__') | list }}",
    "{{ [''] | map('attr', '__class__') | list }}",
    "{{ [''] | selectattr('__class__') | list }}",
    "{{ [''] | groupby('__class__') }}",
    "{{ ['', 'a'] | sort(attribute='__class__') }}",
    "{{ [''] | sum(attribute='__class__') }}",
    "{{ '{0.__class__}'.format('') }}",
    "{{ '{0.__class__.__mro__}'.format(1) }}",
    "{{ '{a[__class__]}'.format(a='') }}",
    "{{ '{0.upper}'.format('') }}",
    "{{ ''.format.__globals__ }}",
    "{{ ''.format_map({}) }}",
    "{{ ''.encode() }}",
    "{{ self._TemplateReference__context }}",
    "{{ self }}",
    "{{ self.__init__.__globals__ }}",
    "{{ lipsum.__globals__ }}",
    "{{ lipsum() }}",
    "{{ cycler.__init__.__globals__ }}",
    "{{ joiner.__init__ }}",
    "{{ namespace.__init__ }}",
    "{{ dict.__base__ }}",
    "{{ dict.fromkeys([1]) }}",
    "{{ range.__class__ }}",
    "{{ namespace(a=1).__class__ }}",
    "{% set ns = namespace(a=1) %}{{ ns._Namespace__attrs }}",
    "{{ cycler('a').items }}",
    "{{ cycler('a').__init__ }}",
    "{% for i in [1] %}{{ loop.__class__ }}{% endfor %}",
    "{% for i in [1] %}{{ loop._iterable }}{% endfor %}",
    "{% macro m() %}{% endmacro %}{{ m._func }}",
    "{% macro m() %}{% endmacro %}{{ m.__init__.__globals__ }}",
    "{% macro m() %}{{ caller.__class__ }}{% endmacro %}{% call m() %}{% endcall %}",
    "{{ thing }}",
    "{{ thing.secret }}",
    "{{ thing.method() }}",
    "{{ thing['secret'] }}",
    "{{ call('a') }}",
    "{{ call.__self__ }}",
    "{{ rows.append(1) }}",
    "{{ rows.clear() }}",
    "{{ row.update({}) }}",
    "{{ row.pop('b') }}",
    "{{ zzz.__class__ }}",
    "{{ get_flashed_messages.__globals__ }}",
    "{{ request.application }}",
    "{{ config }}",
    "{{ '__import__' | map }}",
    "{{ ['a'] | map('-weighed') | map('nope') | list }}",
    "{% include '/etc/passwd' %}",
    "{% include a %}",
    "{% import 'os' as os %}",
    "{% from 'os' import system %}",
    "{% extends 'x' %}",
    "{% block x %}{% endblock %}",
    "{% autoescape true %}{{ '<' }}{% endautoescape %}",
    "{% do row.clear() %}",
    "{% trans %}a{% endtrans %}",
    "{% debug %}",
]


@pytest.mark.parametrize("source", ESCAPES)
@pytest.mark.parametrize("form", ["{}", "x {}"])
def test_no_template_reaches_beyond_its_values(source, form):
    rows, row = list(CONTEXT["rows"]), dict(CONTEXT["row"])
    with pytest.raises(RecipeTemplateError) as caught:
        template.render(form.format(source) if form != "{}" else source, CONTEXT)
    assert "leaked" not in str(caught.value)
    assert rows == CONTEXT["rows"]
    assert row == CONTEXT["row"]


def test_a_field_of_data_may_have_any_name():
    assert (
        template.render("{{ d.__class__ }}{{ d._id }}", {"d": {"__class__": 1, "_id": 2}}) == "12"
    )


def test_the_globals_are_few():
    assert set(BUILT_IN) == GLOBALS
    assert SANDBOX.globals == {}
    assert template.render("{{ dict(a=1) }}", {}) == {"a": 1}
    assert template.render("{{ range }}", {"range": 5}) == 5


def test_no_tuple_is_looked_up():
    assert isinstance(SANDBOX.getitem({"a": 1}, (Hashed(),)), Undefined)
    for test in ("filter", "test"):
        assert template.render(f"{{{{ v is {test} }}}}", {"v": (Hashed(),)}) is False
    with pytest.raises(RecipeTemplateError, match="a Hashed is no value"):
        template.render("{{ row | attr(v) }}", {"row": {"a": 1}, "v": (Hashed(),)})
