"""How games are told without a model: replay the moves, choose what is asked for, say what the board says."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import replace

from dataclaw.planning import CITES, Asking, decline, option, pages, pick, statement, submit
from dataclaw.types import Action, Anchor, Brief, Json, Observation

from .deeds import Deed, exchange_sentence, exchanges_in, summary_sentence
from .wishes import KINDS, PARTS, SIDES, UNSAID, Wish, is_of, wish_of

LONGEST = 12
"""Most moves that an exchange cites, its last ones."""
PLAIN = "Say it in plain words (captures by Black, checks in the last third), or train a chooser."


def key_moments(brief: Brief) -> Generator[Action, Observation, None]:
    """The moves that the intent asks for, each with what it did."""
    moves = yield from _replay()
    wish = yield from _wish(brief.intent, {move.id: deed_in(move) for move in moves})
    found = [moment(move) for at, move in enumerate(moves) if wish.means(deed_in(move), at, len(moves))]
    if not found:
        raise decline("no move of this game is one that the intent asks for", "Ask for other moments.")
    yield from submit({"moments": found})


def who_stands_better(brief: Brief) -> Generator[Action, Observation, None]:
    """The material after every exchange that the intent asks for, and how it changed hands."""
    moves = yield from _replay()
    deeds = {move.id: deed_in(move) for move in moves}
    wish = yield from _when(wish_of(brief.intent))
    places = {name: at for at, name in enumerate(deeds)}
    runs = [run for run in exchanges_in(deeds) if wish.is_then(deeds[run[-1]], places[run[-1]], len(moves))]
    if not runs:
        raise decline("nothing is taken in the part of the game that is asked for", "Ask for more of it.")
    ends = [run[-1] for run in runs]
    last = list(deeds)[-1]
    proof = [*ends, last] if "mate" in deeds[last].kinds and last != ends[-1] else ends
    answer = statement(summary_sentence([deeds[name] for name in ends], deeds[last]), proof[-CITES:])
    yield from submit({"stages": [stage(run, deeds) for run in runs], "answer": answer})


def _wish(intent: str, deeds: Mapping[str, Deed]) -> Asking[Wish]:
    """What a request asks for; of words that the plan does not know, a chooser may know more."""
    wish = wish_of(intent)
    if wish.clear:
        return wish
    if not wish.kinds:
        counts = {kind: sum(is_of(kind, deed) for deed in deeds.values()) for kind in KINDS}
        there = {kind: f"{kind}: {count} of {len(deeds)}" for kind, count in counts.items() if count}
        wish = replace(wish, kinds=frozenset({(yield from _pick("chess.kind", there, wish))}))
    if not wish.side:
        wish = replace(wish, side=(yield from _pick("chess.side", {one: f"moves of {one}" for one in SIDES}, wish)))
    return (yield from _when(wish))


def _when(wish: Wish) -> Asking[Wish]:
    if wish.clear or wish.part:
        return wish
    return replace(wish, part=(yield from _pick("chess.part", {part: part for part in PARTS}, wish)))


def _pick(point: str, contents: Mapping[str, str], wish: Wish) -> Asking[str]:
    """The name that a chooser takes, out of names with what they are. The plan itself has none to offer.

    Raises:
        PolicyError: no chooser knows better; to write what was not asked for would be worse than nothing.
    """
    ids = {name.replace(" ", "_"): name for name in contents}
    options = [option(one, contents[name]) for one, name in ids.items()] + [option(UNSAID, "not said")]
    chosen, _ = yield from pick(point, options, UNSAID)
    if chosen == UNSAID:
        strange = ", ".join(repr(word) for word in wish.strange[:5])
        raise decline(f"nobody here knows what {strange} may mean of a game of chess", PLAIN)
    return ids[chosen]


def _replay() -> Asking[list[Anchor]]:
    moves = yield from pages("replay_game")
    if not moves:
        raise decline("this game has no moves", "Choose another one.")
    return moves


def deed_in(move: Anchor) -> Deed:
    """What a move did, as the tool says it."""
    said = move.attrs["deed"]
    return Deed(**{**said, "kinds": tuple(said["kinds"])})


def moment(move: Anchor) -> dict[str, Json]:
    """A move with what it did."""
    deed, ply = deed_in(move), int(move.id[1:]) + 1
    told = {"ply": ply, "time": move.t1, "move": deed.label, "does": list(deed.kinds)}
    return {"cite": [move.id], **told, "what": deed.sentence(), "balance": deed.balance}


def stage(run: Sequence[str], deeds: Mapping[str, Deed]) -> dict[str, Json]:
    """An exchange with what it changed."""
    done = [deeds[name] for name in run]
    told = {"move": done[-1].label, "what": exchange_sentence(done), "balance": done[-1].balance}
    return {"cite": list(run[-LONGEST:]), **told}


PLANS = {"key_moments": key_moments, "who_stands_better": who_stands_better}
