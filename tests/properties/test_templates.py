"""Templates: any source is a value or a fault of the recipe, soon, and reaches nothing."""

import time
from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from runner.errors import RecipeError
from runner.recipe import template
from tests.properties import bounded, told
from tests.recipe.filled import CONTEXT

SECONDS = 5
NAMES = st.sampled_from(
    [*CONTEXT, "loop", "self", "missing", "namespace()", "cycler(1, 2)", "joiner()", "dict()"]
)
PARTS = st.sampled_from(
    [
        "__class__",
        "__mro__",
        "__init__",
        "__globals__",
        "__subclasses__()",
        "gi_frame",
        "f_back",
        "deep",
        "id",
        "items()",
        "keys",
        "format('x')",
        "format_map(row)",
        "join(items)",
        "encode()",
        "zfill(99999999)",
        "ljust(9999999)",
    ]
)
FILTERS = st.sampled_from(
    [
        "upper",
        "list",
        "length",
        "sort",
        "join('x')",
        "batch(2)",
        "indent(9999999)",
        "center(99999999)",
        "format(1)",
        "wordwrap",
        "tojson",
        "attr('__class__')",
        "map(attribute='__class__')",
        "slug",
        "b64encode",
        "sha256",
        "from_json",
        "replace('a','aaaaaaaaaa')",
        "first",
        "groupby('id')",
        "pprint",
        "urlize",
        "xmlattr",
    ]
)
NUMBERS = st.sampled_from(["0", "1", "9**9", "99999", "1e308", "'a'", "'%s'", "[1]", "{'a': 1}"])
OPERATORS = st.sampled_from(["+", "-", "*", "**", "%", "/", "//", "~", "==", "and", "in", "is"])
EXPRESSIONS: st.SearchStrategy[str] = st.recursive(
    NAMES | NUMBERS,
    lambda inner: (
        st.tuples(inner, PARTS).map(lambda pair: f"({pair[0]}).{pair[1]}")
        | st.tuples(inner, FILTERS).map(lambda pair: f"({pair[0]}) | {pair[1]}")
        | st.tuples(inner, OPERATORS, inner).map(
            lambda three: f"({three[0]}) {three[1]} {three[2]}"
        )
        | st.tuples(inner, inner).map(lambda pair: f"({pair[0]})[{pair[1]}]")
        | st.tuples(inner, inner).map(lambda pair: f"range({pair[0]}, {pair[1]}) | list")
    ),
    max_leaves=6,
)
SOURCES = st.recursive(
    st.text(max_size=6) | EXPRESSIONS.map(lambda text: f"{{{{ {text} }}}}"),
    lambda inner: (
        st.tuples(EXPRESSIONS, inner).map(lambda p: f"{{% for a in {p[0]} %}}{p[1]}{{% endfor %}}")
        | st.tuples(EXPRESSIONS, inner).map(lambda p: f"{{% if {p[0]} %}}{p[1]}{{% endif %}}")
        | st.tuples(EXPRESSIONS, inner).map(lambda p: f"{{% set n = {p[0]} %}}{p[1]}")
        | inner.map(lambda text: f"{{% macro m(a) %}}{text}{{% endmacro %}}{{{{ m(1) }}}}")
        | st.tuples(inner, inner).map("".join)
    ),
    max_leaves=4,
)
REACHED = ("<class", "<module", "<function", "<bound method", "<built-in", "object at 0x")


@bounded
@given(SOURCES)
def test_any_template_is_a_value_or_a_fault_and_reaches_nothing(source):
    started = time.process_time()
    try:
        made = template.render({"a": source}, CONTEXT)
    except RecipeError as error:
        made = ""
        told(error)
    assert time.process_time() - started < SECONDS
    assert not any(word in str(made) for word in REACHED)


@bounded
@given(EXPRESSIONS)
def test_any_condition_is_true_or_false_or_a_fault(source):
    started = time.process_time()
    with suppress(RecipeError):
        assert template.truth(f"{{{{ {source} }}}}", CONTEXT) in (True, False)
    assert time.process_time() - started < SECONDS
