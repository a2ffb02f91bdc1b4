import pytest

from runner.errors import Mark
from runner.recipe.source import Map, Seq, mark_of, parse_json
from tests.recipe.test_source import fault


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ('{"a": 1,\n "a": 2}', (2, 2, 3), "the key 'a' stands twice, first in line 1"),
        ('[{"a": 1}, {"a": 1, "a": 2}]', (1, 21, 3), "the key 'a' stands twice"),
        ('{"\\ud83d\\ude00": 1, "\\ud83d\\ude00": 2}', (1, 1, 1), "the key '😀' stands twice"),
        ('["NaN",\n NaN]', (2, 2, 3), "NaN is no number that JSON can hold"),
        ("[-Infinity]", (1, 2, 9), "-Infinity is no number that JSON can hold"),
        ("[1e999]", (1, 2, 5), "the number 1e999 is too large"),
        (f"[{'9' * 5000}]", (1, 2, 5000), "a number of 5,000 digits is too long"),
        ('{"a": 1', (1, 7, 1), "this is no JSON: "),
        ('{"a":\n x}', (2, 2, 1), "this is no JSON: expecting value"),
        ("", (1, 1, 1), "this is no JSON: expecting value"),
        ('["\\ud800"]', (1, 1, 1), "a \\u escape that is half a character"),
        ('["\\udc00\\ud800"]', (1, 1, 1), "a \\u escape that is half a character"),
    ],
)
def test_a_fault_in_json_says_what_and_where(text, place, message):
    found = fault(text, read=parse_json)
    assert found.message.startswith(message)
    assert (found.mark.line, found.mark.column, found.mark.width) == place


def test_json_nodes_bear_the_mark_of_the_file():
    tree = parse_json('{"a": [{"b": 1}]}', "a.json")
    assert isinstance(tree["a"], Seq)
    assert isinstance(tree["a"][0], Map)
    assert mark_of(tree, ["a", 0, "b"]) == Mark("a.json", 1, 1)
    assert len(tree["a"].marks) == 1
