"""The expert of cuts: lists the operations, keeps those that a request means, and describes each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dataclaw.domains.aigc import film, operations
from dataclaw.domains.aigc.intents import parse_intent
from dataclaw.domains.aigc.timelines import left_out, refusal
from dataclaw.planning import Asking, ask, capitalise, decline, pages, statement, submit
from dataclaw.types import Anchor, Json
from dataclaw.worlds.base import ExpertBrief
from dataclaw_worlds.aigc.cuts_lines import PHRASES, CutLines, name_list
from dataclaw_worlds.aigc.phrasing import choose_phrase

PAGE = 40
"""Most operations whose fields are read in one call."""


def edit_plan(brief: ExpertBrief) -> Asking[None]:
    """The reference of `edit_plan` for a cut."""
    seen = yield from pages("list_operations", 20)
    there = [a for a in seen if a.attrs.get("verb") in operations.KINDS]
    kept, dropped = _choose(brief, there)
    if not kept:
        raise decline("every requested clip has times that disagree", "Export the list again.")
    yield from read_fully(kept)
    yield from submit(_draft(brief, kept, dropped, {a.id: a for a in there}))


def read_fully(kept: Sequence[Anchor]) -> Asking[None]:
    """Read every field of operations: a page of the list shows times to a tenth of a second, and no media."""
    for start in range(0, len(kept), PAGE):
        yield from ask("list_operations", events=[int(a.id[1:]) for a in kept[start : start + PAGE]])


def _choose(brief: ExpertBrief, there: Sequence[Anchor]) -> tuple[list[Anchor], dict[str, str]]:
    """The operations that the request means, and why each of the others is left out."""
    meaning = brief.request.meaning
    rate = float(brief.scene.facts["rate"])
    if meaning["key"] == "whole":
        parsed = parse_intent(brief.brief.intent, brief.brief.window)
        dropped = {a.id: why for a in there if (why := refusal(a, parsed, rate))}
        kept = [a for a in there if a.id not in dropped]
        most = operations.first_of([str(a.attrs["verb"]) for a in kept], parsed)
        return kept[:most], dropped | {a.id: "not_asked" for a in kept[most:]}
    wanted = {f"e{number}" for number in meaning["events"]}
    dropped = {a.id: "not_asked" for a in there if a.id not in wanted}
    for anchor in there:
        if anchor.id in wanted and anchor.attrs["verb"] == "clip":
            wrong = operations.disagreement(operations.of_anchor(anchor), rate)
            dropped |= {anchor.id: "timecodes_disagree"} if wrong else {}
    return [a for a in there if a.id in wanted and a.id not in dropped], dropped


def _draft(
    brief: ExpertBrief, kept: Sequence[Anchor], dropped: Mapping[str, str], seen: Mapping[str, Anchor]
) -> dict[str, Json]:
    facts: Sequence[Mapping[str, Json]] = brief.scene.facts["events"]
    lines = CutLines({f"e{fact['event']}": fact for fact in facts}, brief.request.language)
    return {
        "cot": _thoughts(brief, kept, dropped, seen, lines),
        "operations": [{"cite": [event.id], **operations.of_anchor(event)} for event in kept],
        "question": statement(_question(brief), [event.id for event in kept[:2]], 500),
        "answer": [statement(lines.line(event), [event.id], 600) for event in kept],
        "left_out": left_out(dropped),
    }


def _question(brief: ExpertBrief) -> str:
    meaning, zh = brief.request.meaning, brief.request.language == "zh"
    if meaning["key"] != "whole":
        return choose_phrase(brief, "question", PHRASES.table("question")).format(np=meaning["np_zh" if zh else "np"])
    kinds = parse_intent(brief.brief.intent, brief.brief.window)
    if kinds.limit is not None:
        return choose_phrase(brief, "question", PHRASES.table("beginning"))
    what = "transitions" if "transition" in kinds.kinds else "shots" if kinds.track == "video" else "operations"
    return choose_phrase(brief, "question", PHRASES.table("whole")).format(what=what)


def _thoughts(
    brief: ExpertBrief, kept: Sequence[Anchor], dropped: Mapping[str, str], seen: Mapping[str, Anchor], lines: CutLines
) -> list[Json]:
    """Why these operations are meant, which they are, and which have times that disagree."""
    meaning, zh = brief.request.meaning, lines.zh
    thoughts: list[tuple[float, dict[str, Json]]] = []
    proof = [seen[f"e{number}"] for number in meaning.get("proof", []) if f"e{number}" in seen]
    if proof:
        why = f"{meaning['why_zh']}。" if zh else f"{meaning['why']}."
        thoughts.append((proof[0].t0, statement(why, [a.id for a in proof], 320)))
    shown = list(kept[:4])
    names = name_list(shown, len(kept), zh)
    if meaning["key"] == "whole":
        text = lines.sentence("whole", names=names)
    else:
        np = str(meaning["np_zh" if zh else "np"])
        text = choose_phrase(brief, "thinking", PHRASES.table("thinking")).format(
            np=np, Np=capitalise(np), basis=_basis(str(meaning["key"])), names=names
        )
    thoughts.append((shown[0].t0, statement(text, [a.id for a in shown], 320)))
    wrong = [seen[name] for name, why in dropped.items() if why == "timecodes_disagree"]
    if wrong:
        text = lines.sentence("disagree", names=name_list(wrong[:3], len(wrong), zh))
        thoughts.append((wrong[0].t0, statement(text, [a.id for a in wrong[:3]], 320)))
    return film.in_order(thoughts)


def _basis(key: str) -> str:
    """What tells the events of a group from the others."""
    if "longer" in key:
        return "length"
    return PHRASES["basis"].get(key.partition(":")[0], "names")
