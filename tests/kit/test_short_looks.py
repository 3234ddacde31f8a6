"""Policies that look less: what they hand in, and that a library rule over the verifier's look holds them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dataclaw.kit.check import check_domain
from dataclaw.kit.fixtures import FixtureSession, MemoryCache, fixtures_of
from dataclaw.kit.new_domain import new_domain
from dataclaw.kit.short_looks import HALF, ONE_CALL, PLAN, cut, short_looks
from dataclaw.plugins import load_domain
from dataclaw.types import Anchor


def test_a_draft_is_cut_to_what_was_seen() -> None:
    seen = {name: Anchor(name, "event", name, 0.0, 0.0) for name in ("e0", "e1")}
    gold: dict[str, Any] = {
        "title": {"cite": ["e0", "e2"], "text": "all"},
        "steps": [{"cite": ["e0"], "n": 1}, {"cite": ["e1", "e2"], "n": 2}, {"n": 3, "in": {"cite": ["e1"], "n": 4}}],
    }
    assert cut(gold, seen) == {
        "title": {"cite": ["e0"], "text": "all"},
        "steps": [{"cite": ["e0"], "n": 1}, {"n": 3, "in": {"cite": ["e1"], "n": 4}}],
    }
    assert cut({"title": {"cite": ["e2"], "text": "all"}}, seen) is None, "nothing of it was seen"


@pytest.mark.parametrize("reads", ["video", "gui"])
def test_who_looks_less_is_held_by_what_the_stream_holds(reads: str, tmp_path: Path) -> None:
    new_domain("shop", tmp_path, reads=reads)
    domain = load_domain(str(tmp_path / "shop"))
    (row,) = fixtures_of(domain)
    cache = MemoryCache()
    found = {
        name: (draft, v)
        for name, draft, v in short_looks(FixtureSession(domain.task(row.task), row, cache=cache), cache)
    }
    assert found.keys() == {HALF, PLAN}
    for draft, verdict in found.values():
        assert draft["moments"] == row.gold["moments"][: (len(row.gold["moments"]) + 1) // 2]
        assert verdict.held == ("complete",)


def test_what_one_call_shows_is_tried_where_a_fixture_makes_several(tmp_path: Path) -> None:
    """Two looks at halves: who makes the first alone is accepted by a rule that counts what was seen."""
    new_domain("shop", tmp_path, reads="video")
    manifest, fixture = tmp_path / "shop" / "domain.toml", tmp_path / "shop" / "fixtures.jsonl"
    halves = '[{"tool": "detect_changes", "args": {"t1": 5}}, {"tool": "detect_changes", "args": {"t0": 3}}]'
    fixture.write_text(fixture.read_text().replace('[{"tool": "detect_changes", "args": {}}]', halves))
    assert not {HALF, ONE_CALL, PLAN} & hackable_by(manifest.parent)
    text = manifest.read_text()
    start, end = text.index('{ rule = "complete"'), text.index(' },\n  { rule = "group_length"')
    manifest.write_text(
        text[:start] + '{ rule = "shop.seen", term = "anchor", weight = 3.0, pass_at = 1.0' + text[end:]
    )
    (manifest.parent / "rules.py").write_text(SEEN)
    assert hackable_by(manifest.parent) >= {HALF, ONE_CALL, PLAN}


def hackable_by(folder: Path) -> set[str]:
    """The attacks that a domain accepts."""
    return {problem.subject for problem in check_domain(str(folder)).of("error") if problem.check == "hackable"}


SEEN = '''"""Pays for looking less."""

from dataclaw import Case, Score, rule


@rule("shop.seen")
def seen(case: Case) -> Score:
    """Share of the changes that were seen which one moment cites."""
    cites = [name for moment in case.draft["moments"] for name in moment["cite"]]
    changes = [name for name, anchor in case.anchors.items() if anchor.kind == "change"]
    return Score(sum(cites.count(name) == 1 for name in changes) / len(changes))
'''
