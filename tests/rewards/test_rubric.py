import json
import math
import time
from dataclasses import replace
from typing import Any

import pytest
from dirty_equals import IsPartialDict
from hypothesis import given, settings
from hypothesis import strategies as st

from dataclaw.config import RuleUse
from dataclaw.errors import ConfigError
from dataclaw.rewards import Case, Failures, Rubric, Rule, Score, breakage, library, render, rule
from dataclaw.schema import parse_json
from dataclaw.types import Finding
from tests.rewards.cases import BASE, DRAFT, case, draft
from tests.schema.test_text import JSON

TERMS = {"format": 0.7, "anchor": 1.0, "efficiency": 0.3}
PATHS = {
    "point_in_box": "/steps/*/point",
    "iou": "/steps/*/box",
    "text_on_screen": "/steps/*/text",
    "time_error": "/steps/*/time",
    "value_match": "/steps/*/verb",
}


def constant(name: str, value: Any, *findings: Finding) -> Rule:
    return rule(name)(_documented(lambda case: Score(value, findings)))


def _documented(function: Any) -> Any:
    function.__doc__ = "A rule of the tests."
    return function


def build(*uses: tuple[Rule, dict[str, Any]], **options: Any) -> Rubric:
    rules = {known.name: known for known, _ in uses}
    return Rubric.build(TERMS, [RuleUse(rule=known.name, **declared) for known, declared in uses], rules, **options)


def test_terms_are_weighed_and_renormalised_over_those_that_apply():
    verdict = build(
        (constant("a", 1.0), {"term": "format"}),
        (constant("b", 0.5), {"term": "anchor", "weight": 3.0}),
        (constant("c", 0.1), {"term": "anchor", "weight": 1.0, "pass_at": 0.0}),
        (constant("d", None), {"term": "efficiency"}),
    ).score(BASE)
    assert verdict.terms == {"format": 1.0, "anchor": pytest.approx(0.4), "efficiency": None}
    assert verdict.paper_total == pytest.approx(0.7 * 1.0 + 1.0 * 0.4)
    assert verdict.total == pytest.approx((0.7 + 0.4) / 1.7)
    assert verdict.passed


def test_a_closed_gate_makes_the_total_zero_and_stops_the_rest():
    reason = Finding("/a", "wrong", "g", 0.3)
    verdict = build(
        (constant("late", 1.0), {"term": "anchor"}),
        (constant("open", 1.0), {"term": "format", "gate": True}),
        (constant("g", 0.99, reason), {"term": "format", "gate": True, "pass_at": 0.1}),
        (constant("h", 1.0), {"term": "format", "gate": True}),
    ).score(BASE)
    assert (verdict.total, verdict.paper_total, verdict.passed) == (0.0, 0.0, False)
    assert verdict.held == ("g",)
    assert verdict.skipped == {"h": "gate g is closed", "late": "gate g is closed"}
    assert verdict.findings() == (reason,)


def test_rules_below_their_mark_hold_the_draft_and_their_findings_come_first():
    mild, bad, good = Finding("/m", "", "m", 0.1), Finding("/b", "", "b", 0.4), Finding("/g", "", "m", 1.0)
    verdict = build(
        (constant("m", 0.9, mild, good), {"term": "anchor", "pass_at": 0.5}),
        (constant("b", 0.4, bad), {"term": "anchor", "pass_at": 0.5}),
    ).score(BASE)
    assert verdict.held == ("b",)
    assert not verdict.passed
    assert verdict.findings() == (bad, mild)
    assert verdict.findings(limit=1) == (bad,)


@rule("raises")
def raises(case: Case) -> Score:
    """Breaks."""
    raise KeyError("steps")


@rule("slow")
def slow(case: Case) -> Score:
    """Takes its time."""
    until = time.thread_time() + 0.05
    while time.thread_time() < until:
        pass
    return Score(0.0)


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        (raises, "KeyError: 'steps'"),
        (slow, "of CPU time"),
        (constant("nan", math.nan), "gave nan"),
        (constant("high", 1.5), "gave 1.5"),
        (constant("low", -0.1), "gave -0.1"),
        (constant("inf", math.inf), "gave inf"),
        (constant("text", "1"), "gave '1'"),
        (rule("float")(_documented(lambda case: 0.5)), "gave float instead of a Score"),
        (constant("words", 0.5, "too long"), "gave 'too long' among its findings"),  # type: ignore[arg-type]
        (constant("lost", 0.5, Finding("steps", "no pointer", "lost", 0.5)), "among its findings"),
        (constant("unsure", 0.5, Finding("", "NaN", "unsure", math.nan)), "among its findings"),
    ],
)
def test_a_rule_that_breaks_is_named_and_counts_as_missing(broken: Rule, says: str):
    rubric = build(
        (broken, {"term": "anchor", "weight": 5.0}), (constant("fine", 0.8), {"term": "anchor"}), slowest=0.02
    )
    verdict = rubric.score(BASE)
    assert verdict.total == pytest.approx(0.8)
    assert says in verdict.failed[broken.name]
    assert broken.name not in verdict.scores
    alone = build((broken, {"term": "anchor"}), slowest=0.02).score(BASE)
    assert math.isnan(alone.total)
    assert not alone.passed
    assert alone.to_json() == IsPartialDict(total=None, paper_total=None, passed=False)


def test_a_gate_that_breaks_lets_nothing_pass_and_is_missing_in_the_reward():
    verdict = build(
        (raises, {"term": "format", "gate": True}),
        (constant("fine", 0.8), {"term": "anchor"}),
    ).score(BASE)
    assert verdict.total == pytest.approx(0.8)
    assert (verdict.held, verdict.broken) == ((), ("raises",))
    assert (verdict.passed, verdict.unjudged) == (False, True)
    assert breakage(verdict) == "gate raises of the library failed: KeyError: 'steps'"


def test_what_holds_a_draft_goes_back_though_a_gate_broke():
    low = constant("low", 0.1, Finding("/a", "wrong", "low", 0.1))
    verdict = build((raises, {"term": "format", "gate": True}), (low, {"term": "anchor"})).score(BASE)
    assert (verdict.held, verdict.broken, verdict.unjudged) == (("low",), ("raises",), False)


def test_rules_that_failed_are_counted_and_told_with_their_commonest_reason():
    failures = Failures()
    for reason in ("KeyError: boo", "KeyError: boo", "took 3.1 s"):
        failures.add({"surgery.order": reason})
    failures.add({"evidence": "gave nan"})
    assert failures.summary_lines() == [
        "rule evidence failed on 1 draft: gave nan",
        "rule surgery.order failed on 3 drafts: KeyError: boo (and 1 other reasons)",
    ]


def test_waiting_for_the_processor_is_not_held_against_a_rule():
    @rule("waits")
    def waits(case: Case) -> Score:
        """Sleeps."""
        time.sleep(0.05)
        return Score(1.0)

    assert build((waits, {"term": "anchor"}), slowest=0.02).score(BASE).failed == {}


def test_rules_without_what_they_need_are_skipped():
    uses = [RuleUse(rule=name, term="anchor") for name in ("temporal_shape", "group_length", "evidence")]
    rubric = Rubric.build(TERMS, uses, library())
    assert rubric.score(BASE).skipped == {"temporal_shape": "needs a reference", "group_length": "needs a group"}
    whole = rubric.score(replace(BASE, reference=DRAFT, group_lengths=[1, 2], group_totals=[0.0, 1.0]))
    assert whole.skipped == {}
    assert set(whole.scores) == {"temporal_shape", "group_length", "evidence"}


def test_a_group_is_ranked_by_the_other_rules_and_judged_by_its_better_half():
    uses = [
        RuleUse(rule="schema", term="format", gate=True),
        RuleUse(rule="evidence", term="anchor"),
        RuleUse(rule="group_length", term="efficiency"),
    ]
    rubric = Rubric.build(TERMS, uses, library())

    def told(length: int, verb: str = "click") -> Case:
        text = draft()
        text["cot"] = [{"cite": ["e0"], "text": "x" * length}]
        text["steps"][0]["verb"] = verb
        return case(text)

    verdicts = rubric.score_group([told(100), told(120), told(300, "write"), case({"no": "draft"})])
    assert [v.terms["efficiency"] for v in verdicts] == [1.0, 1.0, pytest.approx(math.exp(-(1.5 - 0.1) / 0.5)), None]
    assert verdicts[0].paper_total == pytest.approx(2.0)
    assert verdicts[3].total == 0.0
    assert verdicts[3].skipped["group_length"] == "gate schema is closed"
    alone = rubric.score(told(100))
    assert alone.skipped == {"group_length": "needs a group"}
    assert alone.total == 1.0


@pytest.mark.parametrize(
    ("use", "says"),
    [
        ({"rule": "evidense", "term": "anchor"}, 'no rule "evidense" (did you mean "evidence"?)'),
        ({"rule": "evidence", "term": "anchr"}, 'in term "anchr", which has no weight'),
        ({"rule": "order", "term": "anchor", "params": {"slak": 1}}, 'no parameter "slak" (did you mean "slack"?)'),
        ({"rule": "iou", "term": "anchor"}, 'needs the parameter "paths"'),
    ],
)
def test_a_manifest_that_names_what_there_is_not_is_told_what_there_is(use: dict[str, Any], says: str):
    with pytest.raises(ConfigError) as caught:
        Rubric.build(TERMS, [RuleUse(rule="json", term="format"), RuleUse(**use)], library(), place="gui: tasks.how_to")
    assert says in str(caught.value)
    assert str(caught.value).startswith("gui: tasks.how_to: ")


def test_a_rule_used_twice_has_two_scores():
    uses = [RuleUse(rule="order", term="anchor", params={"paths": path}) for path in ("/cot/*", "/steps/*")]
    assert set(Rubric.build(TERMS, uses, library()).score(BASE).scores) == {"order", "order#2"}


def test_the_worth_multiplies_by_what_each_vice_costs():
    @rule("half")
    def half(case: Case) -> Score:
        """Half."""
        del case
        return Score(0.5)

    @rule("nothing")
    def nothing(case: Case) -> Score:
        """Nothing."""
        del case
        return Score(0.0)

    uses = [
        RuleUse(rule="half", term="anchor"),
        RuleUse(rule="half", term="worth", weight=0.4),
        RuleUse(rule="nothing", term="worth", weight=0.7),
    ]
    rubric = Rubric.build({"anchor": 2.0}, uses, {"half": half, "nothing": nothing})
    verdict = rubric.score(BASE)
    assert verdict.terms["worth"] == pytest.approx((1 - 0.4 * 0.5) * (1 - 0.7))
    assert verdict.total == pytest.approx(0.5 * 0.24)
    assert verdict.paper_total == pytest.approx(2 * 0.5 * 0.24)
    assert verdict.held == ()  # the worth holds nothing unless it is told to
    with pytest.raises(ConfigError, match=r"costs 1\.5 of the worth"):
        Rubric.build({}, [RuleUse(rule="half", term="worth", weight=1.5)], {"half": half})


def test_a_finding_is_rendered_with_its_place_and_rule():
    finding = Finding("/steps/3/point", "(512, 300) is 41 px outside anchor t17's box", "evidence", 0.1)
    assert render(finding) == "$.steps[3].point: (512, 300) is 41 px outside anchor t17's box, rule evidence"


GIVEN: dict[str, dict[str, Any]] = {
    "titles": {"paths": "/title"},
    "speaks_of_cited": {"paths": "/cot/*/text"},
    "not_empty": {"paths": "/steps"},
    "several": {"path": "/steps/*"},
    "whole_goal": {"paths": "/goal/text"},
    "sure_enough": {"paths": "/cot/*"},
    "no_hindsight": {"steps": "/steps/*"},
    "complete": {"kinds": ["click", "write", "hotkey"], "paths": "/steps/*"},
}


def whole_library() -> Rubric:
    given = {name: {"paths": paths} for name, paths in PATHS.items()} | GIVEN
    uses = [RuleUse(rule=name, term="anchor", params=given.get(name, {})) for name in library()]
    return Rubric.build(TERMS, uses, library())


def whole_case(text: str, value: Any) -> Case:
    return replace(
        case(value, reference=DRAFT), text=text, labels=["A"], group_lengths=[10, 20, 30], group_totals=[0.5, 0.6, 0.7]
    )


def test_every_rule_of_the_library_has_a_name_and_a_doc_of_its_own():
    rules = library()
    assert len(rules) == 50
    assert all(name == known.name and known.doc.endswith((".", ":")) for name, known in rules.items())


WORTHY = {f"dataclaw.rewards.{name}" for name in ("asking", "completeness", "foresight", "request", "substance")}


def test_the_right_draft_scores_one_on_every_rule_that_applies():
    rules = whole_library().score(whole_case("", draft())).scores
    wanted = {"fragments", "fragments_exact", "group_length", "partition", "ample", "sure_enough", "motion_truth"}
    silent = {
        name for name, known in library().items() if known.judge.__module__ in WORTHY and rules[name].value is None
    }
    wanted |= silent
    assert {name: score.value for name, score in rules.items() if name not in wanted and score.value != 1.0} == {
        "iou": None,
        "figures": None,
        "quotes": None,
    }


RUBRIC = whole_library()


def mangled() -> st.SearchStrategy[Any]:
    """The right draft with any JSON in some of its places."""
    junk = JSON | st.sampled_from(["e0", "t1", ["e0"], [["e0"]], {"cite": ["e0"]}, 10**18, -1, [1e308, -1e308], ["A"]])
    step = st.dictionaries(st.sampled_from([*DRAFT["steps"][3], "text", "keys", "box", "window", "note"]), junk)
    item = st.fixed_dictionaries({"cite": st.just(["e3", "t1"])}).flatmap(
        lambda base: step.map(lambda s: {**base, **s})
    )
    keys = ["cot", "steps", "left_out", "clip", "fragments", "ordered_fragment_labels"]
    return st.dictionaries(st.sampled_from(keys), st.lists(item | junk, max_size=4) | junk)


@settings(max_examples=300, deadline=None)
@given(JSON | mangled())
def test_any_json_is_judged_without_a_broken_rule(value: Any):
    verdict = RUBRIC.score(whole_case("", value))
    assert verdict.failed == {}
    assert all(score.value is None or 0.0 <= score.value <= 1.0 for score in verdict.scores.values())
    assert 0.0 <= verdict.total <= 1.0
    json.dumps(verdict.to_json(), allow_nan=False)


@settings(deadline=None)
@given(mangled())
def test_equal_input_gives_equal_judgement_whatever_the_order_of_its_keys(value: Any):
    def turned(part: Any) -> Any:
        if isinstance(part, dict):
            return {key: turned(part[key]) for key in reversed(part)}
        return [turned(item) for item in part] if isinstance(part, list) else part

    straight, back = RUBRIC.score(whole_case("", value)), RUBRIC.score(whole_case("", turned(value)))
    assert straight.scores.keys() == back.scores.keys()
    for name, score in straight.scores.items():
        assert back.scores[name].value == pytest.approx(score.value), name


def test_a_code_fence_changes_nothing():
    text = json.dumps(DRAFT)
    fenced = f"```json\n{text}\n```"
    assert RUBRIC.score(whole_case(fenced, parse_json(fenced))) == RUBRIC.score(whole_case(text, parse_json(text)))


WORSE: dict[str, Any] = {
    "empty": {},
    "no steps": {"steps": []},
    "truncated": {**DRAFT, "steps": DRAFT["steps"][:1]},
    "backwards": {**DRAFT, "steps": DRAFT["steps"][::-1]},
    "uncited": {**DRAFT, "steps": [{k: v for k, v in step.items() if k != "cite"} for step in DRAFT["steps"]]},
    "everything cited": {**DRAFT, "steps": [{**step, "cite": ["e9", "e8", *step["cite"]]} for step in DRAFT["steps"]]},
    "all left out": {"steps": [], "left_out": [{"cite": ["w1"], "reason": "idle"}]},
    "one step over and over": {**DRAFT, "steps": DRAFT["steps"][:1] * 4},
}


@pytest.mark.parametrize("name", WORSE)
def test_cheap_answers_score_below_the_right_one(name: str):
    uses = [RuleUse(rule=r, term="anchor") for r in ("schema", "evidence", "order", "coverage", "temporal_shape")]
    rubric = Rubric.build(TERMS, uses, library())
    right, worse = (rubric.score(case(d, reference=DRAFT)).total for d in (DRAFT, WORSE[name]))
    assert right == 1.0
    assert worse < 0.97
