"""The README tells what there is: its commands run, its recipes pass, its tables are the code's."""

import os
import re
import shlex
import shutil
from pathlib import Path
from typing import NamedTuple

import click
import jinja2.filters
import pytest
from click.testing import CliRunner

from runner import errors, expect, load, runs
from runner.cli import COMMANDS, cli
from runner.engine.user import settings
from runner.expect import text, values
from runner.protocol import endpoints
from runner.recipe import lint, schema, source
from runner.recipe.templates.filters import FILTERS
from runner.recipe.values import RESERVED

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
NOT_YET = README.partition("Not yet:")[2].partition("\n\n")[0]


class Block(NamedTuple):
    """A fenced block: its language, its text, and the line of the README on which it begins."""

    kind: str
    body: str
    line: int


def blocks(kind: str) -> list[Block]:
    return [
        Block(found[1], found[2], README.count("\n", 0, found.start()) + 1)
        for found in re.finditer(r"^```(\w*)\n(.*?)^```$", README, re.M | re.S)
        if found[1] == kind
    ]


def section(title: str) -> str:
    after = re.split(rf"^#+ {re.escape(title)}$", README, flags=re.M)[1]
    return re.split(r"^#+ ", re.sub(r"^```.*?^```$", "", after, flags=re.M | re.S), flags=re.M)[0]


def rows(title: str) -> list[list[str]]:
    """The cells of a section's first table, less its head."""
    text = section(title).replace(r"\|", "¦")
    table = re.search(r"^\|.*?(?=\n\n|\Z)", text, re.M | re.S)
    assert table, f"no table under {title}"
    lines = [line.strip("| ").split(" | ") for line in table[0].splitlines()]
    return [[cell.strip() for cell in line] for line in lines[2:]]


def quoted(text: str) -> list[str]:
    """The words that stand in backticks."""
    return [word for found in re.findall(r"`([^`]+)`", text) for word in found.split()]


def is_recipe(body: str) -> bool:
    return re.search(r"^(endpoint|steps):", body, re.M) is not None


RECIPES = [block for block in blocks("yaml") if is_recipe(block.body)]
PROJECTS = [block for block in blocks("yaml") if not is_recipe(block.body)]
HOOKS = next(block.body for block in blocks("python") if "@hook" in block.body)
SCRIPTS = [block for block in blocks("python") if "@hook" not in block.body]


def line_of(block: Block) -> str:
    return f"line {block.line}"


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project with what the README's recipes name, and no key in the environment."""
    for name in settings.KEYS:
        monkeypatch.delenv(name, raising=False)
    for folder in ("prompts", "context", "files"):
        shutil.copytree(ROOT / "recipes" / folder, tmp_path / folder)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "notes.md").write_text("Amsterdam has 165 canals.\n", encoding="utf-8")
    (tmp_path / "data" / "products.csv").write_text("sku,name\na1,lamp\na2,mug\n")
    (tmp_path / "hooks.py").write_text(HOOKS, encoding="utf-8")
    project_file = "hooks: [hooks.py]\nvars: {chat_model: gpt-4.1}\n"
    (tmp_path / "runner.yaml").write_text(project_file, encoding="utf-8")
    return tmp_path


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A copy of the repository's recipes to stand in, with an environment that holds no key."""
    shutil.copytree(ROOT / "recipes", tmp_path / "recipes")
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith(("OPENAI_", "AZURE_")):
            monkeypatch.delenv(name)
    return tmp_path


def test_the_first_two_commands_are_those_that_ci_runs():
    first, second = [block.body for block in blocks("sh")]
    venv = "python3 -m venv .venv && . .venv/bin/activate"
    assert first == f"{venv} && pip install -q -e . && runner run recipes/ --offline\n"
    assert second == ". .venv/bin/activate && pip install -q -e '.[test]' && pytest -q\n"


def test_the_first_recipe_is_one_of_the_repository():
    shown = (ROOT / "recipes" / "chat.completions.recipe.yaml").read_text(encoding="utf-8")
    assert RECIPES[0].body == shown


@pytest.mark.parametrize("block", RECIPES, ids=line_of)
def test_its_recipes_pass_offline(block, project):
    path = project / "example.recipe.yaml"
    path.write_text(block.body, encoding="utf-8")
    assert load(path).steps
    steps = [step for one in runs(path, offline=True, out=project / "out") for step in one.steps]
    assert not [check.message for step in steps for check in step.checks if not check.passed]
    assert {step.state for step in steps} == {"passed"}
    written = [file for step in steps for file in step.files]
    assert bool(written) == ("output:" in block.body)


@pytest.mark.parametrize("block", PROJECTS, ids=line_of)
def test_its_project_files_are_project_files(block):
    tree = source.parse(block.body.encode(), "runner.yaml")
    assert not schema.check(tree, settings.table("project.json"))


@pytest.mark.parametrize("block", SCRIPTS, ids=line_of)
def test_its_python_runs(block, checkout):
    exec(compile(block.body, f"README.md:{block.line}", "exec"), {})


def invoked(command: str) -> tuple[str, int]:
    """What a command prints, in order, and its exit code."""
    words = shlex.split(command.removeprefix("runner "))
    done = CliRunner().invoke(cli, words, standalone_mode=False, catch_exceptions=False)
    code = done.return_value if done.exit_code == 0 else done.exit_code
    return done.output, code or 0


def pattern(shown: str) -> str:
    """The expression that a text is: `…` stands for the rest of a line, alone for any lines."""
    lines = [
        r"(?:[^\n]*\n)*" if line == "…" else re.escape(line).replace("…", r"[^\n]*") + r"\n"
        for line in shown.splitlines()
    ]
    return "".join(lines)


def turns(body: str) -> list[tuple[str, str]]:
    """The commands of a console block, each with what follows it."""
    found = re.split(r"^\$ (.*)\n", body, flags=re.M)
    return list(zip(found[1::2], found[2::2], strict=True))


@pytest.mark.parametrize("block", blocks("console"), ids=line_of)
def test_its_commands_say_what_it_shows(block, checkout):
    assert turns(block.body)
    for command, shown in turns(block.body):
        if command.startswith("cat "):
            (checkout / command.removeprefix("cat ")).write_text(shown, encoding="utf-8")
            continue
        assert command.startswith("runner ")
        bare = command.removesuffix("; echo $?")
        output, code = invoked(bare)
        if bare == command:
            assert code == 0, output
        else:
            output += f"{code}\n"
        assert re.fullmatch(pattern(shown), output), output


def test_every_command_has_its_row():
    named = [re.match(r"`runner (\w+)", row[0]) for row in rows("The command")]
    assert [found[1] for found in named if found] == list(COMMANDS)


def flags_of(name: str) -> set[str]:
    """The flags of a command, and of those within it."""
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    inner = command.commands.values() if isinstance(command, click.Group) else ()
    params = [one for each in (command, *inner) for one in each.params]
    return {max(one.opts, key=len) for one in params if one.param_type_name == "option"}


def shared_flags() -> set[str]:
    """The flags of values; `--json` is told with each command, as it prints what is its own."""
    flags = map(flags_of, ("run", "check", "show", "list", "doctor"))
    return set.intersection(*flags) - {"--json"}


def told_flags(text: str) -> set[str]:
    return {word for word in quoted(text) if re.fullmatch(r"--?[a-z][a-z-]*", word)}


def run_flags() -> list[set[str]]:
    """The flags that each row of the table of `run` tells."""
    table = README.partition("The flags of `run`:")[2].split("\n\n")[1]
    return [told_flags(line.split(" | ")[0]) for line in table.splitlines()[2:]]


def test_every_flag_of_run_is_told_and_no_other():
    short = {"-q": "--quiet", "-v": "--verbose"}
    told = [short.get(flag, flag) for flags in run_flags() for flag in flags]
    assert sorted(told) == sorted(flags_of("run"))


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - {"run"}))
def test_every_flag_of_the_others_is_told(name):
    row = next(row for row in rows("The command") if row[0].startswith(f"`runner {name}"))
    assert told_flags(row[1]) == flags_of(name) - shared_flags()


def test_the_shared_flags_stand_first():
    flags = run_flags()
    first = next(place for place, row in enumerate(flags) if "--out" in row)
    assert set().union(*flags[:first]) == shared_flags()


def test_every_endpoint_has_its_row():
    made = {row[0].strip("`"): (row[1].strip("`"), row[2].strip("`")) for row in rows("Endpoints")}
    assert list(made) == list(endpoints.MODULES)
    for name, (call, recipe) in made.items():
        found = endpoints.find(name)
        assert call == (f"{found.method} {found.path}" if found.path else "any")
        assert recipe == f"recipes/{name}.recipe.yaml"
        assert (ROOT / recipe).is_file()


def test_every_expectation_has_its_row():
    told = [name for row in rows("Expectations") for name in quoted(row[0])]
    assert sorted(told) == sorted([*expect.PARTS, *expect.OTHERS])
    known = set(settings.table("recipe.json")["$defs"]["expectation"]["properties"])
    assert known - set(told) == set(quoted(NOT_YET)) & known


def test_every_check_is_told():
    told = section("Expectations")
    lists = dict(re.findall(r"^- Checks of (\w+).*?`([^`]+)`", told, re.M))
    assert lists["text"].split() == list(text.CHECKS)
    assert lists["numbers"].split() == list(values.AMOUNTS)
    own = set(values.VALUES) - set(text.CHECKS) - set(values.AMOUNTS)
    assert set(lists["a"].split()) == own


def test_every_exit_code_has_its_row():
    raised = {kind.exit_code for kind in vars(errors).values() if is_error(kind)}
    told = [int(row[0]) for row in rows("Exit codes")]
    assert told == sorted(told)
    assert set(told) == raised | {0, 1, 70, 130, 143}


def is_error(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, errors.RunnerError)


def test_the_roots_of_the_errors_are_told_with_their_codes():
    told = README.partition("All errors are a `RunnerError`:")[2].partition("\n\n")[0]
    for kind in errors.RunnerError.__subclasses__():
        after = told.partition(f"`{kind.__name__}`")[2]
        found = re.search(r"\d+", after)
        assert found, f"{kind.__name__} is not told"
        assert int(found[0]) == kind.exit_code


def test_every_key_of_a_recipe_is_told():
    known = set(settings.table("recipe.json")["properties"]) - {"$schema"}
    told = {word for row in rows("Keys of a recipe") for word in quoted(row[0])}
    assert told <= known
    assert known - told == set(quoted(NOT_YET)) & known


def test_every_key_of_the_project_file_is_told():
    shape = settings.table("project.json")
    shown = source.parse(PROJECTS[0].body.encode(), "runner.yaml")
    providers = shape["$defs"]["provider"]["properties"]
    known = {*shape["properties"], *providers, *shape["properties"]["defaults"]["properties"]}
    of_providers = {key for row in shown["providers"].values() for key in row}
    told = {*shown, *shown["defaults"], *of_providers}
    assert told <= known
    assert known - told - {"$schema"} == set(quoted(NOT_YET)) & known


def test_every_part_of_a_reply_has_its_row():
    told = [name for row in rows("What a reply is made of") for name in quoted(row[0])]
    assert set(told) == lint.REPLY - {"reply", "index"}


def test_every_filter_of_ours_is_told():
    ours = set(FILTERS) - set(jinja2.filters.FILTERS)
    assert ours <= set(quoted(section("Templates")))


def test_the_names_that_are_taken_are_told():
    assert f"`{' '.join(RESERVED)}`" in " ".join(README.split())


@pytest.mark.parametrize("block", blocks("yml"), ids=line_of)
def test_workflows_call_what_there_is(block):
    steps = source.parse(block.body.encode(), "workflow.yml")["jobs"]["recipes"]["steps"]
    called = [shlex.split(step["run"]) for step in steps if "runner " in step.get("run", "")]
    assert called
    for program, name, *words in called:
        assert program == "runner"
        command = cli.get_command(click.Context(cli), name)
        assert command is not None
        known = {flag for option in command.params for flag in option.opts}
        assert {word for word in words if word.startswith("--")} <= known
        assert "--untrusted" in words
