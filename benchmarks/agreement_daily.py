"""Do the samples of the daily domain agree with the tables and poses that they are made from?

Narrations are given to the planner, so agreement with them says that nothing was lost, moved or turned round on the
way, not that anything was recognised. The tables are read here straight from the files (csv, json), the poses with
NumPy, without our loaders. Clips whose file name is their label (cake, yoga, pancake) have no narration: there the
check is that no sample names an activity at all, and so none that contradicts the label.

Run: python benchmarks/agreement_daily.py [FOLDER]   (default: the sample data beside the checkout)
"""

from __future__ import annotations

import csv
import json
import math
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.rows import Row, Sample, row_of, samples_of, table
from dataclaw import tailor

INTENTS = {
    "procedural_tutorial": "write a step by step tutorial of this",
    "contextual_qa": "ask 6 questions about this",
    "temporal_qa": "ask 6 questions about when and in which order things happen",
    "vln_navigation": "a navigation instruction for the way that was walked",
}
SAMPLED = 20
"""Videos taken from a table of many, besides the longest and the shortest."""
EXACT = 0.02
"""Times are the same within this [s]: samples round to hundredths."""


def rows(data: Path) -> Iterator[Row]:
    """Every daily source with every task, and the ways of the embodied pose files."""
    daily = data / "daily"
    yield from _tables(daily / "epic_kitchens_100/EPIC_100_validation.csv", epic_truth)
    yield from _tables(daily / "ego4d_goalstep/goalstep_valid.json", goal_step_truth)
    captions = json.loads((daily / "mixkit_kitchen/captions.json").read_text())["captions"]
    for name in ("mixkit_kitchen", "pancake", "mmaction2_clips", "askanything_clips"):
        for task in INTENTS:
            yield _clips(daily / name, task, captions)
    for name in ("evo_trajectories", "rosbag1_tilt_laser"):
        yield _ways(data / "embodied" / name)


Truth = dict[str, list[dict[str, Any]]]
"""Told rows by video: `{t0, t1, text, relevant}`, in order of time."""


def epic_truth(path: Path) -> Truth:
    """EPIC-KITCHENS narrations, in the order in which the videos first appear."""
    found: Truth = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            told = {"t0": clock(row["start_timestamp"]), "t1": clock(row["stop_timestamp"]), "text": row["narration"]}
            found.setdefault(row["video_id"], []).append({**told, "relevant": True})
    return found


def goal_step_truth(path: Path) -> Truth:
    """Ego4D Goal-Step segments of both levels."""
    found: Truth = {}
    for video in json.loads(path.read_text())["videos"]:
        told = found[video["video_uid"]] = []
        waiting = list(video["segments"])
        while waiting:
            node = waiting.pop(0)
            waiting += node.get("segments", [])
            relevant = node.get("is_relevant") not in {"irrelevant", "unsure"}
            told.append({"t0": node["start_time"], "t1": node["end_time"], "text": node["step_description"],
                         "relevant": relevant})  # fmt: skip
    return found


def clock(text: str) -> float:
    hours, minutes, seconds = text.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)


def _tables(path: Path, read: Callable[[Path], Truth]) -> Iterator[Row]:
    truth = read(path)
    names = list(truth)
    by_length = sorted(names, key=lambda name: len(truth[name]))
    chosen = {*names[:: max(1, len(names) // SAMPLED)], by_length[0], by_length[-1]}
    paths = [f"{path}#{index}" for index, name in enumerate(names) if name in chosen]
    source = f"daily/{path.parent.name}"
    for task, intent in INTENTS.items():
        outcomes = tailor(paths, intent, domain="daily", task=task)
        samples = samples_of(outcomes)
        measured = MEASURES[task](samples, truth)
        yield row_of(
            source, f"daily.{task}", outcomes, f"{len(names)} videos narrated by people, given as input", measured
        )


def cited_rows(sample: Sample, truth: Truth) -> list[dict[str, Any] | None]:
    """For each narration that the sample cites, the table's row with its text and times; None where there is none."""
    found: list[dict[str, Any] | None] = []
    for anchor in sample["anchors"].values():
        if anchor["kind"] != "event":
            continue
        text = plain(anchor["attrs"]["text"])
        fits = (r for r in truth[sample["stream"]["name"]] if plain(r["text"]) == text and close(r, anchor))
        found.append(next(fits, None))
    return found


def close(row: Mapping[str, Any], anchor: Mapping[str, Any]) -> bool:
    return abs(row["t0"] - anchor["t0"]) <= EXACT and row["t1"] - anchor["t1"] >= -EXACT


def plain(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text).strip().casefold()


def tutorials(samples: Sequence[Sample], truth: Truth) -> str:
    """Narrations that are in the table, relevant ones accounted for, irrelevant ones kept, steps in order."""
    rows_ok = rows_all = relevant = accounted = kept_irrelevant = ordered = steps = twice = 0
    for sample in samples:
        found = cited_rows(sample, truth)
        rows_ok, rows_all = rows_ok + sum(r is not None for r in found), rows_all + len(found)
        told = truth[sample["stream"]["name"]]
        relevant += sum(r["relevant"] for r in told)
        used = {i for pointer, ids in sample["evidence"].items() if pointer.startswith("/answer") for i in ids}
        dropped = sample["left_out"]["by_reason"]
        lost = dropped.get("not_mentioned", 0)
        accounted += max(0, sum(r["relevant"] for r in told) - lost)
        cited = [a for name, a in sample["anchors"].items() if name in used and a["kind"] == "event"]
        kept_irrelevant += sum(
            not r["relevant"]
            for r in told
            if any(close(r, a) and plain(r["text"]) == plain(a["attrs"]["text"]) for a in cited)
        )
        times = [step["t0"] for step in sample["data"]["steps"]]
        steps += len(times)
        twice += len(times) - len({plain(re.sub(r"^\d+\. ", "", part)) for part in sample["answer_parts"]})
        ordered += times == sorted(times)
    return (
        f"{rows_ok} of {rows_all} cited narrations stand in the table with their times; {accounted} of {relevant} "
        f"relevant ones are in a step or left out by name, {kept_irrelevant} irrelevant ones in a step; {steps} steps, "
        f"in order in {ordered} of {len(samples)} tutorials, {twice} told twice"
    )


def contexts(samples: Sequence[Sample], truth: Truth) -> str:
    """Narrations that are in the table; kinds of questions; counts that the table confirms."""
    found = [row for sample in samples for row in cited_rows(sample, truth)]
    kinds = Counter(item["kind"] for sample in samples for item in sample["data"]["items"])
    counts = right = nexts = soon = 0
    for sample in samples:
        for item, answer in zip(sample["data"]["items"], sample["answer_parts"], strict=True):
            if item["kind"] == "next":
                one, other = following(sample, item)
                nexts, soon = nexts + 1, soon + (-0.5 - EXACT <= other["t0"] - one["t1"] <= 1.0 + EXACT)
            if item["kind"] == "count":
                said = int(re.search(r"(\d+) times", answer)[1])  # type: ignore[index]
                told = truth[sample["stream"]["name"]]
                texts = Counter(words(r["text"]) for r in told)
                counts, right = counts + 1, right + (said in texts.values())
    said = ", ".join(f"{kind} {count}" for kind, count in kinds.most_common())
    return (
        f"{sum(r is not None for r in found)} of {len(found)} cited narrations stand in the table with their times; "
        f"{right} of {counts} counts are those of a narration in the table; {soon} of {nexts} things done right "
        f"after begin within 1 s; questions: {said}"
    )


def following(sample: Sample, item: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The two narrations that a question about what comes next cites, in order of time."""
    place = f"/data/items/{sample['data']['items'].index(item)}/"
    pointer = next(p for p in sample["evidence"] if p.startswith(place))
    return sorted((sample["anchors"][name] for name in sample["evidence"][pointer]), key=lambda a: a["t0"])


def words(text: str) -> frozenset[str]:
    return frozenset(re.sub(r"(ing|s|es)$", "", w) for w in plain(text).split() if w not in {"the", "a", "an"})


def times(samples: Sequence[Sample], truth: Truth) -> str:
    """Spans against the table, orders against the table."""
    spans: list[float] = []
    orders = right = 0
    for sample in samples:
        told = truth[sample["stream"]["name"]]
        for item, line, answer in _questions(sample):
            if item["kind"] == "localise":
                said = [float(v) for v in re.findall(r"\d+\.\d+", answer)][:2]
                spans.append(max(iou(said, (row["t0"], row["t1"])) for row in told))
            elif item["kind"] in {"order", "first"}:
                orders += 1
                right += in_order(item, line, answer, sample)
    mean = sum(spans) / len(spans) if spans else math.nan
    return f"{len(spans)} spans, mean IoU with the table {mean:.3f} (given); {right} of {orders} orders are the table's"


def _questions(sample: Sample) -> Iterator[tuple[dict[str, Any], str, str]]:
    lines = re.split(r"(?m)^\d+\. ", sample["question"])
    lines = lines[1:] if len(lines) > 1 else lines
    yield from zip(sample["data"]["items"], lines, sample["answer_parts"], strict=True)


def iou(a: Sequence[float], b: Sequence[float]) -> float:
    shared = min(a[1], b[1]) - max(a[0], b[0])
    union = max(a[1], b[1]) - min(a[0], b[0])
    return max(0.0, shared) / union if union > 0 else 0.0


def in_order(item: Mapping[str, Any], line: str, answer: str, sample: Sample) -> bool:
    """Whether the labels follow the times of the narrations whose words they have."""
    del line
    pointer = next(
        p for p, _ in sample["evidence"].items() if p.startswith(f"/data/items/{sample['data']['items'].index(item)}/")
    )
    anchors = sorted((sample["anchors"][i] for i in sample["evidence"][pointer]), key=lambda a: a["t0"])
    said = re.sub(r"^(?:\d+\. )?(?:[A-F, ]+: first )?", "", answer)
    first = words(said.split(", then")[0])
    scores = [len(first & words(a["attrs"]["text"])) for a in anchors]
    return scores[0] == max(scores)


def nothing_walked(samples: Sequence[Sample], truth: Truth) -> str:
    """Tables without poses give no ways."""
    del truth
    return f"{len(samples)} ways" if samples else ""


MEASURES: Mapping[str, Callable[[Sequence[Sample], Truth], str]] = {
    "procedural_tutorial": tutorials,
    "contextual_qa": contexts,
    "temporal_qa": times,
    "vln_navigation": nothing_walked,
}


def _clips(folder: Path, task: str, captions: Mapping[str, str]) -> Row:
    outcomes = tailor(folder, INTENTS[task], domain="daily", task=task)
    samples = samples_of(outcomes)
    own = {name: text for name, text in captions.items() if (folder / name).exists()}
    if own:
        said = (
            [(part, own[s["stream"]["name"]]) for s in samples for part in s["answer_parts"]]
            if task == "contextual_qa"
            else []
        )
        inside = sum(words(re.sub(r"^\d+\. ", "", part)) <= words(caption) for part, caption in said)
        agreement = f"{inside} of {len(said)} answers are made of the caption's words alone" if said else ""
        return row_of(
            f"daily/{folder.name}",
            f"daily.{task}",
            outcomes,
            "one caption a clip, given",
            agreement or _frames(samples),
        )
    return row_of(f"daily/{folder.name}", f"daily.{task}", outcomes, "file names are labels", _frames(samples))


LABELS = re.compile(r"\b(?:cake|yoga|pancake|wrestl|make-?up|cook|bak|exercis|flip)\w*", re.IGNORECASE)


def _frames(samples: Sequence[Sample]) -> str:
    """Orders of frames by their times, and that nothing is said of what is done."""
    orders = right = named = 0
    for sample in samples:
        text = f"{sample['question']} {sample['answer']}"
        named += bool(LABELS.search(text))
        for item in sample["data"]["items"]:
            if item["kind"] == "frame_order":
                frames = [sample["input_image"][int(label[1:]) - 1] for label in item["order"]]
                orders, right = orders + 1, right + (frames == sorted(frames))
    if not samples:
        return ""
    return f"{right} of {orders} frame orders are those of the recording; {named} samples name an activity"


def _ways(folder: Path) -> Row:
    outcomes = tailor(folder, INTENTS["vln_navigation"], domain="daily", task="vln_navigation")
    samples = samples_of(outcomes)
    parts = [_way(folder / s["stream"]["name"], s) for s in samples]
    return row_of(
        f"embodied/{folder.name}", "daily.vln_navigation", outcomes, "poses, read with NumPy", "; ".join(parts)
    )


def _way(path: Path, sample: Sample) -> str:
    """Walk the actions and compare with the poses: how far every corner is off, how long the way is."""
    poses = poses_of(path)
    place, heading, length = np.zeros(2), 0.0, 0.0
    walked, truth = [place], [poses[0, 1:3]]
    for at, action in enumerate(sample["data"]["actions"]):
        if action["action"] == "FORWARD":
            place = place + action["amount"] * np.array([math.cos(heading), math.sin(heading)])
            length += action["amount"]
            (name,) = sample["evidence"][f"/data/actions/{at}/amount"]
            end = poses[0, 0] + sample["anchors"][name]["t1"]
            walked.append(place)
            truth.append(np.array([np.interp(end, poses[:, 0], poses[:, k]) for k in (1, 2)]))
        elif action["action"] != "STOP":
            heading += math.radians(action["amount"]) * (1 if action["action"] == "TURN_LEFT" else -1)
    off = aligned(np.array(walked), np.array(truth))
    gone = float(np.linalg.norm(np.diff(poses[:, 1:3], axis=0), axis=1).sum())
    return (
        f"{path.name}: {len(walked) - 1} legs, {length:.1f} m of the {gone:.1f} m gone; executed, the corners are off "
        f"by {off.mean():.2f} m on average and {off.max():.2f} m at most"
    )


def poses_of(path: Path) -> np.ndarray:
    """`(rows, 4)` time [s] and position [m]: of a TUM file, or of the transform that goes farthest in a bag."""
    if path.suffix == ".txt":
        return np.loadtxt(path)[:, :4]
    from rosbags.highlevel import AnyReader
    from rosbags.typesys import Stores, get_typestore

    tracks: dict[tuple[str, str], list[list[float]]] = {}
    with AnyReader([path], default_typestore=get_typestore(Stores.ROS2_HUMBLE)) as reader:
        for connection, stamp, raw in reader.messages(c for c in reader.connections if c.topic == "/tf"):
            for one in reader.deserialize(raw, connection.msgtype).transforms:
                at, key = one.transform.translation, (one.header.frame_id, one.child_frame_id)
                tracks.setdefault(key, []).append([stamp / 1e9, at.x, at.y, at.z])
    ways = [np.array(track) for track in tracks.values()]
    return max(ways, key=lambda way: np.linalg.norm(np.diff(way[:, 1:], axis=0), axis=1).sum())


def aligned(walked: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Distances [m] of corners after the best rotation about the start (Kabsch 1976, in the plane)."""
    a, b = walked - walked[0], truth - truth[0]
    angle = math.atan2(float((a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]).sum()), float((a * b).sum()))
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    return np.linalg.norm(a @ turn.T - b, axis=1)


def main() -> None:
    data = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1].parent / "shared/data"
    print(table(rows(data)))


if __name__ == "__main__":
    main()
