"""What is shown of a value is bounded."""

import pytest

from runner.report.html.trim import Trimmer

ADDRESS = "data:image/png;base64,"


def trim(value, room=60_000, longest=12_000):
    return Trimmer(lambda text: text, room, longest)(value)


def nested(depth):
    value: list = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({"a": [1, None, True, 0.5]}, {"a": [1, None, True, 0.5]}),
        (float("inf"), "inf"),
        (b"abc", "(3 bytes)"),
        ([0.5] * 20, [0.5] * 16 + ["… 4 more"]),
        (["a"] * 122, ["a"] * 120 + ["… 2 more"]),
        ("A" * 500, "A" * 48 + "… (500 characters)"),
        (ADDRESS + "A" * 500, ADDRESS + "A" * 26 + "… (522 characters)"),
    ],
)  # fmt: skip
def test_values_are_shown_as_json_can_hold_them(value, shown):
    assert trim(value) == shown


def test_many_fields_are_counted():
    assert trim({str(n): n for n in range(125)})["…"] == "5 more fields"


def test_depth_has_an_end():
    assert "…" in str(trim(nested(5_000)))


def test_room_is_shared_by_the_texts_of_a_case():
    trimmer = Trimmer(lambda text: text, 1_000, 600)
    texts = [trimmer(" x" * 500) for _ in range(4)]
    assert [len(text.partition(" … (")[0]) for text in texts] == [600, 400, 160, 160]
    assert trimmer.was_cut
