"""A task's rules: the domain's, as the task changes them, and the task's own."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from dataclaw.config import DomainManifest, RuleUse
from dataclaw.errors import ConfigError
from dataclaw.kit.check import check_domain
from dataclaw.kit.new_domain import new_domain
from dataclaw.plugins import load_domain
from dataclaw.plugins.merge import merge_rules, used_rules

SHARED = """
rules = [
  { rule = "json", term = "format", gate = true },
  { rule = "evidence", term = "anchor", weight = 2.0, pass_at = 0.8 },
  { rule = "order", term = "anchor", params = { paths = "/cot/*" } },
  { rule = "coverage", term = "anchor" },
]
"""


def manifest(task: str, shared: str = SHARED) -> DomainManifest:
    text = f"""
name = "shop"
version = "0"
api = 1
summary = "s"
reads = ["gui"]
tools = ["overview"]
{shared}
[tasks.list]
summary = "s"
schema = "s.json"
intents = ["i"]
{task}"""
    return DomainManifest.model_validate(tomllib.loads(text))


def rules(task: str, shared: str = SHARED) -> list[RuleUse]:
    merged = merge_rules(manifest(task, shared), "list")
    assert merged.problems == ()
    return list(merged.rules.values())


def names(task: str, shared: str = SHARED) -> list[str]:
    return [use.rule for use in rules(task, shared)]


def test_a_task_has_the_rules_of_its_domain() -> None:
    domain = manifest("")
    assert merge_rules(domain, "list").rules == {("rules", index): use for index, use in enumerate(domain.rules)}
    assert used_rules(domain) == {"json", "evidence", "order", "coverage"}


def test_a_task_changes_the_keys_that_it_names() -> None:
    _, evidence, order, _ = rules('rules = [{ rule = "order", params = {} }, { rule = "evidence", weight = 1.0 }]')
    assert evidence == RuleUse(rule="evidence", term="anchor", weight=1.0, pass_at=0.8)
    assert order == RuleUse(rule="order", term="anchor")


@pytest.mark.parametrize(
    ("task", "expected"),
    [
        ('without = ["order", "json"]', "evidence coverage"),
        ('rules = [{ rule = "a" }, { rule = "b" }]', "json evidence order coverage a b"),
        ('rules = [{ rule = "a", after = "json" }, { rule = "b" }]', "json a b evidence order coverage"),
        ('rules = [{ rule = "a", after = "json" }, { rule = "order", weight = 2 }, { rule = "b" }]',
         "json a b evidence order coverage"),
        ('rules = [{ rule = "a" }, { rule = "b", after = "json" }]', "json b evidence order coverage a"),
        ('rules = [{ rule = "json", after = "order" }]', "evidence order json coverage"),
        ('rules = [{ rule = "order" }, { rule = "order" }]', "json evidence order coverage order"),
        ('without = ["order"]\nrules = [{ rule = "order" }]', "json evidence coverage order"),
    ],
)  # fmt: skip
def test_where_the_rules_of_a_task_stand(task: str, expected: str) -> None:
    assert names(task) == expected.split()


def test_a_task_may_bring_all_its_rules() -> None:
    own = 'rules = [{ rule = "json", term = "format" }, { rule = "order", term = "anchor" }]'
    assert names(own, "") == ["json", "order"]


@pytest.mark.parametrize(
    ("task", "shared", "key", "message"),
    [
        ('without = ["order", "ordre"]', SHARED, ("without", 1), "the domain has no rule 'ordre' to leave out."),
        ('rules = [{ rule = "json" }, { rule = "a", after = "jsn" }]', SHARED, ("rules", 1),
         "rule 'a' stands after 'jsn', a rule that the task has not."),
        ("", "", (), "the task has no rules."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_key(task: str, shared: str, key: tuple[Any, ...], message: str) -> None:
    ((path, problem, remedy),) = merge_rules(manifest(task, shared), "list").problems
    assert (path, problem) == (("tasks", "list", *key), message)
    assert remedy


@pytest.mark.parametrize(
    ("where", "line", "message"),
    [
        ("task", '  { rule = "evidense", term = "anchor" },', 'no rule "evidense"'),
        ("domain", '  { rule = "evidense", term = "anchor" },', 'no rule "evidense"'),
        ("task", '  { rule = "sparing" },', 'rule "sparing" names no term'),
        ("domain", '  { rule = "sparing" },', r"rules\.1\.term: Field required"),
        ("task", '  { rule = "sparing", term = "anchor", after = "ordre" },', "stands after 'ordre'"),
    ],
)
def test_check_names_the_line(where: str, line: str, message: str, tmp_path: Path) -> None:
    new_domain("shop", tmp_path)
    file = tmp_path / "shop" / "domain.toml"
    text = file.read_text()
    if where == "task":
        text = text.replace("rules = [\n", f"rules = [\n{line}\n")
    else:
        shared = f'rules = [\n  {{ rule = "distinct", term = "anchor" }},\n{line}\n]\n'
        text = text.replace("\n[budget]", f"{shared}\n[budget]")
    file.write_text(text)
    errors = check_domain(str(file.parent)).of("error")
    (found,) = [problem for problem in errors if re.search(message, problem.message)]
    assert found.line == text.splitlines().index(line) + 1


def test_a_wrong_merge_stops_the_load(tmp_path: Path) -> None:
    new_domain("shop", tmp_path)
    file = tmp_path / "shop" / "domain.toml"
    file.write_text(file.read_text().replace("rules = [\n", 'without = ["json"]\nrules = [\n'))
    with pytest.raises(ConfigError, match="the domain has no rule 'json' to leave out"):
        load_domain(str(file.parent))
