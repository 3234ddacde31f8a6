"""What a rule is: a deterministic judgement of a draft, with findings by JSON pointer.

The same rule verifies at inference, rewards in training and scores the benchmark. A rule that needs a reference or a
group of rollouts says so and is left out where there is none; the rubric then renormalises over the rules that apply.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from dataclaw.schema import citations, cited_ids, fields_of, get
from dataclaw.schema.draft import CITE
from dataclaw.types import Anchor, Event, Finding, Json, Span

Need = Literal["reference", "group"]


@dataclass(frozen=True, slots=True)
class Case:
    """Everything that a rule may look at.

    Attributes:
        text: the draft as the policy wrote it.
        draft: the parsed draft, or None when `text` is not JSON.
        schema: the task's schema narrowed to the stream.
        declared: the task's schema as it is declared; where drafts are valid it says as much of their fields, and what
            is read off it is shared between rollouts. None: `schema`.
        anchors: what the rollout has seen, by id; only these may be cited.
        there: what the stream holds by the verifier's own look (`look` of the manifest), whatever the policy looked at;
            by id, in the order found. What the rollout has seen, too, has the id that it has there; any other id
            cannot be cited. Without a declared look it holds the events of the window. Reading it raises where the
            look failed: a rule then counts as missing.
        frame_times: time of each sampled frame [s].
        frame_size: `(width, height)` of the pictures, else of the screen that the trace states [px]; None without both.
        events: events of the stream inside the window.
        window: `(t0, t1)` [s] the rollout is about.
        intent: the user's words.
        labels: labels of the stream's parts, in the order shown; empty when it has none.
        question: what the sample asks, "" where that is not known.
        inputs: the sample's media and text by key (`input_video`, `input_image`, `input_text`, `output_video`,
            `output_image`), each empty where it has none; None where that is not known.
        vocabulary: words of the task's declaration, which a request may use without saying more.
        reference: the gold draft, or None.
        group_lengths: lengths of the reasoning of all rollouts of the group [characters], None outside a group.
        group_totals: totals of the rubric's other terms of the same rollouts, aligned with `group_lengths`.
        memo: what rules derive from this case and share with each other; empty in every new case and every copy.
    """

    text: str
    draft: Json
    schema: Mapping[str, Json]
    anchors: Mapping[str, Anchor] = field(default_factory=dict[str, Anchor])
    there: Mapping[str, Anchor] = field(default_factory=dict[str, Anchor])
    frame_times: Sequence[float] = ()
    frame_size: tuple[int, int] | None = None
    events: Sequence[Event] = ()
    window: Span = (0.0, 0.0)
    intent: str = ""
    labels: Sequence[str] = ()
    question: str = ""
    inputs: Mapping[str, Json] | None = None
    vocabulary: frozenset[str] = frozenset()
    reference: Json = None
    declared: Mapping[str, Json] | None = None
    group_lengths: Sequence[int] | None = None
    group_totals: Sequence[float] | None = None
    memo: dict[str, Json] = field(init=False, repr=False, compare=False, default_factory=dict[str, Json])

    @property
    def shape(self) -> Mapping[str, Json]:
        """The schema that tells what a draft's fields are: as it is declared, where that is known."""
        return self.declared or self.schema


@dataclass(frozen=True, slots=True)
class Score:
    """A rule's judgement.

    Attributes:
        value: 0..1, or None when the rule does not apply to this draft (it then carries no weight).
        findings: places that cost or earned points; those with `score < 1` go back to the policy.
    """

    value: float | None
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """A named rule.

    Attributes:
        name: how a manifest refers to it; a domain's own rules are `<domain>.<name>`.
        doc: first paragraph of the docstring, shown in reports.
        judge: `(case, **params) -> Score`; deterministic.
        needs: what it cannot work without; it is skipped where that is absent.
    """

    name: str
    doc: str
    judge: Callable[..., Score]
    needs: frozenset[Need] = frozenset()


def rule(name: str, *, needs: Sequence[Need] = ()) -> Callable[[Callable[..., Score]], Rule]:
    """Make a rule of a function `(case: Case, **params) -> Score`; its docstring says what it judges and how."""

    def wrap(function: Callable[..., Score]) -> Rule:
        doc = (function.__doc__ or "").strip()
        if not doc:
            raise TypeError(f"rule {name} needs a docstring: reports show it")
        return Rule(name, " ".join(doc.split("\n\n")[0].split()), function, frozenset(needs))

    return wrap


MAX_FINDINGS = 20
"""Most findings that one rule sends back."""


def score_of(value: float, findings: Iterable[Finding] = ()) -> Score:
    """A score with its findings worst first (equals in the order found), at most 20; rounding errors are cut off."""
    worst = sorted(findings, key=lambda finding: finding.score)[:MAX_FINDINGS]
    return Score(min(1.0, max(0.0, value)), tuple(worst))


AT_ONCE = 0.05
"""Moments that are no further apart are one [s, or steps]."""
NOT_APPLICABLE = Score(None)
"""The judgement of a rule that has nothing to say about a draft."""


def nothing_to_judge(rule_name: str) -> Score:
    """The score 0 of a draft that has nothing of what a rule judges."""
    return score_of(0.0, [Finding("", "there is nothing to judge", rule_name, 0.0)])


def anchors_of(value: Json, case: Case) -> list[Anchor]:
    """The seen anchors in an object's own `cite`, as written: an id that stands there twice gives its anchor twice."""
    return [case.anchors[name] for name in cited_ids(value) if name in case.anchors]


def anchors_around(pointer: str, case: Case) -> list[Anchor]:
    """The seen anchors of the innermost object around a place of the draft that has a `cite`."""
    while pointer:
        pointer = pointer.rpartition("/")[0]
        fields = fields_of(get(case.draft, pointer))
        if CITE in fields:
            return anchors_of(fields, case)
    return []


def reach_of(case: Case) -> float | None:
    """The share of what is there that begins before what a draft cites last ends, 0..1; None where nothing is there."""
    there = sum(not anchor.part for anchor in case.there.values())
    return 1.0 - len(beyond(case)) / there if there else None


def beyond(case: Case) -> list[Anchor]:
    """What is there that begins after what a draft cites last ends."""
    cited = [case.anchors[name].t1 for name in citations(case.draft) if name in case.anchors]
    end = max(cited, default=-math.inf) + AT_ONCE
    return [anchor for anchor in case.there.values() if not anchor.part and anchor.t0 > end]


def patterns(paths: str | Sequence[str]) -> Sequence[str]:
    """Path patterns of a rule's parameter, which may be given as one string."""
    return (paths,) if isinstance(paths, str) else paths
