import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from runner.testing.session import marker
from tests.plugin.project import ASK, CELLS, Project, project, read

__all__ = ["project", "read"]
pytest_plugins = ["pytester"]
ROOT = Path(__file__).parent.parent.parent
TAGGED = ASK + "tags: [smoke, gpt-4.1 fast, skip]\n"


def test_each_cell_is_a_case_of_a_stable_id(project):
    project.write("sub/ask.recipe.yaml", CELLS)
    project.write("one.recipe.yml", ASK)
    done = project.run("--collect-only", "-q")
    assert done.outlines[:3] == [
        "one.recipe.yml::one",
        "sub/ask.recipe.yaml::ask[model=gpt-4.1]",
        "sub/ask.recipe.yaml::ask[model=meta/llama-3.3]",
    ]


def test_the_repeats_of_a_case_are_one(project):
    project.write("a.recipe.yaml", ASK.replace("answer.md", "'{{ run }}.md'") + "repeat: 3\n")
    assert project.run("--collect-only", "-q").outlines[0] == "a.recipe.yaml::a"
    project.offline().assert_outcomes(passed=1)


def test_an_id_chooses_its_case(project):
    project.write("ask.recipe.yaml", CELLS)
    done = project.offline("ask.recipe.yaml::ask[model=meta/llama-3.3]")
    done.assert_outcomes(passed=1)


def test_collecting_sends_and_writes_nothing(project):
    project.write("ask.recipe.yaml", ASK)
    before = project.files()
    done = project.run("--collect-only", "--recipes-live", "-p", "no:cacheprovider")
    done.stdout.fnmatch_lines(["*<RecipeFile ask.recipe.yaml>", "*<RecipeCase ask>"])
    assert project.files() == before
    assert not project.tmp.exists()


def test_a_broken_recipe_is_an_error_with_its_lines(project):
    project.write("good.recipe.yaml", ASK)
    project.write("wrong.recipe.yaml", ASK.replace("messages", "mesages"))
    done = project.offline()
    done.assert_outcomes(errors=1)
    assert done.ret == pytest.ExitCode.INTERRUPTED
    done.stdout.fnmatch_lines(
        [
            "*ERROR collecting wrong.recipe.yaml*",
            "wrong.recipe.yaml:3:1: unknown key 'mesages'",
            "  3 | mesages: *",
            "  hint: did you mean 'messages'?",
        ]
    )
    done.stdout.no_fnmatch_line("*.py*")


def test_recipes_of_one_output_do_not_meet(project):
    project.write("a.recipe.yaml", ASK)
    project.write("b.recipe.yaml", ASK)
    project.offline().assert_outcomes(passed=2)
    done = project.offline("--recipes-out=out")
    done.stdout.fnmatch_lines(["b.recipe.yaml:6:*two outputs would be written to out/answer.md"])


def test_tags_are_markers(project):
    project.write("a.recipe.yaml", TAGGED)
    project.write("b.recipe.yaml", ASK)
    project.offline("--strict-markers").assert_outcomes(passed=2)
    for name in ("smoke", "gpt_4_1_fast", "tag_skip"):
        project.offline("--strict-markers", "-m", name).assert_outcomes(passed=1, deselected=1)


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        ("smoke", "smoke"),
        ("gpt-4.1", "gpt_4_1"),
        ("4o", "tag_4o"),
        ("_own", "tag__own"),
        ("xfail", "tag_xfail"),
        ("not", "tag_not"),
        ("", "tag_"),
        ("größe", "größe"),
    ],
)
def test_a_marker_is_one_word(tag, name):
    assert marker(tag) == name


def test_words_choose_cases(project):
    project.write("ask.recipe.yaml", CELLS)
    project.offline("-k", "llama").assert_outcomes(passed=1, deselected=1)


def test_what_a_run_wrote_is_no_test(project):
    project.write("a.recipe.yaml", ASK)
    project.write("b.recipe.yaml", ASK)
    project.write("b.recipe.yaml.run.json", "{}")
    project.write("out/c.recipe.yaml", ASK)
    assert project.run("--collect-only", "-q").outlines[0] == "a.recipe.yaml::a"
    project.offline("out/c.recipe.yaml").assert_outcomes(passed=1)


def test_other_files_are_left_alone(project: Project):
    project.write("a.yaml", ASK)
    project.write("recipe.yaml", ASK)
    assert project.run().ret == pytest.ExitCode.NO_TESTS_COLLECTED


def test_every_pytest_reads_but_the_plugin():
    script = "import pytest, sys; before = {*sys.modules}; import runner.pytest_plugin; "
    script += "print(*sorted({*sys.modules} - before))"
    words = [sys.executable, "-c", script]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["runner", "runner.pytest_plugin"]


def test_it_is_an_entry_point_of_another_name_than_a_plugin_of_pytest():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["entry-points"]["pytest11"] == {"recipe_runner": "runner.pytest_plugin"}
