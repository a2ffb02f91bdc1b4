"""Options: what curl's own flags say of a request."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from runner.errors import Fault, Mark, RecipeError
from runner.importer.script import Command
from runner.importer.shell import Piece, Word, source_of, text_of
from runner.record import Record


class Data(Record):
    """One `-d`: `kind` is data, raw, binary, json or urlencode."""

    kind: str
    word: Word


class Field(Record):
    """One `-F`; `literal` is that of `--form-string`."""

    word: Word
    literal: bool = False


class Curl(Record):
    """A curl command, read: words are still to be filled in. `warnings` say what is left out."""

    url: Word = ()
    method: str = ""
    headers: tuple[Word, ...] = ()
    data: tuple[Data, ...] = ()
    fields: tuple[Field, ...] = ()
    output: Word = ()
    in_query: bool = False
    insecure: bool = False
    total: str = ""
    connect: str = ""
    retries: str = ""
    line: int = 1
    warnings: tuple[str, ...] = ()

    def warned(self, text: str) -> Curl:
        """Add a warning."""
        return self._replace(warnings=(*self.warnings, text))


def read(command: Command, file: str) -> Curl:
    """Read the words of a curl command; RecipeError where one cannot be imported."""
    made = Curl(line=command.line)
    words = list(command.words[1:])
    while words:
        word = words.pop(0)
        name, attached = _option(word)
        if not name:
            made = _address(made, word)
            continue
        if name in VALUED:
            value = attached or (words.pop(0) if words else None)
            if value is None:
                message = f"curl's {name} wants a value"
                raise RecipeError.of(Fault(message, Mark(file, command.line, 1)))
            made = VALUED[name](made, value)
        else:
            made = _flags(made, name)
            words = [_short(attached), *words] if attached else words
    if not made.url:
        message = "the curl command has no address"
        hint = "expected curl https://api.openai.com/v1/…"
        raise RecipeError.of(Fault(message, Mark(file, command.line, 1), hint=hint))
    return made


def _option(word: Word) -> tuple[str, Word]:
    """Take a word apart into an option and what is attached to it: `-XPOST`, `-sS`."""
    first = word[0] if word else Piece("", "")
    text = first.text if first.kind == "text" else ""
    if not text.startswith("-") or text == "-":
        return "", ()
    if text.startswith("--"):
        whole = source_of(word)
        return LONG.get(whole, whole), ()
    rest = (first._replace(text=text[2:]), *word[1:]) if text[2:] else word[1:]
    return text[:2], rest


def _short(attached: Word) -> Word:
    first = attached[0]
    return (first._replace(text=f"-{first.text}"), *attached[1:])


def _address(made: Curl, word: Word) -> Curl:
    if not word:
        return made
    if made.url:
        return made.warned(f"{source_of(word)} is left out: one address is imported at a time")
    return made._replace(url=word)


def _flags(made: Curl, name: str) -> Curl:
    """Note a flag without a value."""
    if name == "-k":
        return made._replace(insecure=True)
    if name == "-G":
        return made._replace(in_query=True)
    if name == "-I":
        return made._replace(method="HEAD")
    if name == "-O":
        named = (source_of(made.url).partition("?")[0].rpartition("/")[2] or "reply").strip()
        return made._replace(output=(Piece("text", named),))
    if name in QUIET:
        return made
    return made.warned(f"{name} is left out: the runner has nothing like it")


def _method(made: Curl, value: Word) -> Curl:
    return made._replace(method=source_of(value).upper())


def _header(made: Curl, value: Word) -> Curl:
    return made._replace(headers=(*made.headers, value))


def _named(name: str) -> Callable[[Curl, Word], Curl]:
    return lambda made, value: _header(made, (Piece("text", f"{name}: "), *value))


def _data(kind: str) -> Callable[[Curl, Word], Curl]:
    return lambda made, value: made._replace(data=(*made.data, Data(kind, value)))


def _field(literal: bool) -> Callable[[Curl, Word], Curl]:
    return lambda made, value: made._replace(fields=(*made.fields, Field(value, literal)))


def _total(made: Curl, value: Word) -> Curl:
    return made._replace(total=text_of(value) or "")


def _connect(made: Curl, value: Word) -> Curl:
    return made._replace(connect=text_of(value) or "")


def _retries(made: Curl, value: Word) -> Curl:
    return made._replace(retries=text_of(value) or "")


def _left_out(why: str) -> Callable[[Curl, Word], Curl]:
    return lambda made, _: made.warned(why)


def _ignored(made: Curl, _: Word) -> Curl:
    return made


def _upload(made: Curl, value: Word) -> Curl:
    del value
    message = "curl's --upload-file cannot be imported: the API takes files as forms (-F)"
    raise RecipeError.of(Fault(message, Mark("curl", made.line, 1)))


def _output(made: Curl, value: Word) -> Curl:
    return made if text_of(value) in ("-", "/dev/null") else made._replace(output=value)


IGNORED = (
    *("-c", "-D", "-E", "-w", "-y", "-Y", "-z", "-r", "-C", "-P", "-Q", "-t", "-U", "--cacert"),
    *("--capath", "--cert", "--cert-type", "--ciphers", "--key", "--key-type", "--pass"),
    *("--resolve", "--connect-to", "--interface", "--max-redirs", "--max-filesize"),
    *("--retry-delay", "--retry-max-time", "--limit-rate", "--stderr", "--trace"),
    *("--trace-ascii", "--tls-max", "--noproxy", "--unix-socket", "--output-dir"),
    *("--keepalive-time", "--expect100-timeout", "--rate", "--create-file-mode", "--dns-servers"),
    *("--doh-url", "--local-port", "--proto", "--parallel-max"),
)
"""Those that take a value, and change nothing of the request."""
KEY = "the key is left out: the runner reads it from the provider's variable"
VALUED: Mapping[str, Callable[[Curl, Word], Curl]] = {
    "-X": _method,
    "-H": _header,
    "-d": _data("data"),
    "--data-raw": _data("raw"),
    "--data-binary": _data("binary"),
    "--data-urlencode": _data("urlencode"),
    "--json": _data("json"),
    "-F": _field(literal=False),
    "--form-string": _field(literal=True),
    "--url": _address,
    "-o": _output,
    "-u": _left_out(KEY),
    "--oauth2-bearer": _left_out(KEY),
    "-b": _left_out("cookies are left out: a recipe may not set them"),
    "-x": _left_out("--proxy is left out: set HTTPS_PROXY"),
    "-K": _left_out("--config is left out: write its options on the command itself"),
    "-T": _upload,
    "-A": _named("User-Agent"),
    "-e": _named("Referer"),
    "-m": _total,
    "--connect-timeout": _connect,
    "--retry": _retries,
    **dict.fromkeys(IGNORED, _ignored),
}
"""The options that take a value."""
LONG = {
    "--request": "-X",
    "--header": "-H",
    "--data": "-d",
    "--data-ascii": "-d",
    "--form": "-F",
    "--get": "-G",
    "--head": "-I",
    "--user": "-u",
    "--output": "-o",
    "--remote-name": "-O",
    "--insecure": "-k",
    "--cookie": "-b",
    "--proxy": "-x",
    "--config": "-K",
    "--upload-file": "-T",
    "--user-agent": "-A",
    "--referer": "-e",
    "--max-time": "-m",
    "--cookie-jar": "-c",
    "--dump-header": "-D",
    "--write-out": "-w",
    "--range": "-r",
    "--proxy-user": "-U",
}
QUIET = frozenset(
    (
        *("-s", "-S", "-L", "-v", "-i", "-f", "-N", "-#", "-q", "-g", "-J", "-n", "-a", "-4"),
        *("-6", "-0", "-1", "-2", "-3", "-Z", "-j", "-l", "-p", "-R", "--silent", "--show-error"),
        *("--location", "--location-trusted", "--verbose", "--include", "--fail"),
        *("--fail-with-body", "--fail-early", "--no-buffer", "--progress-bar"),
        *("--no-progress-meter", "--compressed", "--globoff", "--disable", "--http1.0"),
        *("--http1.1", "--http2", "--http2-prior-knowledge", "--http3", "--ipv4", "--ipv6"),
        *("--tlsv1.2", "--tlsv1.3", "--ssl-reqd", "--create-dirs", "--remote-header-name"),
        *("--no-keepalive", "--tcp-nodelay", "--retry-all-errors", "--retry-connrefused"),
        *("--path-as-is", "--styled-output", "--parallel", "--raw", "--post301", "--post302"),
        *("--post303", "--no-sessionid", "--netrc", "--remove-on-error", "--clobber"),
    )
)
"""Flags that change nothing of the request."""
