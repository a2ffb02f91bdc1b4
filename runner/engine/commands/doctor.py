"""Doctor: what is set up and what is missing; shows no key, so its text is safe to paste."""

from __future__ import annotations

import platform
import sys
from importlib.util import find_spec
from pathlib import Path

from runner import __version__
from runner.engine.prepare import shape
from runner.engine.suite import Suite
from runner.engine.user import access, settings
from runner.engine.user.secrets import is_weak, keyed, lacks_key
from runner.errors import RunnerError
from runner.protocol.pacing import worded

LIBRARIES = ("yaml", "jinja2", "requests", "jsonschema", "click", "rich")


def report(suite: Suite) -> tuple[list[tuple[str, str, str]], bool]:
    """Return rows of (state, what, words) and whether all is well."""
    rows = [
        ("ok", "runner", __version__),
        ("ok", "python", f"{platform.python_version()} on {sys.platform}"),
        *_libraries(),
        *_project(suite),
        *_network(suite),
    ]
    return rows, all(state != "wrong" for state, _, _ in rows)


def _libraries() -> list[tuple[str, str, str]]:
    missing = [name for name in LIBRARIES if find_spec(name) is None]
    fast = find_spec("yaml._yaml") is not None
    words = "all there" if not missing else f"missing: {', '.join(missing)}"
    yaml = "with libyaml" if fast else "without libyaml: reading recipes is slower"
    return [
        ("wrong" if missing else "ok", "libraries", words),
        ("ok" if fast else "note", "pyyaml", yaml),
    ]


def _project(suite: Suite) -> list[tuple[str, str, str]]:
    try:
        found = settings.load(
            Path.cwd(), suite.environ, shape("project.json"), bare=suite.options.untrusted
        )
    except RunnerError as error:
        return [("wrong", "project", str(error))]
    place = None if suite.options.untrusted else settings.find_project(Path.cwd())
    rows = [("ok", "project", settings.PROJECT if place else "no runner.yaml here or above")]
    rows += [_hooks(suite, found)]
    for name in dict.fromkeys([*settings.BUILT_IN, *found.section("providers")]):
        rows.append(_provider(found, name))
    return rows


def _hooks(suite: Suite, found: settings.Settings) -> tuple[str, str, str]:
    try:
        names = [tool.name for tool in suite.hooks(found).all()]
    except RunnerError as error:
        return "wrong", "hooks", str(error)
    return "ok", "hooks", ", ".join(names) or "none registered"


def _provider(found: settings.Settings, name: str) -> tuple[str, str, str]:
    try:
        provider = settings.provider(found, name)
    except RunnerError as error:
        return "wrong", f"provider {name}", str(error)
    if provider.kind == "offline":
        return "ok", f"provider {name}", "simulated; needs no key"
    missing = access.needs(provider)
    if missing:
        return "note", f"provider {name}", missing
    words = filter(None, (provider.base_url, keyed(provider), worded(provider.limits)))
    state = "note" if is_weak(provider) or lacks_key(provider) else "ok"
    return state, f"provider {name}", ", ".join(words)


def _network(suite: Suite) -> list[tuple[str, str, str]]:
    names = ("HTTPS_PROXY", "https_proxy", "NO_PROXY", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
    return [("ok", name, "is set") for name in names if suite.environ.get(name)]
