"""Text with holes becomes a template that gives that text."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from runner.importer.holes import Hole, Holes
from runner.importer.script import script_of
from runner.importer.shell import tokens
from runner.recipe import template

HARD = some.text(some.sampled_from("a {}%#\"'\\\n\r\t-_~é"), max_size=20)


def word(text):
    return next(token.word for token in tokens(text, "f") if not token.operator)


def holes(before=""):
    return Holes(script_of(f"{before}\ncurl x", "f").assigned, "f")


@given(HARD, HARD, HARD)
def test_any_text_around_any_hole_stays_itself(before, middle, after):
    made = holes()
    text = made.fill((*_text(before), *word("$A"), *_text(middle), *word("$B"), *_text(after)))
    assert template.render(made.template(text), {"A": "1 {{ x }}", "B": "2\n"}) == (
        f"{before}1 {{{{ x }}}}{middle}2\n{after}"
    )


@given(HARD, HARD)
def test_blanks_beside_a_lone_hole_stay(before, after):
    made = holes()
    text = made.fill((*_text(before), *word("$A"), *_text(after)))
    assert str(template.render(made.template(text), {"A": "1"})) == f"{before}1{after}"


@given(HARD)
def test_text_without_holes_stays_itself(text):
    assert template.render(holes().template(text), {}) == text


def _text(text):
    return [word("x")[0]._replace(text=text)] if text else []


@pytest.mark.parametrize(
    ("before", "written", "values", "needed"),
    [
        ("", "$A", {}, ["A"]),
        ("", "${A:-b}", {"A": "b"}, []),
        ("A='a cat'", "$A", {"A": "a cat"}, []),
        ("A='say \\\"x\\\"'", "$A", {}, []),
        ("", "$(uuidgen -r)", {}, ["uuidgen_r"]),
        ("", "$run", {}, ["run_"]),
        ("", "$1", {}, ["value_1"]),
        ("", "$(cat a.md)", {"a_md": {"file": "a.md"}}, []),
    ],
)
def test_variables_of_a_shell_are_variables_of_the_recipe(before, written, values, needed):
    made = holes(before)
    made.template(made.fill(word(f'"x {written}"')))
    assert (made.values, list(made.needed)) == (values, needed)


@pytest.mark.parametrize(
    ("written", "secret"),
    [
        ("$MY_TOKEN", "MY_TOKEN"),
        ("$OPENAI_API_KEY", "OPENAI_API_KEY_SECRET"),
        ("sk-abcdefghij0123456789", "API_TOKEN"),
        ('"Bearer abcdefghij0123456789"', "API_TOKEN"),
    ],
)
def test_a_key_is_a_secret_and_never_a_value(written, secret):
    made = holes("MY_TOKEN=tok-abcdefghij")
    text = made.template(made.fill(word(written)))
    assert made.secrets == [secret]
    assert "{{ env." in text
    assert "abcdefghij" not in f"{text}{made.values}{made.warnings}"


@pytest.mark.parametrize(
    ("before", "written", "path", "values"),
    [
        ("", "a/b.png", "a/b.png", {}),
        ("", "./b.png", "b.png", {}),
        ("", "~/D/b.png", "{{ b_png }}", {"b_png": "b.png"}),
        ("", "${HOME}/D/b.png", "{{ b_png }}", {"b_png": "b.png"}),
        ("", "/tmp/b.png", "{{ b_png }}", {"b_png": "b.png"}),
        ("", "../b.png", "{{ b_png }}", {"b_png": "b.png"}),
        ("", ".hidden/b.png", "{{ b_png }}", {"b_png": "b.png"}),
        ("D=files", "$D/b.png", "files/b.png", {}),
        ("F=b.png", "$F", "b.png", {}),
        ("", "$F", "{{ F }}", {}),
    ],
)
def test_a_path_below_the_folder_stays_and_any_other_is_given(before, written, path, values):
    made = holes(before)
    assert made.path(word(written)) == path
    assert made.values == values
    assert bool(made.warnings) == path.startswith("{{")


def test_a_path_starts_from_the_recipe_s_folder():
    assert Holes({}, "f", "..").path(word("a.png")) == "../a.png"


def test_a_hole_that_is_alone_is_found():
    made = holes()
    assert made.hole(made.fill(word('"data:,$(base64 a.png)"')), "data:,") == Hole(
        "base64", path=word("a.png")
    )
    assert made.hole(made.fill(word('"x$A"'))) is None
