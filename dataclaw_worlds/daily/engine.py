"""Pictures of furnished rooms by MiniWorld; only this module imports it.

Places are those of the streams: x and y on the ground [m], z up, headings counter-clockwise from x [rad]. MiniWorld has
y up and z towards the viewer.
"""

from __future__ import annotations

import importlib
import logging
import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dataclaw.errors import MissingExtraError

log = logging.getLogger(__name__)
Colour = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Room:
    """A rectangular room: its walls [m], and what they and the floor look like."""

    x0: float
    x1: float
    y0: float
    y1: float
    wall: str = "drywall"
    floor: str = "wood"


@dataclass(frozen=True, slots=True)
class Door:
    """An opening in the wall between two rooms.

    Attributes:
        a: number of a room.
        b: number of the other, that lies east (`upright` True) or north of it.
        low: where it begins along the wall [m].
        high: where it ends.
        upright: whether the wall runs along y.
    """

    a: int
    b: int
    low: float
    high: float
    upright: bool


@dataclass(frozen=True, slots=True)
class Block:
    """A coloured box: middle of its foot, heading, and its size along, across and up [m]."""

    x: float
    y: float
    z: float
    size: tuple[float, float, float]
    colour: Colour
    heading: float = 0.0


@dataclass(frozen=True, slots=True)
class Mesh:
    """A model that comes with MiniWorld ("barrel", "office_chair", "ball_red"), with its height [m]."""

    name: str
    x: float
    y: float
    height: float
    heading: float = 0.0
    z: float = 0.0


@dataclass(frozen=True, slots=True)
class CameraPose:
    """Pose of the camera: position [m], heading [rad], pitch [degrees, up], height of the eye [m]."""

    x: float
    y: float
    heading: float
    pitch: float = 0.0
    eye: float = 1.5


class HouseStage:
    """Rooms with things in them, ready to be looked at. Close it.

    Args:
        rooms: the rooms.
        doors: the openings between them.
        fixed: what stays.
        size: `(width, height)` of the pictures [px].

    Raises:
        MissingExtraError: MiniWorld or its way to draw without a screen is not installed.
    """

    def __init__(
        self, rooms: Sequence[Room], doors: Sequence[Door], fixed: Sequence[Block | Mesh], size: tuple[int, int]
    ) -> None:
        module, entities = _engine()
        self._entities = entities

        class HouseEnv(module.MiniWorldEnv):
            def _gen_world(self) -> None:
                made = [self.add_rect_room(min_x=r.x0, max_x=r.x1, min_z=-r.y1, max_z=-r.y0, wall_tex=r.wall,
                                           floor_tex=r.floor) for r in rooms]  # fmt: skip
                for door in doors:
                    _open(made[door.a], made[door.b], door)
                for thing in fixed:
                    self.entities.append(_entity(entities, thing, static=True))
                self.agent.pos, self.agent.dir = np.array([rooms[0].x0 + 0.5, 0.0, -rooms[0].y0 - 0.5]), 0.0
                self.entities.append(self.agent)

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # gymnasium and pyglet speak of versions to come
            self._env: Any = HouseEnv(obs_width=size[0], obs_height=size[1], window_width=16, window_height=16)
        self._fixed = len(self._env.entities)

    def look(self, pose: CameraPose, loose: Sequence[Block | Mesh] = ()) -> NDArray[np.uint8]:
        """The picture `(height, width, 3)` RGB from a pose, with loose things beside the fixed ones."""
        env = self._env
        env.agent.pos, env.agent.dir = np.array([pose.x, 0.0, -pose.y]), pose.heading
        env.agent.cam_height, env.agent.cam_pitch, env.agent.cam_fwd_disp = pose.eye, pose.pitch, 0.0
        del env.entities[self._fixed :]
        env.entities += [_entity(self._entities, thing, static=False) for thing in loose]
        return np.array(env.render_obs(), dtype=np.uint8)

    def close(self) -> None:
        """Give its memory back."""
        self._env.shadow_window.close()


@cache
def _engine() -> tuple[Any, Any]:
    try:
        pyglet: Any = importlib.import_module("pyglet")
        pyglet.options["headless"] = True
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            opengl: Any = importlib.import_module("miniworld.opengl")
            opengl.print = log.debug  # it prints how many samples a pixel gets; errors are raised all the same
            return importlib.import_module("miniworld.miniworld"), importlib.import_module("miniworld.entity")
    except ImportError as error:
        raise MissingExtraError(
            f"MiniWorld cannot draw because {error}.",
            remedy='Run: pip install "dataclaw-tailor[worlds]", and install the system package libegl1.',
        ) from None


def _open(a: Any, b: Any, door: Door) -> None:
    """Cut the opening into the walls of both rooms; edges run east, north, west, south of a room's outline."""
    if door.upright:
        span = {"min_z": -door.high, "max_z": -door.low, "max_y": 2.2}
        a.add_portal(edge=0, **span)
        b.add_portal(edge=2, **span)
    else:
        span = {"min_x": door.low, "max_x": door.high, "max_y": 2.2}
        a.add_portal(edge=1, **span)
        b.add_portal(edge=3, **span)


def _entity(entities: Any, thing: Block | Mesh, *, static: bool) -> Any:
    if isinstance(thing, Mesh):
        made = entities.MeshEnt(thing.name, thing.height, static=static)
        made.pos = np.array([thing.x, thing.z, -thing.y])
    else:
        made = _box(entities)(thing, static)
        made.pos = np.array([thing.x, thing.z, -thing.y])
    made.dir = thing.heading
    return made


@cache
def _box(entities: Any) -> Any:
    """MiniWorld's box in any colour and size, with its heading."""

    class Coloured(entities.Box):
        def __init__(self, block: Block, static: bool) -> None:
            along, across, up = block.size
            super().__init__("grey", size=np.array([along, up, across]))
            self._colour, self._static = block.colour, static

        def randomize(self, params: object, rng: object) -> None:  # noqa: ARG002 - MiniWorld's own signature
            self.color_vec = np.array(self._colour)

        @property
        def color_vec(self) -> NDArray[np.float64]:
            return np.array(self._colour)

        @color_vec.setter
        def color_vec(self, value: object) -> None:
            del value

        @property
        def is_static(self) -> bool:
            return self._static

    return Coloured


def towards(x: float, y: float, to_x: float, to_y: float) -> float:
    """Heading from one place to another [rad]."""
    return math.atan2(to_y - y, to_x - x)
