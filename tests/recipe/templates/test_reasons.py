"""What Python and Jinja complain of is told in the words of a recipe."""

import re

import pytest

from runner.errors import RecipeTemplateError
from runner.recipe import template
from runner.recipe.templates import reasons


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("{{ none + 1 }}", "`+` does not go between null and a number"),
        ("{{ 'a' + 1 }}", "`+` does not go between a text and a number"),
        ("{{ 'a' < 1 }}", "a text and a number cannot be compared by `<`"),
        ("{{ 'a' * 'b' }}", "`*` does not take a text here"),
        ("{{ -'a' }}", "`-` does not take a text"),
        ("{{ 5 | length }}", "a number has no length"),
        ("{% for i in 5 %}{% endfor %}", "expected a list, got a number"),
        ("{{ 'a' in 5 }}", "expected a list, got a number"),
        ("{{ 'a' | round }}", "expected a number, got a text"),
        ("{{ range('a') }}", "expected a number, got a text"),
        ("{{ 'a' | upper(1) }}", "`upper` is given too many values"),
        ("{{ 'a' | replace }}", "`replace` is given too few values"),
        ("{{ '{}{}'.format(1) }}", "a place is left empty"),
        ("{{ 1e999 }}", "the template makes a number that is too large"),
        ("{{ 'a' | from_json }}", "the text is no JSON"),
        ("{{ a | }}", "expected a name, got }}"),
        ("{{ }}", "expected an expression before }}"),
        ("{{ a b }}", "expected }}, got b"),
        ("{{ a }", "expected }} or %}, got }"),
        ("{{ (1 }}", "expected ), got }"),
        ("{{ 'a }}", "quoted text does not end"),
        ("{{ a == }}", "the expression ends where a value is still to come"),
        ("{{ a? }}", "'?' is out of place in an expression"),
        ("{% a %}", "{% a %} is not known here"),
        ("{% endif %}", "{% endif %} ends nothing"),
    ],
)
def test_a_complaint_is_told_in_words_of_the_language(source, message):
    with pytest.raises(RecipeTemplateError) as caught:
        template.render(source, {"a": 1})
    (fault,) = caught.value.faults
    assert fault.message == message


def test_braces_are_text_only_beside_other_text():
    way = "write {{ '{{' }} where the text itself holds braces"
    told = "unexpected 'end of print statement'"
    assert [reasons.of_reading(told, text)[1] for text in ("{{ a == }}", " {{ a\n== }}\n")] == [
        "",
        "",
    ]
    for text in ("Hi {{ a == }}", "{{ a }}{{ a == }}", "{{ a == }}!"):
        assert reasons.of_reading(told, text)[1] == way


def test_what_no_row_knows_is_told_as_it_is():
    assert reasons.of_running("out of luck") == ("out of luck", "")
    assert reasons.of_reading("", "{{")[0] == "the template cannot be read"


def test_no_words_of_ours_have_a_gap():
    for pattern, words, hint in (*reasons._RUNNING, *reasons._READING):
        wanted = {int(number) for number in re.findall(r"<(\d)>", words + hint)}
        assert max(wanted, default=-1) < re.compile(pattern).groups
