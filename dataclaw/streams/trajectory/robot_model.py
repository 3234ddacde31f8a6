"""Where a robot's hands are: forward kinematics of a URDF or MuJoCo model that lies beside the joints' values.

A model is a tree of bodies, each fixed to the one before it or moved by a joint. A hand is where a chain of at least
three recorded joints ends; its place is told in the frame of the robot's base, x forward, y left, z up.
Sources: URDF specification (ROS), "joint" and "link"; MuJoCo documentation, "XML reference".
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException
from numpy.typing import NDArray

from dataclaw.streams.identity import derived_id
from dataclaw.streams.trajectory.mujoco import read_model
from dataclaw.streams.trajectory.numbers import is_measured
from dataclaw.streams.values import LEAST, list_of, object_of
from dataclaw.types import Series, Stream

Numbers: TypeAlias = NDArray[np.float64]

MAX_BODIES = 2_000
MAX_FILES = 1_000
CHAIN = 3
"""Fewest joints between a base and a hand."""
TURNS = 8.0
"""Values beyond this are no radians."""
_FINGER = re.compile(r"gripper|finger|thumb|jaw|claw|knuckle|hand(?!le)", re.IGNORECASE)
_TIP = re.compile(r"grip_?site|grasp|tcp|tool|ee(f|_|$)|end_?effector|(?<![a-z])hand|gripper", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ModelBody:
    """A body of a robot, or a marked point on one.

    Attributes:
        name: its name.
        parent: index of the body it is fixed to, -1 for the world.
        place: where it is on its parent at rest [m].
        turn: `(3, 3)` how it is turned there.
        joint: name of the joint that moves it, "" where it is fixed.
        kind: "hinge" or "slide".
        axis: unit vector of that joint, in the body's own frame.
        anchor: a point on that axis, in the body's own frame [m].
        limits: ends of the joint's range [rad or m], or None.
    """

    name: str
    parent: int
    place: Numbers
    turn: Numbers
    joint: str = ""
    kind: str = ""
    axis: Numbers = field(default_factory=lambda: np.array([0.0, 0.0, 1.0]))
    anchor: Numbers = field(default_factory=lambda: np.zeros(3))
    limits: tuple[float, float] | None = None


def read_bodies(text: str) -> list[ModelBody]:
    """The bodies of a model, parents first; [] for a text that is no model, or one with joints that cannot be read."""
    try:
        root: Any = ElementTree.fromstring(text) if text else None
        if root is None:
            return []
        bodies = list(_urdf(root) if root.tag == "robot" else _mjcf(root) if root.tag == "mujoco" else [])
    except (ElementTree.ParseError, DefusedXmlException, ValueError, RecursionError):
        return []
    return bodies if len(bodies) <= MAX_BODIES else []


def _urdf(root: Any) -> Iterator[ModelBody]:
    joints = root.findall("joint")
    children: dict[str, list[Any]] = {}
    for joint in joints[:MAX_BODIES]:
        children.setdefault(_link(joint, "parent"), []).append(joint)
    inner = {_link(joint, "child") for joint in joints}
    index = {name: k for k, name in enumerate(n for n in children if n not in inner)}
    yield from (ModelBody(name, -1, np.zeros(3), np.eye(3)) for name in index)
    waiting = list(index)
    while waiting:
        parent = waiting.pop(0)
        for joint in children.pop(parent, []):
            child = _link(joint, "child")
            index[child] = len(index)
            waiting.append(child)
            yield _urdf_body(joint, child, index[parent])


def _link(joint: Any, which: str) -> str:
    node = joint.find(which)
    return "" if node is None else node.get("link", "")


def _urdf_body(joint: Any, name: str, parent: int) -> ModelBody:
    origin, axis, limit = joint.find("origin"), joint.find("axis"), joint.find("limit")
    place = _vector(origin, "xyz", (0, 0, 0))
    roll, pitch, yaw = _vector(origin, "rpy", (0, 0, 0))
    turn = _about((0, 0, 1), yaw) @ _about((0, 1, 0), pitch) @ _about((1, 0, 0), roll)
    kind = {"revolute": "hinge", "continuous": "hinge", "prismatic": "slide"}.get(joint.get("type", ""), "")
    moved = kind and joint.find("mimic") is None
    span = None
    if limit is not None and limit.get("lower") is not None and limit.get("upper") is not None:
        ends = np.array([float(limit.get("lower")), float(limit.get("upper"))])
        span = (float(ends[0]), float(ends[1])) if is_measured(ends) else None
    return ModelBody(name, parent, place, turn, joint.get("name", "") if moved else "", kind if moved else "",
                     _unit(_vector(axis, "xyz", (1, 0, 0))), limits=span)  # fmt: skip


def _mjcf(root: Any) -> Iterator[ModelBody]:
    compiler = root.find("compiler")
    radian = compiler is not None and compiler.get("angle", "degree") == "radian"
    scale = 1.0 if radian else math.pi / 180
    classes = _classes(root.find("default"), {})
    world = root.find("worldbody")
    tops: list[Any] = [] if world is None else world.findall("body")
    waiting: list[tuple[Any, int, str]] = [(body, -1, "") for body in reversed(tops)]
    count = 0
    while waiting:
        node, parent, inherited = waiting.pop()
        own = node.get("childclass", inherited)
        at, turn = _vector(node, "pos", (0, 0, 0)), _turn(node, scale)
        joints = node.findall("joint")
        for number, joint in enumerate(joints or [None]):
            fixed = (at, turn) if number == 0 else (np.zeros(3), np.eye(3))
            defaults: Mapping[str, str] = {} if joint is None else _defaults(classes, joint, own)
            yield _mjcf_body(node.get("name", ""), parent, fixed, joint, defaults, scale)
            parent, count = count, count + 1
        for site in node.findall("site"):
            yield ModelBody(site.get("name", ""), parent, _vector(site, "pos", (0, 0, 0)), np.eye(3))
            count += 1
        waiting += [(child, parent, own) for child in reversed(node.findall("body"))]


def _mjcf_body(
    name: str, parent: int, fixed: tuple[Numbers, Numbers], joint: Any, defaults: Mapping[str, str], scale: float
) -> ModelBody:
    if joint is None:
        return ModelBody(name, parent, *fixed)
    said = {**defaults, **joint.attrib}
    kind = said.get("type", "hinge")
    if kind not in ("hinge", "slide"):
        return ModelBody(name, parent, *fixed)
    axis, anchor = _numbers(said.get("axis", "0 0 1"), 3), _numbers(said.get("pos", "0 0 0"), 3)
    unit = scale if kind == "hinge" else 1.0
    low_high = _numbers(said["range"], 2) * unit if "range" in said else None
    return ModelBody(name, parent, *fixed, said.get("name", ""), kind, _unit(axis), anchor,
                     None if low_high is None else (float(low_high[0]), float(low_high[1])))  # fmt: skip


def _classes(node: Any, inherited: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """What joints of each default class say, what the classes around it say included."""
    if node is None:
        return {}
    joint = node.find("joint")
    own: dict[str, str] = {**inherited, **({} if joint is None else joint.attrib)}
    found: dict[str, dict[str, str]] = {node.get("class", "main"): own}
    for inner in node.findall("default"):
        found |= _classes(inner, own)
    return found


def _defaults(classes: Mapping[str, Mapping[str, str]], joint: Any, inherited: str) -> Mapping[str, str]:
    return classes.get(joint.get("class", inherited) or "main", classes.get("main", {}))


def _turn(node: Any, scale: float) -> Numbers:
    if node.get("quat"):
        w, x, y, z = _numbers(node.get("quat"), 4)
        length = math.sqrt(w * w + x * x + y * y + z * z)
        if length == 0:
            raise ValueError("a null quaternion")
        angle = 2 * math.acos(max(-1.0, min(1.0, w / length)))
        return _about((x, y, z), angle) if abs(x) + abs(y) + abs(z) > 0 else np.eye(3)
    if node.get("euler"):
        a, b, c = _numbers(node.get("euler"), 3) * scale
        return _about((1, 0, 0), a) @ _about((0, 1, 0), b) @ _about((0, 0, 1), c)
    if node.get("axisangle"):
        x, y, z, angle = _numbers(node.get("axisangle"), 4)
        return _about((x, y, z), angle * scale)
    if any(node.get(other) for other in ("xyaxes", "zaxis")):
        raise ValueError("an orientation that is not read")
    return np.eye(3)


def _vector(node: Any, key: str, default: Sequence[float]) -> Numbers:
    said = None if node is None else node.get(key)
    return np.array(default, dtype=np.float64) if said is None else _numbers(said, 3)


def _numbers(text: str, count: int) -> Numbers:
    found = np.array([float(word) for word in re.sub(r"[\[\],]", " ", text).split()])
    if len(found) != count or not is_measured(found):
        raise ValueError(f"{count} numbers are needed")
    return np.where(np.abs(found) < LEAST, 0.0, found)


def _unit(axis: Numbers) -> Numbers:
    length = float(np.linalg.norm(axis))
    if length == 0:
        raise ValueError("a joint without an axis")
    return axis / length


def _about(axis: Sequence[float] | Numbers, angle: float | Numbers) -> Numbers:
    """`(..., 3, 3)` rotation about an axis by an angle or angles [rad] (Rodrigues)."""
    x, y, z = _unit(np.asarray(axis, dtype=np.float64))
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    turned = np.asarray(angle, dtype=np.float64)[..., None, None]
    return np.eye(3) + np.sin(turned) * cross + (1 - np.cos(turned)) * (cross @ cross)


def with_model(stream: Stream, text: str) -> Stream:
    """The stream with what a model of its robot says: places of hands as series with a role, ends of joints' ranges.

    `meta["derived"]` names the series that were computed. A stream that records a hand's place keeps it; one whose
    joints the model does not name stays as it is.
    """
    roles = dict(object_of(stream.meta.get("roles")))
    hands = {} if roles.get("position") else hand_series(text, stream.series)
    limits = joint_limits(text, stream.series)
    if not hands and not any(limits.values()):
        return stream
    roles["position"] = [*list_of(roles.get("position")), *([name, ["x", "y", "z"]] for name in hands)]
    meta = {**stream.meta, "roles": roles, "limits": limits, "derived": list(hands)}
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return replace(stream, id=derived_id(stream.id, digest), series={**stream.series, **hands}, meta=meta)


def model_beside(path: Path) -> str:
    """The text of the only robot model beside a data set; "" where there is none, or more than one.

    Looked for are `*.urdf` and MuJoCo's `*.xml` in its folder and the folders meta, models, urdf and assets in it.
    """
    folder = path if path.is_dir() else path.parent
    found: list[str] = []
    for place in (folder, *(folder / name for name in ("meta", "models", "urdf", "assets"))):
        if not place.is_dir() or place.is_symlink():
            continue
        names = sorted(f for f in islice(place.iterdir(), MAX_FILES) if f.suffix.lower() in (".urdf", ".xml", ".mjcf"))
        found += [text for file in names if not file.is_symlink() and _is_model(text := read_model(file))]
    return found[0] if len(found) == 1 else ""


def _is_model(text: str) -> bool:
    return "<mujoco" in text[:4000] or "<robot" in text[:4000]


def hand_series(text: str, series: Mapping[str, Series]) -> dict[str, Series]:
    """The places of a model's hands `kinematics/...` [m], one series each, from the first series that names its joints.

    Args:
        text: a URDF or MuJoCo model.
        series: the numbers of the stream.
    """
    bodies = read_bodies(text)
    for one in series.values():
        columns = {_plain(name): k for k, name in enumerate(one.columns) if one.units[k] in ("rad", "m", "")}
        joints = {k: columns[_plain(b.joint)] for k, b in enumerate(bodies) if b.joint and _plain(b.joint) in columns}
        ends = _hand_ends(bodies, joints)
        if ends and _are_radians(one, bodies, joints):
            return {name: _place_series(name, one, bodies, joints, tip) for name, tip in _names(bodies, ends).items()}
    return {}


def joint_limits(text: str, series: Mapping[str, Series]) -> dict[str, dict[str, list[float]]]:
    """Ends of the ranges of a model's joints, by series and column."""
    ranges = {_plain(b.joint): list(b.limits) for b in read_bodies(text) if b.joint and b.limits}
    return {one.name: {name: ranges[_plain(name)] for name in one.columns if _plain(name) in ranges}
            for one in series.values()}  # fmt: skip


def _plain(name: str) -> str:
    """A joint's name without what data sets and models write around it."""
    bare = re.sub(r"^k(?=[A-Z])", "", name.rpartition("/")[2]).lower()
    short = re.sub(r"joint(?=\W|_|$)|(?<=[\d_.])pos(?:ition)?$|[^a-z0-9]", "", bare)
    return short if re.search("[a-z]", short) else bare


def _hand_ends(bodies: Sequence[ModelBody], joints: Mapping[int, int]) -> list[int]:
    """The last joint of each chain of recorded joints, fingers left out."""
    arms = {k: sum(a in joints and not _is_finger(bodies[a]) for a in _above(bodies, k)) for k in joints
            if not _is_finger(bodies[k])}  # fmt: skip
    inner = {a for k in arms for a in _above(bodies, k) if a != k}
    whole = [k for k in arms if arms[k] >= CHAIN and k not in inner]
    return [k for k in whole if all(not bodies[a].joint or a in joints for a in _above(bodies, k))]


def _is_finger(body: ModelBody) -> bool:
    return bool(_FINGER.search(body.joint))


def _above(bodies: Sequence[ModelBody], at: int) -> list[int]:
    """A body and all that it hangs on."""
    found: list[int] = []
    while at >= 0 and len(found) <= len(bodies):
        found.append(at)
        at = bodies[at].parent
    return found


def _are_radians(series: Series, bodies: Sequence[ModelBody], joints: Mapping[int, int]) -> bool:
    hinges = [column for k, column in joints.items() if bodies[k].kind == "hinge"]
    return float(np.nanmax(np.abs(series.values[:, hinges]), initial=0.0)) <= TURNS


def _names(bodies: Sequence[ModelBody], ends: Sequence[int]) -> dict[str, int]:
    """A name for each hand and the body that is its point: a marked tip, the root of its fingers, or its last body."""
    found: dict[str, int] = {}
    for end in ends:
        sides = [m[0].lower() for k in _above(bodies, end) if (m := re.search("left|right", bodies[k].joint, re.I))]
        side = sides[0] if sides else ""
        name = f"kinematics/{side}_hand" if side and len(ends) > 1 else "kinematics/hand"
        below = [k for k in range(len(bodies)) if end in _above(bodies, k)]
        fingers = [bodies[k].parent for k in below if _is_finger(bodies[k])]
        tips = [k for k in below if _TIP.search(bodies[k].name) and not bodies[k].joint]
        found.setdefault(name, max(tips, key=lambda k: len(_above(bodies, k)), default=(fingers or [end])[0]))
    return found


def _place_series(
    name: str, source: Series, bodies: Sequence[ModelBody], joints: Mapping[int, int], tip: int
) -> Series:
    places = np.zeros((len(source.times), 3))
    turns = np.tile(np.eye(3), (len(source.times), 1, 1))
    chain = _above(bodies, tip)[::-1]
    for at in chain:
        body = bodies[at]
        if at != chain[0]:  # the base's own place in a scene is no motion of the robot
            places = places + turns @ body.place
            turns = turns @ body.turn
        if at in joints:
            values = source.values[:, joints[at]]
            if body.kind == "slide":
                places = places + turns @ body.axis * values[:, None]
            else:
                turned = turns @ _about(body.axis, values)
                places = places + turns @ body.anchor - turned @ body.anchor
                turns = turned
    return Series(name, source.times, places, ("x", "y", "z"), ("m", "m", "m"), source.every)
