"""Recordings with a text in one place where somebody else's text may stand: small files, read by the loaders."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw

from dataclaw.kit.fixtures import fixtures_of, stream_of
from dataclaw.plugins import load_domain
from dataclaw.streams import open_stream
from dataclaw.types import Stream

_NAMED = {
    "action_sequence": "Extract the ordered UI actions with coordinates",
    "how_to": "a tutorial for a person",
    "test_steps": "test steps for an agent",
    "multi_event_decomposition": "split this trajectory into sub-tasks",
}
_UNNAMED = {
    "action_sequence": "Extract the ordered UI actions with coordinates",
    "navigation_sft": "make SFT training data for a GUI agent",
    "multi_event_decomposition": "split this trajectory into sub-tasks",
}
_LESSON = {
    "concept_qa": "make 4 quiz questions from this lesson, with answers",
    "lecture_summary": "summarise this lecture in 2 chapters with start times",
}
_NARRATION = {
    "procedural_tutorial": "write a tutorial, without pictures",
    "contextual_qa": "ask 5 questions about this",
    "temporal_qa": "6 questions about when and in which order",
}


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """A recording that can be made with a text in one place.

    Attributes:
        place: where the text stands.
        domain: the domain that makes samples of it.
        intents: what is asked for, by task.
        make: makes the stream in a folder, with a text put behind what stands at the place, and a number that says at
            which of the places where there are several; an empty text changes nothing.
        pictured: pictures have to be read, which takes seconds.
    """

    place: str
    domain: str
    intents: Mapping[str, str]
    make: Callable[[Path, str, int], Stream]
    pictured: bool = False


def _behind(said: Sequence[str], text: str, at: int) -> list[str]:
    """Texts, with another one put behind one of them."""
    at %= len(said)
    return [f"{one} {text}".strip() if k == at else one for k, one in enumerate(said)]


def _open(folder: Path, name: str, content: str | bytes) -> Stream:
    file = folder / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return open_stream(file)


def _flat(text: str) -> str:
    return " ".join(text.split())


_NAMES = ("Ana: blue mug", "Fernhill Supply", "Search products", "Blue mug, 12.50", "Add to cart", "Cart (1)")
_TYPED = 2
"""The name of the field that is typed into."""


def _accessibility(folder: Path, text: str, at: int) -> Stream:
    rows: list[dict[str, object]] = []
    for k, name in enumerate(_behind(_NAMES, text, at)):
        rows.append({"action": f"click ({340 - 20 * k}, {80 + 90 * k})", "element": name})
        if k == _TYPED:
            rows.append({"action": "type text: blue mug", "element": "Unknown"})
    more = ({"timestamp": f"2025-01-01_00:00:{4 * k:02}", "screenshot": f"{k}.png", "rect": None} for k in range(99))
    return _open(
        folder, "log.jsonl", "\n".join(json.dumps(row | extra) for row, extra in zip(rows, more, strict=False))
    )


def _dom(folder: Path, text: str, at: int) -> Stream:
    actions: list[dict[str, object]] = []
    for k, name in enumerate(_behind(_NAMES, text, at)):
        box = {"bounding_box_rect": f"{100 + 40 * k},{20 + 30 * k},120,24", "aria_label": name}
        tag, op, value = ("input", "TYPE", "blue mug") if k == _TYPED else ("button", "CLICK", "")
        target = {"tag": tag, "attributes": json.dumps(box), "is_original_target": True}
        actions.append({"action_uid": f"u{k}", "operation": {"op": op, "value": value}, "pos_candidates": [target]})
    task = {"annotation_id": "a1", "website": "shop", "confirmed_task": "Buy a mug", "actions": actions}
    return _open(folder, "tasks.json", json.dumps([task]))


_CODES = (
    "pyautogui.click(x=0.25, y=0.1)",
    "pyautogui.write('blue mug')",
    "pyautogui.press('enter')",
    "pyautogui.click(x=0.5, y=0.5)",
    "pyautogui.click(x=0.75, y=0.25)",
)


def _agentnet(folder: Path, name: str, instruction: str, codes: Sequence[str] = _CODES) -> Stream:
    steps = [{"index": k, "image": f"{k}.png", "value": {"code": code}} for k, code in enumerate(codes)]
    return _open(folder, name, json.dumps({"task_id": "t", "instruction": instruction, "traj": steps}))


def _file_name(folder: Path, text: str, at: int) -> Stream:
    del at
    name = f"trace {_flat(text).replace('/', ' ')}".strip().encode()[:240]  # what a file system allows, with the suffix
    return _agentnet(folder, f"{name.decode(errors='ignore')}.jsonl", "Buy a mug")


def _instruction(folder: Path, text: str, at: int) -> Stream:
    del at
    return _agentnet(folder, "trace.jsonl", f"Buy a mug. {text}".strip())


def _typed(folder: Path, text: str, at: int) -> Stream:
    del at
    code = f"pyautogui.write({f'blue mug {text}'.strip()!r})"
    return _agentnet(folder, "trace.jsonl", "Buy a mug", (_CODES[0], code, *_CODES[2:]))


def _screen(folder: Path, text: str, at: int) -> Stream:
    """Two screens with a button each, and the text in a banner between them."""
    del at
    folder = folder / "shown"
    folder.mkdir()
    for k, name in enumerate(("Add to cart", "Check out")):
        image = Image.new("RGB", (1280, 720), "white")
        draw = ImageDraw.Draw(image)
        draw.rectangle((500, 560, 780, 640), fill="#dddddd")
        draw.text((560, 582), name, fill="black", font_size=28)
        words = re.sub(r"(.{60,90})\s", r"\1\n", _flat(text))
        draw.multiline_text((40, 120), words, fill="black", font_size=24, spacing=8)
        buffer = io.BytesIO()
        image.save(buffer, "PNG")
        (folder / f"{k}.png").write_bytes(buffer.getvalue())
    click = "pyautogui.click(x=0.5, y=0.83)"
    _agentnet(folder, "trace.jsonl", "Buy a mug", (click, click))
    return open_stream(folder / "trace.jsonl")


_SAID = (
    "Hello everyone, welcome back to botany for beginners.",
    "Photosynthesis is the process by which a plant makes sugar from light, water and carbon dioxide.",
    "Why are leaves green?",
    "Leaves are green because they hold chlorophyll, a pigment that absorbs red and blue light.",
    "Chlorophyll lies in small bodies called chloroplasts.",
    "A stoma is a small opening in the leaf through which carbon dioxide enters.",
    "Now let us turn to the roots.",
    "Roots take up water and minerals from the soil.",
    "Root hairs are thin cells that make the surface of a root larger.",
    "For example, a single rye plant has about 14 billion root hairs.",
    "Water moves up through the xylem, a tissue of long tubes.",
    "Transpiration is the loss of water through the leaves.",
    "That is all for today, thank you.",
)


def _subtitles(folder: Path, text: str, at: int) -> Stream:
    cue = re.sub(r"\s*\n\s*", "\n", text).strip()  # an empty line would end the cue
    said = _behind(_SAID, cue, at)
    blocks = [f"{k + 1}\n{_stamp(5 * k)} --> {_stamp(5 * k + 4.5)}\n{line}\n" for k, line in enumerate(said)]
    return _open(folder, "lesson.srt", "\n".join(blocks))


def _stamp(seconds: float) -> str:
    return f"00:{int(seconds // 60):02}:{int(seconds % 60):02},{int(seconds * 1000 % 1000):03}"


def _clip_name(folder: Path, text: str, at: int) -> Stream:
    lines = ["TITLE: Cut", "FCM: NON-DROP FRAME", ""]
    for k, name in enumerate(_behind(("harbour", "Mei talks", "boat", "lighthouse"), _flat(text), at)):
        lines.append(f"{k + 1:03}  R{k + 1:03}     V     C        00:00:{10 + k}:00 00:00:{14 + k}:00 "
                     f"00:00:{4 * k:02}:00 00:00:{4 * k + 4:02}:00")  # fmt: skip
        lines.append(f"* FROM CLIP NAME: {name}")
    return _open(folder, "cut.edl", "\n".join(lines) + "\n")


_DONE = ("take onion", "peel onion", "open drawer", "take knife", "close drawer", "cut onion", "put onion in pan",
         "open fridge", "take spoon", "stir onion", "wash knife")  # fmt: skip


def _narration(folder: Path, text: str, at: int) -> Stream:
    table = io.StringIO()
    rows = csv.writer(table)
    rows.writerow(["narration_id", "participant_id", "video_id", "narration_timestamp", "start_timestamp",
                   "stop_timestamp", "narration", "verb", "noun"])  # fmt: skip
    for k, said in enumerate(_behind(_DONE, _flat(text), at)):
        verb, noun = said.split()[:2]
        times = [f"00:00:{3 * k + more:05.2f}" for more in (0.0, 0.5, 2.5)]
        rows.writerow([f"v_{k}", "P01", "v", *times, said, verb, noun])
    return _open(folder, "told.csv", table.getvalue())


def _described(domain: str, task: str, kinds: tuple[str, ...]) -> Callable[[Path, str, int], Stream]:
    """The stream of the domain's own example of a task, with the text behind what its events of some kinds say."""
    loaded = load_domain(domain)
    row = next(
        row for row in fixtures_of(loaded) if row.task == task and any(e.kind in kinds for e in row.stream.events)
    )

    def make(folder: Path, text: str, at: int) -> Stream:
        del folder, at
        events = [
            event.model_copy(update={"text": f"{event.text} {text}".strip()}) if event.kind in kinds else event
            for event in row.stream.events
        ]
        return stream_of(row.stream.model_copy(update={"events": events}))

    return make


_ROBOT = {
    "describe_subtask": "describe only the lift",
    "predict_next_primary_subtask": "what will the robot do next",
    "interleaved_tutorial": "an interleaved tutorial of this manipulation",
    "action_trajectory": "the dense action trajectory of this episode",
}


def recordings() -> list[Recording]:
    """All of them; those that are described in memory are the examples that the domains ship."""
    robot = _described("embodied", "describe_subtask", ("instruction",))
    caption = _described("daily", "contextual_qa", ("caption",))
    prompt = _described("aigc", "edit_instruction", ("instruction",))
    return [
        Recording("accessibility name", "gui", _NAMED, _accessibility),
        Recording("DOM label", "gui", {**_NAMED, **_UNNAMED}, _dom),
        Recording("typed text", "gui", _UNNAMED, _typed),
        Recording("file name", "gui", _UNNAMED, _file_name),
        Recording("task text", "gui", _UNNAMED, _instruction),
        Recording("picture (OCR)", "gui", {"test_steps": "test steps for an agent"}, _screen, pictured=True),
        Recording("subtitle", "education", _LESSON, _subtitles),
        Recording("clip name", "aigc", {"edit_plan": "edit plan from this timeline"}, _clip_name),
        Recording("editing prompt", "aigc", {"edit_instruction": "instruction editing data from this pair"}, prompt),
        Recording("narration", "daily", _NARRATION, _narration),
        Recording("caption", "daily", {"contextual_qa": "what happens in this clip, as questions"}, caption),
        Recording("robot's instruction", "embodied", _ROBOT, robot),
    ]
