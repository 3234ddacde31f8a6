"""What the code of a plugin says that it does, read and never run: clock, files, chance, network, processes.

Names are followed through imports, aliases and assignments, scope by scope, so that a function of one's own that is
called `open` is not the builtin. What is reached by other ways is seen when it is done (`audit`, `elsewhere`).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from dataclaw.kit.forbidden import FORBIDDEN, HIDDEN, NETWORK, PROCESSES, READING, SEEDED, WRITING, Deed
from dataclaw.kit.report import Notes
from dataclaw.plugins.find import Plugin

Value: TypeAlias = "str | ast.expr | None"
"""What a name is bound to: the dotted name that it imports, the expression that it is given, or something unknown."""
Scope: TypeAlias = dict[str, list[Value]]
_DEEPEST = 6
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_WHOLE = (NETWORK, PROCESSES)
"""Deeds whose modules are good for nothing else, so that importing them is told already."""


def check_reading(plugin: Plugin, notes: Notes) -> None:
    """Note what the plugin's modules do that they may not; each place once, by the strictest part that imports it."""
    told: set[tuple[Path, int, str]] = set()
    for part, forbidden in FORBIDDEN.items():
        for module in _modules_of(plugin, part):
            for line, name, deed in read_module(module.tree, forbidden):
                if (module.file, line, deed.says) in told:
                    continue
                told.add((module.file, line, deed.says))
                file = module.file.relative_to(plugin.root).as_posix()
                who = f"{part}.py" if file == f"{part}.py" else f"{file}, which {part}.py imports,"
                notes.error("forbidden", f"{who} {deed.says} ({name}), and {part} may not.", deed.remedy, file=file,
                            line=line, subject=name)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Module:
    file: Path
    name: str
    tree: ast.Module


def _modules_of(plugin: Plugin, part: str) -> Iterator[_Module]:
    """A part's module and those of the plugin's folder that it imports, each once; one that cannot be read is not."""
    package = plugin.package or "plugin"
    waiting, seen = [f"{package}.{part}"], set[str]()
    while waiting:
        name = waiting.pop(0)
        below = name.split(".")[len(package.split(".")) :]
        if name in seen or not f"{name}.".startswith(f"{package}."):
            continue
        seen.add(name)
        base = plugin.root.joinpath(*below)
        file = next((f for f in (base.with_suffix(".py"), base / "__init__.py") if below and f.is_file()), None)
        if file is None:
            continue
        try:
            tree = ast.parse(file.read_bytes())
        except (SyntaxError, ValueError, RecursionError):  # importing it says what is wrong
            continue
        yield _Module(file, name, tree)
        around = name if file.name == "__init__.py" else name.rpartition(".")[0]
        for node in _nodes_run(tree):
            waiting += _imported_modules(node, around)


def _imported_modules(node: ast.AST, around: str) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if not isinstance(node, ast.ImportFrom):
        return []
    base = _origin(node, around)
    return [base, *(f"{base}.{alias.name}" for alias in node.names)]


def _origin(node: ast.ImportFrom, around: str) -> str:
    if not node.level:
        return node.module or ""
    parts = around.split(".")
    return ".".join([*parts[: len(parts) - node.level + 1], *([node.module] if node.module else [])])


def _nodes_run(tree: ast.AST) -> Iterator[ast.AST]:
    """Every node but those that only type checkers read."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            waiting += node.orelse
        else:
            waiting += ast.iter_child_nodes(node)


def read_module(tree: ast.Module, forbidden: Sequence[Deed]) -> list[tuple[int, str, Deed]]:
    """`(line, dotted name, deed)` of everything in a module that is forbidden, in order."""
    reader = _Reader(forbidden)
    try:
        reader.visit(tree)
    except RecursionError:
        reader.found.append((1, "nested too deep to be read", HIDDEN))
    return sorted(reader.found, key=lambda one: one[:2])


@dataclass
class _Reader(ast.NodeVisitor):
    """Walks over a module and resolves what its names mean."""

    forbidden: Sequence[Deed]
    found: list[tuple[int, str, Deed]] = field(default_factory=list[tuple[int, str, Deed]])
    scopes: list[tuple[Scope, bool]] = field(default_factory=list[tuple[Scope, bool]])

    def visit_Module(self, node: ast.Module) -> None:
        self._enter(node, node.body)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for outside in (*node.decorator_list, *node.bases, *node.keywords):
            self.visit(outside)
        self._enter(node, node.body)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for outside in (*node.decorator_list, *node.args.defaults, *filter(None, node.args.kw_defaults)):
            self.visit(outside)
        self._enter(node, node.body)

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._enter(node, [node.body])

    def visit_If(self, node: ast.If) -> None:
        if "TYPE_CHECKING" not in ast.dump(node.test):
            self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value:
            self.visit(node.value)

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self._note_import(node.lineno, alias.name)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for alias in node.names if not node.level else ():
            name = f"{node.module}.{alias.name}"
            if alias.name == "*":  # its names cannot be followed: the whole module counts
                deeds = [deed for deed in self.forbidden for one in deed.names if one.startswith(f"{node.module}.")]
                self.found += [(node.lineno, name, deed) for deed in deeds[:1]]
            self._note_import(node.lineno, name)

    def _note_import(self, line: int, name: str) -> None:
        self.found += [(line, name, deed) for deed in self.forbidden if deed in _WHOLE and deed.has(f"{name}.x")]

    def visit_Call(self, node: ast.Call) -> None:
        names = self._names(node.func)
        inside = [*node.args, *(keyword.value for keyword in node.keywords)]
        if names & SEEDED and inside:
            pass  # the same numbers each time
        elif _is_open(names):
            self._note_open(node, names)
        elif not (self._note(node.lineno, names) or self._note_method(node)):
            self.visit(node.func)
        for value in inside:
            self.visit(value)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        names = self._names(node) - SEEDED
        if not self._note(node.lineno, names):
            self.visit(node.value)

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self._note(node.lineno, self._names(node) - SEEDED)

    def _note(self, line: int, names: set[str]) -> bool:
        found = [(line, name, deed) for name in sorted(names) for deed in self.forbidden if deed.has(name)]
        self.found += found[:1]
        return bool(found)

    def _note_method(self, node: ast.Call) -> bool:
        """A method that only paths have, of something whose kind is not known."""
        method = node.func
        if not isinstance(method, ast.Attribute) or self._names(method):
            return False
        if method.attr in ("read_text", "read_bytes") and self._is_beside(method.value):
            return False
        return self._note(node.lineno, {f"?.{method.attr}()"})

    def _note_open(self, node: ast.Call, names: set[str]) -> None:
        bound = next(iter(names)).startswith("pathlib")
        modes = [*node.args[0 if bound else 1 :][:1], *(k.value for k in node.keywords if k.arg in ("mode", "flags"))]
        plain = all(isinstance(mode, ast.Constant) and not set(str(mode.value)) & set("wax+") for mode in modes)
        place = node.func.value if bound and isinstance(node.func, ast.Attribute) else (node.args or [None])[0]
        deed = READING if plain else WRITING
        if deed in self.forbidden and not (plain and place and self._is_beside(place)):
            self.found.append((node.lineno, min(names), deed))

    def _enter(self, node: ast.AST, body: Sequence[ast.AST]) -> None:
        self.scopes.append((_bindings(node), isinstance(node, ast.ClassDef)))
        for inner in body:
            self.visit(inner)
        self.scopes.pop()

    def _values(self, name: str) -> list[Value]:
        here = len(self.scopes) - 1  # names of a class are not seen in its methods
        seen = [scope for index, (scope, of_class) in enumerate(self.scopes) if index == here or not of_class]
        return next((scope[name] for scope in reversed(seen) if name in scope), [f"builtins.{name}"])

    def _names(self, node: ast.expr, depth: int = 0) -> set[str]:
        """Every dotted name that an expression may stand for; what a call of one gives is `name()`."""
        if depth > _DEEPEST:
            return set()
        if isinstance(node, ast.Name):
            values = self._values(node.id)
            inner = (self._names(value, depth + 1) for value in values if isinstance(value, ast.expr))
            return {value for value in values if isinstance(value, str)}.union(*inner)
        if isinstance(node, ast.Attribute):
            if self._is_reading_beside(node):
                return set()
            return {_plain_path(f"{name}.{node.attr}") for name in self._names(node.value, depth + 1)}
        if isinstance(node, ast.BinOp):
            return {name for name in self._names(node.left, depth + 1) if name == "pathlib.Path()"}
        return self._names_of_call(node, depth) if isinstance(node, ast.Call) else set()

    def _names_of_call(self, node: ast.Call, depth: int) -> set[str]:
        names = self._names(node.func, depth + 1)
        said = [arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
        if "builtins.getattr" in names and said:
            return {f"{name}.{said[0]}" for name in self._names(node.args[0], depth + 1)}
        if names & {"builtins.__import__", "importlib.import_module"} and said:
            return {said[0]}
        return {_plain_path(f"{name}()") for name in names - SEEDED}

    def _is_reading_beside(self, node: ast.Attribute) -> bool:
        reads = node.attr != "open" and READING.has(f"pathlib.Path().{node.attr}")
        return reads and self._is_beside(node.value)

    def _is_beside(self, node: ast.AST, depth: int = 0) -> bool:
        """Whether a path is made from `__file__`: a table that belongs to the code."""
        for inner in ast.walk(node):
            if not isinstance(inner, ast.Name):
                continue
            if inner.id == "__file__":
                return True
            values = self._values(inner.id) if depth < _DEEPEST else []
            if any(isinstance(value, ast.expr) and self._is_beside(value, depth + 1) for value in values):
                return True
        return False


def _is_open(names: set[str]) -> bool:
    return bool(names) and names <= {"builtins.open", "io.open", "codecs.open", "pathlib.Path().open"}


def _plain_path(name: str) -> str:
    """A path that is made of a path is one, too: `pathlib.Path().parent.with_name()` is `pathlib.Path()`."""
    if name in ("pathlib.PurePath()", "pathlib.Path.cwd()", "pathlib.Path.home()"):
        return "pathlib.Path()"
    head, _, last = name.rpartition(".")
    made = last in ("parent", "with_name()", "with_suffix()", "joinpath()", "resolve()", "absolute()")
    return "pathlib.Path()" if head == "pathlib.Path()" and made else name


def _bindings(scope: ast.AST) -> Scope:
    """What the names of one scope are bound to, without those of functions and classes within it."""
    found: Scope = {}
    if isinstance(scope, _FUNCTIONS):
        for arg in (*scope.args.posonlyargs, *scope.args.args, *scope.args.kwonlyargs, scope.args.vararg,
                    scope.args.kwarg):  # fmt: skip
            if arg is not None:
                found[arg.arg] = [_instance(arg.annotation)]
    waiting: list[ast.AST] = list(ast.iter_child_nodes(scope))
    if isinstance(scope, _FUNCTIONS):
        waiting = [scope.body] if isinstance(scope, ast.Lambda) else list(scope.body)
    while waiting:
        node = waiting.pop()
        for name, value in _bound(node):
            found.setdefault(name, []).append(value)
        if not isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
            waiting += ast.iter_child_nodes(node)
    return found


def _instance(annotation: ast.expr | None) -> Value:
    """What a parameter holds, as far as its annotation says so plainly: a call of what it names."""
    if isinstance(annotation, ast.Name | ast.Attribute):
        return ast.Call(func=annotation, args=[], keywords=[])
    return None


def _bound(node: ast.AST) -> list[tuple[str, Value]]:
    """The names that one node binds."""
    match node:
        case ast.Import():
            return [(a.asname or a.name.partition(".")[0], a.name if a.asname else a.name.partition(".")[0])
                    for a in node.names]  # fmt: skip
        case ast.ImportFrom():
            return [(a.asname or a.name, f"{node.module}.{a.name}" if not node.level else None) for a in node.names]
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return [(node.name, None)]
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            return [(name, value)]
        case ast.AnnAssign(target=ast.Name(id=name), value=value):
            return [(name, value)]
        case ast.NamedExpr(target=ast.Name(id=name), value=value):
            return [(name, value)]
        case ast.Name(id=name, ctx=ast.Store()):
            return [(name, None)]
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            return [(name, None)]
        case _:
            return []
