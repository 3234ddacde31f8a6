"""Which templates change hands when a domain comes to others."""

from __future__ import annotations

from pathlib import Path

from dataclaw.domain import Domain
from dataclaw.kit.new_domain import new_domain
from dataclaw.kit.taken_intents import other_domains, taken_intents
from dataclaw.plugins import load_domain


def made(name: str, folder: Path, *intents: str) -> Domain:
    new_domain(name, folder)
    manifest = folder / name / "domain.toml"
    text = manifest.read_text()
    start, end = text.index("intents = ["), text.index("rules = [")
    said = "".join(f'  "{intent}",\n' for intent in intents)
    manifest.write_text(f"{text[:start]}intents = [\n{said}]\n{text[end:]}")
    return load_domain(str(folder / name))


def test_what_another_domain_loses_is_named_and_so_is_what_a_domain_never_gets(tmp_path: Path) -> None:
    one = made("one", tmp_path, "count the pauses", "how long do people wait here", "weigh every idle moment")
    two = made("two", tmp_path, "count the pauses", "count all pauses", "pauses, counted")
    (lost,) = taken_intents(two, {"one": one})
    assert (lost.domain, lost.number, lost.intent, lost.taker) == ("one", 0, "count the pauses", "two.list_moments")
    assert list(taken_intents(made("three", tmp_path, "sing", "dance", "paint it blue"), {"one": one})) == []


def test_the_neighbours_are_those_that_are_installed_without_itself_and_the_broken(tmp_path: Path) -> None:
    made("one", tmp_path, "sing", "dance", "paint")
    (tmp_path / "torn").mkdir()
    (tmp_path / "torn" / "domain.toml").write_text("name = ")
    registry = tmp_path / "plugins.toml"
    registry.write_text('[domains.one]\npath = "one"\n[domains.torn]\npath = "torn"\n')
    assert "gui" in other_domains("one", tmp_path / "one", registry)
    assert not {"one", "torn"} & other_domains("one", tmp_path / "one", registry).keys()
    assert "one" in other_domains("two", tmp_path / "two", registry)
