"""Rules of other domains by their full name: found, missing, kept from running, and used both ways."""

from __future__ import annotations

from pathlib import Path

import pytest

from dataclaw.errors import PluginError
from dataclaw.kit.check import check_domain
from dataclaw.kit.fixtures import fixtures_of, judge
from dataclaw.kit.new_domain import new_domain
from dataclaw.plugins import load_domain
from tests.kit.own_rule import new_domain_with_rule


@pytest.fixture
def shops(tmp_path: Path) -> Path:
    """Two domains, each of which uses the other's rule; the `plugins.toml` that names both."""
    for name, other in (("corner", "market"), ("market", "corner")):
        new_domain_with_rule(name, tmp_path)
        borrow(tmp_path / name, f"{other}.complete")
    registry = tmp_path / "plugins.toml"
    registry.write_text('[domains.corner]\npath = "corner"\n[domains.market]\npath = "market"\n')
    return registry


def borrow(domain: Path, rule: str) -> None:
    manifest = domain / "domain.toml"
    used = f'{{ rule = "{rule}", term = "anchor", weight = 2.0 }},\n  {{ rule = "group_length"'
    manifest.write_text(manifest.read_text().replace('{ rule = "group_length"', used))


def test_two_domains_judge_with_each_others_rules(shops: Path) -> None:
    for name, other in (("corner", "market"), ("market", "corner")):
        domain = load_domain(name, registry=shops)
        (row,) = fixtures_of(domain)
        verdict = judge(domain.task("list_moments"), row, row.gold)
        assert verdict.scores[f"{other}.complete"].value == 1.0
        missing = judge(domain.task("list_moments"), row, row.wrong[0].draft)
        assert {f.rule for f in missing.findings()} == {f"{name}.complete", f"{other}.complete"}
        others = [p for p in check_domain(name, registry=shops).problems if p.check != "taken"]  # twins ask alike
        assert others == []


def test_a_rule_of_a_domain_that_is_not_there_is_told(shops: Path, tmp_path: Path) -> None:
    shops.write_text('[domains.corner]\npath = "corner"\n')
    with pytest.raises(PluginError, match=r"'market\.complete' is of domain 'market', which is not installed.*plugins"):
        load_domain("corner", registry=shops)
    new_domain("kiosk", tmp_path)
    borrow(tmp_path / "kiosk", "gui.nothing")
    with pytest.raises(PluginError, match=r"domain gui brings no rule 'gui\.nothing'.*gui\.scope"):
        load_domain(str(tmp_path / "kiosk"))


def test_broken_code_is_blamed_on_the_domain_that_has_it(shops: Path, tmp_path: Path) -> None:
    (tmp_path / "market" / "rules.py").write_text("1 / 0")
    with pytest.raises(PluginError, match=r"^market: rules\.py cannot be imported: rules\.py:1: ZeroDivisionError"):
        load_domain("corner", registry=shops)


def test_without_code_a_borrowed_rule_counts_as_missing(shops: Path, tmp_path: Path) -> None:
    (tmp_path / "market" / "rules.py").write_text("raise RuntimeError('imported')")
    domain = load_domain("corner", registry=shops, code=False)
    assert domain.missing == ("rule corner.complete", "rule market.complete", "rules.py", "plans.py")
    (row,) = fixtures_of(domain)
    assert set(judge(domain.task("list_moments"), row, row.gold).failed) == {"corner.complete", "market.complete"}
    report = check_domain("corner", registry=shops, code=False)
    assert report.is_sound
    assert "rule market.complete is code of a plugin and was not looked at." in {p.message for p in report.problems}
