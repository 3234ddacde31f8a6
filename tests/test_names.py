"""One word for one thing: names of classes and functions, and the glossary of `docs/architecture.md`."""

from __future__ import annotations

import ast
import importlib
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
IRREGULAR = frozenset(
    [
        "told",
        "said",
        "asked",
        "named",
        "made",
        "found",
        "given",
        "shown",
        "kept",
        "held",
        "met",
        "seen",
        "known",
        "sold",
        "taken",
        "put",
        "written",
        "read",
        "drawn",
        "built",
        "sent",
        "left",
        "cut",
        "set",
        "begun",
        "grown",
        "spoken",
        "worn",
        "brought",
        "bought",
        "thought",
        "meant",
        "heard",
        "led",
        "lost",
        "paid",
        "spent",
        "won",
        "done",
        "gone",
        "chosen",
        "broken",
        "hidden",
    ]
)
VERBS = frozenset({"cut", "embed", "feed", "need", "put", "read", "seed", "set", "sorted", "speed", "split"})
"""Participles that are verbs or nouns as well."""
MOST = 40
"""Words that a newcomer may have to learn."""


def nodes(package: str) -> Iterator[tuple[Path, ast.AST]]:
    for path in sorted((ROOT / package).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            yield path.relative_to(ROOT), node


def is_participle(name: str) -> bool:
    word = name.strip("_")
    if "_" in word or word in VERBS:
        return False
    return word in IRREGULAR or (word.endswith("ed") and len(word) > 4)


def is_property(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Properties are read like attributes: `verdict.passed`."""
    return any(ast.unparse(one) in ("property", "cached_property") for one in node.decorator_list)


def test_no_two_public_classes_share_a_name() -> None:
    homes: defaultdict[str, list[str]] = defaultdict(list)
    for path, node in nodes("dataclaw"):
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            homes[node.name].append(f"{path}:{node.lineno}")
    assert {name: places for name, places in homes.items() if len(places) > 1} == {}


def test_functions_are_verbs_or_what_they_return() -> None:
    found = [
        f"{path}:{node.lineno} {node.name}"
        for package in ("dataclaw", "dataclaw_worlds")
        for path, node in nodes(package)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if is_participle(node.name) and not is_property(node)
    ]
    assert found == []


def test_every_word_of_the_glossary_is_in_the_code() -> None:
    page = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([\w ]+) \| .+ \| `([\w.]+)` \|$", page.partition("## Glossary")[2], re.MULTILINE)
    assert 30 <= len(rows) <= MOST
    assert len({word for word, _ in rows}) == len(rows)
    for word, home in rows:
        module, _, name = home.rpartition(".")
        owner = importlib.import_module(module)
        assert hasattr(owner, name) or importlib.import_module(home), word
