"""Lines are read one by one, and what is wrong with one is told with its place."""

import json
import sys

import pytest

from runner.protocol import lines
from runner.protocol.lines import Wrong


def nothing(line):
    yield from ()


def check(*rows, rule=nothing):
    return lines.faults(
        [row if isinstance(row, bytes) else row.encode() for row in rows], "a", rule
    )


def one(*rows, rule=nothing):
    [fault] = check(*rows, rule=rule)[0]
    return fault


def test_objects_are_counted():
    assert check('{"a": 1}\n', "{}\r\n", b"\xef\xbb\xbf{}"[3:]) == ([], 3)


def test_a_byte_order_mark_may_begin_the_file():
    """One service wants it there."""
    assert check(b'\xef\xbb\xbf{"a": 1}\n', "{}") == ([], 2)
    assert check("{}", b"\xef\xbb\xbf{}")[0]


COMMA = 8 if sys.version_info >= (3, 13) else 9  # since 3.13 Python points at the comma itself


@pytest.mark.parametrize(
    ("row", "column", "message", "cure"),
    [
        ('{"a": 1', 7, "this is no JSON: expecting ',' delimiter", "a bracket or a quote too few"),
        ('{"a": 1,}', COMMA, "this is no JSON", "a comma too many"),
        ("{'a': 1}", 2, "this is no JSON", "double quotes"),
        ('{"a": 1},', 9, "this is no JSON: extra data", "one JSON object a line"),
        ('{"a": 1} {"b": 2}', 10, "this is no JSON: extra data", "one JSON object a line"),
        ("[", 1, "this is no JSON", "one JSON object a line"),
        ("{", 1, "this is no JSON", "one JSON object a line"),
        ("[1]", 1, "expected a JSON object, got a list", "one JSON object a line"),
        ("3", 1, "expected a JSON object, got 3", "one JSON object a line"),
        ('{"a": oops}', 7, "this is no JSON", "JSON library"),
        ('{"a": NaN}', 1, "NaN is no number", ""),
        ('{"a": {"b": 1, "c": 2, "b": 3}}', 24, "the key 'b' stands twice", "delete one"),
        ('[{"a": 1, "a": 2}]', 11, "the key 'a' stands twice", "delete one"),
        (b'{"\xc3\xa9": "\xff"}', 8, "expected UTF-8 text, got the byte 0xff", "UTF-8"),
        ('{"a": ' + "[" * 100_000, 1, "this is no JSON", ""),
    ],
)
def test_a_line_that_is_no_object_is_told_with_its_place(row, column, message, cure):
    fault = one("{}", row)
    assert fault.mark[:3] == ("a", 2, column)
    assert message in fault.message
    assert cure in fault.hint


def test_an_empty_line_is_told_but_for_those_at_the_end():
    assert one("{}", "\n", " \n", "{}").mark.line == 2
    assert check("{}", "{}", "\n", "\n") == ([], 2)


def test_a_rule_names_the_value_and_it_is_found():
    def rule(line):
        yield Wrong("no", ("m", 1, "r"), "so")

    row = '{"é": "ü", "m": [{"r": 1}, {"r": 2}]}'
    fault = one(row, rule=rule)
    assert fault.mark.column == row.index("2") + 1
    assert (fault.where, fault.hint, fault.source) == ("m.1.r", "so", row)


@pytest.mark.parametrize("path", [(), ("x",)])
def test_what_is_not_there_stands_at_its_owner(path):
    assert one('{"a": 1}', rule=lambda line: iter([Wrong("no", path)])).mark.column == 1


def test_in_a_long_line_a_fault_is_quickly_told():
    row = json.dumps({"a": "x" * lines.SHOWN, "b": 1})
    fault = one(row, rule=lambda line: iter([Wrong("no", ("b",))]))
    assert fault.mark.column == 1
    assert len(str(fault)) < 4000


def test_a_line_without_end_is_refused(monkeypatch):
    monkeypatch.setattr(lines, "LONGEST", 10)
    assert "longer" in one("{}", '{"a": "0123456789"}').message


def test_faults_enough_end_the_reading():
    read = []

    def rows():
        for number in range(1000):
            read.append(number)
            yield b"oops"

    found, _ = lines.faults(rows(), "a", nothing)
    assert len(found) == lines.ENOUGH == len(read)
