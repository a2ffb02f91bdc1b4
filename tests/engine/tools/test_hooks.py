"""Hook files are imported from where the user names them, and never anything beside them."""

from __future__ import annotations

import hashlib
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from runner.engine.tools import hooks
from runner.engine.tools.hooks import Hooks, hook
from runner.errors import HookError, SettingsError

FILE = '''\
from __future__ import annotations
from dataclasses import dataclass
from typing import Literal
from runner.engine.tools.hooks import hook

@dataclass
class Place:
    name: str

@hook
def get_weather(place: Place, unit: Literal["c", "f"] = "c") -> dict:
    """Current temperature."""
    return {"place": place.name}

@hook(name="clock", description="The time.")
def get_time():
    """Not told."""
    return "12:00"

def helper():
    pass
'''


@pytest.fixture(autouse=True)
def registered(monkeypatch):
    """What a test registers is forgotten after it."""
    monkeypatch.setattr(hooks, "REGISTERED", [])


@pytest.fixture
def written(tmp_path):
    def write(text, name="hooks.py"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def loaded(*files):
    return Hooks.load(files, entry_points=False)


def test_a_file_registers_the_functions_it_decorates(written):
    found = loaded(written(FILE))
    assert found.names() == ("clock", "get_weather")
    assert [tool.description for tool in found.all()] == ["The time.", "Current temperature."]
    assert found.lookup("get_weather").schema["required"] == ["place"]
    assert found.lookup("helper") is None


def test_a_function_that_a_file_does_not_register_is_found(written):
    path = written(FILE + "\nroll = lambda: 4\ndef dice(): ...\nfrom json import dumps\n")
    found = loaded(path)
    line = FILE.count("\n") + 3
    assert found.unmarked("dice") == f"{path}:{line}"
    assert [found.unmarked(name) for name in ("Place", "dumps", "nothing")] == ["", "", ""]


def test_the_origin_of_a_function_is_its_file_and_line(written):
    path = written(FILE)
    assert (
        loaded(path).origin("get_weather") == f"{path}:{FILE.split('@hook')[0].count(chr(10)) + 1}"
    )


def test_the_digest_is_of_the_files_bytes(written):
    path = written(FILE)
    digest = hashlib.sha256(FILE.encode()).hexdigest()
    assert loaded(path).digest() == {str(path): digest}
    assert loaded().digest() == {}


def test_a_decorated_function_stays_what_it_was():
    def add(a, b):
        return a + b

    assert hook(add) is add
    assert hook(name="plus")(add) is add
    assert loaded().names() == ("add", "plus")
    assert add(1, 2) == 3


def test_the_decorator_without_a_function_says_how_it_is_written():
    with pytest.raises(HookError, match=r"@hook\(name=...\)"):
        hook("get_weather")  # type: ignore[call-overload]


def test_importing_leaves_nothing_behind(written, tmp_path):
    path = list(sys.path)
    loaded(written(FILE))
    assert [path.name for path in tmp_path.iterdir()] == ["hooks.py"]
    assert sys.path == path


def test_a_file_is_run_once_until_it_changes(written, capsys):
    text = FILE + "print('ran')\n"
    path = written(text)
    first, second = loaded(path), loaded(path, path)
    assert first.find("clock") is second.find("clock")
    assert capsys.readouterr().err == "ran\n"
    written(text.replace("12:00", "13:00"))
    assert loaded(path).find("clock").function() == "13:00"
    assert first.find("clock").function() == "12:00"


def test_what_a_file_prints_while_it_is_imported_goes_to_standard_error(written, capsys):
    loaded(written("print('hello')"))
    print("data")
    assert capsys.readouterr() == ("data\n", "hello\n")


def test_functions_of_two_files_stand_together_and_apart(written):
    one, two = written(FILE), written(FILE.replace("clock", "watch"), "two.py")
    other = FILE.replace("get_weather", "get_storm")
    two = written(other.replace("clock", "watch"), "two.py")
    assert loaded(one, two).names() == ("clock", "get_storm", "get_weather", "watch")
    assert loaded(two).names() == ("get_storm", "watch")


def test_two_functions_of_one_name_are_an_error_that_names_both(written):
    one, two = written(FILE), written(FILE, "two.py")
    with pytest.raises(HookError) as caught:
        loaded(one, two)
    assert str(caught.value).startswith(
        f"two hooks have the name 'get_weather': {one}:10 and {two}:10\n  hint: rename one"
    )


def test_two_functions_of_one_name_in_one_file_are_an_error(written):
    path = written(FILE + "\n@hook\ndef clock():\n    pass\n")
    with pytest.raises(HookError, match=r"'clock': .*:15 and .*:23"):
        loaded(path)


def test_a_file_beats_the_process_and_a_new_definition_the_old(written):
    def define(answer):
        @hook
        def clock():
            return answer

        @hook
        def other():
            return answer

    define(1)
    define(2)
    assert loaded().find("clock").function() == 2
    found = loaded(written(FILE))
    assert found.find("clock").function() == "12:00"
    assert found.find("other").function() == 2


def test_two_functions_of_the_process_with_one_name_are_an_error():
    hook(name="a")(len)
    hook(name="a")(max)
    with pytest.raises(HookError, match="two hooks have the name 'a'"):
        loaded()


def test_a_registered_function_that_a_file_takes_from_elsewhere_is_its_own(written, monkeypatch):
    written(
        "from runner.engine.tools.hooks import hook\n@hook\ndef far():\n    return 1\n",
        "elsewhere.py",
    )
    one, two = written("from elsewhere import far"), written("import elsewhere as e", "two.py")
    monkeypatch.syspath_prepend(one.parent)
    try:
        assert loaded(one).names() == ("far",)
        assert loaded(one, two).names() == ("far",)
    finally:
        sys.modules.pop("elsewhere", None)


def test_a_module_beside_the_file_is_not_imported(written):
    written("x = 1", "beside.py")
    path = written("import sys\nimport beside\n")
    with pytest.raises(HookError) as caught:
        loaded(path)
    assert str(caught.value) == (
        f"{path}:2: ModuleNotFoundError: No module named 'beside'\n"
        "  hint: what lies beside a hooks file is not imported: install it as a package"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1\nraise ValueError('no')", ":2: ValueError: no"),
        ("import json\n\njson.loads('{')", ":3: JSONDecodeError: Expecting property name"),
        ("x = 1\ndef (:\n", ":2: SyntaxError: invalid syntax"),
        ("import sys\nsys.exit(3)", ":2: SystemExit: 3"),
        ("x = '\0'", ": SyntaxError: source code string cannot contain null bytes"),
        ("import no_such_module", ":1: ModuleNotFoundError: No module named 'no_such_module'"),
    ],
)
def test_a_file_that_cannot_be_imported_is_an_error_with_its_line(written, text, message):
    path = written(text)
    with pytest.raises(HookError) as caught:
        loaded(path)
    assert str(caught.value).startswith(f"{path}{message}")
    assert "hint" not in str(caught.value)


def test_a_file_that_failed_leaves_no_function_behind(written):
    path = written(FILE + "raise ValueError")
    with pytest.raises(HookError):
        loaded(path)
    assert loaded().names() == ()
    assert not [name for name in sys.modules if name == "hooks"]


def test_ctrl_c_while_a_file_is_imported_passes(written):
    with pytest.raises(KeyboardInterrupt):
        loaded(written("raise KeyboardInterrupt"))


def test_a_file_that_is_not_there_is_a_wrong_setting(tmp_path):
    with pytest.raises(SettingsError, match=r"none.py"):
        loaded(tmp_path / "none.py")
    with pytest.raises(SettingsError, match="is no file"):
        loaded(tmp_path)


def test_a_function_that_cannot_be_described_fails_only_when_it_is_named(written):
    text = (
        "from runner.engine.tools.hooks import hook\n"
        "@hook\ndef bad(*a): ...\n@hook\ndef good(): ...\n"
    )
    found = loaded(written(text))
    assert found.lookup("good")
    with pytest.raises(HookError, match=r"hooks.py:2: the hook bad: \(\*a\)"):
        found.lookup("bad")


def package(folder: Path, entry_points: str, text: str) -> None:
    (folder / "weather_tools.py").write_text(text)
    meta = folder / "weather_tools-1.dist-info"
    meta.mkdir()
    (meta / "METADATA").write_text("Metadata-Version: 2.1\nName: weather-tools\nVersion: 1\n")
    (meta / "entry_points.txt").write_text(f"[runner.hooks]\n{entry_points}\n")


@pytest.fixture
def installed(tmp_path, monkeypatch):
    def install(entry_points, text):
        folder = tmp_path / "site"
        folder.mkdir()
        package(folder, entry_points, text)
        monkeypatch.syspath_prepend(folder)

    yield install
    sys.modules.pop("weather_tools", None)


def test_an_installed_package_offers_the_functions_of_a_module(installed):
    installed("any = weather_tools", FILE)
    assert Hooks.load([], entry_points=False).lookup("clock") is None
    found = Hooks.load([])
    assert [tool.description for tool in found.all()] == ["The time.", "Current temperature."]
    assert found.names() == ("clock", "get_weather")


def test_an_installed_package_offers_a_function(installed):
    installed("plain = weather_tools:helper\nmarked = weather_tools:get_time", FILE)
    assert Hooks.load([]).names() == ("clock", "plain")


def test_installed_packages_are_asked_only_for_what_is_not_found_otherwise(installed, written):
    installed("any = weather_tools", "raise ValueError('broken')")
    found = Hooks.load([written(FILE)])
    assert found.lookup("clock")
    with pytest.raises(HookError) as caught:
        found.lookup("unknown")
    assert str(caught.value).startswith("the installed hooks 'any' (weather_tools): broken\n")


def test_registering_costs_no_heavy_import():
    code = (
        "import sys, runner.engine.tools.hooks as h\n"
        "print([m for m in ('inspect', 'importlib.metadata', 'jsonschema', 'asyncio', 'jinja2',"
        " 'concurrent.futures.thread') if m in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout == "[]\n"


def test_an_instance_of_a_hook_files_class_pickles(written):
    loaded(written(FILE))
    (one, *_) = [o.function.__globals__["Place"] for o in hooks.REGISTERED]
    assert pickle.loads(pickle.dumps(one("a"))) == one("a")
