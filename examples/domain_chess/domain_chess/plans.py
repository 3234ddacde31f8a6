"""How games are told without a model: replay the moves, choose those that are asked for, say what the board says."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence

from dataclaw.planning import CITES, Asking, decline, keep, pages, statement, submit
from dataclaw.types import Action, Anchor, Brief, Json, Observation

from .deeds import Deed, exchange_sentence, exchanges_in, summary_sentence
from .wishes import wish_of

LONGEST = 12
"""Most moves that an exchange cites, its last ones."""


def key_moments(brief: Brief) -> Generator[Action, Observation, None]:
    """The moves that the intent asks for, each with what it did."""
    moves = yield from _replay()
    wish = wish_of(brief.intent)
    reasons = {move.id: wish.refusal(deed_in(move), at, len(moves)) for at, move in enumerate(moves)}
    refused = {name: why for name, why in reasons.items() if why}
    dropped, _ = yield from keep("chess.moments", moves, refused, "not_asked")
    found = [moment(move) for move in moves if move.id not in dropped]
    if not found:
        raise decline("no move of this game is one that the intent asks for", "Ask for other moments.")
    yield from submit({"moments": found})


def who_stands_better(brief: Brief) -> Generator[Action, Observation, None]:
    """The material after every exchange that the intent asks for, and how it changed hands."""
    moves = yield from _replay()
    there, wish = {move.id: move for move in moves}, wish_of(brief.intent)
    deeds = {move.id: deed_in(move) for move in moves}
    runs = {run[-1]: run for run in exchanges_in(deeds)}
    if not runs:
        raise decline("nothing is taken in this game", "Choose a longer one.")
    places = {name: at for at, name in enumerate(deeds)}
    refused = {name: "other_time" for name in runs if not wish.is_then(deeds[name], places[name], len(moves))}
    dropped, _ = yield from keep("chess.exchanges", [there[name] for name in runs], refused, "not_asked")
    stages = [stage(run, deeds) for name, run in runs.items() if name not in dropped]
    if not stages:
        raise decline("nothing is taken in the part that the intent asks for", "Ask for more of the game.")
    ends = [str(one["cite"][-1]) for one in stages]
    answer = statement(summary_sentence([deeds[name] for name in ends]), ends[-CITES:])
    yield from submit({"stages": stages, "answer": answer})


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
