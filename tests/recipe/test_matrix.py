"""The cells of a matrix, and how often a recipe is repeated."""

import pytest

from runner.errors import RecipeError
from runner.recipe import matrix, source
from runner.recipe.values import Given


def cells(text, given=None):
    tree = source.parse(text.encode(), "r.recipe.yaml")
    return matrix.cells(tree, tree, given or {})


def labels(text, given=None):
    return [cell.label for cell in cells(text, given)]


def test_every_combination_is_a_cell_in_the_order_of_the_lists():
    assert labels("{a: [1, 2], b: [x, y]}") == ["a=1,b=x", "a=1,b=y", "a=2,b=x", "a=2,b=y"]


def test_values_keep_their_types():
    (cell,) = cells("{a: [{b: [1, null]}]}")
    assert cell.values == {"a": {"b": [1, None]}}
    assert cell.label == 'a={"b": [1, null]}'


def test_without_a_matrix_there_is_one_cell_without_a_name():
    assert matrix.cells(None, {}, {}) == [matrix.Cell()]


@pytest.mark.parametrize(
    ("edits", "left"),
    [
        ("exclude: [{a: 1}]", ["a=2,b=x", "a=2,b=y"]),
        ("exclude: [{a: 1, b: x}, {b: y}]", ["a=2,b=x"]),
        (
            "include: [{a: 1, c: 3}]",
            ["a=1,b=x,c=3", "a=1,b=y,c=3", "a=2,b=x", "a=2,b=y"],
        ),
        ("include: [{c: 3}]", ["a=1,b=x,c=3", "a=1,b=y,c=3", "a=2,b=x,c=3", "a=2,b=y,c=3"]),
        ("include: [{a: 9, b: z}]", ["a=1,b=x", "a=1,b=y", "a=2,b=x", "a=2,b=y", "a=9,b=z"]),
        (
            "exclude: [{a: 2}]\ninclude: [{a: 2, b: x}]",
            ["a=1,b=x", "a=1,b=y", "a=2,b=x"],
        ),
    ],
)
def test_cells_are_left_out_and_added(edits, left):
    assert labels(f"a: [1, 2]\nb: [x, y]\n{edits}\n") == left


def test_true_is_not_one():
    assert labels("a: [true, 1]\nexclude: [{a: 1}]\n") == ["a=true"]


@pytest.mark.parametrize(
    ("given", "left"),
    [
        (Given("2", "--var a", text=True), ["a=2"]),
        (Given([1, 2], "--var a"), ["a=1", "a=2"]),
        (Given(True, "--var a"), ["a=true"]),
    ],
)
def test_a_given_value_narrows(given, left):
    assert labels("a: [1, 2, 3, true]", {"a": given}) == left


def test_a_long_value_is_named_by_its_digest():
    (one, other) = labels("a: [{x}, {y}]".format(x="s" * 80 + "1", y="s" * 80 + "2"))
    assert one != other
    assert len(one) < 60


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{a: []}", "an empty list"),
        ("{a: 1}", "no list: 1"),
        ("{run: [1]}", "'run' is no variable name"),
        ("{a: [1], exclude: [{b: 1}]}", "no list of the matrix is named 'b'"),
        ("{a: [1], exclude: [{a: 1}]}", "nothing of the matrix is left"),
        ("{a: [1], include: [3]}", "expected a mapping"),
        ("{a: [1, 1]}", "the combination a=1 twice"),
        ("{a: [%s], b: [%s]}" % ((",".join(map(str, range(101))),) * 2), "more than 10,000"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text, told):
    with pytest.raises(RecipeError) as caught:
        cells(text)
    assert told in caught.value.faults[0].message
    assert str(caught.value).startswith("r.recipe.yaml:1:")


def test_a_value_that_no_cell_has_is_told_with_those_there_are():
    with pytest.raises(RecipeError) as caught:
        cells("{a: [1, 2]}", {"a": Given("3", "--var a", text=True)})
    assert caught.value.faults[0].hint == "it has a: 1, 2"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{}", (0, 0)),
        ("{repeat: 5}", (5, 5)),
        ("{repeat: 5, pass: 4}", (5, 4)),
        ("{repeat: '{{ n }}', pass: '{{ n - 1 }}'}", (3, 2)),
    ],
)
def test_repeats(text, found):
    assert matrix.repeats(source.parse(text.encode(), "r"), {"n": 3}) == found


@pytest.mark.parametrize(
    "text", ["{pass: 2}", "{repeat: 2, pass: 3}", "{repeat: '{{ n }}'}", "{repeat: 10001}"]
)
def test_repeats_that_cannot_be(text):
    with pytest.raises(RecipeError):
        matrix.repeats(source.parse(text.encode(), "r"), {"n": "x"})
