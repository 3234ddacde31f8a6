"""Do the samples of the aigc domain agree with the files, pictures and clips that they are made from?

The truth is read here straight from the files, without our loaders and tools: OTIO as JSON, edit decision lists and
darktable histories with regular expressions, graphs from the PNG text chunk with Pillow, captions and instructions as
JSON. Where no file says it, a person looked: the changed regions of the three edited pictures, the frames of the
damaged clip and the clips whose camera stands still are constants below. Of drawn recordings the camera is known.

Run: python benchmarks/agreement_aigc.py [FOLDER]   (default: the sample data beside the checkout)
"""

from __future__ import annotations

import json
import re
import sys
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.rows import Row, Sample, file_of, row_of, samples_of, table
from dataclaw import tailor
from dataclaw.streams import open_stream
from dataclaw.tools import ToolContext, builtin
from dataclaw.types import Stream

INTENTS = {
    "video_generation_segment": "find a visually dynamic segment for video generation",
    "world_model_transition": "what happens next, as data for a world model",
    "edit_instruction": "instruction editing data: before, after, instruction and what changed",
    "edit_plan": "edit plan of this, in order, with all times and parameters",
}
REGIONS = {
    "0002.jpg": (0, 455, 850, 1360),  # the jacket, from the collar down to the hem at the lower edge
    "0003.png": (0, 0, 681, 975),  # drawn anew all over
    "0004.jpg": (122, 1136, 812, 1290),  # the word TRAIN with its shadow
}
"""What was changed in each pair of Step1X-Edit, drawn by eye over both pictures [px]; the same in both languages."""
WORDS = {"0004.jpg": ("TRAIN", "PLANE")}
"""Words that the eye reads before and after."""
DAMAGED = {"arm_wrestling_demo.mp4": (229 / 28, 267 / 28)}
"""Garbled pictures, seen by eye frame by frame [s]."""
STILL = (
    "askanything_clips/yoga.mp4", "mmaction2_clips/test.avi", "pancake/flipping_a_pancake.mkv",
    "mixkit_kitchen/mixkit-pastry-chef-cutting-a-loaf-into-slices-43015-medium.gif",
)  # fmt: skip
"""Clips whose camera stands on something, seen by eye."""
SURE = 0.5
"""Least confidence of motion that counts as said."""
RATES = {"25fps.edl": 25.0, "timecode_mismatch.edl": 25.0}
"""Frame rates that the names or the people who wrote the lists say; the others are film, 24 [1/s]."""


@dataclass
class Operation:
    """An operation of the truth: its name, and as far as the file says them its times [s] and parameters."""

    name: str
    times: dict[str, float] = field(default_factory=dict)
    parameters: dict[str, str] = field(default_factory=dict)
    enabled: bool = True


def rows(data: Path) -> Iterator[Row]:
    """Every source of edits and cuts, the daily clips and the paper's recordings, with every task that reads them."""
    aigc = data / "aigc"
    yield plans("otio_timelines", aigc, otio_operations)
    yield plans("edl_cmx3600", aigc, edl_operations)
    for name, read in (("comfyui_workflows", graph_operations), ("darktable_history", history_operations)):
        yield plans(name, aigc, read)
        yield edits(name, aigc, read)
    yield pairs(aigc / "step1x_edit")
    clips = [data / "daily" / name for name in ("askanything_clips", "mmaction2_clips", "pancake", "mixkit_kitchen")]
    cases = [data / "paper_cases" / name for name in ("education_geometry", "embodied_recovery")]
    for source in [*clips, *cases]:
        for task in ("video_generation_segment", "world_model_transition"):
            yield films(source, task)
    yield films(data / "embodied/unitree_g1_lerobot_v21", "world_model_transition")
    yield cameras(data / "daily")


def cameras(daily: Path) -> Row:
    """What the camera does, said for sure, as a share of the time: clips by eye, and recordings drawn here."""
    still = [share_of(open_stream(daily / name), "static") for name in STILL]
    drawn = {name: share_of(drawn_stream(draw), name) for name, draw in DRAWN.items()}
    said = f"stands still for {min(still):.0%} to {max(still):.0%} of the time in {len(still)} clips; drawn: "
    said += ", ".join(f"{name} {share:.0%}" for name, share in drawn.items())
    count = len(still) + len(drawn)
    return Row("clips and drawn recordings", "track_motion", count, count, 0, 0, "", "by eye; known where drawn", said)


def share_of(stream: Stream, camera: str) -> float:
    """Share of the time in which the camera is said to do this, of that for which anything is said for sure."""
    found = builtin()["track_motion"](ToolContext(stream, (0.0, stream.duration)), {}).anchors
    spans = [(a.t1 - a.t0, a.attrs["camera"] == camera) for a in found if a.confidence >= SURE]
    return sum(length for length, right in spans if right) / max(1e-9, sum(length for length, _ in spans))


@dataclass(frozen=True)
class Drawn:
    """A recording of three seconds that is computed from time."""

    draw: Callable[[float], Any]
    size: tuple[int, int] = (320, 240)
    rate: float = 30.0
    times: Sequence[float] = tuple(k / 6 for k in range(18))

    def read(self, indices: Sequence[int]) -> list[Any]:
        return [self.draw(self.times[i]) for i in indices]

    def clip(self, t0: float, t1: float) -> Iterator[tuple[float, Any]]:
        times = (k / self.rate for k in range(90))
        yield from ((t, self.draw(t)) for t in times if t0 - 1e-6 <= t <= t1 + 1e-6)


def drawn_stream(draw: Callable[[float], Any]) -> Stream:
    name = draw.__name__
    return Stream(f"{zlib.crc32(name.encode()):016x}", "video", name, "", "drawn", 3.0, frames=Drawn(draw))


LAND = np.kron(np.random.default_rng(7).integers(60, 200, (60, 240)), np.ones((8, 8))).astype(np.uint8)


def shown(picture: Any) -> Any:
    return np.stack([np.clip(picture, 0, 255).astype(np.uint8)] * 3, axis=-1)


def drawn_rest(t: float) -> Any:
    """A square crosses a still ground."""
    picture = LAND[:240, :320].copy()
    picture[90:140, round(20 + 80 * t) : round(70 + 80 * t)] = 250
    return shown(picture)


def drawn_turn(t: float) -> Any:
    """A player turns; the marks of the game rest."""
    picture = LAND[100:340, round(400 * t) : round(400 * t) + 320].copy()
    picture[200:236, 60:260] = np.kron(np.arange(10) * 20, np.ones((36, 20)))
    return shown(picture)


def drawn_drive(t: float) -> Any:
    """A car drives at 15 m/s; far hills and its bonnet rest."""
    x, y = np.meshgrid((np.arange(320) - 160) / 256, (np.arange(240) - 120) / 256)
    depth = np.where(y > 0.02, 1.3 / np.maximum(y, 0.02), 0.0)
    grain = LAND[np.floor((depth + 15 * t) * 16).astype(int) % 480, np.floor((x * depth + 40) * 16).astype(int) % 1920]
    picture = np.where(y > 0.02, 120 + (grain - 130.0) * np.exp(-depth / 12), 205.0)
    picture[106:124] = LAND[:18, :320]
    picture[210:, 40:280] = 40
    return shown(picture)


DRAWN = {"static": drawn_rest, "pan right": drawn_turn, "forward": drawn_drive}
"""Recordings by what their camera does."""


def otio_operations(path: Path) -> list[Operation]:
    """Clips, gaps, transitions and markers of a document, with source times.

    The end of a clip inside a composition with a range of its own is left open: that range may cut it shorter.
    """
    found: list[Operation] = []
    waiting: list[tuple[Any, bool]] = [(json.loads(path.read_text()), False)]
    while waiting:
        node, inner = waiting.pop()
        if isinstance(node, list):
            waiting += [(item, inner) for item in node]
            continue
        if not isinstance(node, dict):
            continue
        kind = str(node.get("OTIO_SCHEMA", "")).split(".")[0]
        if kind in {"Clip", "Gap", "Transition", "Marker"}:
            times = otio_times(node.get("source_range") if kind == "Clip" else None)
            if inner:
                times.pop("source_out", None)
            found.append(Operation(str(node.get("name") or ""), times))
        cuts = inner or (kind == "Stack" and bool(node.get("source_range")))
        waiting += [(v, cuts) for k, v in node.items() if k not in {"media_reference", "media_references"}]
    return found


def otio_times(span: Any) -> dict[str, float]:
    if not span:
        return {}
    start, length = span["start_time"], span["duration"]
    begin = start["value"] / start["rate"]
    return {"source_in": begin, "source_out": begin + length["value"] / length["rate"]}


EVENT = re.compile(
    r"^(\d{3,})\s+(\S+)\s+\S+\s+([CDWK]\S*)\s+(?:\d+\s+)?(\d\d:\d\d:\d\d:\d\d)\s+(\d\d:\d\d:\d\d:\d\d)"
    r"\s+(\d\d:\d\d:\d\d:\d\d)\s+(\d\d:\d\d:\d\d:\d\d)", re.MULTILINE,
)  # fmt: skip


def edl_operations(path: Path) -> list[Operation]:
    """Cuts of a list that last longer than nothing, with their times; record times from the first one's start.

    What goes on from the frame at which a dissolve or wipe of the same reel ends belongs to that.
    """
    rate = RATES.get(path.name, 24.0)
    lines: list[list[float]] = []
    before = ("", "")
    for match in EVENT.finditer(path.read_text()):
        reel, edit = match.groups()[1:3]
        codes = [timecode(v, rate) for v in match.groups()[3:]]
        if lines and edit == "C" and before == (reel, "D") and lines[-1][1::2] == codes[::2]:
            lines[-1][1::2] = codes[1::2]
        else:
            lines.append(codes)
        before = (reel, edit[0])
    start = min(line[2] for line in lines)
    names = ("source_in", "source_out", "record_in", "record_out")
    found = [dict(zip(names, [*line[:2], line[2] - start, line[3] - start], strict=True)) for line in lines]
    return [Operation("", times) for times in found if times["record_out"] > times["record_in"]]


def timecode(text: str, rate: float) -> float:
    hours, minutes, seconds, frames = map(int, text.split(":"))
    return hours * 3600 + minutes * 60 + seconds + frames / rate


def graph_operations(path: Path) -> list[Operation]:
    """Nodes of a graph: the executed form out of a PNG, the editor's out of a JSON file (notes are no nodes)."""
    if path.suffix == ".json":
        nodes = json.loads(path.read_text())["nodes"]
        return [Operation(n["type"]) for n in nodes if n["type"] not in {"Note", "MarkdownNote", "Reroute"}]
    with Image.open(path) as picture:
        graph = json.loads(picture.text["prompt"])  # type: ignore[attr-defined]
    values = [{k: v for k, v in n["inputs"].items() if not is_link(v) and k != BUTTON} for n in graph.values()]
    return [
        Operation(node["class_type"], parameters={key: text_of(value) for key, value in given.items()})
        for node, given in zip(graph.values(), values, strict=True)
    ]


BUTTON = "choose file to upload"
"""The label of a button that the editor stores beside the inputs."""


def is_link(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and isinstance(value[0], str) and isinstance(value[1], int)


def text_of(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


STEP = re.compile(r"<rdf:li\b[^>]*?/>|<rdf:li\b[^>]*?>", re.DOTALL)


def history_operations(path: Path) -> list[Operation]:
    """Steps of a darktable history; `enabled` is false for those switched off or beyond `history_end`."""
    text = path.read_text()
    end = int(re.search(r'history_end="(\d+)"', text)[1])  # type: ignore[index]
    found: list[Operation] = []
    for element in STEP.findall(text):
        said = dict(re.findall(r'darktable:(\w+)="([^"]*)"', element))
        if "operation" in said:
            off = said.get("enabled") == "0" or int(said.get("num", len(found))) >= end
            found.append(Operation(said["operation"], enabled=not off))
    return found


Read = Callable[[Path], list[Operation]]


def plans(name: str, aigc: Path, read: Read) -> Row:
    """`edit_plan` of every file of a folder against the operations read from it."""
    outcomes = tailor(aigc / name, INTENTS["edit_plan"], domain="aigc", task="edit_plan")
    found = total = dropped = clips = sourced = 0
    off: list[float] = []
    values = right = 0
    for sample in samples_of(outcomes):
        truth = read(file_of(sample))
        told = sample["answer" if "data" not in sample else "data"]["operations"]
        found += common(told, truth)
        total += len(truth)
        dropped += sum(sample["left_out"]["by_reason"].values())
        off += times_off(told, truth, sample)
        clips += sum(o["kind"] == "clip" for o in told)
        sourced += sum(o["kind"] == "clip" and {"source_in", "source_out"} <= set(o) for o in told)
        values, right = values + sum(len(o.parameters) for o in truth), right + parameters_right(told, truth)
    said = f"{found} of {total} operations of the files are told, {dropped} are left out by name"
    said += f"; {sourced} of {clips} clips with their source and its in and out" if clips else ""
    said += f"; {len(off)} times, at most {max(off):.2f} frames off" if off else ""
    said += f"; {right} of {values} parameters are the file's" if values else ""
    return row_of(f"aigc/{name}", "aigc.edit_plan", outcomes, "the file itself, read without our loaders", said)


def common(told: Sequence[Mapping[str, Any]], truth: Sequence[Operation]) -> int:
    """Operations of the truth that are told, by name; of lists without names by the number of clips."""
    if truth and not any(o.name for o in truth):
        return min(len(truth), sum(o["kind"] == "clip" for o in told))
    names = Counter(o["name"] for o in told)
    return sum((names & Counter(o.name for o in truth)).values())


def times_off(told: Sequence[Mapping[str, Any]], truth: Sequence[Operation], sample: Sample) -> list[float]:
    """For each time of a clip that is told, how far it is from the truth's [frames].

    The truth is the clip of that name (any, in lists without names) whose times together are the nearest: one clip, so
    that times swapped between two would show.
    """
    rate = RATES.get(sample["stream"]["name"], 24.0)
    off: list[float] = []
    for operation in told:
        if operation["kind"] != "clip" or operation.get("speed", 1.0) != 1.0:
            continue
        fits = [o.times for o in truth if o.times and o.name in {"", operation["name"]}]
        gaps = [[abs(t - operation[name]) * rate for name, t in times.items() if name in operation] for times in fits]
        off += min(gaps, key=sum, default=[])
    return off


def parameters_right(told: Sequence[Mapping[str, Any]], truth: Sequence[Operation]) -> int:
    """Parameters of the truth that stand with a node of that class, with equal value."""
    there = Counter((o["name"], p["name"], p["value"]) for o in told for p in o.get("parameters", []))
    wanted = Counter((o.name, k, cut(v)) for o in truth for k, v in o.parameters.items())
    return sum((there & wanted).values())


def cut(text: str) -> str:
    """A value as long as samples carry it."""
    return text if len(text) <= 600 else f"{text[:599]}…"


def edits(name: str, aigc: Path, read: Read) -> Row:
    """`edit_instruction` of graphs and histories: the operations in force, and the prompt's words."""
    outcomes = tailor(aigc / name, INTENTS["edit_instruction"], domain="aigc", task="edit_instruction")
    found = total = prompts = quoted = 0
    for sample in samples_of(outcomes):
        truth = [o for o in read(file_of(sample)) if o.enabled]
        told = [o for o in sample["data"]["operations"] if not o["name"].startswith("change ")]
        names = Counter(o["name"] for o in told)
        found, total = found + sum((names & Counter(o.name for o in truth)).values()), total + len(truth)
        words = [o.parameters.get("text", "").strip() for o in truth if "TextEncode" in o.name]
        if any(words):
            prompts += 1
            quoted += sample["data"]["instruction"]["text"] in words
    said = f"{found} of {total} operations in force are told"
    said += f"; {quoted} of {prompts} instructions are a prompt of the file, word for word" if prompts else ""
    return row_of(f"aigc/{name}", "aigc.edit_instruction", outcomes, "the file itself, read without our loaders", said)


def pairs(folder: Path) -> Row:
    """Instructions word for word; changed regions against the boxes drawn by eye; words read in them."""
    outcomes = tailor(folder, INTENTS["edit_instruction"], domain="aigc", task="edit_instruction")
    prompts = {lang: json.loads((folder / f"prompt_{lang}.json").read_text()) for lang in ("en", "cn")}
    quoted = 0
    overlaps: list[str] = []
    read: list[bool] = []
    for sample in samples_of(outcomes):
        name, lang = re.fullmatch(r"(\S+) \((\w+)\)", sample["stream"]["name"]).groups()  # type: ignore[union-attr]
        quoted += sample["data"]["instruction"]["text"] == prompts[lang][name].strip()
        boxes = [o["region"] for o in sample["data"]["operations"] if "region" in o]
        overlaps.append(f"{name[:4]} {lang} {iou(around(boxes), REGIONS[name]):.2f}")
        if name in WORDS:
            read.append(all(f'"{word}"' in sample["answer"] for word in WORDS[name]))
    count = len(overlaps)
    said = (
        f"{quoted} of {count} instructions word for word; region against the box drawn by eye (IoU): "
        f"{', '.join(overlaps)}; {sum(read)} of {len(read)} changed words read"
    )
    return row_of(
        "aigc/step1x_edit", "aigc.edit_instruction", outcomes, "instructions given; regions and words by eye", said
    )


Box = Sequence[float]


def around(boxes: Sequence[Box]) -> Box:
    return [min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes)]


def iou(a: Box, b: Box) -> float:
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    shared = max(0.0, width) * max(0.0, height)
    areas = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (a, b))
    return shared / (areas - shared)


def films(source: Path, task: str) -> Row:
    """Clips clear of the damage seen by eye, spans that follow each other, captions word for word."""
    outcomes = tailor(source, INTENTS[task], domain="aigc", task=task)
    captions = source / "captions.json"
    given = json.loads(captions.read_text())["captions"] if captions.exists() else {}
    samples = samples_of(outcomes)
    damaged = [s for s in samples if s["stream"]["name"] in DAMAGED]
    clear = sum(not meets(s, DAMAGED[s["stream"]["name"]]) for s in damaged)
    said = [f"{clear} of {len(damaged)} clips clear of the damage"] if damaged else []
    captioned = [s for s in samples if s["stream"]["name"] in given]
    if captioned:
        whole = sum(given[s["stream"]["name"]] in spoken(s) for s in captioned)
        said.append(f"{whole} of {len(captioned)} captions quoted word for word")
    if task == "world_model_transition" and samples:
        follows = sum(s["output_video"][0] == s["input_video"][1] + 1 for s in samples)
        said.append(f"{follows} of {len(samples)} predicted spans begin with the next frame")
    truth = "; ".join(["damage by eye"] * bool(damaged) + ["captions given"] * bool(captioned))
    return row_of("/".join(source.parts[-2:]), f"aigc.{task}", outcomes, truth, "; ".join(said))


def spoken(sample: Sample) -> str:
    prompt = sample["data"].get("prompt") or {}
    return " ".join([sample["question"], str(prompt.get("text", ""))]).replace('\\"', '"')


def meets(sample: Sample, span: tuple[float, float]) -> bool:
    """Whether the frames of a sample's clips, by the times of the frames that it cites, touch a span [s]."""
    sides = ["output_video"] + (["input_video"] if sample["task"] == "world_model_transition" else [])
    times = {a["frame"]: a["t0"] for a in sample["anchors"].values() if a["kind"] == "frame"}
    return any(times[sample[s][0]] <= span[1] and times[sample[s][1]] >= span[0] for s in sides)


def main() -> None:
    data = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1].parent / "shared/data"
    print(table(rows(data)))


if __name__ == "__main__":
    main()
