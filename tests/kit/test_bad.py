"""Deliberately bad domains: each is the skeleton with the files of `bad/<name>` laid over it, and each is caught."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from dataclaw.kit.check import check_domain, check_here
from dataclaw.kit.report import Report
from dataclaw.plugins import guard, plugin_at
from tests.kit import bad_sentences_sandbox as harm
from tests.kit.bad_sentences_foreign import FOREIGN
from tests.kit.bad_sentences_look import LOOK
from tests.kit.bad_sentences_newkind import SENTENCES as OF_LOADERS
from tests.kit.bad_sentences_open import CARRIED
from tests.kit.own_rule import new_domain_with_rule

BAD = Path(__file__).parent / "bad"
SENTENCES = {
    "broken_toml": [("error", r"^domain\.toml:4: not valid TOML: ")],
    "wrong_keys": [
        ("error", r"^domain\.toml:3: api: .*plugin interface 7, this release speaks 1"),
        (
            "error",
            r"^domain\.toml:4: icon: no such key \(there is: .*explained, fixtures, .*name, .*prompt, ",
        ),
        ("error", r"^domain\.toml:12: budget\.steps: Input should be a valid integer"),
    ],
    "unknown_names": [
        ("error", r'^domain\.toml:5: no loader gives streams of kind "smell"'),
        ("error", r"^domain\.toml:6: there is no tool 'list_evens'\. Did you mean 'list_events'\?"),
        ("error", r'^domain\.toml:26: .*no rule "evidense" \(did you mean "evidence"\?\)'),
    ],
    "path_leaves_folder": [
        ("error", r"^domain\.toml:16: tasks\.list_moments\.schema: .*secret\.json' leaves the plugin's folder"),
    ],
    "many_at_once": [
        ("error", r"^domain\.toml:7: prompt: '\.\./shop\.md' leaves the plugin's folder"),
        ("error", r"^domain\.toml:6: there is no tool 'list_evens'\. Did you mean 'list_events'\?"),
        ("error", r"^domain\.toml:26: tasks\.list_moments\.rules\.2\.pass_at: Input should be less than or equal to 1"),
        ("error", r'^domain\.toml:26: .*no rule "evidense" \(did you mean "evidence"\?\)'),
        ("error", r'^domain\.toml:28: .*no rule "shop\.complet"'),
        (
            "error",
            r"^domain\.toml:29: tasks\.list_moments\.rules\.5\.wieght: no such key \(there is: after, gate, params, ",
        ),
        ("error", r'^domain\.toml:30: .*rule "order" names no term'),
    ],
    "missing_prompt": [
        ("error", r"^domain\.toml:7: no file 'prompts/nothing\.md' in the plugin's folder"),
        ("error", r"^fixtures\.jsonl:1: .*the gold answer is held by evidence"),
    ],
    "schema_without_cite": [
        ("error", r"^schemas/list_moments\.json:1: .*nothing cites: a draft must name its evidence"),
        ("error", r"^schemas/list_moments\.json:5: .*an array needs maxItems"),
        ("error", r"^schemas/list_moments\.json:19: .*/what: needs a description"),
    ],
    "schema_wrong_order": [("error", r"^schemas/list_moments\.json:10: .*x-order must list each of cite, time, what")],
    "colliding_templates": [
        (
            "error",
            r"^domain\.toml:36: \[tell_story\] the template .* is nearly .*\(line 18\): an intent could mean either",
        ),
        ("error", r"^domain\.toml:37: \[tell_story\] the template .* of list_moments \(line 19\)"),
    ],
    "raises_at_import": [("error", r"^rules\.py:5: .*cannot be imported: .*RuntimeError: the licence server is away")],
    "gold_misfit": [("error", r'^fixtures\.jsonl:1: .*does not fit its schema: /moments/1 lacks "time"')],
    "wrong_beats_gold": [
        ("error", r"^fixtures\.jsonl:1: .*the gold answer is held by .*nothing_foreign: .*\"Red mug\" does not match"),
        ("error", r'^fixtures\.jsonl:1: .*"wrong: as good as gold" scores 1\.000, more than gold'),
        ("error", r"^fixtures\.jsonl:2: /golden: no such key \(there is: .*gold, "),
    ],
    "hackable_by_empty_lists": [
        ("error", r"the domain is hackable: the attack 'truncated' is accepted .* let it pass: .*shop\.complete"),
        ("error", r"the domain is hackable: the attack 'empty lists' is accepted"),
        ("warning", r"^rules\.py:8: .*rule shop\.complete always gives 1"),
    ],
    "contradictory_rules": [("error", r"^rules\.py:8: .*rules shop\.complete and shop\.brief are contradictory")],
    "dead_rule": [("warning", r"^rules\.py:23: .*rule shop\.polite always gives 1: .* it never varies")],
    "random_rule": [
        ("error", r"^rules\.py:10: .*rule shop\.complete gives the same draft another result within 200 times"),
        ("error", r"^rules\.py:13: rules\.py draws random numbers \(random\.random\)"),
    ],
    "hash_order_rule": [
        ("error", r"^rules\.py:8: .*rule shop\.complete .* in another process, with another .* hash seed")
    ],
    "nan_rule": [("error", r"^rules\.py:10: .*rule shop\.complete failed: gave nan instead of a number from 0 to 1")],
    "out_of_range_rule": [("error", r"^rules\.py:8: .*rule shop\.complete failed: gave 1\.5 instead")],
    "raising_rule": [("error", r"^rules\.py:8: .*rule shop\.complete failed: KeyError: 'chapters'")],
    "exiting_rule": [("error", r"^rules\.py:10: .*rule shop\.complete failed: .*tried to end the process: SystemExit")],
    "hanging_rule": [("error", r"^rules\.py:8: .*rule shop\.complete failed: .*overran its time 3 times in a row")],
    "hanging_plan": [
        ("error", r"^plans\.py:11: .*the planner fails .*took more than 0\.2 s of CPU time and was stopped")
    ],
    **LOOK,
    **CARRIED,
    "printing_code": [("warning", r"^shop: rules\.py prints '\{ shop: thank you for installing me \}'")],
    **harm.SENTENCES,
    **harm.IN_A_CHILD,
    **OF_LOADERS,
    **FOREIGN,
}


def checked(name: str, folder: Path) -> Report:
    """The check of the skeleton with a bad domain's files laid over it; in this process, which takes half the time."""
    new_domain_with_rule("shop", folder)
    shutil.copytree(BAD / name, folder / "shop", dirs_exist_ok=True)
    path = str(folder / "shop")
    return check_domain(path, step=1.0) if name in harm.IN_A_CHILD else check_here(plugin_at(path))


@pytest.mark.parametrize("name", SENTENCES)
def test_a_bad_domain_is_caught_with_the_right_sentence(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    quick = guard.Limit(cpu=0.2, wall=10.0)
    monkeypatch.setattr(guard, "RULE", quick)
    monkeypatch.setattr(guard, "PLAN", quick)
    report = checked(name, tmp_path)
    for level, sentence in SENTENCES[name]:
        said = [str(problem) for problem in report.problems if problem.level == level]
        assert any(re.search(sentence, line) for line in said), said
    assert report.is_sound == all(level == "warning" for level, _ in SENTENCES[name])
    assert capfd.readouterr().out == ""


def test_every_bad_domain_has_its_sentence() -> None:
    assert {folder.name for folder in BAD.iterdir()} == set(SENTENCES)


def test_a_rule_that_is_broken_does_not_drown_the_rest(tmp_path: Path) -> None:
    assert [problem.check for problem in checked("nan_rule", tmp_path).problems] == ["broken"]
