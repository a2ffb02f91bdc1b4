"""XML."""

from xml.etree import ElementTree as Tree

import pytest

from runner.report.xml import attribute, element, opening, text

ODD = 'a<b>&"c"\'\x00\x1b\x7f\x85\r\n\t\ud800\ufffe\uffff\u202eé🌷]]>'


def test_every_text_can_stand_in_a_document():
    read = Tree.fromstring(element("a", {"b": ODD}, ODD))
    assert read.get("b") == read.text
    assert read.text is not None
    assert read.text.startswith('a<b>&"c"\'\\x00\\x1b\\x7f\\x85\\x0d\n\t\\ud800')
    assert read.text.endswith("\\ufffe\\uffff\\u202eé🌷]]>")


@pytest.mark.parametrize("number", [*range(0x20), 0x7F, 0xD800, 0xDFFF, 0xFFFE, 0xFFFF])
def test_no_character_breaks_it(number):
    Tree.fromstring(f"<a b='{attribute(chr(number))}'>{text(chr(number))}</a>")


def test_what_is_not_known_is_left_out():
    assert opening("a", {"b": None, "c": "", "d": 0}) == '<a d="0">'
    assert element("a", {}) == "<a/>"
