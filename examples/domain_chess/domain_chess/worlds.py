"""A chess club: two members of some strength play with clocks, the game is written down, people ask for parts of it.

What really happened at every move is known, since the players' board is here, and which moves a request means, since
its words were made from them. Names and frames of requests are split into halves; what a word means ("horses") is not.
"""

from __future__ import annotations

import random
import tomllib
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from dataclaw.choosing import ChoicePoint, Chooser, Chosen
from dataclaw.planning import Asking
from dataclaw.types import Json
from dataclaw.worlds import ExpertBrief, Request, Scene, SceneSpec, World
from dataclaw.worlds.wording import mistype

from .board import Move, Position, name_of
from .deeds import Deed, deed_at, exchanges_in
from .plans import PLANS
from .players import play_game, think
from .wishes import Wish

WORDS: dict[str, Any] = tomllib.loads((Path(__file__).parent / "club.toml").read_text(encoding="utf-8"))
MOMENTS, EXCHANGES = "key_moments", "who_stands_better"
SHORTEST, MOST = 16, 40
"""Fewest moves of a game, of both sides together, and most moments that a request means."""
START_SECONDS, GAIN = 300, 2
DECLARED, FUZZY, MISTYPED = 0.15, 0.25, 0.1
"""Shares of requests in the words of `domain.toml`, in passing, and with a typing error."""


def make(spec: SceneSpec, folder: Path) -> Scene:
    """Let two members play, and write the game down."""
    rng = spec.rng("game")
    names = spec.rng("names").sample(spec.pool(WORDS["names"], "name"), 2)
    game: list[tuple[Position, Move]] = []
    while len(game) < SHORTEST:
        game = play_game(rng, (rng.uniform(0.8, 1.0), rng.uniform(0.8, 1.0)), 10 + 6 * spec.difficulty)
    deeds = list(_deeds(game))
    seconds = _seconds(spec.rng("clock"), deeds) if spec.difficulty > 1 else []
    (folder / f"{spec.name}.pgn").write_text(_pgn(game, deeds, seconds, names), encoding="utf-8")
    facts = {"moves": [asdict(deed) for deed in deeds], "seconds": seconds}
    return Scene(spec, folder, f"{spec.name}.pgn", {"name": sorted(names)}, facts)


def _deeds(game: Sequence[tuple[Position, Move]]) -> Sequence[Deed]:
    found, taken = list[Deed](), ""
    for ply, (position, move) in enumerate(game):
        san = position.write(move)
        label = f"{ply // 2 + 1}{'. ' if position.white else '... '}{san}"
        found.append(deed_at(label, position.fen(), san, taken))
        taken = name_of(move.end) if found[-1].taken else ""
    return found


def _seconds(rng: random.Random, deeds: Sequence[Deed]) -> list[float]:
    """How long each move took [s]."""
    left = {"White": float(START_SECONDS), "Black": float(START_SECONDS)}
    found: list[float] = []
    for deed in deeds:
        found.append(think(rng, left[deed.side], bool(deed.kinds)))
        left[deed.side] += GAIN - found[-1]
    return found


def _pgn(
    game: Sequence[tuple[Position, Move]], deeds: Sequence[Deed], seconds: Sequence[float], names: Sequence[str]
) -> str:
    result = ("1-0" if deeds[-1].side == "White" else "0-1") if "mate" in deeds[-1].kinds else "1/2-1/2"
    tags = {"Event": "Club evening", "White": names[0], "Black": names[1], "Result": result}
    tags |= {"TimeControl": f"{START_SECONDS}+{GAIN}"} if seconds else {}
    left = {"White": float(START_SECONDS), "Black": float(START_SECONDS)}
    words: list[str] = []
    for deed, took in zip(deeds, seconds or [0.0] * len(game), strict=True):
        left[deed.side] = round(left[deed.side] + GAIN - took, 1)
        minutes, rest = divmod(left[deed.side], 60)
        words.append(deed.label + (f" {{[%clk 0:{int(minutes):02d}:{rest:04.1f}]}}" if seconds else ""))
    head = "\n".join(f'[{key} "{value}"]' for key, value in tags.items())
    return f"{head}\n\n{' '.join(words)} {result}\n"


def requests(scene: Scene, count: int) -> Sequence[Request]:
    """At most `count` different requests; every fourth is for the exchanges."""
    rng = scene.spec.rng("asks")
    deeds = [Deed(**{**move, "kinds": tuple(move["kinds"])}) for move in scene.facts["moves"]]
    found: dict[str, Request] = {}
    for turn in range(8 * count):
        if len(found) == count:
            break
        one = (_exchanges if turn % 4 == 3 else _moments)(scene, deeds, rng)
        if one is not None:
            found.setdefault(one.intent, one)
    return list(found.values())


def _moments(scene: Scene, deeds: Sequence[Deed], rng: random.Random) -> Request | None:
    if rng.random() < DECLARED:
        return _declared(scene, deeds, rng)
    kind = rng.choice(list(WORDS["kinds"]))
    side = rng.choice(["both", "White", "Black"])
    part = rng.choice(["whole game", "whole game", *WORDS["parts"]])
    filled = {"what": rng.choice(WORDS["kinds"][kind]), "side": rng.choice(WORDS["sides"].get(side, [""]))}
    filled["part"] = rng.choice(WORDS["parts"].get(part, [""]))
    wish = Wish(frozenset({kind}), side, part)
    return _request(scene, MOMENTS, "frames", filled, wish, _meant(wish, deeds), rng)


def _meant(wish: Wish, deeds: Sequence[Deed]) -> list[int]:
    return [at for at, deed in enumerate(deeds) if wish.means(deed, at, len(deeds))]


def _exchanges(scene: Scene, deeds: Sequence[Deed], rng: random.Random) -> Request | None:
    wish = Wish(part=rng.choice(["whole game", *WORDS["parts"]]))
    ends = [int(run[-1]) for run in exchanges_in({str(at): deed for at, deed in enumerate(deeds)})]
    meant = [at for at in ends if wish.is_then(deeds[at], at, len(deeds))]
    filled = {"part": rng.choice(WORDS["parts"].get(wish.part, [""]))}
    return _request(scene, EXCHANGES, "whole_frames", filled, wish, meant, rng)


def _declared(scene: Scene, deeds: Sequence[Deed], rng: random.Random) -> Request | None:
    """A request in the words of `domain.toml`."""
    allowed = scene.spec.pool([one["template"] for one in WORDS["declared"]], "template")
    one = rng.choice([one for one in WORDS["declared"] if one["template"] in allowed])
    side = rng.choice(["White", "Black"]) if "{side}" in one["template"] else "both"
    wish = Wish(frozenset(one["kinds"]), side, one.get("part", "whole game"))
    meant = _meant(wish, deeds)
    if not 0 < len(meant) <= MOST:
        return None
    return Request(MOMENTS, one["template"].format(side=side), _meaning(wish, meant), "template", "en", one["template"])


def _request(
    scene: Scene, task: str, frames: str, filled: dict[str, str], wish: Wish, meant: list[int], rng: random.Random
) -> Request | None:
    """The words for some moves: a plain sentence, one in passing, or one with typing errors; None for no moves."""
    if not 0 < len(meant) <= MOST:
        return None
    fuzzy = frames == "frames" and rng.random() < FUZZY
    template = rng.choice(scene.spec.pool(WORDS["fuzzy" if fuzzy else frames], "template"))
    intent = template.format(**filled)
    if not fuzzy and rng.random() < MISTYPED:
        return Request(task, mistype(intent, rng), _meaning(wish, meant), "typo", "en", template)
    return Request(task, intent, _meaning(wish, meant), "fuzzy" if fuzzy else "paraphrase", "en", template)


def _meaning(wish: Wish, meant: list[int]) -> dict[str, Json]:
    side, part = wish.side or "both", wish.part or "whole game"
    return {"kinds": sorted(wish.kinds), "side": side, "part": part, "plies": meant}


class MeantWish:
    """Answers what a request asks for: the kinds of moves, the side, the part of the game.

    Args:
        request: the request.
    """

    def __init__(self, request: Request) -> None:
        meaning = request.meaning
        self.meant = {"chess.kind": meaning["kinds"], "chess.side": [meaning["side"]], "chess.part": [meaning["part"]]}

    def choose(self, point: ChoicePoint) -> Chosen:
        """The options that are meant."""
        names = {one.replace(" ", "_") for one in self.meant[point.name]}
        return Chosen([option.id for option in point.options if option.id in names], "truth")


def chooser(scene: Scene, request: Request) -> Chooser:
    """Who decides at the choice points of the plans."""
    del scene
    return MeantWish(request)


def expert(brief: ExpertBrief) -> Asking[None]:
    """The plan of the task; the truth answers its choice point."""
    yield from PLANS[brief.request.task](brief.brief)


WORLD = World(
    "chess_club",
    "chess",
    "Games between two members of a chess club, with clocks, played by scripted players.",
    make,
    requests,
    dict.fromkeys((MOMENTS, EXCHANGES), expert),
    chooser,
)
