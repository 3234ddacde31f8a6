"""A player in a map of ViZDoom, seen from his eyes: the one module that calls the engine, which has no types."""

from __future__ import annotations

import contextlib
import importlib
import math
import tempfile
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from dataclaw.errors import MissingExtraError

WIDTH, HEIGHT = 320, 240
TICS = 4
"""Steps of the engine (35 a second) from one picture to the next."""
_LIGHT = (255.0 * (np.arange(256) / 255.0) ** 0.7).round().astype(np.uint8)
"""Recorded light by rendered light: the engine's rooms are darker than people set their screens."""
SOFT = 0.8
"""Standard deviation of the blur of recorded pictures [px]."""
YAW = 5.5
"""Angle that a player turns from one picture to the next [degrees]."""
RATE = 35.0 / TICS
"""Pictures a second."""
BUTTONS = (
    "MOVE_FORWARD", "MOVE_BACKWARD", "MOVE_LEFT", "MOVE_RIGHT", "TURN_LEFT", "TURN_RIGHT", "ATTACK", "SPEED",
)  # fmt: skip
_TURN = "TURN_LEFT_RIGHT_DELTA"
_BODY = "DoomPlayer"


@dataclass(frozen=True, slots=True)
class GameView:
    """What the engine shows and knows at a moment.

    Attributes:
        picture: `(240, 320, 3)` RGB.
        boxes: `(x, y, width, height)` [px] of each thing in view, by its number.
        there: numbers of all things in the map.
        open: depth straight ahead, 0 (a wall) to 255.
        kills: how many enemies the player has killed.
        place: `(x, y)` of the player [map units].
        facing: direction of the player's eyes [degrees, counterclockwise from the map's east].
        places: `(x, y)` of each thing in the map, by its number [map units].
    """

    picture: NDArray[np.uint8]
    boxes: dict[int, tuple[int, int, int, int]]
    there: frozenset[int]
    open: float
    kills: int
    place: tuple[float, float]
    facing: float
    places: dict[int, tuple[float, float]]

    def bearing(self, target: int) -> float | None:
        """The angle from the view's middle to a thing [degrees right, -180 to 180]; None if the thing has gone."""
        if target not in self.places:
            return None
        x, y = self.places[target]
        angle = math.degrees(math.atan2(y - self.place[1], x - self.place[0]))
        return (self.facing - angle + 180.0) % 360.0 - 180.0


class ArenaGame:
    """A running game. Call `close` when done.

    Args:
        level: `<wad>/<map>`.
        seed: seed of the engine's random numbers.
    """

    def __init__(self, level: str, seed: int) -> None:
        engine = _engine()
        self._game: Any = engine.DoomGame()
        game, (wad, _, name) = self._game, level.partition("/")
        game.set_doom_game_path(str(Path(str(engine.__file__)).parent / wad))
        game.set_doom_map(name)
        game.set_seed(seed)
        game.set_window_visible(False)
        game.set_render_hud(False)
        game.set_render_weapon(False)  # a weapon hangs in front of the view and hides how it moves
        game.set_screen_resolution(engine.ScreenResolution.RES_640X480)
        game.set_screen_format(engine.ScreenFormat.RGB24)
        game.set_labels_buffer_enabled(True)
        game.set_objects_info_enabled(True)
        game.set_depth_buffer_enabled(True)
        game.set_available_buttons([getattr(engine.Button, b) for b in (*BUTTONS, _TURN)])
        variables = ("KILLCOUNT", "POSITION_X", "POSITION_Y", "ANGLE")
        game.set_available_game_variables([getattr(engine.GameVariable, v) for v in variables])
        game.set_doom_skill(1)
        game.set_episode_timeout(35 * 300)
        game.set_mode(engine.Mode.PLAYER)
        game.add_game_args("+sv_cheats 1")
        game.init()
        self._seen: GameView | None = None

    def close(self) -> None:
        """End the game."""
        self._game.close()

    def command(self, words: str) -> None:
        """Send a command to the engine's console ("summon Demon"); it takes effect with the next step."""
        self._game.send_game_command(words)

    def step(self, buttons: Sequence[str] = (), turn: float = 0.0, tics: int = TICS) -> None:
        """Hold buttons for some tics. A turn button turns by `YAW`; `turn` [degrees to the right] is added to it."""
        self._seen = None
        turn += YAW * (("TURN_RIGHT" in buttons) - ("TURN_LEFT" in buttons))
        pressed = [float(name in buttons and not name.startswith("TURN")) for name in BUTTONS]
        self._game.make_action([*pressed, turn], tics)

    @property
    def over(self) -> bool:
        """Whether the level has ended."""
        return bool(self._game.is_episode_finished())

    def look(self) -> GameView:
        """What the engine shows now."""
        self._seen = self._seen or self._look()
        return self._seen

    def _look(self) -> GameView:
        state = self._game.get_state()
        depth: NDArray[np.uint8] = state.depth_buffer
        kills, x, y, facing = (float(v) for v in state.game_variables)
        return GameView(
            picture=_soften(state.screen_buffer),
            boxes={
                int(e.object_id): (int(e.x) // 2, int(e.y) // 2, int(e.width) // 2, int(e.height) // 2)
                for e in state.labels
                if e.object_name != _BODY and e.width > 2 and e.height > 2
            },
            there=frozenset(int(e.id) for e in state.objects if not str(e.name).startswith(("Dead", "Blood"))),
            open=float(np.median(depth[200:300, 240:400])),
            kills=int(kills),
            place=(x, y),
            facing=facing,
            places={int(e.id): (float(e.position_x), float(e.position_y)) for e in state.objects},
        )

    def newest(self, name: str) -> int | None:
        """Number of the newest thing of a class; None if the map has none."""
        found = [int(e.id) for e in self._game.get_state().objects if e.name == name]
        return max(found, default=None)


def _soften(screen: Any) -> NDArray[np.uint8]:
    """The screen as a camera would record it: half as large and a little soft."""
    small = cv2.resize(np.asarray(screen, dtype=np.uint8), (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    soft = np.asarray(cv2.GaussianBlur(small, (0, 0), SOFT), dtype=np.uint8)
    return _LIGHT[soft]


@contextlib.contextmanager
def open_game(level: str, seed: int) -> Generator[ArenaGame]:
    """Start a game in a working directory of its own, because the engine writes its settings there."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        game = ArenaGame(level, seed)
        try:
            yield game
        finally:
            game.close()


def _engine() -> Any:
    try:
        return importlib.import_module("vizdoom")
    except ImportError:
        raise MissingExtraError(
            "The arena is played in ViZDoom, which is not installed.", remedy='pip install "dataclaw-tailor[worlds]"'
        ) from None
