"""No module of ours imports itself round about, not even by an import inside a function."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = ("dataclaw", "dataclaw_worlds", "pyautogui_trace_parsers")


def modules() -> dict[str, Path]:
    """File of each module by its name; a package is its `__init__.py`."""
    files = (file for package in PACKAGES for file in (ROOT / package).rglob("*.py"))
    return {".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): file for file in files}


def imported(tree: ast.AST, known: dict[str, Path]) -> set[str]:
    """Modules of ours that import statements name, wherever they stand."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            inner = {alias.name: f"{node.module}.{alias.name}" for alias in node.names}
            found.update(module if module in known else node.module for module in inner.values())
    return found & known.keys()


def circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """Modules that import each other, directly or round about: what is left once all others are taken away."""
    left = dict(graph)
    while True:
        used = {target for targets in left.values() for target in targets}
        free = {name for name, targets in left.items() if not targets & left.keys() or name not in used}
        if not free:
            return [sorted(left)] if left else []
        left = {name: targets for name, targets in left.items() if name not in free}


def test_no_module_imports_itself_round_about() -> None:
    known = modules()
    trees = {name: ast.parse(file.read_text(encoding="utf-8")) for name, file in known.items()}
    graph = {name: imported(tree, known) - {name} for name, tree in trees.items()}
    found = circles(graph)
    assert not found, {name: sorted(graph[name] & set(found[0])) for name in found[0]}


def test_a_circle_is_found() -> None:
    graph = {"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a"}}
    assert circles(graph) == [["b", "c"]]
    known = {"p": Path(), "p.m": Path()}
    assert imported(ast.parse("def f():\n    from p import m, x"), known) == {"p", "p.m"}
