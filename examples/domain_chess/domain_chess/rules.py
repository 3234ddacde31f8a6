"""Is the game told as it was played? The rules set up the board themselves, from the moves of the stream.

What the policy chose to look at plays no part: a game of which one page was read is told as little as one that was not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from dataclaw import Case, Finding, Score, rule
from dataclaw.rewards import nothing_to_judge, score_of
from dataclaw.types import Json

from .deeds import Deed, deed_of, exchange_sentence, exchanges_in, summary_sentence
from .wishes import Wish, wish_of


@rule("chess.board")
def board(case: Case) -> Score:
    """Share of what is said of moves and exchanges that agrees with the board, set up from the stream's moves.

    Every field is compared with what a replay gives for the cited move: ply, time, notation, kinds, sentence, balance.
    An exchange must cite its moves (the last twelve of a longer one), and the answer must sum up the told exchanges.
    """
    checks = list(_checks(case))
    wrong = [Finding(place, f"{said!r} is not what the board says: {right!r}", board.name, 0.0)
             for place, said, right in checks if said != right]  # fmt: skip
    return score_of(1.0 - len(wrong) / len(checks), wrong) if checks else nothing_to_judge(board.name)


@rule("chess.as_asked")
def as_asked(case: Case) -> Score:
    """Share of the moves in question (meant, or told) that are told once if they are meant, and not at all if not.

    What is meant follows from the words of the request. If one of them is unknown, the others still hold: no told move
    may be of another kind, side or part than those that are named, every move of the game must have been looked at,
    and none told twice.
    """
    there, wish, exchanges = _deeds(case), wish_of(case.intent), "stages" in case.draft
    told = Counter(one["cite"][-1] for one in case.draft["stages" if exchanges else "moments"])
    if exchanges and (wish.kinds or wish.side):
        wish = replace(wish, strange=("kinds and sides",))  # of exchanges, it is not said what these would mean
    meant = _meant(wish, there, exchanges=exchanges)
    if not wish.clear:
        return _loosely_asked(case, there, meant, told)
    concerned = sorted(meant | set(told))
    wrong = [name for name in concerned if told[name] != (name in meant)]
    findings = [Finding("", _explain(name, meant, told, there), as_asked.name, 0.0) for name in wrong]
    return score_of(1.0 - len(wrong) / len(concerned), findings) if concerned else nothing_to_judge(as_asked.name)


def _checks(case: Case) -> Iterator[tuple[str, Json, Json]]:
    """`(place, what is said, what the board says)`."""
    there, times = _deeds(case), {f"e{event.index}": event.t1 for event in case.events}
    for at, one in enumerate(case.draft.get("moments", ())):
        name = one["cite"][0]
        yield from _compared(f"/moments/{at}", one, _moment(name, there[name], times[name]) if name in there else {})
    runs = {run[-1]: run for run in exchanges_in(there)}
    stages = case.draft.get("stages", ())
    for at, one in enumerate(stages):
        yield from _compared(f"/stages/{at}", one, _stage(runs.get(one["cite"][-1], []), there))
    ends = [one["cite"][-1] for one in stages if one["cite"][-1] in runs]
    if stages:
        yield from _compared("/answer", case.draft["answer"], _answer(ends, there) if ends else {})


def _compared(place: str, said: Mapping[str, Json], right: Mapping[str, Json]) -> Iterator[tuple[str, Json, Json]]:
    return ((f"{place}/{key}", value, right.get(key)) for key, value in said.items())


def _moment(name: str, deed: Deed, time: float) -> dict[str, Json]:
    told = {"cite": [name], "ply": int(name[1:]) + 1, "time": time, "move": deed.label, "does": list(deed.kinds)}
    return {**told, "what": deed.sentence(), "balance": deed.balance}


def _stage(run: Sequence[str], there: Mapping[str, Deed]) -> dict[str, Json]:
    deeds = [there[name] for name in run]
    if not deeds:
        return {}
    told = {"move": deeds[-1].label, "what": exchange_sentence(deeds), "balance": deeds[-1].balance}
    return {"cite": list(run[-12:]), **told}


def _answer(ends: list[str], there: Mapping[str, Deed]) -> dict[str, Json]:
    last = list(there)[-1]
    cited = [*ends, last] if "mate" in there[last].kinds and last != ends[-1] else ends
    return {"cite": cited[-8:], "text": summary_sentence([there[name] for name in ends], there[last])}


def _deeds(case: Case) -> dict[str, Deed]:
    return {f"e{event.index}": deed_of(event) for event in case.events if event.kind == "move"}


def _meant(wish: Wish, there: Mapping[str, Deed], *, exchanges: bool) -> set[str]:
    """The moves that a wish means, or the last moves of exchanges; where strange words may name a kind, any kind."""
    wish = wish if wish.clear or wish.kinds else replace(wish, kinds=frozenset({"move"}))
    places = {name: at for at, name in enumerate(there)}
    fits, names = (wish.is_then, [run[-1] for run in exchanges_in(there)]) if exchanges else (wish.means, list(there))
    return {name for name in names if fits(there[name], places[name], len(there))}


def _loosely_asked(case: Case, there: Mapping[str, Deed], meant: set[str], told: Counter[str]) -> Score:
    unseen = [name for name in there if name not in case.anchors]
    wrong = [name for name, count in told.items() if count > 1 or name not in meant]
    findings = [Finding("", f"{len(unseen)} moves were not looked at", as_asked.name, 0.0)] if unseen else []
    findings += [Finding("", f"{name} is told twice, or not what is named", as_asked.name, 0.0) for name in wrong]
    return score_of(1.0 - (len(unseen) + len(wrong)) / max(1, len(there)), findings)


def _explain(name: str, meant: set[str], told: Counter[str], there: Mapping[str, Deed]) -> str:
    label = there[name].label if name in there else name
    if name not in meant:
        return f"{name} ({label}) is not asked for"
    return f"{name} ({label}) is asked for and told {told[name]} times"
