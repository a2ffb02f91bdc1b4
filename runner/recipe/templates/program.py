"""Programs: a template compiled, run, and explained where it fails."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from jinja2 import Template, TemplateSyntaxError, Undefined, nodes
from jinja2.utils import missing
from jinja2.visitor import NodeTransformer

from runner.recipe.templates import bounds, reasons
from runner.recipe.templates.bounds import NODE, ROUND, BoundError, Meter
from runner.recipe.templates.sandbox import SANDBOX, AbsentError, Scope
from runner.record import Record

SOURCE = 4 << 20
"""The longest template, in characters."""
_REFUSED = (
    nodes.Include,
    nodes.Import,
    nodes.FromImport,
    nodes.Extends,
    nodes.Block,
    nodes.ScopedEvalContextModifier,
)
_DATA = (str, int, float, bool, type(None), list, dict)


class Program(Record):
    """A template, compiled. `whole` is true where it is one expression, and keeps its type.

    `direct` is true where that is a name and its fields: the value is data as it came.
    `weight` is what walking all of it costs.
    """

    source: str
    template: Template
    whole: bool
    direct: bool
    weight: int


@lru_cache(maxsize=4096)
def program(source: str) -> Program:
    """Compile a template."""
    tree = parse(source)
    weight = _weight(tree)
    whole = whole_expression(tree)
    if whole is not None:
        result = nodes.Assign(nodes.Name("result", "store"), whole, lineno=whole.lineno)
        tree = nodes.Template([result], lineno=1, environment=SANDBOX)
    direct = whole is not None and path_of(whole) is not None
    tree = _Rewriter().visit(tree)
    template = Template.from_code(SANDBOX, SANDBOX.compile(tree), {})
    return Program(source, template, whole is not None, direct, weight)


def parse(source: str) -> nodes.Template:
    """Read a template's tree."""
    if len(source) > SOURCE:
        message = f"the template is longer than {SOURCE:,} characters"
        raise BoundError(message)
    return SANDBOX.parse(source)


def whole_expression(tree: nodes.Template) -> nodes.Expr | None:
    """Return the one expression that a template is, white space aside."""
    if not all(isinstance(part, nodes.Output) for part in tree.body):
        return None
    parts = [node for part in tree.body for node in part.iter_child_nodes()]
    found = [part for part in parts if not _is_space(part)]
    if len(found) != 1 or isinstance(found[0], nodes.TemplateData):
        return None
    return found[0] if isinstance(found[0], nodes.Expr) else None


def _is_space(node: nodes.Node) -> bool:
    return isinstance(node, nodes.TemplateData) and not node.data.strip()


def path_of(node: nodes.Node) -> tuple[str, ...] | None:
    """Return the name and fields that an expression spells, as `a.b['c']`."""
    match node:
        case nodes.Name():
            return (node.name,)
        case nodes.Getattr():
            field: Any = node.attr
        case nodes.Getitem(arg=nodes.Const(value=value)):
            field = value
        case _:
            return None
    before = path_of(node.node)
    return None if before is None else (*before, str(field))


def run(
    program: Program,
    context: Mapping[str, Any],
    meter: Meter,
    check: Callable[[str], str] | None = None,
) -> Any:
    """Render a program once. `check` sees each text that is filled into mixed text."""
    # Context takes any mapping, though it is annotated with dict.
    scope = Scope(SANDBOX, context, None, {})  # type: ignore[arg-type]
    scope.meter, scope.weight, scope.check = meter, program.weight, check
    pieces = list(program.template.root_render_func(scope))
    if not program.whole:
        return bounds.joined(pieces, meter)
    value = scope.vars["result"]
    if isinstance(value, Undefined):
        return _nothing(value)
    if check is not None and isinstance(value, str | int | float):
        check(bounds.text_of(value, meter))
    if program.direct and type(value) in _DATA:
        return value
    return bounds.plain(value, meter)


def _nothing(value: Undefined) -> Any:
    str(value)
    message = "the condition is false and there is no else: the expression has no value"
    raise ValueError(message)


class _Rewriter(NodeTransformer):
    """Puts a price on what the environment cannot see: loops, `~`, comparisons, slices."""

    def generic_visit(self, node: nodes.Node, *args: Any, **kwargs: Any) -> nodes.Node:
        if isinstance(node, _REFUSED):
            message = f"a template of a recipe has no {type(node).__name__.lower()}"
            raise TemplateSyntaxError(message, node.lineno)
        return super().generic_visit(node, *args, **kwargs)

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802
        price = max(ROUND, _weight(node))
        self.generic_visit(node)
        node.iter = _through("-rounds", node.iter, nodes.Const(price, lineno=node.lineno))
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        values = nodes.List(node.nodes, lineno=node.lineno)
        return _through("-concat", values)

    def visit_Getitem(self, node: nodes.Getitem) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        if isinstance(node.arg, nodes.Slice):
            node.node = _through("-weighed", node.node)
        return node

    def visit_Pair(self, node: nodes.Pair) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        if not isinstance(node.key, nodes.Const):
            node.key = _through("-weighed", node.key)
        return node

    def visit_Compare(self, node: nodes.Compare) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        if all(_is_cheap(node, operand) for operand in node.ops):
            return node
        node.expr = _through("-weighed", node.expr)
        for operand in node.ops:
            name = "-searched" if operand.op in ("in", "notin") else "-weighed"
            operand.expr = _through(name, operand.expr)
        return node


def _is_cheap(node: nodes.Compare, operand: nodes.Operand) -> bool:
    if operand.op in ("in", "notin"):
        return _is_constant(operand.expr)
    return isinstance(node.expr, nodes.Const) or _is_constant(operand.expr)


def _is_constant(node: nodes.Node) -> bool:
    if isinstance(node, nodes.List | nodes.Tuple):
        return all(isinstance(item, nodes.Const) for item in node.items)
    return isinstance(node, nodes.Const)


def _through(name: str, node: nodes.Node, *args: nodes.Expr) -> nodes.Filter:
    return nodes.Filter(
        node, name, list(args), [], None, None, lineno=node.lineno, environment=SANDBOX
    )


def _weight(tree: nodes.Node) -> int:
    weight = 0
    for node in tree.find_all((nodes.Node,)):
        text = getattr(node, "data", "") or getattr(node, "value", "")
        weight += NODE + (len(text) if isinstance(text, str) else 0)
    return weight


def nearest(name: str, known: Iterable[str]) -> str:
    """Suggest the nearest of the known names, or say which there are."""
    names = sorted(one for one in known if isinstance(one, str) and one[:1].isidentifier())
    if found := get_close_matches(name, names, 1):
        return f"did you mean {found[0]!r}?"
    if not names:
        return ""
    return "known here: " + ", ".join(names[:12]) + (", …" if len(names) > 12 else "")


def explain(error: Exception, source: str, context: Mapping[str, Any]) -> tuple[str, str]:
    """Say what went wrong with a template, and the way out."""
    match error:
        case AbsentError():
            return _absent(error, source, context)
        case BoundError():
            return str(error), "prepare large values outside the recipe, and fill them in whole"
        case TemplateSyntaxError():
            return _syntax(error, source)
        case RecursionError():
            return "the template is nested too deeply, or calls itself without end", ""
        case MemoryError() | SyntaxError():
            return "the template is too complicated to compile", "split it over several vars"
    return reasons.of_running(str(error)[:300] or type(error).__name__)


def _absent(error: AbsentError, source: str, context: Mapping[str, Any]) -> tuple[str, str]:
    owner, name = error.owner, error.name
    while isinstance(name, Undefined):  # What is not there was the name of a field itself.
        owner, name = name._undefined_obj, name._undefined_name
    if owner is missing:
        return f"{name!r} is undefined", nearest(str(name), context)
    spelled = _spelled(str(name)[:_LONGEST_NAME], source)
    if not isinstance(owner, Mapping):
        kind = _KINDS.get(type(owner), "value of this kind")
        return f"{spelled}: a {kind} has no {repr(name)[:_LONGEST_NAME]}", ""
    hint = nearest(str(name)[:_LONGEST_NAME], owner) or "the mapping is empty"
    return f"{spelled}: no such field", f"{hint}"


_LONGEST_NAME = 80
_KINDS = {
    str: "text",
    int: "number",
    float: "number",
    bool: "boolean",
    list: "list",
    tuple: "list",
    type(None): "null",
}


def _spelled(field: str, source: str) -> str:
    """Return the path by which a template reads a field, where there is just one."""
    found = {path_of(node) for node in parse(source).find_all((nodes.Getattr, nodes.Getitem))}
    paths = {".".join(path) for path in found if path and path[-1] == field}
    return paths.pop() if len(paths) == 1 else field


def _syntax(error: TemplateSyntaxError, source: str) -> tuple[str, str]:
    message = (error.message or "").rstrip(".")
    if found := re.match(r"No (filter|test) named '(.*)'", message):
        known = SANDBOX.filters if found[1] == "filter" else SANDBOX.tests
        return f"no {found[1]} is named {found[2]!r}", nearest(found[2], known)
    return reasons.of_reading(message, source)


def line_of(error: Exception, source: str) -> int:
    """Return the line of the template at which it failed, or 0."""
    if isinstance(error, TemplateSyntaxError):
        return error.lineno
    line, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            line = program(source).template.get_corresponding_lineno(trace.tb_lineno)
        trace = trace.tb_next
    return line
