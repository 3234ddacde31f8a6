"""Scripted players: what they do, step by step, and what really came of it."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dataclaw.worlds.base import SceneSpec
from dataclaw_worlds.aigc.arena_engine import HEIGHT, RATE, WIDTH, Game, Seen, playing
from dataclaw_worlds.aigc.arena_words import BY_NAME, MAPS, TEMPERS, Thing

FAR = 14
"""Steps that the player goes back from what was put before him, before the take begins."""
AIMED, AHEAD = 6.0, 40.0
"""Degrees beside the middle from which on a player turns to his target, and up to which he shoots or walks."""
STUCK = 5
"""Pictures at a wall after which a player gives up."""
OPEN = 30.0
"""How far one must see for a turn to end early."""
BLOCKED = 4.0
"""Map units a step below which a walking player stands at a wall."""
TURNS = {"turn_left": "TURN_LEFT", "turn_right": "TURN_RIGHT"}
STRAFES = {"strafe_left": "MOVE_LEFT", "strafe_right": "MOVE_RIGHT"}


@dataclass(slots=True)
class Deed:
    """What the player did for some time, and what came of it.

    Attributes:
        verb: "walk", "back", "turn_left", "turn_right", "strafe_left", "strafe_right", "scan", "wait", "shoot", "take".
        first: its first picture in the take.
        last: its last picture.
        before: share of the picture that the take's thing fills at its start, 0 when it is not in view.
        after: the same at its end.
        side: where the thing is in the picture at the end: "left", "right", "middle", "" when it is out of view.
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
    """A shot: its pictures, what was pressed at each, and what was done.

    Attributes:
        level: map.
        temper: the player's temper.
        thing: what was put before the player, None for nothing.
        pictures: what is seen, `(240, 320, 3)` RGB each.
        pressed: buttons that were held at each picture.
        deeds: what was done, in order, covering all pictures.
    """

    level: str
    temper: str
    thing: Thing | None
    pictures: list[NDArray[np.uint8]] = field(default_factory=list["NDArray[np.uint8]"])
    pressed: list[tuple[str, ...]] = field(default_factory=list[tuple[str, ...]])
    deeds: list[Deed] = field(default_factory=list[Deed])


def played(spec: SceneSpec, number: int, level: str, thing: Thing | None, temper: str) -> Take:
    """Play one take."""
    rng = spec.rng("take", str(number))
    take = Take(level, temper, thing)
    with playing(level, rng.randrange(1 << 30)) as game:
        game.command("god")
        game.command(f"give {rng.choice(('Shotgun', 'Chaingun', 'Shotgun', 'PlasmaRifle'))}")
        game.command("give ammo")
        game.step(tics=12)
        _face_open(game)
        target = _put(game, thing, rng) if thing else None
        player = Player(game, take, target, rng)
        for verb in _plan(spec, temper, thing, rng):
            if game.over or not player.does(verb):
                break
    return take


def _plan(spec: SceneSpec, temper: str, thing: Thing | None, rng: random.Random) -> list[str]:
    """What a player of this temper does; nobody shoots or fetches what is not there."""
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


def _face_open(game: Game) -> None:
    """Turn to where one can see farthest."""
    seen: list[float] = []
    for _ in range(8):
        seen.append(game.look().open)
        game.step(turn=45.0, tics=2)
    game.step(turn=45.0 * int(np.argmax(seen)), tics=2)
    game.step(tics=4)


def _put(game: Game, thing: Thing, rng: random.Random) -> int | None:
    """Put the thing before the player, go back from it as far as it stays in view, and look at it or beside it."""
    game.command(f"summon {'ZombieMan' if thing.name == 'Zombieman' else thing.name}")
    game.step(tics=4)
    target = game.newest(thing.name)
    for _ in range(rng.randint(4, FAR)):
        before = game.look()
        game.step(["MOVE_BACKWARD"])
        after = game.look()
        if game.over or _far(before.place, after.place) < BLOCKED:
            break
        if target in before.boxes and target not in after.boxes:
            game.step(["MOVE_FORWARD"], tics=8)
            break
    if rng.random() < 0.35:
        game.step(turn=rng.choice((-75.0, 75.0)), tics=4)
    return target


def _far(a: tuple[float, float], b: tuple[float, float]) -> float:
    return float(np.hypot(a[0] - b[0], a[1] - b[1]))


class Player:
    """Plays one take.

    Args:
        game: the running game.
        take: what is recorded.
        target: number of the take's thing.
        rng: how long things are done.
    """

    def __init__(self, game: Game, take: Take, target: int | None, rng: random.Random) -> None:
        self._game, self._take, self._target, self._rng = game, take, target, rng

    def does(self, verb: str) -> bool:
        """Do something for one to three seconds; whether the game goes on."""
        steps = round(self._rng.uniform(1.5, 2.9) * RATE)
        start = self._game.look()
        first = len(self._take.pictures)
        begun = self._target in start.there
        stuck = 0
        for number in range(steps):
            seen = self._game.look()
            self._take.pictures.append(seen.picture)
            buttons = tuple(self._buttons(verb, number, steps, seen))
            self._take.pressed.append(buttons)
            self._game.step(buttons)
            if self._game.over:
                break
            moved = _far(seen.place, self._game.look().place)
            stuck = stuck + 1 if moved < BLOCKED and any(b.startswith("MOVE") for b in buttons) else 0
            if number >= RATE and (stuck >= STUCK or self._done(verb, start, begun)):
                break
        if self._game.over:
            last = len(self._take.pictures) - 1
            self._take.deeds.append(Deed(verb, first, last, self._share(start)))
            return False
        end = self._game.look()
        last = len(self._take.pictures) - 1
        deed = Deed(verb, first, last, self._share(start), self._share(end), self._side(end))
        gone = begun and self._target not in end.there
        deed.outcome = "killed" if end.kills > start.kills else "taken" if gone and self._thing_taken() else ""
        if stuck >= STUCK:
            deed.outcome = deed.outcome or "blocked"
        self._take.deeds.append(deed)
        if deed.outcome in ("killed", "taken"):
            self._target = None
        return True

    def _thing_taken(self) -> bool:
        return bool(self._take.thing and self._take.thing.taken)

    def _done(self, verb: str, start: Seen, begun: bool) -> bool:
        """Whether there is nothing left to do: the target has fallen, or was picked up."""
        now = self._game.look()
        if verb in TURNS:
            return now.open > OPEN and self._rng.random() < 0.2
        gone = begun and self._target not in now.there
        return (verb == "shoot" and now.kills > start.kills) or (verb == "take" and gone)

    def _buttons(self, verb: str, number: int, steps: int, seen: Seen) -> Iterator[str]:
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

    def _aim(self, seen: Seen) -> Iterator[str]:
        off = self._off(seen)
        if abs(off) > AIMED:
            yield "TURN_RIGHT" if off > 0 else "TURN_LEFT"

    def _off(self, seen: Seen) -> float:
        """How far beside the middle the target lies [degrees]; 0 when it has gone."""
        return (seen.bearing(self._target) or 0.0) if self._target is not None else 0.0

    def _share(self, seen: Seen) -> float:
        box = seen.boxes.get(self._target) if self._target is not None else None
        return round(box[2] * box[3] / (WIDTH * HEIGHT), 4) if box else 0.0

    def _side(self, seen: Seen) -> str:
        box = seen.boxes.get(self._target) if self._target is not None else None
        if box is None:
            return ""
        middle = (box[0] + box[2] / 2) / WIDTH
        return "left" if middle < 0.38 else "right" if middle > 0.62 else "middle"


def takes_of(spec: SceneSpec) -> list[Take]:
    """The takes of a lot, each in a map and with a thing of its split."""
    rng = spec.rng("takes")
    levels = rng.sample(spec.pool(MAPS, "map"), 1 + (spec.difficulty + 1) // 2)
    things = [BY_NAME[name] for name in spec.pool(sorted(BY_NAME), "object")]
    found: list[Take] = []
    for number, level in enumerate(levels):
        temper = rng.choice(sorted(TEMPERS))
        thing = _fitting(things, temper, rng) if rng.random() < 0.85 else None
        take = played(spec, number, level, thing, temper)
        if len(take.pictures) >= 2 * RATE:
            found.append(take)
    return found


def _fitting(things: Sequence[Thing], temper: str, rng: random.Random) -> Thing:
    """Something that a player of this temper has to do with."""
    alive = [t for t in things if t.alive]
    taken = [t for t in things if t.taken]
    pools = {"shooter": alive, "coward": alive, "dodger": alive, "collector": taken, "hunter": [*alive, *taken]}
    return rng.choice(pools.get(temper) or list(things))
