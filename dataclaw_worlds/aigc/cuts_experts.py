"""The expert of cuts: lists the operations, keeps those that are meant, and says in words what each of them is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from dataclaw.domains.aigc import operations
from dataclaw.domains.aigc.intents import parse_intent
from dataclaw.domains.aigc.timelines import left_out, refusal
from dataclaw.domains.aigc.wording import capital
from dataclaw.planning import Asking, ask, decline, pages, said, submit
from dataclaw.types import Anchor, Json
from dataclaw.worlds.base import ExpertBrief
from dataclaw_worlds.aigc import cuts_phrases as phrases
from dataclaw_worlds.aigc.cuts_lines import Lines, listed_names
from dataclaw_worlds.aigc.frames import phrase

PAGE = 40
"""Most operations whose fields are read in one call."""


def edit_plan(order: ExpertBrief) -> Asking[None]:
    """The reference of `edit_plan` for a cut."""
    seen = yield from pages("list_operations", 20)
    there = [a for a in seen if a.attrs.get("verb") in operations.KINDS]
    kept, dropped = _chosen(order, there)
    if not kept:
        raise decline("every clip that is asked for has times that disagree", "Export the list again.")
    yield from exactly(kept)
    yield from submit(_draft(order, kept, dropped, {a.id: a for a in there}))


def exactly(kept: Sequence[Anchor]) -> Asking[None]:
    """Read every field of the operations that are kept: a page shows times to a tenth and no media."""
    for start in range(0, len(kept), PAGE):
        yield from ask("list_operations", events=[int(a.id[1:]) for a in kept[start : start + PAGE]])


def _chosen(order: ExpertBrief, there: Sequence[Anchor]) -> tuple[list[Anchor], dict[str, str]]:
    """The operations that are meant, and why each of the others is left out."""
    wished = order.request.meaning
    rate = float(order.scene.facts["rate"])
    if wished["key"] == "whole":
        wish = parse_intent(order.brief.intent, order.brief.window)
        dropped = {a.id: why for a in there if (why := refusal(a, wish, rate))}
        kept = [a for a in there if a.id not in dropped]
        most = operations.first_of([str(a.attrs["verb"]) for a in kept], wish)
        return kept[:most], dropped | {a.id: "not_asked" for a in kept[most:]}
    wanted = {f"e{number}" for number in wished["events"]}
    dropped = {a.id: "not_asked" for a in there if a.id not in wanted}
    for anchor in there:
        if anchor.id in wanted and anchor.attrs["verb"] == "clip":
            wrong = operations.disagreement(operations.of_anchor(anchor), rate)
            dropped |= {anchor.id: "timecodes_disagree"} if wrong else {}
    return [a for a in there if a.id in wanted and a.id not in dropped], dropped


def _draft(
    order: ExpertBrief, kept: Sequence[Anchor], dropped: Mapping[str, str], seen: Mapping[str, Anchor]
) -> dict[str, Json]:
    facts: Sequence[Mapping[str, Json]] = order.scene.facts["events"]
    lines = Lines({f"e{fact['event']}": fact for fact in facts}, _language(order))
    return {
        "cot": _thoughts(order, kept, dropped, seen, lines),
        "operations": [{"cite": [event.id], **operations.of_anchor(event)} for event in kept],
        "question": said(_question(order), [event.id for event in kept[:2]], 500),
        "answer": [said(lines.line(event), [event.id], 600) for event in kept],
        "left_out": left_out(dropped),
    }


def _language(order: ExpertBrief) -> Literal["en", "zh"]:
    return order.request.language


def _question(order: ExpertBrief) -> str:
    wish, zh = order.request.meaning, order.request.language == "zh"
    if wish["key"] != "whole":
        return phrase(order, "question", phrases.QUESTION).format(np=wish["np_zh" if zh else "np"])
    kinds = parse_intent(order.brief.intent, order.brief.window)
    if kinds.limit is not None:
        return phrase(order, "question", phrases.BEGINNING)
    what = "transitions" if "transition" in kinds.kinds else "shots" if kinds.track == "video" else "operations"
    return phrase(order, "question", phrases.WHOLE).format(what=what)


def _thoughts(
    order: ExpertBrief, kept: Sequence[Anchor], dropped: Mapping[str, str], seen: Mapping[str, Anchor], lines: Lines
) -> list[Json]:
    wish = order.request.meaning
    told: list[tuple[float, dict[str, Json]]] = []
    proof = [seen[f"e{number}"] for number in wish.get("proof", []) if f"e{number}" in seen]
    if proof:
        told.append(
            (
                proof[0].t0,
                said(_sentence(wish["why_zh"] if lines.zh else wish["why"], lines), [a.id for a in proof], 320),
            )
        )
    shown = list(kept[:4])
    names = listed_names(shown, len(kept), lines.zh)
    if wish["key"] == "whole":
        text = f"从{names}开始,按记录时间排列。" if lines.zh else f"In order of record time the plan takes {names}."
    else:
        np = str(wish["np_zh" if lines.zh else "np"])
        text = phrase(order, "thinking", phrases.THINKING).format(
            np=np, Np=capital(np), basis=_basis(str(wish["key"])), names=names
        )
    told.append((shown[0].t0, said(text, [a.id for a in shown], 320)))
    wrong = [seen[name] for name, why in dropped.items() if why == "timecodes_disagree"]
    if wrong:
        names = listed_names(wrong[:3], len(wrong), lines.zh)
        text = (
            f"{names}的素材与记录时长不一致,不采用。"
            if lines.zh
            else f"Source and record of {names} differ in length, so it stays out."
        )
        told.append((wrong[0].t0, said(text, [a.id for a in wrong[:3]], 320)))
    return [thought for _, thought in sorted(told, key=lambda pair: pair[0])]


def _basis(key: str) -> str:
    """By what the events of a group are told from the others."""
    kind = key.partition(":")[0]
    if "longer" in key or kind in ("shorter", "longest", "shortest"):
        return "length"
    return {
        "after": "place in the cut",
        "before": "place in the cut",
        "first": "names and order",
        "last": "names and order",
        "speed": "speed",
        "off": "state",
        "note": "wording",
        "join": "kind",
    }.get(kind, "names")


def _sentence(words: Json, lines: Lines) -> str:
    text = str(words)
    return f"{text}。" if lines.zh else f"{text}."
