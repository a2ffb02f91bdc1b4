"""Sandbox: the Jinja in which templates render; it runs no code, and ends soon."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from re import findall
from types import BuiltinMethodType, MethodType
from typing import Any

from jinja2 import StrictUndefined, Undefined, UndefinedError, pass_context
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from jinja2.runtime import Context, LoopContext, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment, SandboxedFormatter
from jinja2.utils import Cycler, Joiner, Namespace, missing

from runner.recipe.templates import bounds
from runner.recipe.templates.bounds import NODE, ROUND, BoundError, Meter
from runner.recipe.templates.charges import rounds, searched, weighed
from runner.recipe.templates.filters import FILTERS, TESTS, concat

TOKENS = 20_000
"""The most tokens that a template may have."""
RANGE = 131_072
"""The longest `range`."""

_TEXT = (
    "capitalize casefold center count endswith expandtabs find format index isalnum isalpha"
    " isascii isdecimal isdigit islower isnumeric isprintable isspace istitle isupper join ljust"
    " lower lstrip partition removeprefix removesuffix replace rfind rindex rjust rpartition"
    " rsplit rstrip split splitlines startswith strip swapcase title upper zfill"
)
_LOOP = (
    "index index0 revindex revindex0 first last length depth depth0 previtem nextitem cycle changed"
)
ATTRIBUTES: tuple[tuple[type, frozenset[str]], ...] = (
    (str, frozenset(_TEXT.split())),
    (Mapping, frozenset(("get", "items", "keys", "values"))),
    (list, frozenset(("count", "index"))),
    (tuple, frozenset(("count", "index"))),
    (LoopContext, frozenset(_LOOP.split())),
    (Cycler, frozenset(("current", "next", "reset"))),
)
"""All that templates may reach by a dot beside fields: everything else is undefined."""


_SUBSCRIPTED = (str, list, tuple, range, Mapping)
_NAMES = (str, int, float, type(None), Undefined)


class AbsentError(UndefinedError):
    """A template used a name, or a field of `owner`, that is not there."""

    def __init__(self, owner: Any, name: Any, message: str) -> None:
        super().__init__(message)
        self.owner = owner
        self.name = name


class Absent(StrictUndefined):
    """What is not there: an error in every use but `is defined` and `default`."""

    __slots__ = ()

    def __init__(
        self, hint: Any = None, obj: Any = missing, name: Any = None, exc: Any = None
    ) -> None:
        def error(message: str) -> AbsentError:
            return AbsentError(obj, name, message)

        made: Any = exc or error
        super().__init__(hint, obj, name, made)


class Scope(Context):
    """The names that one rendering sees, and what it may still spend."""

    meter: Meter
    weight: int = 0
    check: Callable[[str], str] | None = None

    def resolve_or_missing(self, key: str) -> Any:
        """Look a name up; the globals come last."""
        if key in self.vars:
            return self.vars[key]
        if key in self.parent:
            return self.parent[key]
        return GLOBALS.get(key, missing)


class Tokens(Extension):
    """Refuses templates with too many tokens before they cost time."""

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        """Count the tokens that pass."""
        for count, token in enumerate(stream):
            if count > TOKENS:
                message = f"the template has more than {TOKENS:,} tokens"
                raise BoundError(message)
            yield token


def _joined(pieces: Iterable[str]) -> str:
    return bounds.joined(pieces, Meter())


class Sandbox(ImmutableSandboxedEnvironment):
    """Fields before methods, a short list of methods, and a price for everything."""

    intercepted_binops = frozenset(("+", "*", "**", "%"))
    concat = staticmethod(_joined)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return `obj.attribute`: a field, else one of the few methods."""
        if isinstance(obj, Mapping) and attribute in obj:
            return obj[attribute]
        if isinstance(obj, Undefined):
            return obj
        if not attribute.startswith("_") and _reaches(obj, attribute):
            return getattr(obj, attribute)
        return self.undefined(obj=obj, name=attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Return `obj[argument]`: a field or an element, never a method."""
        if isinstance(obj, Undefined):
            return obj
        if isinstance(argument, str) and argument in _fields(obj):
            return getattr(obj, argument)
        # A tuple as a key could take for ever to hash.
        if isinstance(obj, _SUBSCRIPTED) and not isinstance(argument, tuple):
            with suppress(TypeError, LookupError):
                return obj[argument]
        return self.undefined(obj=obj, name=_short(argument))

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Work an operator out, within the bounds."""
        return _OPERATORS[operator](context.meter, left, right)

    def call(__self, __context: Any, __obj: Any, *args: Any, **named: Any) -> Any:  # noqa: N805
        """Call a method, a macro or a global; nothing else can be called."""
        named.pop("_loop_vars", None)
        named.pop("_block_vars", None)
        meter: Meter = __context.meter
        match __obj:
            case BuiltinMethodType(__name__="format", __self__=str(text)):
                meter.spend(len(text))
                return BoundedFormatter(__self, meter).vformat(text, args, named)
            case BuiltinMethodType(__self__=str() | list() | tuple() | dict()):
                return bounds.method(meter, __obj, args, named)
            case LoopContext():
                return __obj(rounds(__context, args[0], max(ROUND, __context.weight)))
            case Macro():
                meter.spend(ROUND + __context.weight)
                return __obj(*args, **named)
            case Undefined():
                str(__obj)
        owner = __obj.__self__ if isinstance(__obj, MethodType) else None
        known = isinstance(owner, (LoopContext, Cycler, Mapping)) or isinstance(__obj, Joiner)
        if known or any(__obj is one for one in GLOBALS.values()):
            bounds.weigh((args, named), meter)
            return __obj(*args, **named)
        message = f"a {type(__obj).__name__} cannot be called"
        raise TypeError(message)


def _short(name: Any) -> Any:
    """Name what was looked for; a list may hold itself so often that no message could show it."""
    if isinstance(name, _NAMES):
        return name
    return "[a mapping]" if isinstance(name, Mapping) else "[a list]"


def _fields(obj: Any) -> tuple[str, ...]:
    return getattr(type(obj), "_fields", ()) if isinstance(obj, tuple) else ()


def _reaches(obj: Any, attribute: str) -> bool:
    if isinstance(obj, Namespace):
        return hasattr(obj, attribute)
    if attribute in _fields(obj):
        return True
    return any(isinstance(obj, kind) and attribute in names for kind, names in ATTRIBUTES)


class BoundedFormatter(SandboxedFormatter):
    """`str.format`, within the bounds."""

    def __init__(self, env: Sandbox, meter: Meter) -> None:
        super().__init__(env)
        self.meter = meter

    def convert_field(self, value: Any, conversion: Any) -> Any:
        """Pay before a value becomes text."""
        bounds.weigh(value, self.meter)
        return super().convert_field(value, conversion)

    def format_field(self, value: Any, format_spec: str) -> Any:
        """Refuse wide fields, and what is no value."""
        self.meter.spend(4 * NODE)
        for digits in findall(r"\d+", format_spec):
            self.meter.spend(bounds.width(digits))
        made = super().format_field(bounds.plain(value, self.meter), format_spec)
        self.meter.length(len(made))
        return made


def _range(*args: int) -> range:
    made = range(*args)
    # `len` fails where the range is longer than a machine word holds.
    if made and (made[-1] - made[0]) // made.step >= RANGE:
        message = f"range gives at most {RANGE:,} numbers"
        raise BoundError(message)
    return made


@pass_context
def _shown(context: Any, value: Any) -> str:
    if isinstance(value, Undefined):
        return str(value)
    text = bounds.text_of(value, context.meter)
    return context.check(text) if context.check else text


_OPERATORS: dict[str, Callable[[Meter, Any, Any], Any]] = {
    "+": bounds.plus,
    "*": bounds.times,
    "**": bounds.power,
    "%": bounds.modulo,
}
GLOBALS: dict[str, Any] = {
    "range": _range,
    "dict": dict,
    "cycler": Cycler,
    "joiner": Joiner,
    "namespace": Namespace,
}
# No template can spell these names: the rewriter alone calls them.
_OWN = {"-concat": concat, "-rounds": rounds, "-searched": searched, "-weighed": weighed}


def _sandbox() -> Sandbox:
    made = Sandbox(
        autoescape=False,
        extensions=[Tokens],
        finalize=_shown,
        keep_trailing_newline=True,
        undefined=Absent,
    )
    made.filters = {**FILTERS, **_OWN}
    made.tests = dict(TESTS)
    made.globals = {}
    return made


SANDBOX = _sandbox()
