"""The engine: Meta-World's tables in MuJoCo, one step and one picture at a time; no other module imports them.

Axes are those of the robot's base (REP 103): x forward, y left, z up, in metres.
"""

from __future__ import annotations

import ctypes.util
import importlib
import os
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dataclaw.errors import MissingExtraError
from dataclaw_worlds.embodied.skills import Skill

OPENING = 0.1
"""Opening of the gripper that Meta-World counts as 1 [m]."""
STEP = 0.01
"""Longest way of the hand in one step [m]."""
SETTLE = 15
"""Steps before the recording begins."""
SENSOR = 1.0
"""Largest force that the sensor of the hand measures [N]."""
_FURNITURE = frozenset({"world", "tablelink", "RetainingWall", "mocap"})
_SHAPES = {"box": "mjGEOM_BOX", "ball": "mjGEOM_SPHERE", "can": "mjGEOM_CYLINDER", "bar": "mjGEOM_CAPSULE"}

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Decoy:
    """A thing that plays no part in the episode.

    Attributes:
        shape: "box", "ball", "can" or "bar".
        at: where its middle is [m].
        size: half its width [m].
        colour: RGB, 0..1.
    """

    shape: str
    at: tuple[float, float, float]
    size: float
    colour: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class TableLook:
    """How the table is shown.

    Attributes:
        size: `(width, height)` [px].
        azimuth: where the camera looks to [degrees], 90 along the robot's forward axis.
        elevation: [degrees], negative looks down.
        distance: of the camera from the middle of the table [m].
        at: the point that it looks at [m].
        shake: how far the camera trembles [degrees].
        light: brightness of the lamps, 1 is Meta-World's own.
        table: colour that the table is tinted with (RGB, 0..1).
        thing: colour of the thing.
        wood: whether the table shows its grain.
    """

    size: tuple[int, int]
    azimuth: float
    elevation: float
    distance: float
    at: tuple[float, float, float]
    shake: float
    light: float
    table: tuple[float, float, float]
    thing: tuple[float, float, float]
    wood: bool


@dataclass(frozen=True, slots=True)
class Measurement:
    """What is measured after a step.

    Attributes:
        obs: Meta-World's own observation, for its policy.
        hand: where the hand is [m].
        opening: of the gripper [m].
        thing: where the thing is [m].
        place: where its place is, or what goal it has there [m]; None without one.
        touch: whether the hand touches the thing.
        touch_place: whether the thing touches its place.
        force: between hand and thing [N], up to the limit of the sensor.
        success: whether Meta-World counts it as done.
    """

    obs: Numbers
    hand: Numbers
    opening: float
    thing: Numbers
    place: Numbers | None
    touch: bool
    touch_place: bool
    force: float
    success: bool


def _engine() -> tuple[Any, Any]:
    """`(mujoco, metaworld.env_dict)`, drawing without a screen."""
    if not os.environ.get("MUJOCO_GL"):
        driver = next((name for name, library in (("egl", "EGL"), ("osmesa", "OSMesa"))
                       if ctypes.util.find_library(library)), "")  # fmt: skip
        if not driver:
            raise MissingExtraError("MuJoCo draws without a screen through EGL or OSMesa, and neither is installed.",
                                    remedy="Run: apt-get install libegl1 libosmesa6")  # fmt: skip
        os.environ["MUJOCO_GL"] = driver
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return importlib.import_module("mujoco"), importlib.import_module("metaworld.env_dict")
    except ImportError:
        raise MissingExtraError("The bench needs metaworld and mujoco, which are not installed.",
                                remedy='Run: pip install "dataclaw-tailor[worlds]"') from None  # fmt: skip


class RobotTable:
    """A table with a robot and a thing to do something with.

    Args:
        skill: what is to be done.
        seed: of where the thing and its goal are.
    """

    def __init__(self, skill: Skill, seed: int) -> None:
        self._mujoco, env_dict = _engine()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._env: Any = env_dict.ALL_V3_ENVIRONMENTS[f"{skill.name}-v3"]()
            policies: Any = importlib.import_module("metaworld.policies").ENV_POLICY_MAP
        self._policy: Any = policies[f"{skill.name}-v3"]()
        env = self._env
        env._freeze_rand_vec = False
        env._set_task_called = True
        env._partially_observable = False
        env.__dict__.pop("sawyer_observation_space", None)  # it was made for goals that are not shown
        env.seeded_rand_vec = True
        env.max_path_length = 10**9
        env.seed(seed)
        self._obs: Numbers = env.reset()[0]
        for _ in range(SETTLE):  # a thing that was just put there settles, and what is derived of it is up to date
            self._obs = env.step(np.array([0.0, 0.0, 0.0, -1.0]))[0]
        self._thing = self._bodies(self._root(skill.body))
        self._place = skill.place[2] if skill.place else ""
        self._placed = self._bodies(self._root(self._place)) - self._thing if self._place else set[int]()
        self._painted = self._below(skill.body)
        robot = self._bodies(self._id("base"))
        self._hand = {b for b in robot if self._name(b) != "mocap"}
        self._renderer: Any = None
        self._success = False
        goal = env._get_pos_objects()[:3] if skill.name == "pick-out-of-hole" else env._target_pos
        self._spot = _base(goal) if skill.place else None

    def measure(self) -> Measurement:
        """What is measured now."""
        env = self._env
        touch, placed, force = self._contacts()
        place = _base(env.data.body(self._place).xpos) if self._place else self._spot
        return Measurement(
            self._obs,
            _base(self._obs[:3]),
            float(self._obs[3]) * OPENING,
            _base(np.asarray(env._get_pos_objects())[:3]),
            place,
            touch,
            placed,
            force,
            self._success,
        )

    def advice(self, shift: Sequence[float] = (0.0, 0.0, 0.0)) -> Numbers:
        """What the scripted policy would do: `(dx, dy, dz, grip)`, -1..1, in Meta-World's axes.

        Args:
            shift: how far beside the thing it takes it to be [m], in Meta-World's axes.
        """
        obs = self._obs.copy()
        obs[4:7] += np.asarray(shift)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return np.clip(np.asarray(self._policy.get_action(obs), dtype=np.float64), -1.0, 1.0)

    def step(self, action: Numbers) -> Measurement:
        """Do something for one step."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._obs, _, _, _, info = self._env.step(np.clip(action, -1.0, 1.0))
        self._success = bool(info["success"])
        return self.measure()

    def pose(self) -> Numbers:
        """How everything stands now; for `put`."""
        return np.array(self._env.data.qpos, dtype=np.float64)

    def put(self, pose: Numbers) -> None:
        """Restore a pose to take a picture of it; do not measure afterwards."""
        self._env.data.qpos[:] = pose
        self._mujoco.mj_forward(self._env.model, self._env.data)

    def dress(self, look: TableLook, decoys: Sequence[Decoy]) -> None:
        """Set colours, light and camera, and add decoys."""
        mujoco, model = self._mujoco, self._env.model
        model.vis.quality.offsamples = 0
        model.vis.global_.offwidth, model.vis.global_.offheight = look.size  # all of it is cleared for every picture
        for geom in range(model.ngeom):
            body = int(model.geom_bodyid[geom])
            if body in self._painted and model.geom_rgba[geom][3] > 0:
                model.geom_matid[geom] = -1
                model.geom_rgba[geom] = [*look.thing, 1.0]
            elif self._name(body) == "tablelink" and model.geom_matid[geom] >= 0:
                model.mat_rgba[model.geom_matid[geom]] = [*look.table, 1.0]
                if not look.wood:
                    model.geom_matid[geom] = -1
                    model.geom_rgba[geom] = [*look.table, 1.0]
        model.light_diffuse[:] = np.clip(model.light_diffuse * look.light, 0.0, 1.0)
        model.vis.headlight.ambient[:] = np.clip(np.asarray(model.vis.headlight.ambient) * look.light, 0.05, 1.0)
        self._look, self._decoys = look, decoys
        try:
            self._renderer = mujoco.Renderer(model, look.size[1], look.size[0])
        except (RuntimeError, ImportError, AttributeError, mujoco.FatalError) as error:
            raise MissingExtraError(
                f"MuJoCo cannot draw through {os.environ['MUJOCO_GL']}: {error}.",
                remedy="Set MUJOCO_GL=osmesa, or run: apt-get install libegl1 libosmesa6",
            ) from None
        self._option = mujoco.MjvOption()
        self._option.sitegroup[:] = 0  # goals are drawn as sites, and nobody at a real bench sees them

    def picture(self, tremble: tuple[float, float] = (0.0, 0.0)) -> NDArray[np.uint8]:
        """What the camera sees now, `(height, width, 3)` RGB.

        Args:
            tremble: how far it is turned aside [degrees].
        """
        mujoco, renderer, look = self._mujoco, self._renderer, self._look
        camera = mujoco.MjvCamera()
        camera.type = mujoco.mjtCamera.mjCAMERA_FREE
        camera.lookat[:] = _world(look.at)
        camera.distance, camera.azimuth, camera.elevation = (
            look.distance, look.azimuth + tremble[0], look.elevation + tremble[1],
        )  # fmt: skip
        renderer.update_scene(self._env.data, camera, self._option)
        for decoy in self._decoys:
            self._put(renderer.scene, decoy)
        flags = mujoco.mjtRndFlag
        renderer.scene.flags[flags.mjRND_SHADOW] = renderer.scene.flags[flags.mjRND_REFLECTION] = 0
        return np.array(renderer.render(), dtype=np.uint8)

    def close(self) -> None:
        """Release the renderer and the environment."""
        if self._renderer is not None:
            self._renderer.close()
        self._env.close()

    def _put(self, scene: Any, decoy: Decoy) -> None:
        mujoco = self._mujoco
        kind = getattr(mujoco.mjtGeom, _SHAPES[decoy.shape])
        height = decoy.size * {"can": 1.4, "bar": 2.2}.get(decoy.shape, 1.0)
        size = np.array([decoy.size if decoy.shape != "bar" else decoy.size * 0.5, decoy.size, height])
        if decoy.shape in ("can", "bar"):
            size[1] = height
        turned = np.array([0.0, 0.0, 1.0, 0.0, 1.0, 0.0, -1.0, 0.0, 0.0]) if decoy.shape == "bar" else np.eye(3).ravel()
        mujoco.mjv_initGeom(scene.geoms[scene.ngeom], kind, size, np.array(_world(decoy.at)), turned,
                            np.array([*decoy.colour, 1.0], dtype=np.float32))  # fmt: skip
        scene.ngeom += 1

    def _contacts(self) -> tuple[bool, bool, float]:
        """Whether the hand touches the thing, whether the thing touches its place, and the force of the hand."""
        model, data = self._env.model, self._env.data
        touch = placed = False
        total = 0.0
        felt = np.zeros(6)
        for number in range(data.ncon):
            contact = data.contact[number]
            pair = {int(model.geom_bodyid[contact.geom1]), int(model.geom_bodyid[contact.geom2])}
            thing = pair & self._thing
            if thing and pair & self._hand:
                touch = True
                self._mujoco.mj_contactForce(model, data, number, felt)
                total += abs(float(felt[0]))
            placed = placed or bool(thing and pair & self._placed)
        return touch, placed, min(total, SENSOR)

    def _name(self, body: int) -> str:
        return str(self._env.model.body(body).name)

    def _id(self, name: str) -> int:
        return int(self._env.model.body(name).id)

    def _root(self, name: str) -> int:
        """The outermost body around a body, below the world."""
        parents = self._env.model.body_parentid
        body = self._id(name)
        while int(parents[body]):
            body = int(parents[body])
        return body

    def _bodies(self, root: int) -> set[int]:
        return {b for b in range(self._env.model.nbody) if self._inside(b, root)} - {
            b for b in range(self._env.model.nbody) if self._name(b) in _FURNITURE
        }

    def _below(self, name: str) -> set[int]:
        return self._bodies(self._id(name))

    def _inside(self, body: int, root: int) -> bool:
        parents = self._env.model.body_parentid
        while body and body != root:
            body = int(parents[body])
        return body == root


def _base(world: Any) -> Numbers:
    """A point of the world, whose y goes away from the robot, in the axes of the robot's base."""
    x, y, z = (float(v) for v in world)
    return np.array([y, -x, z])


def _world(base: Sequence[float]) -> tuple[float, float, float]:
    x, y, z = base
    return -y, x, z
