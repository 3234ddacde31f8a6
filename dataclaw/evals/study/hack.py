"""Whether a policy's drafts can be made worse and be paid more: the attacks of `domain check` on what it handed in.

The reward is that of training without R_eff, which needs a group: the rubric with the benchmark's reference. A draft
that a gate holds earns nothing and is left out; of an honest one, no attack may earn more than it does.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from dataclaw.agent.case import case_of, narrow_schema
from dataclaw.agent.session import Session
from dataclaw.domain import Domain
from dataclaw.evals.benchmark import BenchItem, Benchmark
from dataclaw.evals.metrics import parse_draft
from dataclaw.evals.predict import Prediction
from dataclaw.files import write_atomic
from dataclaw.kit.attacks import DraftBody, Target, attacks
from dataclaw.rewards import Verdict
from dataclaw.tools.cache import Cache
from dataclaw.types import Json

HACKED, PAGE = "hack.json", "hack.md"
HAIR = 1e-9
"""What a reward may differ by and count as the same."""
SHOWN = 20
"""Drafts that are named on the page, those that an attack raised most."""


@dataclass(frozen=True, slots=True)
class Earnings:
    """What a draft earns.

    Attributes:
        reward: 0..1.
        accepted: whether all rules accept it.
        rules: score of each rule that judged it.
    """

    reward: float
    accepted: bool
    rules: Mapping[str, float]

    @classmethod
    def of(cls, verdict: Verdict) -> Earnings:
        """What a verdict pays; nothing where the rules could not judge."""
        rules = {name: score.value for name, score in verdict.scores.items() if score.value is not None}
        return cls(verdict.total if verdict.total == verdict.total else 0.0, verdict.passed, rules)


@dataclass(frozen=True, slots=True)
class AttackedDraft:
    """A draft of the policy, and what was made of it.

    Attributes:
        id: the item.
        task: `domain.task`.
        own: what the draft earns.
        made: what every attack on it earns, by the attack's name.
    """

    id: str
    task: str
    own: Earnings
    made: Mapping[str, Earnings]

    @property
    def above(self) -> dict[str, float]:
        """Attacks that earn more than the draft, with how much more."""
        found = {name: paid.reward - self.own.reward for name, paid in self.made.items()}
        return {name: more for name, more in found.items() if more > HAIR}


@dataclass
class DraftAttacker:
    """Judges drafts of a benchmark's items.

    Attributes:
        bench: the benchmark.
        domains: loaded domains.
        cache: results of tools.
    """

    bench: Benchmark
    domains: Mapping[str, Domain]
    cache: Cache = field(default_factory=Cache)

    def attack(self, item: BenchItem, one: Prediction, others: Sequence[DraftBody]) -> AttackedDraft | None:
        """A draft with every attack on it; None where it is none, or a gate holds it.

        Args:
            item: the item.
            one: its prediction.
            others: drafts of the same task, for "another fixture's answer".

        Raises:
            StreamError: the stream cannot be read.
        """
        draft = parse_draft(one.draft)
        domain, name = one.domain or item.domain, one.task or item.task
        if not isinstance(draft, dict):
            return None
        session = Session(self.bench.open(item, self.domains[item.domain]), self.domains[domain].task(name), self.cache)
        facts, anchors = session.facts(item.window), one.cited_draft(item).anchors
        schema = narrow_schema(session.task.schema, facts, item.window, tuple(anchors))
        reference = item.reference if (domain, name) == (item.domain, item.task) else None

        def earn(other: Json) -> Earnings:
            case = case_of(
                other,
                schema,
                facts,
                task=session.task,
                anchors=anchors,
                window=item.window,
                intent=item.intent,
                reference=reference,
            )
            return Earnings.of(session.task.rubric.score(case))

        own = earn(draft)
        if own.reward <= 0:
            return None
        gold = cast("DraftBody", draft)
        made = attacks(Target(gold, schema, anchors, [other for other in others if other != gold]))
        return AttackedDraft(item.id, f"{domain}.{name}", own, {attack: earn(other) for attack, other in made.items()})


def attack_run(
    judge: DraftAttacker, items: Sequence[BenchItem], made: Mapping[str, Prediction]
) -> Iterator[AttackedDraft | None]:
    """Attack every draft of a run; None for an item without one that earns something.

    Args:
        judge: who judges.
        items: the run's items.
        made: their predictions, by item.
    """
    drafts: dict[tuple[str, str], list[DraftBody]] = {}
    for one in made.values():
        if isinstance(draft := parse_draft(one.draft), dict):
            drafts.setdefault((one.domain, one.task), []).append(cast("DraftBody", draft))
    for item in items:
        one = made.get(item.id)
        yield judge.attack(item, one, drafts.get((one.domain, one.task), [])[:2]) if one else None


def write_attacks(out: Path, found: Sequence[AttackedDraft], left_out: int) -> dict[str, Json]:
    """Write `hack.json` and `hack.md` into a run's folder; returns what the former says.

    Args:
        out: the run's folder.
        found: its drafts.
        left_out: items without a draft that earns something.
    """
    said = summary(found, left_out)
    write_atomic(out / HACKED, json.dumps(said, ensure_ascii=False, indent=1) + "\n")
    write_atomic(out / PAGE, "\n".join(page(said)) + "\n")
    return said


def summary(found: Sequence[AttackedDraft], left_out: int) -> dict[str, Json]:
    """Drafts, those that an attack earns more than, and every attack with the rules that it raises."""
    names = sorted({name for one in found for name in one.made})
    worst = sorted((one for one in found if one.above), key=lambda one: -max(one.above.values()))
    return {
        "drafts": len(found),
        "drafts_above": len(worst),
        "left_out": left_out,
        "attacks": {name: _attack(name, [one for one in found if name in one.made]) for name in names},
        "worst": [
            {"id": one.id, "task": one.task, "reward": round(one.own.reward, 4),
             "above": {name: round(more, 4) for name, more in one.above.items()}}
            for one in worst[:SHOWN]
        ],
    }  # fmt: skip


def _attack(name: str, found: Sequence[AttackedDraft]) -> dict[str, Json]:
    above = [one for one in found if name in one.above]
    raised = Counter(
        rule
        for one in above
        for rule, score in one.made[name].rules.items()
        if score > one.own.rules.get(rule, score) + HAIR
    )
    return {
        "tried": len(found),
        "above": len(above),
        "accepted": sum(one.made[name].accepted and not one.own.accepted for one in found),
        "reward": round(sum(one.own.reward for one in found) / len(found), 4),
        "attacked": round(sum(one.made[name].reward for one in found) / len(found), 4),
        "rules": dict(raised.most_common()),
    }


def page(said: Mapping[str, Json]) -> Iterator[str]:
    """The summary as Markdown."""
    yield "# Attacks on a policy's drafts\n"
    yield (
        f"{said['drafts_above']} of {said['drafts']} drafts earn less than some attack on them."
        f" {said['left_out']} items are left out: no draft was handed in, or a gate holds it. Rewards are those of"
        " training without R_eff: the task's rules, with the benchmark's reference, 0 to 1. An attack may also mend a"
        " bad draft: the rules that rise tell.\n"
    )
    yield "| attack | drafts | earns more | accepted only then | their reward | the attacks' | rules that rise |"
    yield "|---|---|---|---|---|---|---|"
    for name, one in said["attacks"].items():
        rules = ", ".join(f"{rule} {count}" for rule, count in one["rules"].items())
        yield (
            f"| {name} | {one['tried']} | {one['above']} | {one['accepted']} | {one['reward']:.3f} |"
            f" {one['attacked']:.3f} | {rules} |"
        )
    if said["worst"]:
        yield "\nDrafts that are raised most:\n"
        for one in said["worst"]:
            more = ", ".join(f"{name} +{value:.3f}" for name, value in one["above"].items())
            yield f"- `{one['id']}` ({one['task']}, reward {one['reward']:.3f}): {more}"
