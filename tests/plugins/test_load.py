"""Domains through the one door: overrides, loaders, declarations alone, and code that breaks its word."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dataclaw.config import RunConfig
from dataclaw.domain import Domain
from dataclaw.errors import ConfigError, PluginError, StreamError, UsageError
from dataclaw.kit.fixtures import fixtures_of, judge, play
from dataclaw.plugins import find_plugins, guard, load_domain
from dataclaw.run.prepare import prepare
from dataclaw.run.run import run
from dataclaw.streams import Sampling, open_stream
from dataclaw.tools.base import ToolContext
from tests.kit.own_rule import new_domain_with_rule

LOADERS = """
from pathlib import Path

from dataclaw.streams.loader import Loader
from dataclaw.types import Event, Stream


def claims(path: Path) -> bool:
    return path.suffix in {".diary", ".bad", ".hang"}


def count(path: Path) -> int:
    if path.suffix == ".bad":
        raise OSError("cannot count")
    return 1


def open_diary(path: Path, index: int, sampling: object) -> Stream:
    while path.suffix == ".hang":
        pass
    lines = path.read_text().splitlines()
    events = tuple(Event(k, "click", float(k), float(k), target=line) for k, line in enumerate(lines))
    if path.suffix == ".bad":
        raise ValueError("torn page")
    return Stream("00" * 8, "gui", path.name, str(path), "diary", float(len(lines)), events=events)


LOADER = Loader("diary", "gui", claims, open_diary, count)
"""
TOOLS = '''
import time

from dataclaw.tools.base import ToolContext, ToolResult, tool


@tool("wait")
def wait(context: ToolContext) -> ToolResult:
    """Wait for nothing."""
    while True:
        time.sleep(0.01)


@tool("words")
def words(context: ToolContext) -> ToolResult:
    """Give words instead of a result."""
    print("hello")
    return "three words here"
'''


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return new_domain_with_rule("shop", tmp_path)


def registry(folder: Path, text: str) -> Path:
    file = folder / "plugins.toml"
    file.write_text(text)
    return file


def test_plugins_toml_overrides_terms_budget_tools_model_and_adapter(shop: Path) -> None:
    file = registry(
        shop.parent,
        """
        [domains.shop]
        path = "shop"
        terms = { anchor = 2.0 }
        budget = { steps = 5 }
        tools = ["list_events"]
        model = "embedded"
        adapter = "omni"
        """,
    )
    domain = load_domain("shop", registry=file)
    task = domain.task("list_moments")
    assert task.rubric.terms["anchor"] == 2.0
    assert task.budget.steps == 5
    assert list(task.tools) == ["list_events"]
    assert (domain.entry.model, domain.entry.adapter) == ("embedded", "omni")
    assert domain.origin == "plugins.toml"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ('path = "shop"\nterms = { speed = 1.0 }', "terms .*speed.* do not exist"),
        ('path = "shop"\ntools = ["list_evens"]', "unknown tool 'list_evens'.*Did you mean 'list_events'"),
        ('path = "shop"\nbudget = { steps = 0 }', "budget.steps"),
        ('path = "shop"\ncolour = "red"', r"colour: no such key \(there is: .*enabled.*\)"),
        ('path = "nowhere"', "file not found"),
    ],
)
def test_wrong_overrides_are_told(shop: Path, said: str, told: str) -> None:
    file = registry(shop.parent, f"[domains.shop]\n{said}\n")
    with pytest.raises((ConfigError, PluginError), match=told):
        load_domain("shop", registry=file)


def test_a_disabled_domain_is_not_there(shop: Path) -> None:
    file = registry(shop.parent, '[domains.shop]\npath = "shop"\nenabled = false\n[domains.gui]\nenabled = false\n')
    assert not {"shop", "gui"} & set(find_plugins(file))
    with pytest.raises(UsageError, match="no domain 'shop'"):
        load_domain("shop", registry=file)


def test_without_its_code_a_domain_says_what_is_missing(shop: Path) -> None:
    (shop / "rules.py").write_text("raise RuntimeError('imported')")
    domain = load_domain(str(shop), code=False)
    assert domain.missing == ("rule shop.complete", "rules.py", "plans.py")
    task = domain.task("list_moments")
    assert task.plan is None
    row = fixtures_of(domain)[0]
    verdict = judge(task, row, row.gold)
    assert list(verdict.failed) == ["shop.complete"]
    assert "its code was not loaded" in verdict.failed["shop.complete"]
    assert verdict.total == pytest.approx(1.0), "a missing rule is missing, never 0"
    with pytest.raises(PluginError, match=r"rules\.py:1: RuntimeError: imported"):
        load_domain(str(shop))


@pytest.fixture
def diaries(shop: Path) -> Domain:
    (shop / "loaders.py").write_text(LOADERS)
    return load_domain(str(shop))


def test_a_domain_brings_loaders(diaries: Domain, tmp_path: Path) -> None:
    page = tmp_path / "monday.diary"
    page.write_text("got up\nwent out")
    stream = open_stream(str(page), loaders=diaries.loaders)
    assert (stream.format, [event.target for event in stream.events]) == ("diary", ["got up", "went out"])


def test_a_loader_that_breaks_is_named_and_rejects_its_stream(diaries: Domain, tmp_path: Path) -> None:
    (tmp_path / "torn.bad").write_text("got up")
    (loader,) = diaries.loaders
    assert loader.count(tmp_path / "torn.bad") == 1
    with pytest.raises(StreamError, match=r"shop: loader diary failed: loaders\.py:24: ValueError: torn page"):
        loader.open(tmp_path / "torn.bad", 0, Sampling())


def test_a_loader_that_hangs_is_stopped(diaries: Domain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "OPEN", guard.Limit(0.2, 5.0))
    (tmp_path / "long.hang").write_text("")
    with pytest.raises(StreamError, match=r"loader diary failed: .*took more than 0\.2 s"):
        diaries.loaders[0].open(tmp_path / "long.hang", 0, Sampling())


def test_a_loader_may_not_take_a_built_in_name(shop: Path) -> None:
    (shop / "loaders.py").write_text(LOADERS.replace('"diary"', '"otio"'))
    with pytest.raises(PluginError, match=r"loaders \['otio'\] have the names of built-in ones"):
        load_domain(str(shop))


def test_tools_that_hang_or_give_what_is_no_result_are_named(
    shop: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(guard, "TOOL", guard.Limit(5.0, 0.3))
    (shop / "tools.py").write_text(TOOLS)
    declared = (shop / "domain.toml").read_text()
    (shop / "domain.toml").write_text(declared.replace('"validate"', '"validate", "wait", "words"'))
    domain = load_domain(str(shop))
    tools = domain.task("list_moments").tools
    context = ToolContext(open_stream_of(domain), (0.0, 1.0))
    with pytest.raises(PluginError, match=r"shop: tool wait: took more than 0\.3 s"):
        tools["wait"](context, {})
    with pytest.raises(PluginError, match="tool words gave str instead of a ToolResult"):
        tools["words"](context, {})
    assert capsys.readouterr().out == ""


def open_stream_of(domain: Domain):
    from dataclaw.kit.fixtures import stream_of

    return stream_of(fixtures_of(domain)[0])


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("raise ValueError('no idea')", "the plan of shop.list_moments failed: ValueError: no idea"),
        ("return 5", "gave int instead of a generator"),
        ("yield 'submit'", "yielded str instead of an Action"),
        ("import sys; sys.exit(3)", "tried to end the process"),
    ],
)
def test_plans_that_break_are_named(shop: Path, body: str, why: str) -> None:
    (shop / "plans.py").write_text(f"def plan(brief):\n    {body}\n\n\nPLANS = {{'list_moments': plan}}\n")
    domain = load_domain(str(shop))
    assert why in play(domain, fixtures_of(domain)[0]).why


def test_a_run_goes_on_past_a_domain_whose_rule_hangs(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "RULE", guard.Limit(0.2, 5.0))
    monkeypatch.setenv("DATACLAW_CACHE", str(tmp_path / "cache"))
    (shop / "loaders.py").write_text(LOADERS)
    rules = (shop / "rules.py").read_text()
    (shop / "rules.py").write_text(rules.replace("    there =", "    while case.draft:\n        pass\n    there ="))
    file = registry(tmp_path, '[domains.shop]\npath = "shop"\n')
    pages = [tmp_path / "one.diary", tmp_path / "two.diary"]
    for page in pages:
        page.write_text("got up\nwent out")
    pages[1].write_text("stayed in")
    config = RunConfig(intent="list every moment with its time", domain="shop")
    news = list(run(prepare(config, file), [str(page) for page in pages], tmp_path / "out"))
    outcomes = [progress.outcome for progress in news if progress.outcome]
    assert len(outcomes) == 2
    (sample,) = outcomes[0].samples
    assert "took more than 0.2 s of CPU time" in json.dumps(sample["verdict"]["failed"]["shop.complete"])
    assert sample["verdict"]["passed"]
