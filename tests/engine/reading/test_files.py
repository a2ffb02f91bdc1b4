"""Files are read only where the recipe may read, and what was read is remembered."""

import hashlib
import io
import os
import sys
from pathlib import Path

import pytest

from runner.engine.reading.files import Files, kind_of
from runner.errors import Fault, FileMark, Mark, RecipeError
from tests.engine.playing import written


@pytest.fixture
def project(tmp_path, monkeypatch):
    root = tmp_path / "project"
    written(
        tmp_path,
        {
            "project/recipes/a.recipe.yaml": "endpoint: models\n",
            "project/recipes/text.md": "Hello\n\n",
            "project/recipes/crlf.txt": b"\xef\xbb\xbfHello\r\n",
            "project/recipes/tree.yaml": "a: [1, 2]\n",
            "project/recipes/tree.json": '{"a": 1}',
            "project/recipes/broken.yaml": "a: [1\n",
            "project/recipes/bytes.md": b"\xff\xfe",
            "project/common.md": "shared",
            "project/.env": "KEY=secret",
            "project/.git/config": "secret",
            "outside.md": "secret",
            "allowed/in.md": "fine",
        },
    )
    monkeypatch.chdir(root)
    return root


def mark(name="recipes/a.recipe.yaml"):
    return Mark(name, 3, 7, 4)


def test_paths_belong_to_the_file_that_holds_them(project):
    files = Files(project)
    assert files.tree("text.md", mark()) == "Hello\n"
    assert files.tree("common.md", mark("a.recipe.yaml")) == "shared"
    assert files.tree("../common.md", mark()) == "shared"
    assert files.tree(str(project / "common.md"), mark()) == "shared"


def test_standard_input_lies_in_the_working_directory(project):
    assert Files(project).tree("common.md", mark("-")) == "shared"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("text.md", "Hello\n"),
        ("crlf.txt", "Hello"),
        ("tree.yaml", {"a": [1, 2]}),
        ("tree.json", {"a": 1}),
    ],
)
def test_a_files_name_says_what_it_is(project, name, value):
    assert Files(project).tree(name, mark()) == value


def test_an_included_text_knows_its_place_and_its_lines(project):
    files = Files(project)
    text = files.included("text.md", mark())
    assert text == "Hello\n"
    assert text.mark == FileMark("recipes/text.md", 1, 1)
    assert files.line("recipes/text.md", 1) == "Hello"


@pytest.mark.parametrize("name", ["one.yaml", "one.yml", "one.json"])
def test_an_included_value_that_is_text_is_no_text_of_its_file(project, name):
    """Its lines are not those of the file, which are kept as they stand there."""
    content = '\n\n"Hello\\n"' if name.endswith("json") else '---\n# One.\n"Hello\\n"\n'
    written(project, {f"recipes/{name}": content})
    files = Files(project)
    value = files.included(name, mark())
    assert value == "Hello\n"
    assert type(value) is str
    assert files.line(f"recipes/{name}", 3) == '"Hello\\n"'


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("../../outside.md", "outside the project"),
        ("/etc/hostname", "outside the project"),
        ("link.md", "a link that leads out of the project"),
        ("folder/outside.md", "outside the project"),
        ("../.env", "a dot-file"),
        ("../.git/config", "a dot-file"),
        ("hidden.md", "a dot-file"),
    ],
)
def test_what_leaves_the_project_is_refused(project, path, why):
    (project / "recipes/link.md").symlink_to(project.parent / "outside.md")
    (project / "recipes/folder").symlink_to(project.parent)
    (project / "recipes/hidden.md").symlink_to(project / ".env")
    for read in (Files(project).tree, Files(project).content):
        with pytest.raises(RecipeError, match=why) as caught:
            read(path, mark())
        assert str(caught.value).startswith("recipes/a.recipe.yaml:3:7: ")
        assert "--allow-path" in str(caught.value)
        assert "secret" not in str(caught.value)


def test_what_the_user_allows_is_read(project):
    files = Files(project, [project.parent / "allowed", project / ".env"])
    assert files.tree("../../allowed/in.md", mark()) == "fine"
    assert files.content("../.env", mark()) == b"KEY=secret"
    with pytest.raises(RecipeError):
        files.tree("../../outside.md", mark())
    files.allow(project.parent / "outside.md")
    assert files.tree("../../outside.md", mark()) == "secret"


def test_an_allowed_folder_allows_no_neighbour_with_a_longer_name(project):
    written(project.parent, {"allowed-not/in.md": "secret"})
    with pytest.raises(RecipeError):
        Files(project, [project.parent / "allowed"]).tree("../../allowed-not/in.md", mark())


@pytest.mark.parametrize("path", ["", "a\0b"])
def test_what_is_no_path_is_refused(project, path):
    with pytest.raises(RecipeError, match="is no path"):
        Files(project).tree(path, mark())


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("none.md", "no file is named recipes/none.md\n  hint: paths start from the folder of"),
        ("../recipes", "is no file, but a folder"),
        ("pipe", "is no file"),
        ("text.me", "did you mean 'text.md'"),
        ("text.md/x", "no file is named"),
        ("bytes.md", "not UTF-8 text"),
        ("x" * 300, "cannot be read: file name too long"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(project, path, why):
    os.mkfifo(project / "recipes/pipe")
    with pytest.raises(RecipeError, match=why) as caught:
        Files(project).tree(path, mark())
    assert "recipes/a.recipe.yaml:3:7" in str(caught.value)


def test_a_file_that_may_not_be_read_is_told(project):
    (project / "common.md").unlink()
    (project / "common.md").symlink_to("common.md")
    with pytest.raises(RecipeError, match=r"symlink|levels|common\.md"):
        Files(project).tree("common.md", mark("a.recipe.yaml"))


def test_a_file_that_is_too_large_is_told(project):
    with (project / "huge.md").open("wb") as file:
        file.truncate(300 * 1024 * 1024)
    with pytest.raises(RecipeError, match="larger than 256 MiB"):
        Files(project).tree("huge.md", mark("a.recipe.yaml"))


def test_the_fault_of_a_file_names_its_own_line(project):
    with pytest.raises(RecipeError) as caught:
        Files(project).tree("broken.yaml", mark())
    assert str(caught.value).startswith("recipes/broken.yaml:")


def test_digests_are_of_the_bytes(project):
    files = Files(project)
    files.tree("crlf.txt", mark())
    files.content("tree.json", mark())
    files.recipe("recipes/a.recipe.yaml")
    assert files.digests == {
        f"recipes/{name}": hashlib.sha256((project / "recipes" / name).read_bytes()).hexdigest()
        for name in ("crlf.txt", "tree.json", "a.recipe.yaml")
    }


def test_a_recipe_may_come_from_standard_input(project, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"endpoint: models\n")))
    files = Files(project)
    assert files.recipe("-") == {"endpoint": "models"}
    assert files.line("-", 1) == "endpoint: models"
    assert files.digests["-"] == hashlib.sha256(b"endpoint: models\n").hexdigest()


def test_lines_are_those_of_files_that_were_read(project):
    files = Files(project)
    files.recipe("recipes/a.recipe.yaml")
    assert files.line("recipes/a.recipe.yaml", 1) == "endpoint: models"
    assert files.line("recipes/a.recipe.yaml", 2) == ""
    assert files.line("other.yaml", 1) == ""


def test_errors_get_the_line_they_point_at(project):
    files = Files(project)
    files.recipe("recipes/a.recipe.yaml")
    error = RecipeError.of(Fault("odd", Mark("recipes/a.recipe.yaml", 1, 11, 6)), Fault("else"))
    assert str(files.quoted(error)).splitlines() == [
        "else",
        "recipes/a.recipe.yaml:1:11: odd",
        "  1 | endpoint: models",
        "    |           ^^^^^^",
    ]
    plain = RecipeError("no place")
    assert files.quoted(plain) is plain


def test_what_the_run_wrote_may_be_read_by_its_later_steps(project):
    written(project.parent, {"elsewhere/out/a.md": "mine", "elsewhere/out/b.md": "not mine"})
    place = Path("../elsewhere/out/a.md")
    files = Files(project)
    files.wrote(place)
    assert files.tree(str(place), mark()) == "mine"
    with pytest.raises(RecipeError):
        files.tree("../elsewhere/out/b.md", mark())


def test_what_one_row_wrote_no_other_reads(project):
    written(project.parent, {"elsewhere/a.md": "mine"})
    files, place = Files(project), project.parent / "elsewhere/a.md"
    one, other = files.copy(), files.copy()
    one.wrote(place)
    assert one.tree(str(place), mark()) == "mine"
    with pytest.raises(RecipeError, match="outside the project"):
        other.tree(str(place), mark())


def test_what_a_path_leads_to(project):
    assert kind_of(project) == "folder"
    assert kind_of(project / "common.md") == "file"
    assert {kind_of(project / name) for name in ("none", "x" * 300, "a\0b")} == {"none"}


def test_files_that_hold_keys_are_refused_even_within_the_project(project):
    files = Files(project, [project], denied=[project / "common.md"])
    with pytest.raises(RecipeError, match="holds a key"):
        files.tree("../common.md", mark())
