"""Do the samples of the embodied domain agree with what is known about real robots and cameras?

The references are read here straight from the files, without our loaders: task texts of LeRobot and of the raw bytes of
TFRecords, gripper commands of robosuite with h5py, poses with NumPy, the paper's case with its reference.

Run: python benchmarks/agreement_embodied.py [FOLDER]   (default: the sample data beside the checkout)
"""

from __future__ import annotations

import json
import re
import struct
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import av
import h5py
import numpy as np
from PIL import Image
from rapidfuzz import fuzz
from rosbags.highlevel import AnyReader

from benchmarks.rows import Row, Sample, row_of, samples_of, table
from dataclaw import tailor
from dataclaw.streams import discover

INTENTS = {
    "fault_recovery": "This is a robot manipulation video. Help me construct embodied decision and world-model "
    "training data from it.",
    "describe_subtask": "describe the current subtask",
    "predict_next_primary_subtask": "predict the next primary subtask",
    "interleaved_tutorial": "an interleaved tutorial of this",
    "action_trajectory": "the dense action trajectory of this",
}
FAMILIES = ("approach stall", "hesitation loop", "unstable grasp", "early stagnation")
NEAR_S, NEAR_M, MOVED_M = 0.3, 0.02, 0.01
OPEN, SHUT, AT_REST = 0.9, 0.15, 0.02
"""Shares of a gripper that is open, nearly closed, and by which it changes at rest."""
Measure = Callable[[Sequence[tuple[str, Sample]]], tuple[str, str]]
"""From `(source, sample)` pairs to `(truth, agreement)`."""


def rows(data: Path) -> Iterator[Row]:
    """Every embodied source and the paper's case, with every task."""
    embodied = data / "embodied"
    sources: dict[Path, dict[str, Measure]] = {
        embodied / "unitree_g1_lerobot_v21": dict.fromkeys(INTENTS, lerobot_task(embodied / "unitree_g1_lerobot_v21")),
        embodied / "bridge_rlds_debug": dict.fromkeys(INTENTS, bridge_task(embodied / "bridge_rlds_debug")),
        embodied / "robosuite_hdf5": {"action_trajectory": grasps_in_states},
        embodied / "evo_trajectories": {"action_trajectory": distances},
        embodied / "rosbag1_tilt_laser": {"describe_subtask": turns},
        data / "paper_cases" / "embodied_recovery": {"fault_recovery": case_reference},
    }
    for source, measures in sources.items():
        for task, intent in INTENTS.items():
            yield measured(source, task, intent, measures.get(task))
    yield families(embodied / "unitree_g1_lerobot_v21")
    bridge = embodied / "bridge_rlds_debug"
    row = measured(bridge, "action_trajectory", INTENTS["action_trajectory"], grasps_at_rest(bridge))
    yield replace(row, source=f"{row.source} (grasps)")


def measured(source: Path, task: str, intent: str, measure: Measure | None) -> Row:
    """Run a task over a source and compare what came out."""
    roots = [str(root) for root in discover([source])]
    outcomes = list(tailor(roots, intent, domain="embodied", task=task))
    samples = [(o.source, s) for o in outcomes for s in o.samples]
    truth, agreement = measure(samples) if measure and samples else ("", "")
    return row_of(f"{source.parent.name}/{source.name}", f"embodied.{task}", outcomes, truth, agreement)


def families(source: Path) -> Row:
    """How many of the four families each episode gives when it is asked for by name."""
    roots = [str(root) for root in discover([source])]
    intents = [f"a {family} with its recovery" for family in FAMILIES]
    outcomes = [o for intent in intents for o in tailor(roots, intent, domain="embodied", task="fault_recovery")]
    made = Counter(str(s["data"]["family"]["name"]) for s in samples_of(outcomes))
    found = ", ".join(f"{n} {name}" for name, n in made.items())
    source_said = "embodied/unitree_g1_lerobot_v21 (each family asked for)"
    return row_of(source_said, "embodied.fault_recovery", outcomes, "", f"made: {found}")


def lerobot_task(folder: Path) -> Measure:
    """The task text of the data set, which every question must quote."""
    texts = [json.loads(line)["task"] for line in (folder / "meta" / "tasks.jsonl").read_text().splitlines()]
    return quoted(lambda _: texts[0], "task text of meta/tasks.jsonl")


def bridge_task(folder: Path) -> Measure:
    """The language instruction, found in the raw bytes of the record of that number."""
    pattern = re.compile(rb"steps/language_instruction\x12.*?([a-z][a-z ]{7,})", re.DOTALL)
    wanted = [pattern.search(record) for record in raw_records(folder)]
    texts = [match[1].decode() if match else "" for match in wanted]
    return quoted(lambda source: texts[int(source.rpartition("#")[2])], "language_instruction in the raw record")


def raw_records(folder: Path) -> list[bytes]:
    """The records of TFRecord files, as bytes."""
    records: list[bytes] = []
    for path in sorted(folder.rglob("*.tfrecord*")):
        raw, at = path.read_bytes(), 0
        while at < len(raw):
            (length,) = struct.unpack_from("<Q", raw, at)
            records.append(raw[at + 12 : at + 12 + length])
            at += 16 + length
    return records


def quoted(text_of: Callable[[str], str], truth: str) -> Measure:
    """Share of the questions that quote the instruction of their episode."""

    def measure(samples: Sequence[tuple[str, Sample]]) -> tuple[str, str]:
        right = sum(
            bool(text_of(source)) and text_of(source).rstrip(".") in sample["question"] for source, sample in samples
        )
        return truth, f"{right} of {len(samples)} questions quote it"

    return measure


def grasps_in_states(samples: Sequence[tuple[str, Sample]]) -> tuple[str, str]:
    """Grasps that are told against the closings (`gripper_actuations` rises) after which the cube moves 0.01 m."""
    told = true = both = 0
    for source, sample in samples:
        path, _, index = source.partition("#")
        with h5py.File(path) as file:
            demo = [file["data"][name] for name in sorted(file["data"])][int(index or 0)]
            if "gripper_actuations" not in demo:
                continue
            states, command = np.array(demo["states"]), np.array(demo["gripper_actuations"]).ravel()
        times, cube = states[:, 0] - states[0, 0], states[:, 11:14]  # time, 8 joints, 2 fingers, the cube
        edges = [*(np.flatnonzero(np.diff(command)) + 1), len(command)]
        held = [times[a] for a, b in pairwise(edges) if command[a] > command[a - 1]
                and np.linalg.norm(cube[b - 1] - cube[a]) >= MOVED_M]  # fmt: skip
        spans = grasps_told(sample)
        told, true = told + len(spans), true + len(held)
        both += sum(any(t0 - NEAR_S <= t <= t1 + NEAR_S for t0, t1 in spans) for t in held)
    return "closings after which the cube moves", f"precision {both} of {told}, recall {both} of {true}"


def grasps_told(sample: Sample) -> list[tuple[float, float]]:
    """Spans of the lines that say that something is grasped."""
    lines = sample["answer"].split("\n\n")
    rows = sample["data"]["segments"]
    return [(row["t0"], row["t1"]) for line, row in zip(lines, rows, strict=True) if re.search(r"\bgrasps\b", line)]


def grasps_at_rest(folder: Path) -> Measure:
    """Grasps that are told against the grippers that come to rest neither open nor closed, in the raw records."""

    def measure(samples: Sequence[tuple[str, Sample]]) -> tuple[str, str]:
        states = [gripper_states(record) for record in raw_records(folder)]
        told = true = both = doubtful = 0
        for source, sample in samples:
            grip = states[int(source.rpartition("#")[2])]
            rests = grip[0] > OPEN and grip[-1] < OPEN and abs(grip[-1] - grip[-2]) < AT_REST
            doubtful += bool(rests and grip[-1] <= SHUT)
            held, says = rests and grip[-1] > SHUT, bool(grasps_told(sample))
            told, true, both = told + says, true + held, both + (says and held)
        said = f"precision {both} of {told} ({doubtful} of the others at rest nearly closed), recall {both} of {true}"
        return "grippers at rest between open and closed in the raw record", said

    return measure


def gripper_states(record: bytes) -> np.ndarray:
    """The gripper of each step: the last of seven packed floats of `steps/observation/state`."""
    at = record.index(b"steps/observation/state")
    start = record.index(b"\x0a\x98\x02", at) + 3  # field 1, 280 bytes: ten steps of seven floats
    return np.frombuffer(record[start : start + 280], dtype="<f4").reshape(10, 7)[:, 6]


def turns(samples: Sequence[tuple[str, Sample]]) -> tuple[str, str]:
    """What is told of a turn against the angle about y of the transforms, followed from row to row."""
    ((source, sample),) = samples
    angles: list[float] = []
    with AnyReader([Path(source)]) as bag:
        wanted = [connection for connection in bag.connections if connection.topic == "/tf"]
        for connection, _, raw in bag.messages(connections=wanted):
            moved = bag.deserialize(raw, connection.msgtype).transforms
            turned = [t.transform.rotation for t in moved if t.child_frame_id.endswith("tilt_axis")]
            angles += [2 * np.arctan2(rotation.y, rotation.w) for rotation in turned]
    way = np.degrees(np.unwrap(angles, period=2 * np.pi))
    said = re.search(r"turns (\d+) degrees about ([+-]?\w)", sample["answer"])
    words = f"told {said[1]} degrees about {said[2]}" if said else "no turn told"
    return "angle about y of /tf, row by row", f"{words}; recorded {way[-1] - way[0]:+.0f} degrees about y"


def distances(samples: Sequence[tuple[str, Sample]]) -> tuple[str, str]:
    """Net distances of segments against the poses of the text files; of an estimate also against the ground truth."""
    near = total = 0
    against: list[float] = []
    for source, sample in samples:
        if not source.endswith(".txt"):
            continue
        poses = np.loadtxt(source)
        truth = np.loadtxt(Path(source).parent / "freiburg1_xyz-groundtruth.txt")
        for row in sample["data"]["segments"]:
            own = displacement(poses, poses[0, 0] + row["t0"], poses[0, 0] + row["t1"])
            total += 1
            near += abs(float(np.linalg.norm(own)) - row["moved"]) <= NEAR_M
            if source.endswith("rgbdslam.txt"):
                real = displacement(truth, poses[0, 0] + row["t0"], poses[0, 0] + row["t1"])
                against.append(abs(float(np.linalg.norm(real)) - row["moved"]))
    said = f"{near} of {total} distances within {NEAR_M} m of the file's own poses"
    if against:
        said += (
            f"; rgbdslam against motion capture: median error {np.median(against):.3f} m over {len(against)} segments"
        )
    return "poses read with NumPy; motion capture", said


def displacement(poses: np.ndarray, t0: float, t1: float) -> np.ndarray:
    """Change of the position between the rows nearest to two times."""
    first, last = (int(np.argmin(np.abs(poses[:, 0] - t))) for t in (t0, t1))
    return poses[last, 1:4] - poses[first, 1:4]


def case_reference(samples: Sequence[tuple[str, Sample]]) -> tuple[str, str]:
    """The paper's case: family, question, answer, recalled picture."""
    ((source, sample),) = samples
    folder = Path(source)
    reference = json.loads((folder / "case.json").read_text())["reference"]
    answer = re.sub(r"<[a-z_]+>", "", sample["answer"])
    with av.open(str(folder / reference["output_video"])) as film:
        frames = [f.to_ndarray(format="rgb24") for f in film.decode(video=0)]
    recalled = np.asarray(Image.open(folder / reference["recall_image"]).convert("RGB").resize((640, 480)), dtype=int)
    best = int(np.argmin([np.abs(recalled - frame).mean() for frame in frames]))
    anchors = sample["anchors"].values()
    clip = next(a for a in anchors if a["kind"] == "clip" and a["attrs"].get("freeze_frame") is not None)
    share = (sample["output_image"][0] - clip["attrs"]["start"]) / (clip["attrs"]["end"] - clip["attrs"]["start"])
    ours = clip["t0"] + share * (clip["t1"] - clip["t0"])
    said = [
        f"family {'the same' if sample['data']['family']['name'] == reference['task_family'] else 'another'}",
        f"question {fuzz.ratio(sample['question'], reference['question']):.0f} of 100 alike",
        f"answer holds {fuzz.token_set_ratio(answer, reference['answer']):.0f} of 100 of the reference's words",
        f"recalled picture at {ours:.1f} s, the reference's at {best / 30:.1f} s",
    ]
    return "case.json and e1.webp", "; ".join(said)


def main() -> None:
    """Print the table."""
    default = Path(__file__).parents[2] / "shared" / "data"
    print(table(rows(Path(sys.argv[1]) if len(sys.argv) > 1 else default)))


if __name__ == "__main__":
    main()
