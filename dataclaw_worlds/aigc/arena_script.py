"""Scripted players: what they do, step by step, and what came of it."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dataclaw.worlds.base import SceneSpec
from dataclaw_worlds.aigc.arena_engine import HEIGHT, RATE, WIDTH, ArenaGame, GameView, open_game
from dataclaw_worlds.aigc.arena_things import BY_NAME, MAPS, TEMPERS, ArenaThing

FAR = 14
"""Most steps that the player moves back from his thing before the take begins."""
AIMED, AHEAD = 6.0, 40.0
"""Angles to the target: above the first the player turns to it, below the second he shoots or walks [degrees]."""
STUCK = 5
"""Pictures at a wall after which a player gives up."""
OPEN = 30.0
"""Depth straight ahead above which a turn may end early, 0..255."""
BLOCKED = 4.0
"""Distance in one step below which a walking player stands at a wall [map units]."""
TURNS = {"turn_left": "TURN_LEFT", "turn_right": "TURN_RIGHT"}
STRAFES = {"strafe_left": "MOVE_LEFT", "strafe_right": "MOVE_RIGHT"}


@dataclass(slots=True)
class Deed:
    """What the player did for one to three seconds, and what came of it.

    Attributes:
        verb: "walk", "back", "turn_left", "turn_right", "strafe_left", "strafe_right", "scan", "wait", "shoot", "take".
        first: its first picture in the take.
        last: its last picture.
        before: share of the picture that the take's thing fills at the start, 0 when it is out of view.
        after: the same share at the end.
        side: where the thing is in the picture at the end: "left", "right", "middle", or "" when it is out of view.
        outcome: "killed", "taken", "blocked" or "".
    """

    verb: str
    first: int
    last: int
    before: float = 0.0
    after: float = 0.0
    side: str = ""
    outcome: str = ""


@dataclass(slots=True)
class Take:
    """A shot: its pictures, the buttons held at each, and the deeds.

    Attributes:
        level: map.
        temper: the player's temper.
        thing: the thing put before the player, or None.
        pictures: `(240, 320, 3)` RGB each.
        pressed: buttons held at each picture.
        deeds: what the player did, in order; together they cover all pictures.
    """

    level: str
    temper: str
    thing: ArenaThing | None
    pictures: list[NDArray[np.uint8]] = field(default_factory=list["NDArray[np.uint8]"])
    pressed: list[tuple[str, ...]] = field(default_factory=list[tuple[str, ...]])
    deeds: list[Deed] = field(default_factory=list[Deed])


def play_take(spec: SceneSpec, number: int, level: str, thing: ArenaThing | None, temper: str) -> Take:
    """Play one take."""
    rng = spec.rng("take", str(number))
    take = Take(level, temper, thing)
    with open_game(level, rng.randrange(1 << 30)) as game:
        game.command("god")
        game.command(f"give {rng.choice(('Shotgun', 'Chaingun', 'Shotgun', 'PlasmaRifle'))}")
        game.command("give ammo")
        game.step(tics=12)
        _face_open(game)
        target = _put(game, thing, rng) if thing else None
        player = Player(game, take, target, rng)
        for verb in _plan(spec, temper, thing, rng):
            if game.over or not player.perform(verb):
                break
    return take


def _plan(spec: SceneSpec, temper: str, thing: ArenaThing | None, rng: random.Random) -> list[str]:
    """What a player of this temper does; he walks where there is nothing to shoot or to pick up."""
    row = TEMPERS[temper]
    start = rng.randrange(len(row))
    verbs = [row[(start + k) % len(row)] for k in range(2 + (spec.difficulty + 2) // 3)]
    swapped = {"turn_left": "turn_right", "turn_right": "turn_left", "strafe_left": "strafe_right",
               "strafe_right": "strafe_left"}  # fmt: skip
    if rng.random() < 0.5:
        verbs = [swapped.get(verb, verb) for verb in verbs]
    alive, taken = bool(thing and thing.alive), bool(thing and thing.taken)
    found = ["walk" if (v == "shoot" and not alive) or (v == "take" and not taken) else v for v in verbs]
    kept = [v for k, v in enumerate(found) if k == 0 or v != found[k - 1]]
    return kept if any(v != "wait" for v in kept) else [*kept, "turn_left"]


def _face_open(game: ArenaGame) -> None:
    """Turn to the direction with the farthest view."""
    seen: list[float] = []
    for _ in range(8):
        seen.append(game.look().open)
        game.step(turn=45.0, tics=2)
    game.step(turn=45.0 * int(np.argmax(seen)), tics=2)
    game.step(tics=4)


def _put(game: ArenaGame, thing: ArenaThing, rng: random.Random) -> int | None:
    """Put the thing before the player, move back while it stays in view, and look at it or beside it."""
    game.command(f"summon {'ZombieMan' if thing.name == 'Zombieman' else thing.name}")
    game.step(tics=4)
    target = game.newest(thing.name)
    for _ in range(rng.randint(4, FAR)):
        before = game.look()
        game.step(["MOVE_BACKWARD"])
        after = game.look()
        if game.over or _distance(before.place, after.place) < BLOCKED:
            break
        if target in before.boxes and target not in after.boxes:
            game.step(["MOVE_FORWARD"], tics=8)
            break
    if rng.random() < 0.35:
        game.step(turn=rng.choice((-75.0, 75.0)), tics=4)
    return target


def _distance(a: tuple[float, float], b: tuple[float, float]) -> float:
    return float(np.hypot(a[0] - b[0], a[1] - b[1]))


class Player:
    """Plays one take.

    Args:
        game: the running game.
        take: the take that is filled.
        target: number of the take's thing, or None.
        rng: random numbers for the length of each deed.
    """

    def __init__(self, game: ArenaGame, take: Take, target: int | None, rng: random.Random) -> None:
        self._game, self._take, self._target, self._rng = game, take, target, rng

    def perform(self, verb: str) -> bool:
        """Do something for one to three seconds. Returns whether the game goes on."""
        steps = round(self._rng.uniform(1.5, 2.9) * RATE)
        start = self._game.look()
        first = len(self._take.pictures)
        was_there = self._target in start.there
        stuck = 0
        for number in range(steps):
            seen = self._game.look()
            self._take.pictures.append(seen.picture)
            buttons = tuple(self._buttons(verb, number, steps, seen))
            self._take.pressed.append(buttons)
            self._game.step(buttons)
            if self._game.over:
                break
            moved = _distance(seen.place, self._game.look().place)
            stuck = stuck + 1 if moved < BLOCKED and any(b.startswith("MOVE") for b in buttons) else 0
            if number >= RATE and (stuck >= STUCK or self._is_done(verb, start, was_there)):
                break
        if self._game.over:
            last = len(self._take.pictures) - 1
            self._take.deeds.append(Deed(verb, first, last, self._share(start)))
            return False
        end = self._game.look()
        last = len(self._take.pictures) - 1
        deed = Deed(verb, first, last, self._share(start), self._share(end), self._side(end))
        gone = was_there and self._target not in end.there
        taken = gone and bool(self._take.thing and self._take.thing.taken)
        deed.outcome = "killed" if end.kills > start.kills else "taken" if taken else ""
        if stuck >= STUCK:
            deed.outcome = deed.outcome or "blocked"
        self._take.deeds.append(deed)
        if deed.outcome in ("killed", "taken"):
            self._target = None
        return True

    def _is_done(self, verb: str, start: GameView, was_there: bool) -> bool:
        """Whether the deed may end early: the target has fallen or was picked up, or the view has opened in a turn."""
        now = self._game.look()
        if verb in TURNS:
            return now.open > OPEN and self._rng.random() < 0.2
        gone = was_there and self._target not in now.there
        return (verb == "shoot" and now.kills > start.kills) or (verb == "take" and gone)

    def _buttons(self, verb: str, number: int, steps: int, seen: GameView) -> Iterator[str]:
        if verb in TURNS:
            yield TURNS[verb]
        elif verb in STRAFES:
            yield STRAFES[verb]
        elif verb == "scan":
            yield "TURN_LEFT" if number < steps / 2 else "TURN_RIGHT"
        elif verb == "walk":
            yield "MOVE_FORWARD"
        elif verb == "back":
            yield "MOVE_BACKWARD"
        elif verb in ("shoot", "take"):
            yield from self._aim(seen)
            if abs(self._off(seen)) < AHEAD:
                yield "ATTACK" if verb == "shoot" else "MOVE_FORWARD"

    def _aim(self, seen: GameView) -> Iterator[str]:
        off = self._off(seen)
        if abs(off) > AIMED:
            yield "TURN_RIGHT" if off > 0 else "TURN_LEFT"

    def _off(self, seen: GameView) -> float:
        """The angle to the target [degrees right]; 0 if the target has gone."""
        return (seen.bearing(self._target) or 0.0) if self._target is not None else 0.0

    def _box(self, seen: GameView) -> tuple[int, int, int, int] | None:
        return seen.boxes.get(self._target) if self._target is not None else None

    def _share(self, seen: GameView) -> float:
        """Share of the picture that the target fills, 0..1."""
        box = self._box(seen)
        return round(box[2] * box[3] / (WIDTH * HEIGHT), 4) if box else 0.0

    def _side(self, seen: GameView) -> str:
        box = self._box(seen)
        if box is None:
            return ""
        middle = (box[0] + box[2] / 2) / WIDTH
        return "left" if middle < 0.38 else "right" if middle > 0.62 else "middle"


def play_takes(spec: SceneSpec) -> list[Take]:
    """Play the takes of a spec; maps and things come from its split. Takes that ended too early are left out."""
    rng = spec.rng("takes")
    levels = rng.sample(spec.pool(MAPS, "map"), 1 + (spec.difficulty + 1) // 2)
    things = [BY_NAME[name] for name in spec.pool(sorted(BY_NAME), "object")]
    found: list[Take] = []
    for number, level in enumerate(levels):
        temper = rng.choice(sorted(TEMPERS))
        thing = _fitting_thing(things, temper, rng) if rng.random() < 0.85 else None
        take = play_take(spec, number, level, thing, temper)
        if len(take.pictures) >= 2 * RATE:
            found.append(take)
    return found


def _fitting_thing(things: Sequence[ArenaThing], temper: str, rng: random.Random) -> ArenaThing:
    """A thing that a player of this temper has use for."""
    alive = [t for t in things if t.alive]
    taken = [t for t in things if t.taken]
    pools = {"shooter": alive, "coward": alive, "dodger": alive, "collector": taken, "hunter": [*alive, *taken]}
    return rng.choice(pools.get(temper) or list(things))
