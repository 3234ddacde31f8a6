"""Is the game told as it was played? The rules set up the board themselves, from the moves of the stream.

What the policy chose to look at plays no part: a game of which one page was read is told as little as one that was not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

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

    What is meant follows from the words of the request. If one of them is unknown, the rule does not say which moves
    are meant: then every move of the game must have been looked at, and none told twice.
    """
    there = _deeds(case)
    wish, wanted = wish_of(case.intent), set[str]()
    exchanges = "stages" in case.draft
    told = Counter(one["cite"][-1] for one in case.draft["stages" if exchanges else "moments"])
    if exchanges:
        ends = [run[-1] for run in exchanges_in(there)]
        clear = wish.clear and not wish.kinds and not wish.side
    else:
        ends, clear = list(there), wish.clear
    if not clear:
        return _looked(case, there, told)
    wanted = _meant(wish, there, ends, whole=exchanges)
    concerned = sorted(wanted | set(told))
    wrong = [name for name in concerned if told[name] != (name in wanted)]
    findings = [Finding("", _explain(name, wanted, told, there), as_asked.name, 0.0) for name in wrong]
    return score_of(1.0 - len(wrong) / len(concerned), findings) if concerned else nothing_to_judge(as_asked.name)


def _checks(case: Case) -> Iterator[tuple[str, Json, Json]]:
    """`(place, what is said, what the board says)`."""
    there, times = _deeds(case), {f"e{event.index}": event.t1 for event in case.events}
    for at, one in enumerate(case.draft.get("moments", ())):
        name = one["cite"][0]
        deed = there.get(name)
        right = {} if deed is None else {
            "ply": int(name[1:]) + 1, "time": times[name], "move": deed.label, "does": list(deed.kinds),
            "what": deed.sentence(), "balance": deed.balance,
        }  # fmt: skip
        yield from ((f"/moments/{at}/{key}", one[key], right.get(key)) for key in one if key != "cite")
    runs = {run[-1]: run for run in exchanges_in(there)}
    ends = list[Deed]()
    for at, one in enumerate(case.draft.get("stages", ())):
        run = runs.get(one["cite"][-1], [])
        deeds = [there[name] for name in run]
        right = {} if not run else {
            "cite": run[-12:], "move": deeds[-1].label, "what": exchange_sentence(deeds), "balance": deeds[-1].balance,
        }  # fmt: skip
        ends += deeds[-1:]
        yield from ((f"/stages/{at}/{key}", one[key], right.get(key)) for key in one)
    if "stages" in case.draft:
        right = {}
        if ends:
            last, cited = list(there)[-1], [one["cite"][-1] for one in case.draft["stages"]]
            cited += [last] if "mate" in there[last].kinds and last != cited[-1] else []
            right = {"text": summary_sentence(ends, there[last]), "cite": cited[-8:]}
        yield from ((f"/answer/{key}", case.draft["answer"][key], right.get(key)) for key in ("cite", "text"))


def _deeds(case: Case) -> dict[str, Deed]:
    return {f"e{event.index}": deed_of(event) for event in case.events if event.kind == "move"}


def _meant(wish: Wish, there: Mapping[str, Deed], ends: list[str], *, whole: bool) -> set[str]:
    """The moves, or the last moves of exchanges, that a wish means; of exchanges it says only when."""
    places = {name: at for at, name in enumerate(there)}
    return {
        name
        for name in ends
        if (wish.is_then if whole else wish.means)(there[name], places[name], len(there))
    }  # fmt: skip


def _looked(case: Case, there: Mapping[str, Deed], told: Counter[str]) -> Score:
    unseen = [name for name in there if name not in case.anchors]
    twice = [name for name, count in told.items() if count > 1]
    findings = [Finding("", f"{len(unseen)} moves were not looked at", as_asked.name, 0.0)] if unseen else []
    findings += [Finding("", f"{name} is told twice", as_asked.name, 0.0) for name in twice]
    return score_of(1.0 - (len(unseen) + len(twice)) / max(1, len(there)), findings)


def _explain(name: str, wanted: set[str], told: Counter[str], there: Mapping[str, Deed]) -> str:
    label = there[name].label if name in there else name
    if name not in wanted:
        return f"{name} ({label}) is not asked for"
    return f"{name} ({label}) is asked for and told {told[name]} times"
