"""The three laws of the house, read from the code itself."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODULES = sorted((ROOT / "runner").rglob("*.py"))
FLOORS = {
    "runner.record": 0,
    "runner.errors": 0,
    "runner.exchange": 0,
    "runner.model": 0,
    "runner.results": 0,
    "runner.recipe": 1,
    "runner.protocol": 2,
    "runner.cassette": 2,
    "runner.expect": 2,
    "runner.curl": 2,
    "runner.script": 2,
    "runner.report": 2,
    "runner.importer": 2,
    "runner.transport": 3,
    "runner.engine": 4,
    "runner.cli": 5,
    "runner.api": 5,
    "runner.pytest_plugin": 5,
    "runner.testing": 5,
    "runner.__main__": 5,
    "runner": 5,
}
WET = {
    *("aiohttp", "asyncio", "concurrent", "fileinput", "getpass", "glob", "http", "httpx"),
    *("importlib.resources", "io.FileIO", "io.open", "linecache", "logging", "multiprocessing"),
    *("os", "pathlib", "queue", "random", "requests", "secrets", "select", "selectors", "shutil"),
    *("signal", "socket", "socketserver", "ssl", "subprocess", "sys", "tempfile", "threading"),
    *("time", "urllib.request", "urllib3", "uuid", "websocket", "websockets", "wsproto"),
}
DEEDS = {"open", "print", "input"}
METHODS = {
    *("iterdir", "mkdir", "now", "read_bytes", "read_text", "rmtree", "today", "unlink"),
    *("urlopen", "utcnow", "write_bytes", "write_text"),
}
LEGITIMATE = {
    "pathlib.PurePosixPath": "names are taken apart, and no disk is asked",
    "sys": "of it sys.byteorder alone, a constant, is read",
    "sys.byteorder": "a constant",
    "world.now": "the time of the simulated service is handed in",
    "change.now": "a field: what a case came to now",
}
LINES = 300
FUNCTION_LINES = 40


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def floor_of(module: str) -> int:
    """The floor of the longest known prefix."""
    for size in range(len(module.split(".")), 0, -1):
        prefix = ".".join(module.split(".")[:size])
        if prefix in FLOORS:
            return FLOORS[prefix]
    raise AssertionError(module)


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports_of(tree: ast.Module) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, "imports go by absolute name"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_go_down(path):
    floor = floor_of(name_of(path))
    ours = {name for name in imports_of(tree_of(path)) if name.split(".")[0] == "runner"}
    # The version stands in the package itself: it is no room.
    above = {name for name in ours - {"runner.__version__"} if floor_of(name) > floor}
    if path.name != "__init__.py" or path.parent.name != "runner":
        assert not above


def water_in(code: str) -> set[str]:
    """What reaches out into the world: imports, calls, and what is read of `sys`."""
    tree = ast.parse(code)
    found = {name for name in imports_of(tree) if prefixes(name) & WET}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in DEEDS:
            found.add(ast.unparse(node.func))
        if isinstance(node, ast.Attribute) and (
            node.attr in METHODS or ast.unparse(node.value) == "sys"
        ):
            found.add(ast.unparse(node))
    return found - set(LEGITIMATE)


def prefixes(name: str) -> set[str]:
    parts = name.split(".")
    return {".".join(parts[:size]) for size in range(1, len(parts) + 1)}


@pytest.mark.parametrize(
    "path", [path for path in MODULES if floor_of(name_of(path)) <= 2], ids=name_of
)
def test_the_lower_floors_are_dry(path):
    assert not water_in(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("code", "water"),
    [
        ("from urllib.parse import quote", set()),
        ("import urllib.request", {"urllib.request"}),
        ("from urllib import request", {"urllib.request"}),
        ("from pathlib import PurePosixPath", set()),
        ("from pathlib import Path", {"pathlib.Path"}),
        ("def f():\n    import socket", {"socket"}),
        ("print(1)", {"print"}),
        ("sys.byteorder, sys.stdout", {"sys.stdout"}),
        ("place.read_text()", {"place.read_text"}),
        ("read = place.read_bytes", {"place.read_bytes"}),
        ("world.now(), datetime.now()", {"datetime.now"}),
        ("date.today()", {"date.today"}),
    ],
)
def test_water_is_found(code, water):
    assert water_in(code) == water


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_files_and_functions_are_small(path):
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= LINES
    long = {
        node.name: node.end_lineno - node.lineno + 1
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno
    }
    assert not {name: size for name, size in long.items() if size > FUNCTION_LINES}


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_opens_with_its_purpose(path):
    assert ast.get_docstring(tree_of(path))


@pytest.mark.parametrize(
    "path", [path for path in MODULES if "(Record)" in path.read_text("utf-8")], ids=name_of
)
def test_the_fields_of_records_are_told_by_text(path):
    """Python 3.14 leaves other annotations out of a class's body, where records look for them."""
    assert "__future__.annotations" in imports_of(tree_of(path))


def test_the_house_in_the_readme_is_the_tree():
    """Every folder and lone module of `runner/` stands in the README's tree, and nothing else."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    house = readme.partition("## The house")[2].partition("\n## ")[0]
    assert house.count("\n") <= 43
    told = set(re.findall(r"^  ([a-z_]+(?:/|\.py))", house, re.M))
    folders = {f"{path.name}/" for path in (ROOT / "runner").iterdir() if _is_room(path)}
    modules = {path.name for path in (ROOT / "runner").glob("*.py") if path.name != "__init__.py"}
    assert told == folders | modules - {"__main__.py"}


def _is_room(path: Path) -> bool:
    return path.is_dir() and path.name not in ("__pycache__", "_shipped")
