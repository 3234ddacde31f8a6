"""Hands of robots by their models: places worked out by hand, and the recorded cube that a real hand closed on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dataclaw.streams import open_stream
from dataclaw.streams.trajectory.robot_model import hand_series, joint_limits, model_beside, with_model
from dataclaw.types import Series
from tests.tools.motions import series, trajectory

SHARED = Path(__file__).parents[4] / "shared" / "data" / "embodied"
T = np.linspace(0.0, 1.0, 5)
URDF = """<robot name="arm">
  <joint name="lift_joint" type="prismatic"><parent link="base"/><child link="a"/><origin xyz="0 0 0.5"/>
    <axis xyz="0 0 1"/><limit lower="0" upper="0.8"/></joint>
  <joint name="shoulder_joint" type="revolute"><parent link="a"/><child link="b"/><axis xyz="0 0 1"/>
    <limit lower="-2" upper="2"/></joint>
  <joint name="elbow_joint" type="revolute"><parent link="b"/><child link="c"/><origin xyz="1 0 0"/><axis xyz="0 0 1"/>
    <limit lower="-2" upper="2"/></joint>
  <joint name="wrist_joint" type="revolute"><parent link="c"/><child link="d"/><origin xyz="1 0 0"/><axis xyz="1 0 0"/>
    <limit lower="-2" upper="2"/></joint>
  <joint name="tip" type="fixed"><parent link="d"/><child link="tcp"/><origin xyz="0.5 0 0"/></joint>
</robot>"""
MJCF = """<mujoco><compiler angle="degree"/>
  <default><joint axis="0 0 1"/><default class="tilt"><joint axis="1 0 0"/></default></default>
  <worldbody><body name="table" pos="3 3 0"/>
  <body name="base" pos="7 7 7" euler="0 0 90"><body pos="0 0 0.5"><joint name="lift" type="slide" range="0 0.8"/>
    <body><joint name="shoulder" range="-90 90"/><body pos="1 0 0"><joint name="elbow"/>
      <body pos="1 0 0"><joint name="wrist" class="tilt"/><site name="grip_site" pos="0.5 0 0"/>
    </body></body></body></body></body></worldbody></mujoco>"""
JOINTS = {"lift": np.linspace(0, 0.2, 5), "shoulder": np.linspace(0, np.pi / 2, 5), "elbow": 0.0,
          "wrist": np.linspace(0, 1, 5)}  # fmt: skip


@pytest.mark.parametrize("model", [URDF, MJCF])
def test_the_place_of_a_hand_is_that_of_its_chain(model: str) -> None:
    found = hand_series(model, {"state": series("state", T, JOINTS)})
    places = found["kinematics/hand"].values
    assert places[0] == pytest.approx([2.5, 0, 0.5])  # stretched out forward, in the frame of the base
    assert places[-1] == pytest.approx([0, 2.5, 0.7])  # a quarter to the left, and lifted
    assert found["kinematics/hand"].units == ("m", "m", "m")


def test_the_ends_of_joints_are_those_of_the_model() -> None:
    limits = joint_limits(MJCF, {"state": series("state", T, JOINTS)})["state"]
    assert limits["lift"] == pytest.approx([0, 0.8])
    assert limits["shoulder"] == pytest.approx([-np.pi / 2, np.pi / 2])
    assert joint_limits(URDF, {"state": series("state", T, {"lift": T})})["state"]["lift"] == [0, 0.8]


@pytest.mark.parametrize(
    "columns",
    [
        {k: v for k, v in JOINTS.items() if k != "elbow"},  # a joint of the chain is not recorded
        {k: np.asarray(v) * 180 / np.pi for k, v in JOINTS.items()},  # degrees that nobody calls so
        {"a": T, "b": T, "c": T},
    ],
)
def test_where_a_chain_is_not_recorded_there_is_no_hand(columns: dict[str, object]) -> None:
    assert hand_series(URDF, {"state": series("state", T, columns)}) == {}


NO_MODELS = ["", "<html/>", "<robot>", "<mujoco><worldbody/></mujoco>", URDF.replace("0 0 0.5", "x"),
             '<!DOCTYPE r [<!ENTITY e "x">]><robot>&e;</robot>']  # fmt: skip


@pytest.mark.parametrize("text", NO_MODELS)
def test_what_is_no_model_gives_nothing(text: str) -> None:
    assert hand_series(text, {"state": series("state", T, JOINTS)}) == {}


def test_a_recorded_place_is_kept_and_a_computed_one_is_named() -> None:
    plain = trajectory(series("state", T, JOINTS), roles={"state": ["state"]})
    found = with_model(plain, URDF)
    assert found.meta["derived"] == ["kinematics/hand"]
    assert found.id != plain.id
    placed = replace(plain, meta={"roles": {"state": ["state"], "position": [["state", ["lift"]]]}})
    assert with_model(placed, URDF).meta["derived"] == []


def test_the_only_model_beside_the_data_counts(tmp_path: Path) -> None:
    assert model_beside(tmp_path) == ""
    (tmp_path / "urdf").mkdir()
    (tmp_path / "urdf" / "arm.urdf").write_text(URDF)
    (tmp_path / "package.xml").write_text("<package/>")
    assert model_beside(tmp_path) == URDF
    (tmp_path / "other.xml").write_text(MJCF)
    assert model_beside(tmp_path) == ""


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="no sample data")
@pytest.mark.parametrize("demo", [0, 1])
def test_a_real_hand_is_where_the_cube_is_that_it_lifts(demo: int) -> None:
    stream = open_stream(str(SHARED / "robosuite_hdf5" / "SawyerLift" / f"demo.hdf5#{demo}"))
    hand, states = stream.series["kinematics/hand"], stream.series["states"]
    base = np.array([0.0, 0.0, 0.913])
    cube = states.values[-1, [states.columns.index(f"cube_{axis}") for axis in "xyz"]] - base
    assert np.linalg.norm(hand.values[-1] - cube) < 0.02


def test_joints_of_one_name_in_several_spellings() -> None:
    spelled: dict[str, object] = dict(
        zip(("kLift", "shoulder.pos", "/elbow_joint", "Wrist"), JOINTS.values(), strict=True)
    )
    one: Series = series("observation.state", T, spelled)
    assert list(hand_series(URDF, {"observation.state": one})) == ["kinematics/hand"]


def test_numbers_are_no_names_of_joints() -> None:
    numbered = series("state", T, {str(k): np.asarray(v) for k, v in enumerate(JOINTS.values())})
    model = URDF
    for k, name in enumerate(JOINTS):
        model = model.replace(f"{name}_joint", f"joint_{k + 1}")
    assert hand_series(model, {"state": numbered}) == {}
