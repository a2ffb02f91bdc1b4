"""Taken out: one protection of the code, what stands in its place, and the test that must fail."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
LONGEST = 120.0
"""A test that takes longer without its protection has told that it is gone: in seconds."""
PARTS = ("runner", "schemas", "recipes", "tests", "pyproject.toml", "README.md", "LICENSE")


class Protection(NamedTuple):
    """What is protected, the words of a file that do it, what stands there without, its test.

    `code` stands once in the file. `test` is the name of a test, or of one of its cases.
    """

    what: str
    file: str
    code: str
    without: str
    test: str


class Found(NamedTuple):
    """What tests came to: whether all passed or, what is `noticed`, one failed; the last told."""

    passed: bool
    noticed: bool
    told: str


def copied(folder: Path, number: int = 0) -> Path:
    """Copy the project; return where. What is compiled there is held against its source."""
    place = folder / f"project{number}"
    place.mkdir()
    for name in PARTS:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, place / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, place / name)
    compiling = (sys.executable, "-m", "compileall", "-q", "-j", "0")
    hashed = ("--invalidation-mode", "checked-hash", "runner", "tests")
    subprocess.run([*compiling, *hashed], cwd=place, check=True)
    return place


def without(one: Protection, project: Path) -> Found:
    """Take a protection out of a copy, run its test there, and put it back."""
    file = project / one.file
    whole = file.read_text(encoding="utf-8")
    if whole.count(one.code) != 1:
        told = f"{one.file} holds {one.code!r} {whole.count(one.code)} times"
        return Found(False, False, told)
    file.write_text(whole.replace(one.code, one.without), encoding="utf-8")
    try:
        compile(file.read_bytes(), one.file, "exec")
        return tried((one.test,), project)
    except SyntaxError as error:
        return Found(False, False, f"{one.file} cannot be read without it: {error}")
    finally:
        file.write_text(whole, encoding="utf-8")


def tried(tests: tuple[str, ...], project: Path) -> Found:
    """Run tests of a copy."""
    # Native: pytest's own tracebacks break where a test that hung was interrupted.
    how = ("-x", "-q", "-p", "no:cacheprovider", "-n", "0", "--tb=native")
    command = (sys.executable, "-m", "pytest", *how)
    try:
        done = subprocess.run(
            [*command, "-m", "", *tests],
            cwd=project,
            env=os.environ | {"PYTHONPATH": str(project)},
            capture_output=True,
            text=True,
            check=False,
            timeout=LONGEST * len(tests),
        )
    except subprocess.TimeoutExpired:
        return Found(False, True, f"no end within {LONGEST:.0f} s")
    lines = [line for line in (done.stdout + done.stderr).splitlines() if line]
    shown = [line for line in lines if line.startswith(("E  ", "FAILED"))] or lines[-3:]
    noticed = done.returncode == 1 and " failed" in done.stdout
    return Found(done.returncode == 0, noticed, "\n".join(shown[:2]))
