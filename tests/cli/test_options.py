"""Values and where they come from: the command line beats the recipe, the recipe its project."""

import json
from pathlib import Path

import pytest

from runner.cli.options import options, recipes
from runner.errors import SettingsError
from tests.cli.command import runner
from tests.engine.playing import written

ASK = "endpoint: chat.completions\nmodel: m\nmessages: [{user: '{{ v }}'}]\n"


def sent(*flags, files, code=0):
    """Return what a dry run would send as the user's message, or what went wrong."""
    told = runner("run", "a.recipe.yaml", "--dry-run", "--offline", *flags, files=files)
    assert told.code == code, told.err
    if code:
        return told.err
    body = json.loads(told.out.partition("\n\n")[2])
    return body["messages"][0]["content"]


TEXT = ASK.replace("{{ v }}", "is {{ v | tojson }}")
LAYERS = {
    "a.recipe.yaml": "extends: base.yaml\nvars: {v: recipe}\n" + ASK,
    "base.yaml": "vars: {v: base}\n",
    "runner.yaml": "vars: {v: project}\n",
    "one.yaml": "v: one\n",
    "two.json": '{"v": "two"}',
    "v.txt": "",
}


@pytest.mark.parametrize(
    ("flags", "value"),
    [
        ((), "recipe"),
        (("--vars-file", "one.yaml"), "one"),
        (("--vars-file", "one.yaml", "--vars-file", "two.json"), "two"),
        (("--var", "v=flag", "--vars-file", "one.yaml"), "flag"),
        (("--var", "v=flag", "--file", "v=v.txt"), "flag"),
        (("--var", "v=flag", "--var", "v=again"), "again"),
        (("--var", "v="), ""),
        (("--var", "v=a=b"), "a=b"),
        (("--var", "v={{ env.HOME }}"), "{{ env.HOME }}"),
        (("--var", 'v:="{{ 1 }}"'), "{{ 1 }}"),
        (("--var", "v:=7"), "7"),
    ],
)
def test_the_nearer_value_wins(flags, value):
    assert sent(*flags, files=LAYERS) == value


def test_what_lies_below_shows_where_nothing_is_above():
    files = {**LAYERS, "a.recipe.yaml": "extends: base.yaml\n" + ASK}
    assert sent(files=files) == "base"
    files["a.recipe.yaml"] = ASK
    assert sent(files=files) == "project"


def test_a_files_path_is_a_value_and_may_be_read(tmp_path):
    written(tmp_path.parent, {"outside.md": "from outside"})
    files = {"a.recipe.yaml": ASK.replace("'{{ v }}'", "{include: '{{ v }}'}")}
    assert sent("--file", "v=../outside.md", files=files) == "from outside"
    assert "outside the project" in sent("--var", "v=../outside.md", files=files, code=2)
    written(tmp_path.parent, {"other.md": "secret"})
    err = sent("--file", "v=../outside.md", "--var", "v=../other.md", files=files, code=2)
    assert "outside the project" in err


def test_an_allowed_folder_may_be_read(tmp_path):
    written(tmp_path.parent, {"data/x.md": "from data"})
    files = {"a.recipe.yaml": ASK.replace("'{{ v }}'", "{include: ../data/x.md}")}
    assert "--allow-path" in sent(files=files, code=2)
    assert sent("--allow-path", "../data", files=files) == "from data"
    files["runner.yaml"] = "allow_paths: [../data]"
    assert sent(files=files) == "from data"


TYPED = "{properties: {v: {type: %s}}}"


@pytest.mark.parametrize(
    ("default", "text", "value"),
    [
        ("1", "2", 2),
        ("1", "2.5", 2.5),
        ("1.5", "3", 3),
        ("true", "false", False),
        ("[1]", "[2, 3]", [2, 3]),
        ("{a: 1}", '{"b": 2}', {"b": 2}),
        ("text", "2", "2"),
        ("null", "2", "2"),
    ],
)
def test_text_takes_the_type_of_the_recipes_default(default, text, value):
    files = {"a.recipe.yaml": f"vars: {{v: {default}}}\n" + TEXT}
    assert sent("--var", f"v={text}", files=files) == f"is {json.dumps(value)}"


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("integer", "7", "7"),
        ("number", "7.5", "7.5"),
        ("boolean", "true", "true"),
        ("array", "[1]", "[1]"),
        ("object", "{}", "{}"),
        ("string", "7", '"7"'),
    ],
)
def test_text_takes_the_type_of_the_schema(kind, text, value):
    files = {"a.recipe.yaml": f"vars_schema: {TYPED % kind}\n" + TEXT}
    assert sent("--var", f"v={text}", files=files) == f"is {value}"


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("integer", "seven"),
        ("integer", "7.5"),
        ("integer", "true"),
        ("number", "true"),
        ("boolean", "yes"),
        ("boolean", "1"),
        ("array", "1,2"),
        ("object", "[]"),
    ],
)
def test_text_that_does_not_fit_is_an_error(kind, text):
    files = {"a.recipe.yaml": f"vars_schema: {TYPED % kind}\n" + ASK}
    assert "v" in sent("--var", f"v={text}", files=files, code=2)


@pytest.mark.parametrize("text", ["yes", "1", ""])
def test_text_that_does_not_fit_the_default_is_an_error(text):
    files = {"a.recipe.yaml": "vars: {v: true}\n" + ASK}
    assert "--var v" in sent("--var", f"v={text}", files=files, code=2)


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (("--var", "v"), "expected NAME=VALUE"),
        (("--var", "a b=1"), "expected NAME=VALUE"),
        (("--var", "v:={"), "expected JSON"),
        (("--var", "v:=" + "[" * 20000), "expected JSON"),
        (("--file", "v"), "expected NAME=VALUE"),
        (("--file", "v=none.txt"), "no such file"),
        (("--vars-file", "none.yaml"), "no such file"),
        (("--vars-file", "list.yaml"), "expected a mapping"),
        (("--vars-file", "broken.yaml"), "broken.yaml:1:"),
        (("--vars-file", "."), "no such file"),
        (("--hooks", "none.py"), "none.py"),
    ],
)
def test_wrong_usage_is_told(flags, told):
    files = {**LAYERS, "list.yaml": "[1]", "broken.yaml": "a: ["}
    err = sent(*flags, files=files, code=2)
    assert told in err
    assert len(err.encode()) <= 4096


@pytest.mark.parametrize(
    "name", ["row", "row_id", "steps", "env", "reply", "item", "loop", "run", "index"]
)
def test_reserved_names_are_no_variables(name):
    files = {"a.recipe.yaml": f"vars: {{{name}: 1}}\nendpoint: models\n"}
    assert f"a.recipe.yaml:1:8: vars.{name}" in sent(files=files, code=2)
    assert name in sent("--var", f"{name}=1", files={"a.recipe.yaml": ASK}, code=2)
    step = f"steps:\n  - {{endpoint: models, vars: {{{name}: 1}}}}\n"
    assert name in sent(files={"a.recipe.yaml": step}, code=2)


def test_a_variable_that_nothing_reads_is_an_error():
    files = {"a.recipe.yaml": "vars: {city: x}\n" + ASK.replace("v }}", "city }}")}
    err = sent("--var", "citty=y", files=files, code=2)
    assert "nothing reads the variable 'citty'" in err
    assert "did you mean 'city'" in err


def test_of_several_recipes_one_that_reads_it_is_enough():
    files = {"a.recipe.yaml": ASK, "b.recipe.yaml": "endpoint: models\n"}
    assert runner("run", ".", "--offline", "--var", "v=1", files=files).code == 0
    assert runner("run", ".", "--offline", "--var", "v=1", "--var", "w=1").code == 2


def test_a_file_of_values_may_hold_more_than_one_recipe_reads():
    files = {**LAYERS, "one.yaml": "v: one\nw: two\n"}
    assert sent("--vars-file", "one.yaml", files=files) == "one"


def test_a_variable_may_be_read_by_one_of_the_project():
    files = {"a.recipe.yaml": ASK, "runner.yaml": "vars: {first: a, v: '{{ first }}!'}"}
    assert sent("--var", "first=b", files=files) == "b!"


def test_a_variable_may_be_read_by_a_tool():
    tool = "tools: [{name: w, parameters: {}, returns: {a: '{{ v }}'}}]\n"
    files = {"a.recipe.yaml": ASK.replace("{{ v }}", "x") + tool}
    assert sent("--var", "v=1", files=files) == "x"


def test_variables_render_in_order_and_see_the_environment(monkeypatch):
    monkeypatch.setenv("CITY", "Oslo")
    text = "env: [CITY]\nvars: {a: '{{ env.CITY }}', b: '{{ a | upper }}', v: '{{ b }}!'}\n"
    assert sent(files={"a.recipe.yaml": text + ASK}) == "OSLO!"
    early = "vars: {v: '{{ b }}', b: 1}\n"
    assert "'b'" in sent(files={"a.recipe.yaml": early + ASK}, code=2)


@pytest.mark.parametrize(
    ("base", "own", "value"),
    [
        ("v: 1", "w: 2, v: '{{ w }}'", "2"),
        ("v: 1, w: 3", "v: '{{ w }}4'", "34"),
        ("w: 1, v: '{{ w }}!'", "w: 2", "2!"),
        ("w: 1, v: '{{ w }}!'", "x: 5, w: '{{ x }}'", "5!"),
    ],
)
def test_variables_of_two_files_each_see_what_is_above_them(base, own, value):
    text = f"vars: {{{own}}}\n{ASK}"
    files = {"a.recipe.yaml": "extends: base.yaml\n" + text, "base.yaml": f"vars: {{{base}}}\n"}
    assert sent(files=files) == value
    files = {"a.recipe.yaml": text, "runner.yaml": f"vars: {{{base}}}\n"}
    assert sent(files=files) == value


def test_variables_that_read_each_other_are_told():
    files = {
        "a.recipe.yaml": "extends: base.yaml\nvars: {v: '{{ w }}'}\n" + ASK,
        "base.yaml": "vars: {w: '{{ v }}'}\n",
    }
    assert "is undefined" in sent(files=files, code=2)


def test_a_project_variable_is_replaced_and_not_merged_into():
    files = {
        "runner.yaml": "vars: {v: {a: 1, b: 2}}",
        "a.recipe.yaml": "vars: {v: {a: 3}}\n" + ASK.replace("v }}", 'v.b | default("none") }}'),
    }
    assert sent(files=files) == "none"


def test_extends_merges_mappings_and_joins_expectations():
    files = {
        "a.recipe.yaml": "extends: [one.yaml, sub/two.yaml]\nexpect: [{status: 200}]\n" + ASK,
        "one.yaml": "vars: {w: one, v: one}\nexpect: [{model: m}]\nparams: {seed: 1, n: 1}\n",
        "sub/two.yaml": "vars: {v: {include: text.md}}\nparams: {n: 2}\n",
        "sub/text.md": "two {{ w }}\n",
    }
    assert sent(files=files) == "two one"
    shown = json.loads(runner("show", "a.recipe.yaml", "--json", "--offline").out)
    assert shown["request"]["body"]["n"] == 2
    assert shown["request"]["body"]["seed"] == 1
    (step,) = shown["recipe"]["steps"]
    assert step["expect"] == [{"model": "m"}, {"status": 200}]


def test_the_provider_of_the_command_line_beats_all(server):
    files = {
        "a.recipe.yaml": "provider: two\n" + ASK.replace("{{ v }}", "x"),
        "runner.yaml": "providers:\n"
        + "".join(f"  {n}: {{base_url: {server.base(n)}}}\n" for n in ("one", "two", "three"))
        + "defaults: {provider: three}\n",
    }

    def host(*flags):
        told = runner("run", "a.recipe.yaml", "--dry-run", *flags, files=files)
        return told.out.split("/")[4]

    assert host("--provider", "one") == "one"
    assert host() == "two"
    files["a.recipe.yaml"] = ASK.replace("{{ v }}", "x")
    assert host() == "three"


@pytest.mark.parametrize("flags", [("--offline",), ("--provider", "offline")])
def test_offline_puts_placeholders_for_unset_secrets(flags):
    files = {"a.recipe.yaml": "secrets: [TOKEN]\n" + ASK.replace("v }}", "env.TOKEN }}")}
    told = runner("run", "a.recipe.yaml", *flags, files=files)
    assert told.code == 0
    assert "placeholder" not in told.out + told.err
    told = runner("run", "a.recipe.yaml")
    assert told.code == 2
    assert "TOKEN is not set" in told.err


def test_folders_are_searched_downwards(tmp_path):
    names = [
        *("r/b.recipe.yaml", "r/a/c.recipe.yml", "r/a.recipe.yaml"),
        *("r/other.yaml", "r/.hidden/d.recipe.yaml", "r/out/e.recipe.yaml"),
        *("r/made.recipe.yaml", "r/made.recipe.yaml.run.json", "r/.f.recipe.yaml"),
    ]
    written(tmp_path, dict.fromkeys(names, ""))
    Path("r/g.recipe.yaml").mkdir()
    found = ["r/a/c.recipe.yml", "r/a.recipe.yaml", "r/b.recipe.yaml"]
    assert sorted(recipes(("r",))) == sorted(found)
    assert recipes(("r/other.yaml", "r/b.recipe.yaml", "r/other.yaml", "-")) == [
        "r/other.yaml",
        "r/b.recipe.yaml",
        "-",
    ]
    assert recipes(("r/out",)) == ["r/out/e.recipe.yaml"]
    spelled = ("./r/b.recipe.yaml", "r/b.recipe.yaml", "r/a/../b.recipe.yaml")
    assert recipes(spelled) == ["./r/b.recipe.yaml"]


def test_paths_that_hold_no_recipes_are_told(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(SettingsError, match="runner new hello"):
        recipes(("empty",))
    for path in ("none", "x" * 300):
        with pytest.raises(SettingsError, match="no such file or folder"):
            recipes((path,))


@pytest.mark.parametrize(
    "text", ['a:="\\ud800"', "a=\udcff", "a:=NaN", "a:=1e999", f"a:={'[' * 300}{']' * 300}", "a:={"]
)
def test_a_value_that_nothing_can_send_is_refused(text):
    with pytest.raises(SettingsError, match=r"--var a:?=.*expected (JSON|UTF-8 text)"):
        options((text,), (), (), "", False, (), ())
