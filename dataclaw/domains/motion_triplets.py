"""The plan of `motion_triplets`, which the domains of robots and of daily life share: read poses, ask, hand in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dataclaw.motion import (
    MotionTriplet,
    aspects_named,
    draw_triplets,
    moment_of,
    question_data,
    triplet_answers,
    triplet_question,
    triplet_thoughts,
)
from dataclaw.planning import Asking, ask, decline, statement, submit
from dataclaw.types import Anchor, Brief, Json


def ask_about_motion(brief: Brief) -> Asking[None]:
    """Plan of `motion_triplets`: one triplet about the window, another one for other words or another stream."""
    seen = yield from ask("read_poses")
    if not seen.ok:
        raise decline(f"there is no motion to ask about: {seen.note}", "Give a trajectory with poses.")
    poses = [moment_of(anchor.attrs) for anchor in seen.anchors]
    wanted = aspects_named(brief.intent)
    made = draw_triplets(poses, 1, brief.intent, str(seen.data["who"]), sorted(wanted))
    if not made:
        what = f"{' or '.join(sorted(wanted))} that" if wanted else "motion that"
        raise decline(
            f"there is no {what} is clear enough for a question, its reverse and a like one with another answer",
            "Give a longer part, or ask about other aspects.",
        )
    yield from submit(_draft(made[0], {anchor.t0: anchor for anchor in seen.anchors}))


def _draft(triplet: MotionTriplet, anchors: Mapping[float, Anchor]) -> dict[str, Json]:
    at = {t: moment_of(anchor.attrs) for t, anchor in anchors.items()}
    pairs = [[anchors[q.first].id, anchors[q.second].id] for q in triplet.questions]
    one, _, three = triplet.questions
    shown = [anchors[t] for t in (one.first, one.second, three.first, three.second)]
    draft: dict[str, Json] = {"cot": _statements(triplet_thoughts(triplet, at), pairs)}
    if all(anchor.frame is not None for anchor in shown):
        draft["input_image"] = [{"cite": [anchor.id], "frame": anchor.frame} for anchor in shown]
    draft["questions"] = [
        {"cite": list(pair), **question_data(q)} for pair, q in zip(pairs, triplet.questions, strict=True)
    ]
    draft["question"] = statement(triplet_question(triplet, at), [name for pair in pairs for name in pair])
    draft["answer"] = _statements(triplet_answers(triplet), pairs)
    return draft


def _statements(texts: Sequence[str], pairs: Sequence[Sequence[str]]) -> list[Json]:
    return [statement(text, pair) for text, pair in zip(texts, pairs, strict=True)]
