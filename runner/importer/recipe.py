"""Recipe: a curl command becomes the keys of a recipe that makes the same request.

The tree has the API's fields under the recipe's keys; what has no key of its own goes to `params`
or `extra`, what is no endpoint of the table to `raw`. Keys never get into it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from runner.errors import Fault, Mark, RecipeError
from runner.importer import address, body, fields, form, options, outputs
from runner.importer.address import Match
from runner.importer.body import Read
from runner.importer.fields import Verbatim
from runner.importer.holes import PRIVATE, SECRETIVE, Hole, Holes
from runner.importer.outdated import Facts, warnings
from runner.importer.script import script_of
from runner.importer.services import comments
from runner.importer.shell import Word
from runner.model import MOST_RETRIES
from runner.protocol import endpoints
from runner.protocol.endpoint import Endpoint
from runner.recipe.ask import ACCOUNT, FORBIDDEN
from runner.record import Record

Shape = Callable[[str], Mapping[str, Any]]
"""Gives the schema of an endpoint's params."""
SENT = ("openai_org_id", "openai_project_id")
"""The variables that the runner sends as headers by itself."""
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD")


class Imported(Record):
    """A recipe, as a tree; comments to stand above it, and what the user should know."""

    tree: dict[str, Any]
    comments: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


class Source(Record):
    """The text of a command, the name of what holds it, and the way to its paths' folder."""

    text: str
    name: str
    up: str = ""


def imported(source: Source, read: Read, shape: Shape) -> Imported:
    """Import the curl command of a script; `read` reads the files that hold its body.

    RecipeError where the command cannot be understood, or asks what no recipe can.
    """
    if PRIVATE.search(source.text):
        message = "the command holds characters of Unicode's private use area"
        raise RecipeError.of(Fault(message, Mark(source.name, 1, 1), hint="write them as \\uE000"))
    return _Importer(source, read, shape).imported()


class _Importer:
    """Reads one command, part by part."""

    def __init__(self, source: Source, read: Read, shape: Shape) -> None:
        self.script = script_of(source.text, source.name)
        self.mark = Mark(source.name, self.script.curl.line, 1)
        self.curl = options.read(self.script.curl, source.name)
        self.holes = Holes(self.script.assigned, source.name, source.up)
        self.read = read
        self.shape = shape
        self.headers = self._headers()
        url = self.holes.fill(self.holes.inlined(self.curl.url))
        self.place = address.place_of(url, self.holes, self.mark)

    def imported(self) -> Imported:
        for text in self.curl.warnings:
            self.holes.warn(text)
        data = body.text(self.curl, self.holes, self.read, self._given())
        if data is not None and self.curl.in_query:
            query = address.pairs_of(data)
            self.place = self.place._replace(query=(*self.place.query, *query))
            data = None
        method = self.curl.method or self._usual(data)
        found = address.match(method, self.place.path)
        keys, facts = self._keys(method, found, data)
        keys = {**self._provider(), **keys, **self._limits()}
        tree = self._finished(self._ordered(keys))
        for warning in warnings(facts):
            self.holes.warn(warning)
        return Imported(
            tree, comments(self.place, self.headers, self.holes), tuple(self.holes.warnings)
        )

    def _usual(self, data: str | None) -> str:
        return "GET" if data is None and not self.curl.fields else "POST"

    def _given(self) -> Word | None:
        """Return what stands on standard input: a here-document, or text that is piped in."""
        found = [word for sign, word in self.script.curl.redirects if sign.startswith("<<")]
        return found[-1] if found else None

    def _headers(self) -> dict[str, str]:
        """Read the headers, by their names in lower case; no key is looked at."""
        found: dict[str, str] = {}
        for word in self.curl.headers:
            whole = self.holes.fill(self.holes.inlined(word[:1]) + word[1:])
            name, _, value = whole.partition(":")
            found[name.strip()] = value.strip()
        return found

    def _kept_headers(self) -> dict[str, str]:
        """Leave out what the runner writes by itself, and what holds a key."""
        kept: dict[str, str] = {}
        for name, value in self.headers.items():
            hole = self.holes.hole(value)
            sent = hole is not None and hole.name.lower() in SENT
            if name.lower() == "cookie":
                self.holes.warn("cookies are left out: a recipe may not set them")
            if not sent and (variable := ACCOUNT.get(name.lower())):
                self.holes.warn(f"{name} is left out: set {variable} in its place")
            if name.lower() in FORBIDDEN or not value or sent:
                continue
            if SECRETIVE.search(name.replace("-", "_")) and hole is None:
                value = self.holes.hidden(re.sub(r"\W", "_", name).upper())
            kept[name] = value
        return kept

    def _keys(
        self, method: str, found: Match | None, data: str | None
    ) -> tuple[dict[str, Any], Facts]:
        name = found.endpoint.name if found else ""
        told = form.form_of(self.curl.fields, name, self.holes)
        sent: Any = data
        if data is not None and self._is_json(data, found):
            sent = body.value(data, self.holes, self.mark)
        facts = Facts(
            method,
            self.place.path,
            sent if isinstance(sent, dict) else dict(told.texts),
            bool(self.curl.fields),
            told.is_garbled,
            {key.lower(): value for key, value in self.headers.items()},
            self.curl.insecure,
            self.place.version if self.place.kind == "azure" else None,
        )
        keys = self._known(found, sent, told) if found else None
        return self._raw(method, sent) if keys is None else keys, facts

    def _is_json(self, data: str, found: Match | None) -> bool:
        kind = next((v for k, v in self.headers.items() if k.lower() == "content-type"), "")
        return found is not None or "json" in kind or data.lstrip()[:1] in ("{", "[")

    def _known(self, found: Match, sent: Any, told: form.Form) -> dict[str, Any] | None:
        """Write the keys of an endpoint of the table; None where they could not say the same."""
        asked = self._asked(found.endpoint, sent, told)
        if asked is None:
            return None
        keys = {"endpoint": found.endpoint.name, **dict(found.held), **asked}
        if self.place.deployment:
            keys["model"] = self.place.deployment
        keys |= {"headers": kept} if (kept := self._kept_headers()) else {}
        keys |= outputs.counted(self._output(found), {**dict(told.texts), **_mapping(sent)})
        return keys if self._is_whole(keys, found) else None

    def _asked(self, endpoint: Endpoint, sent: Any, told: form.Form) -> dict[str, Any] | None:
        """Write the body and the query; None where the endpoint takes no such thing."""
        shape, query = self.shape(endpoint.name), list(self.place.query)
        is_get = endpoint.method == "GET"
        misplaced = (bool(query) and not is_get) or (self.curl.fields and sent is not None)
        if misplaced or not isinstance(sent, dict | None) or (is_get and sent is not None):
            return None
        if not self.curl.fields:
            values = fields.typed(query, shape) if is_get else _mapping(sent)
            return fields.keys_of(endpoint, values, shape, self.holes)
        if "attachments" not in endpoint.takes:
            return None
        values = fields.typed(list(told.texts), shape)
        keys = fields.keys_of(endpoint, values, shape, self.holes)
        files = form.attachments(told.files, endpoint.name)
        return keys | ({"attachments": files} if files else {})

    def _is_whole(self, keys: Mapping[str, Any], found: Match) -> bool:
        """Whether all is there that the endpoint needs; of a form, `check` tells that."""
        name, params = found.endpoint.name, keys.get("params", {})
        missing = [key for key in found.endpoint.needs if key not in keys]
        missing += [key for key in self.shape(name).get("required", ()) if key not in params]
        if missing and not self.curl.fields:
            self.holes.warn(f"{name} needs {', '.join(missing)}: imported as a raw call")
            return False
        return True

    def _output(self, found: Match) -> dict[str, Any]:
        return outputs.output_of(self.curl, self.script, found.endpoint, self.holes)

    def _raw(self, method: str, sent: Any) -> dict[str, Any]:
        """Write a call that the table lacks as it stands."""
        if self.curl.fields:
            message = f"{method} {self.place.path} takes no form (-F) that the runner knows"
            raise RecipeError.of(Fault(message, self.mark, hint="runner list endpoints"))
        if method not in METHODS:
            message = f"the method {method} is none that a recipe may use"
            raise RecipeError.of(Fault(message, self.mark))
        path = self.place.path
        if self.place.deployment:
            path = f"/deployments/{self.place.deployment}{path}"
        request: dict[str, Any] = {"method": method, "path": path.lstrip("/")}
        request |= {"query": fields.typed(list(self.place.query), {})} if self.place.query else {}
        request |= {"body": sent} if sent is not None else {}
        request |= {"headers": kept} if (kept := self._kept_headers()) else {}
        raw = Match(endpoints.find("raw"))
        return {"endpoint": "raw", "request": request, **self._output(raw)}

    def _provider(self) -> dict[str, Any]:
        return {"provider": "azure"} if self.place.kind == "azure" else {}

    def _limits(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        total, connect = _seconds(self.curl.total), _seconds(self.curl.connect)
        if total and connect:
            found["timeout"] = {"connect": connect, "total": total}
        elif total:
            found["timeout"] = total
        elif connect:
            found["timeout"] = {"connect": connect}
        if self.curl.retries.isdecimal():
            found["retries"] = min(int(self.curl.retries[:9]), MOST_RETRIES)
        return found

    def _ordered(self, keys: dict[str, Any]) -> dict[str, Any]:
        return {key: keys[key] for key in ORDER if key in keys}

    def _finished(self, tree: dict[str, Any]) -> dict[str, Any]:
        """Put templates in the place of holes, and above them what those read."""
        done = {key: self._written(value) for key, value in tree.items()}
        holes = self.holes
        before: dict[str, Any] = {}
        if holes.values:
            before["vars"] = holes.values
        if holes.needed:
            before["vars_schema"] = {
                "properties": holes.needed,
                "required": list(holes.needed),
            }
        if holes.secrets:
            before["secrets"] = holes.secrets
        return {**before, **done}

    def _written(self, value: Any) -> Any:
        match value:
            case Verbatim():
                return value.value
            case Hole():
                return self.holes.path(value.path)
            case str():
                return self._text(value)
            case list():
                return [self._written(item) for item in value]
            case dict():
                return self._mapping(value)
        return value

    def _text(self, value: str) -> Any:
        hole = self.holes.hole(value)
        if hole is not None and hole.kind == "content":
            return {"file": self.holes.path(hole.path)}
        return self.holes.template(value)

    def _mapping(self, value: dict[str, Any]) -> Any:
        """Keep a mapping of the API from being read as a file of the recipe's."""
        if len(value) == 1 and isinstance(value.get("file", value.get("include")), str):
            return f"{{{{ {value!r} }}}}"
        holes = self.holes
        return {holes.plain(k): self._written(holes.keyed(k, item)) for k, item in value.items()}


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _seconds(text: str) -> float | int | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return int(value) if value.is_integer() else value


ORDER = (
    *("provider", "endpoint", "model", "id", "messages", "input", "prompt", "attachments"),
    *("tools", "tool_choice", "max_tool_rounds", "stream", "params", "extra", "request"),
    *("headers", "timeout", "retries", "output"),
)
