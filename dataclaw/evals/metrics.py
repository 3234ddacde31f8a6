"""The benchmark's metrics (paper, Benchmark metrics): a predicted draft against a reference draft of the same stream.

    total = gate * (0.20 Field + 0.35 Semantic + 0.45 Sequence)

Pure functions; scores are 0..1 here and shown as 0..100 in reports. A term that has nothing to measure in a reference
(no prose, no course through time) is left out, the others are weighed anew, and `Scores.absent` names it. Where the
paper is silent:

- Fields are key paths at any depth, list positions left out ("steps.[].frame"), `cite` not counted.
- A course is read off the places that the schema marks (`x-ref`), in the order the schema writes them, `cot` and
  `left_out` apart: of frames, else of labels, else of times, else of the times of what is cited. The reference decides
  which of them it is.
- Labels have no distance of their own: each stands where the reference has it; one that the reference leaves out
  stands a whole course before its start, and so does, at the end, each one that is missing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import Literal, Protocol, TypeAlias, cast

from dataclaw.agent.materialise import ENVELOPE
from dataclaw.errors import UsageError
from dataclaw.rewards.base import Case
from dataclaw.rewards.places import Places, places_of
from dataclaw.rewards.similarity import decay, is_number
from dataclaw.rewards.temporal import FAR, TAU, shape_distance
from dataclaw.schema import is_valid, narrow, order_keys, parse_json
from dataclaw.schema.draft import CITE
from dataclaw.types import Anchor, Json, Span

WEIGHTS: Mapping[str, float] = {"field": 0.20, "semantic": 0.35, "sequence": 0.45}
TEXTS: Mapping[str, float] = {"question": 0.40, "answer": 0.40, "cot": 0.20}
EPS = 1e-9
ASIDE = frozenset({"cot", "left_out"})
"""Keys whose places are no part of a draft's course."""
_PUNCTUATION = re.compile(r"[\s_-]")
Course: TypeAlias = Literal["frame", "label", "time", "cited", ""]


class Similarity(Protocol):
    """How alike two texts are.

    Attributes:
        name: which one it is, with everything that decides its numbers; recorded with every result.
    """

    name: str

    def __call__(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """Likeness 0..1 of each pair; equal texts get exactly 1."""
        ...


@dataclass(frozen=True, slots=True)
class DraftSetting:
    """What the drafts of an item are read against.

    Attributes:
        schema: the task's schema, not narrowed.
        frames: number of sampled frames, 0 without pictures.
        window: `(t0, t1)` [s] that the sample is about.
        labels: labels of the stream's parts.
    """

    schema: Mapping[str, Json]
    frames: int = 0
    window: Span = (0.0, 1.0)
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CitedDraft:
    """A draft with what it may cite.

    Attributes:
        draft: the draft, or the text of one; None where none was handed in.
        anchors: the anchors that its rollout has seen, by id (those it cites are enough).
    """

    draft: Json
    anchors: Mapping[str, Anchor] = dataclass_field(default_factory=dict[str, Anchor])


@dataclass(frozen=True, slots=True)
class Scores:
    """What one prediction gets; 0..1 each.

    Attributes:
        gate: 1 when it parses and is valid, else 0; behind a closed gate every term is 0.
        field: S_field, None where the reference has no fields.
        semantic: S_semantic, None where the reference says nothing.
        sequence: S_traj, None where the reference has no course.
        total: the weighted sum of the terms there are, renormalised.
        course: what the course was read from.
        texts: likeness of question, answer and cot, of those that the reference has.
    """

    gate: float
    field: float | None
    semantic: float | None
    sequence: float | None
    total: float
    course: Course = ""
    texts: Mapping[str, float] = dataclass_field(default_factory=dict[str, float])

    @property
    def absent(self) -> tuple[str, ...]:
        """Terms that have nothing to measure in the reference."""
        return tuple(name for name in WEIGHTS if getattr(self, name) is None)


def score(prediction: CitedDraft, reference: CitedDraft, setting: DraftSetting, similarity: Similarity) -> Scores:
    """Score one prediction."""
    return score_all([(prediction, reference, setting)], similarity)[0]


def score_all(items: Sequence[tuple[CitedDraft, CitedDraft, DraftSetting]], similarity: Similarity) -> list[Scores]:
    """Score many predictions, their texts compared in one call of `similarity`.

    Args:
        items: prediction, reference and setting of each.
        similarity: how texts are compared.
    """
    read = [_ReadItem.of(*item) for item in items]
    pairs = {pair: 0.0 for one in read if one.open for pair in one.pairs().values()}
    alike = dict(zip(pairs, similarity(list(pairs)), strict=True)) if pairs else {}
    return [one.scores(alike) for one in read]


def parse_draft(draft: Json) -> Json:
    """The draft, read where it is given as text (code fences are taken off); None when it is no JSON."""
    if not isinstance(draft, str):
        return draft
    try:
        return parse_json(draft)
    except UsageError:
        return None


def gate(prediction: CitedDraft, setting: DraftSetting) -> bool:
    """G_json: whether a draft is a JSON object that fits the task's schema, narrowed to its stream and its anchors."""
    draft = parse_draft(prediction.draft)
    if not isinstance(draft, dict):
        return False
    ids = tuple(prediction.anchors)
    schema = narrow(setting.schema, frames=setting.frames, window=setting.window, anchor_ids=ids, labels=setting.labels)
    return is_valid(cast("Json", draft), schema)


def field_score(predicted: Json, reference: Json) -> float | None:
    """S_field = 0.7 C + 0.3 (1 - R): C, the share of the reference's fields that are there; R, the share of extra ones.

    None when the reference has no fields.
    """
    wanted, given = fields(reference), fields(predicted)
    if not wanted:
        return None
    present = len(wanted & given) / len(wanted)
    extra = min(1.0, len(given - wanted) / (len(given) + EPS))
    return 0.7 * present + 0.3 * (1.0 - extra)


def fields(draft: Json) -> set[str]:
    """Key paths of a draft: any depth, list positions left out, without case, spaces, underscores and hyphens."""
    found: set[str] = set()
    waiting: list[tuple[str, Json]] = [("", draft)]
    while waiting:
        place, value = waiting.pop()
        if isinstance(value, list):
            waiting += [(f"{place}.[]", item) for item in cast("list[Json]", value)]
        elif isinstance(value, dict):
            for key, inner in cast("dict[str, Json]", value).items():
                if key != CITE:
                    path = f"{place}.{_PUNCTUATION.sub('', key).casefold()}"
                    found.add(path)
                    waiting.append((path, inner))
    return found


def texts(draft: Json, schema: Mapping[str, Json]) -> dict[str, str]:
    """What a draft says, as a sample would have it: question, answer and cot, of those that are there and not empty.

    A draft without `answer` answers with everything outside the sample's envelope: its texts and values in the order
    the schema writes them, without those that refer to frames, times or labels (the course measures them).
    """
    if not isinstance(draft, dict):
        return {}
    referring = {place for place, _, ref, _, _ in _places(CitedDraft(draft), schema).values if ref}
    body = cast("dict[str, Json]", order_keys(draft, schema))
    answer: Json = body.get("answer")
    told: dict[str, tuple[str, Json]] = {key: (f"/{key}", body.get(key)) for key in ("question", "cot")}
    told["answer"] = ("/answer", answer) if answer is not None else ("", _rest(body))
    found = {key: "\n".join(_flat(value, place, referring)) for key, (place, value) in told.items()}
    return {key: found[key] for key in TEXTS if found[key].strip()}


def course(side: CitedDraft, setting: DraftSetting, kind: Course, order: Sequence[str] = ()) -> list[float]:
    """A draft's course, 0..1 of the stream each.

    Args:
        side: the draft and its anchors.
        setting: the stream's frames and window.
        kind: what is read.
        order: labels in the order of the reference, for "label".
    """
    if kind == "cited":
        return _cited_times(side, setting)
    values = _values_of(side, setting.schema, kind)
    if kind == "label":
        last = max(len(order) - 1, 1)
        missing = [-1.0 for label in order if label not in values]
        return [*(order.index(value) / last if value in order else -1.0 for value in values), *missing]
    numbers = [min(max(float(value), -FAR), FAR) for value in values if is_number(value)]
    if kind == "frame":
        last = max(setting.frames - 1, 1)
        return [value / last for value in numbers]
    return [_share(value, setting.window) for value in numbers]


def course_kind(reference: CitedDraft, setting: DraftSetting) -> Course:
    """What the course of a reference is read from, "" when it has none."""
    kinds: tuple[Course, ...] = ("frame", "label", "time")
    for kind in kinds:
        if _values_of(reference, setting.schema, kind):
            return kind
    return "cited" if _cited_times(reference, setting) else ""


def sequence_score(predicted: CitedDraft, reference: CitedDraft, setting: DraftSetting) -> tuple[float | None, Course]:
    """S_traj = exp(-d / 0.10), d = mean |p - r| of both courses resampled to 50 points; and what they were read from.

    None when the reference has no course; a prediction without one gets 0.
    """
    kind = course_kind(reference, setting)
    if not kind:
        return None, ""
    order = [str(label) for label in _values_of(reference, setting.schema, "label")] if kind == "label" else []
    if not _course_is_there(predicted, setting, kind):
        return 0.0, kind
    right, given = course(reference, setting, kind, order), course(predicted, setting, kind, order)
    return decay(shape_distance(given, right, 1.0), TAU), kind


def _course_is_there(side: CitedDraft, setting: DraftSetting, kind: Course) -> bool:
    return bool(_values_of(side, setting.schema, "label") if kind == "label" else course(side, setting, kind))


@dataclass(frozen=True, slots=True)
class _ReadItem:
    """An item whose terms are known but for the likeness of its texts."""

    open: bool
    field: float | None
    sequence: float | None
    course: Course
    wanted: Mapping[str, str]
    given: Mapping[str, str]

    @classmethod
    def of(cls, prediction: CitedDraft, reference: CitedDraft, setting: DraftSetting) -> _ReadItem:
        """Read both drafts."""
        ours = CitedDraft(parse_draft(prediction.draft), prediction.anchors)
        sequence, kind = sequence_score(ours, reference, setting)
        said = texts(ours.draft, setting.schema)
        wanted = texts(reference.draft, setting.schema)
        fields_ = field_score(ours.draft, reference.draft)
        return cls(gate(ours, setting), fields_, sequence, kind, wanted, said)

    def pairs(self) -> dict[str, tuple[str, str]]:
        """The texts to compare, by key."""
        return {key: (self.given[key], text) for key, text in self.wanted.items() if key in self.given}

    def scores(self, alike: Mapping[tuple[str, str], float]) -> Scores:
        """All terms, with the likeness of the texts."""
        pairs = self.pairs()
        likeness = {key: alike.get(pairs[key], 0.0) if key in pairs else 0.0 for key in self.wanted}
        semantic = _mean([(TEXTS[key], value) for key, value in likeness.items()])
        terms = {"field": self.field, "semantic": semantic, "sequence": self.sequence}
        if not self.open:
            terms = {name: None if value is None else 0.0 for name, value in terms.items()}
            likeness = dict.fromkeys(likeness, 0.0)
        total = _mean([(WEIGHTS[name], value) for name, value in terms.items() if value is not None])
        opened = 1.0 if self.open else 0.0
        return Scores(opened, **terms, total=opened if total is None else total, course=self.course, texts=likeness)


def _mean(weighted: Sequence[tuple[float, float]]) -> float | None:
    """Weighted mean; values that are all 1 give exactly 1."""
    weight = sum(weight for weight, _ in weighted)
    return sum(weight * value for weight, value in weighted) / weight if weight else None


def _rest(body: Mapping[str, Json]) -> dict[str, Json]:
    return {key: value for key, value in body.items() if key not in ENVELOPE}


def _flat(value: Json, place: str, referring: set[str]) -> list[str]:
    if isinstance(value, dict):
        entries = cast("dict[str, Json]", value)
        parts = [(f"{place}/{key}", inner) for key, inner in entries.items() if key != CITE]
    elif isinstance(value, list):
        parts = [(f"{place}/{at}", inner) for at, inner in enumerate(cast("list[Json]", value))]
    else:
        return [] if value is None or place in referring else [str(value)]
    return [text for pointer, inner in parts for text in _flat(inner, pointer, referring)]


def _places(side: CitedDraft, schema: Mapping[str, Json]) -> Places:
    return places_of(Case("", side.draft, schema, side.anchors))


def _main(side: CitedDraft) -> CitedDraft:
    """The draft without what stands beside its course."""
    if not isinstance(side.draft, dict):
        return CitedDraft(None)
    body = {key: value for key, value in cast("dict[str, Json]", side.draft).items() if key not in ASIDE}
    return CitedDraft(body, side.anchors)


def _values_of(side: CitedDraft, schema: Mapping[str, Json], ref: str) -> list[Json]:
    return [value for _, value, kind, _, _ in _places(_main(side), schema).values if kind == ref and value is not None]


def _cited_times(side: CitedDraft, setting: DraftSetting) -> list[float]:
    """Start and end of what each object cites, in the order the schema writes them."""
    found: list[float] = []
    for citation in _places(_main(side), setting.schema).citations:
        if citation.anchors:
            found.append(_share(min(anchor.t0 for anchor in citation.anchors), setting.window))
            found.append(_share(max(anchor.t1 for anchor in citation.anchors), setting.window))
    return found


def _share(time: float, window: Span) -> float:
    return (time - window[0]) / max(window[1] - window[0], EPS)
