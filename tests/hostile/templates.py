"""Templates that break out, grow without end, or never end."""
# ruff: noqa: E501  a case a line

from __future__ import annotations

from tests.hostile.case import ASK, CHAT, HELLO, Hostile, harmless, recipe

ESCAPES = (
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ ''['__class__'] }}",
    "{{ ''|attr('__class__') }}",
    "{{ x.__init__.__globals__ }}",
    "{{ cycler.__init__.__globals__.os.system('touch ran') }}",
    "{{ joiner.__init__.__globals__ }}",
    "{{ lipsum.__globals__['os'].popen('id').read() }}",
    "{{ self._TemplateReference__context }}",
    "{{ self.__init__ }}",
    "{{ namespace.__init__ }}",
    "{{ url_for.__globals__ }}",
    "{{ request.application }}",
    "{{ config.items() }}",
    "{{ get_flashed_messages.__globals__ }}",
    "{{ ().__class__.__base__ }}",
    "{{ (1).__class__ }}",
    "{{ '{0.__class__}'.format(1) }}",
    "{{ '{0.__class__.__mro__}'.format_map({'0': 1}) }}",
    "{{ '%s' % x.__class__ }}",
    "{{ [1]|map(attribute='__class__')|list }}",
    "{{ [1]|groupby('__class__') }}",
    "{{ [x]|sum(attribute='__class__') }}",
    "{{ x|xmlattr }}{{ x.__doc__.__class__ }}",
    "{% import 'os' as os %}{{ os }}",
    "{% include '/etc/passwd' %}",
    "{% extends '/etc/passwd' %}",
    "{% from 'os' import system %}",
    "{% set x = 1 %}{{ x.__class__ }}",
    "{% macro f() %}{{ caller.__globals__ }}{% endmacro %}{{ f() }}",
    "{% do x %}",
    "{{ env.OPENAI_API_KEY }}",
    "{{ env.__class__ }}",
    "{{ env['OPENAI_API_KEY'] }}",
    "{{ loop.__class__ }}",
    "{{ range.__class__ }}",
    "{{ dict.__base__ }}",
    "{{ debug() }}",
    "{{ open('/etc/passwd').read() }}",
    "{{ __import__('os') }}",
    "{{ undefined_thing }}",
    "{{ x|nothing }}",
    "{{ x is nothing }}",
)
GROWING = (
    "{{ 'x' * 10**9 }}",
    "{{ [0] * 10**9 }}",
    "{{ '%1000000000d' % 1 }}",
    "{{ '{:1000000000}'.format(1) }}",
    "{{ 'x'.center(10**9) }}",
    "{{ 'x'.ljust(10**9) }}",
    "{{ 'x'.zfill(10**9) }}",
    "{{ 'x'|center(10**9) }}",
    "{{ 'x\nx'|indent(10**9) }}",
    "{{ lipsum(10**7) }}",
    "{{ range(10**10)|list }}",
    "{{ range(10**10)|sum }}",
    "{{ 'ab'|replace('', 'x' * 10**7) }}",
    "{{ ('x' * 10**6).replace('x', 'y' * 10**6) }}",
    "{{ ('x,' * 10**6).join(('x,' * 10**6).split(',')) }}",
    "{{ 'x\t'.expandtabs(10**9) }}",
    "{{ 'a' ~ 'x' * 10**9 }}",
    "{{ [1]|batch(10**9, 0)|list }}",
    "{{ [1]|slice(10**9)|list }}",
    "{{ 'x'|wordwrap(1)|tojson(10**9) }}",
    "{{ {'a': 1}|tojson(indent=10**9) }}",
    "{{ (10**5000) ** 50 }}",
    "{{ 9 ** (9 ** 9) }}",
    "{{ 2 ** (10**9) }}",
    "{{ 1 << 10**9 }}",
    "{{ ('a' * 50)|e|urlencode * 10**8 }}",
    "{{ 'x'|b64encode * 10**8 }}",
    "{% for a in range(10**9) %}x{% endfor %}",
    "{% for a in range(10**5) %}{% for b in range(10**5) %}{% endfor %}{% endfor %}",
    "{% for a in range(99999) %}{% for b in range(99999) %}x{% endfor %}{% endfor %}",
    "{% macro f(n) %}{{ f(n) }}{{ f(n) }}{% endmacro %}{{ f(1) }}",
    "{% set ns = namespace(s='x') %}{% for a in range(64) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}",
    "{% set ns = namespace(s=[1]) %}{% for a in range(64) %}{% set ns.s = ns.s + ns.s %}{% endfor %}",
    "{% set ns = namespace(s=9) %}{% for a in range(64) %}{% set ns.s = ns.s * ns.s %}{% endfor %}",
    "{{ " + "(" * 2_000 + "1" + ")" * 2_000 + " }}",
    "{{ " + "not " * 5_000 + "1 }}",
    "{{ " + "-" * 5_000 + "1 }}",
    "{{ 1" + " + 1" * 50_000 + " }}",
    "{% if 1 %}" * 500 + "x" + "{% endif %}" * 500,
    "{{ x" + ".a" * 5_000 + " }}",
    "{{ x" + "|string" * 5_000 + " }}",
    "{{ '" + "a" * 100_000,
    "{% raw %}{{",
    "{{",
    "{%",
    "{{ }}",
    "{{ 1/0 }}",
    "{{ 1 % 0 }}",
    "{{ ''|first }}{{ [][0] }}",
    "{{ '\\ud800' }}{{ nothing }}",
)


CHAINS = {
    "chain that doubles": ('["{{ vN }}", "{{ vN }}"]', 99),
    "chain that nests": ("[" * 50 + '"{{ vN }}"' + "]" * 50, 60),
    "many lists": ('"{{ range(130000) | list }}"', 99),
    "many texts": ("\"{{ 'x' * 20000000 }}\"", 99),
}


def _chain(text: str, count: int, indent: str = "  ") -> str:
    rows = [f"v{n}: {text.replace('vN', f'v{n - 1}')}" for n in range(1, count)]
    return "".join(f"{indent}{row}\n" for row in ["v0: [1]", *rows])


def _asked(source: str) -> str:
    return f"{CHAT}vars: {{x: 1}}\nmessages:\n  - user: {quoted(source)}\n"


def quoted(source: str) -> str:
    """Write a text as YAML, in single quotes."""
    return "'" + source.replace("'", "''").replace("\n", "\n\n") + "'"


def _told(source: str) -> str:
    return source if len(source) < 60 else f"{source[:40]} and {len(source):,} in all"


CASES: list[Hostile] = [
    *(recipe(f"escape {source}", _asked(source)) for source in ESCAPES),
    *(recipe(f"growing {_told(source)}", _asked(source)) for source in GROWING),
    *(
        recipe(f"{key} of a template", HELLO + text)
        for key, text in {
            "if": "steps: []\nif: '{{ 1 }}'\n",
            "headers": "headers: {X-A: \"{{ 'a' * 10**9 }}\"}\n",
            "header's line": 'headers: {X-A: "a\\r\\nAuthorization: Bearer x"}\n',
            "header of a key": "headers: {Authorization: Bearer x}\n",
            "header of a host": "headers: {Host: evil.example}\n",
            "header's name": '"headers": {"X A\\r\\nB": x}\n',
            "vars": "vars: {a: \"{{ 'x' * 10**9 }}\"}\nx-b: '{{ a }}'\n",
            "matrix": 'matrix: {a: "{{ range(10**9)|list }}"}\n',
        }.items()
    ),
    *(
        recipe(f"vars of a {name}", f"{HELLO}vars:\n{_chain(*chain)}")
        for name, chain in CHAINS.items()
    ),
    recipe(
        "vars of a step's chain that doubles",
        "steps:\n  - name: a\n    endpoint: chat.completions\n    model: m\n"
        "    messages: [{user: '{{ v98 | length }}'}]\n    vars:\n"
        + _chain(*CHAINS["chain that doubles"], "      "),
    ),
    harmless(
        "a template in a variable",
        f"{CHAT}vars: {{x: '{{% raw %}}{{{{ env }}}}{{% endraw %}}'}}\nmessages: [{{user: '{{{{ x }}}}'}}]\n",
    ),
    harmless("braces of all kinds", f"{CHAT}messages: [{{user: '}}}} %}} #}} {{ % #'}}]\n"),
    harmless("a number of a million signs", _asked("{{ ('9' * 10**6)|int }}")),
    harmless("powers of powers", _asked("{{ 9 ** 9 ** 9 ** 2 }}")),
    harmless(
        "an output of a template",
        HELLO + "output: {text: '{{ text.__class__ }}.md'}\n",
        "output",
        code=3,
    ),
    harmless(
        "an expectation of a class", HELLO + 'expect: [{that: "{{ text.__class__ }}"}]\n', code=3
    ),
    harmless(
        "a short loop", CHAT + ASK.replace("Hello", "'{% for a in range(99) %}x{% endfor %}'")
    ),
]
