"""Do the samples of the education domain agree with the exercises, transcripts, slides and pictures they came from?

The truth is read here straight from the files, without our loaders and tools: course exercises as raw XML, transcripts
as text, chapters as WebVTT, slide times out of JSON and CSV, the paper's two board pictures with Pillow.

Run: python benchmarks/agreement_education.py [FOLDER]   (default: the sample data beside the checkout)
"""

from __future__ import annotations

import csv
import io
import json
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
from PIL import Image

from benchmarks.rows import Row, Sample, row_of, samples_of, table
from dataclaw import tailor

INTENTS = {
    "interleaved_lesson": "illustrated lecture notes, slide by slide",
    "concept_qa": "20 questions about this lesson, with answers and evidence",
    "stuck_point_tutoring": "This is a worked-solution teaching video. Please construct tutoring data from it.",
    "lecture_summary": "chapters with start times and key sentences",
}
NEAR = 2.0
"""A slide start agrees within this [s]."""
CHAPTER = 5.0
"""A chapter agrees with one that people marked within this [s]."""
KML = "I have reached this step in the circle-geometry problem. I am stuck at angle KML, use this teaching video."
"""The paper's student, in words."""


def rows(data: Path) -> Iterator[Row]:
    """Every lesson and the paper's case, with every task."""
    lessons = data / "education"
    yield exercises(lessons / "openedx_demo_course")
    for task in ("lecture_summary", "interleaved_lesson", "stuck_point_tutoring"):
        yield plain(lessons / "openedx_demo_course", task)
    for task in ("concept_qa", "lecture_summary"):
        yield transcripts(lessons / "3b1b_captions", task)
    for task in ("interleaved_lesson", "stuck_point_tutoring"):
        yield plain(lessons / "3b1b_captions", task)
    yield marked_chapters(lessons / "ableplayer_itaccess", "itaccess")
    for task in INTENTS:
        yield frames(lessons / "lecture_slides_frames_v3", task)
    yield starts(lessons / "lpm_slides")
    for task in ("concept_qa", "interleaved_lesson", "stuck_point_tutoring"):
        yield plain(lessons / "lpm_slides", task)
    for task in INTENTS:
        yield captures(lessons / "paella_lecture", task)
    case = data / "paper_cases" / "education_geometry"
    for task in INTENTS:
        yield board(case, task, INTENTS[task])
    yield board(case, "stuck_point_tutoring", KML)


def exercises(course: Path) -> Row:
    """The course's own exercises: how many of those with an answer in the XML are asked, with that answer."""
    outcomes = tailor(course, INTENTS["concept_qa"], domain="education", task="concept_qa")
    truth = [answer for file in sorted((course / "problem").glob("*.xml")) for answer in answers_in(file)]
    asked = [p for s in samples_of(outcomes) for p in s["answer"]["pairs"] if p["kind"] == "exercise"]
    told = Counter(frozenset(plain_text(part) for part in p["answer"].split("; ")) for p in asked)
    right = sum((told & Counter(truth)).values())
    left = Counter(entry["reason"] for s in samples_of(outcomes) for entry in s["left_out"]["named"])
    named = ", ".join(
        f"{n} {reason}" for reason, n in sorted(left.items()) if reason in {"no_answer", "needs_picture", "unclear"}
    )
    said = (
        f"{right} of {len(truth)} marked answers are asked for, {len(asked) - right} asked otherwise; left out: {named}"
    )
    return row_of(
        "education/openedx_demo_course", "education.concept_qa", outcomes, "correct answers in problem/*.xml", said
    )


def answers_in(file: Path) -> Iterator[frozenset[str]]:
    """The right answers of every input of an exercise, each as the set of its texts."""
    root = ElementTree.parse(file).getroot()
    for group in root.iter():
        if group.tag in {"choicegroup", "checkboxgroup"}:
            yield frozenset(plain_text(own_text(c)) for c in group if c.get("correct") == "true")
        elif group.tag == "optioninput":
            options = [own_text(o) for o in group if (o.get("correct") or "").lower() == "true"]
            yield frozenset(plain_text(o) for o in options or [group.get("correct") or ""])
        elif group.tag == "options":
            yield frozenset(plain_text(own_text(o)) for o in group if o.get("choice") == "correct")
        elif group.tag in {"numericalresponse", "stringresponse"} and not re.search(
            r"\.[*+]|^\.\.", group.get("answer", "")
        ):
            yield frozenset([plain_text(group.get("answer", ""))])


def own_text(node: ElementTree.Element) -> str:
    """The text of a choice without the hints in it."""
    return "".join([node.text or "", *(inner.tail or "" for inner in node)])


def plain_text(text: str) -> str:
    return " ".join(re.sub(r"^[A-Z]\.\s+", "", " ".join(text.split())).split()).casefold()


def transcripts(folder: Path, task: str) -> Row:
    """Quoted sentences against the transcript as text."""
    outcomes = tailor(folder, INTENTS[task], domain="education", task=task)
    quoted = held = asked = 0
    for sample in samples_of(outcomes):
        asked += len(sample["answer"].get("pairs", []))
        text = words((Path(sample["stream"]["path"]) / "english" / "transcript.txt").read_text(encoding="utf-8"))
        for sentence in sentences_of(sample):
            quoted += 1
            held += words(sentence) in text
    said = f"{held} of {quoted} quoted sentences stand word for word in the transcript"
    if task == "concept_qa":
        files = folder.glob("*/*/english/transcript.txt")
        spoken = sum(len(words(file.read_text(encoding="utf-8")).split()) for file in files)
        said += f"; {asked} questions on {spoken} words: {300 * asked / spoken:.2f} for every 300"
    return row_of("education/3b1b_captions", f"education.{task}", outcomes, "transcript.txt", said)


def marked_chapters(folder: Path, name: str) -> Row:
    """Starts of chapters of a talk against those that people marked beside it, which the loader must not read."""
    captions = folder / f"{name}_captions_en.vtt"
    outcomes = tailor(
        captions, "chapters with start times and key sentences", domain="education", task="lecture_summary"
    )
    stamps = re.findall(
        r"^(\d+):(\d+):([\d.]+) -->", (folder / f"{name}_chapters_en.vtt").read_text("utf-8"), re.MULTILINE
    )
    truth = [int(h) * 3600 + int(m) * 60 + float(s) for h, m, s in stamps]
    found = [chapter["start"] for sample in samples_of(outcomes) for chapter in sample["answer"]["chapters"]]
    left, hit = list(found), 0
    for start in truth:
        near = min(left, key=lambda other: abs(other - start), default=float("inf"))
        if abs(near - start) <= CHAPTER:
            left.remove(near)
            hit += 1
    f1 = 2 * hit / max(1, len(found) + len(truth))
    said = f"{hit} of {len(truth)} marked chapters are found within {CHAPTER:g} s, {len(found)} given: F1 {f1:.2f}"
    return row_of(f"education/{folder.name}", "education.lecture_summary", outcomes, "chapters marked by people", said)


def sentences_of(sample: Sample) -> list[str]:
    answer = sample["answer"]
    pairs = [pair["evidence"]["text"] for pair in answer.get("pairs", []) if "evidence" in pair]
    return pairs + [s["text"] for chapter in answer.get("chapters", []) for s in chapter["sentences"]]


def words(text: str) -> str:
    found = re.findall(r"[^\W_]+", text.casefold())
    return f" {' '.join(found)} "


def frames(folder: Path, task: str) -> Row:
    """Starts of chapters, or times of the pictures, against the slide times that a tool found."""
    outcomes = tailor(folder, INTENTS[task], domain="education", task=task)
    truth = [float(entry["timestamp"]) for entry in json.loads((folder / "results.json").read_text())]
    said = ""
    for sample in samples_of(outcomes):
        if task == "lecture_summary":
            found = [chapter["start"] for chapter in sample["answer"]["chapters"]]
            hit = sum(any(abs(t - f) <= NEAR for f in found) for t in truth)
            extra = sum(all(abs(t - f) > NEAR for t in truth) for f in found)
            said = f"{hit} of {len(truth)} slide starts within {NEAR:g} s; {extra} more (the slide that is up first)"
        elif task == "interleaved_lesson":
            shown = len(sample["output_image"])
            said = f"{shown} pictures, one for each different slide that says something"
    truth_said = "slide times of results.json (made by a tool)" if task == "lecture_summary" else ""
    return row_of("education/lecture_slides_frames_v3", f"education.{task}", outcomes, truth_said, said)


def starts(folder: Path) -> Row:
    """Starts of chapters against the starts that people marked."""
    outcomes = tailor(folder, INTENTS["lecture_summary"], domain="education", task="lecture_summary")
    truth: dict[str, list[float]] = {}
    with (folder / "raw_video_links.csv").open(encoding="utf-8", newline="") as file:
        for entry in csv.DictReader(file):
            times = entry["Answer.startTimeList"].split("|")[1:]
            truth[entry["video_id"].removesuffix(".mp4")] = [float(t) for t in times]
    found = [(s["stream"]["name"], c["start"]) for s in samples_of(outcomes) for c in s["answer"]["chapters"]]
    hit = sum(any(abs(start - t) <= 0.05 for t in truth[name]) for name, start in found)
    said = f"{hit} of {len(found)} chapters start at a marked slide start (which the stream gives as its slides' times)"
    return row_of("education/lpm_slides", "education.lecture_summary", outcomes, "slide starts marked by people", said)


def captures(folder: Path, task: str) -> Row:
    """Lecture captures: the thumbnails show the speaker, and the captions have no sentence marks."""
    outcomes = tailor(folder, INTENTS[task], domain="education", task=task)
    chapters = sum(len(s["answer"]["chapters"]) for s in samples_of(outcomes)) if task == "lecture_summary" else 0
    said = (
        f"{chapters} chapters; none to compare: chapters and slides are marked where only the speaker is seen"
        if chapters
        else ""
    )
    return row_of(
        "education/paella_lecture",
        f"education.{task}",
        outcomes,
        "chapters and slide times of belmar" if said else "",
        said,
    )


def board(case: Path, task: str, intent: str) -> Row:
    """The paper's case: how like its two pictures those of the sample are, beside those of the whole recording."""
    with tempfile.TemporaryDirectory() as folder:
        outcomes = tailor(case / "input.mp4", intent, domain="education", task=task, out=folder)
        said = "; ".join(
            likeness(s, Path(folder), case) for s in samples_of(outcomes) if task == "stuck_point_tutoring"
        )
    truth = "before.webp, key.webp, answer_gist" if said else ""
    asked = " (intent names angle KML)" if intent == KML else ""
    return row_of(f"paper_cases/education_geometry{asked}", f"education.{task}", outcomes, truth, said)


def likeness(sample: Sample, out: Path, case: Path) -> str:
    """Correlation of the pictures' boards with the paper's; and whether the answer has the reference's result."""
    media = [json.loads(line) for line in (out / "artifacts.jsonl").read_text().splitlines()]
    paths = {m["frame"]: out / m["path"] for m in media if m["sample"] == sample["id"] and m["kind"] == "image"}
    before = alike(paths[sample["input_image"][0]], case / "before.webp")
    key = max(alike(paths[frame], case / "key.webp") for frame in sample["output_image"])
    result = "has" if re.search(r"(?<![\d.])48(?![\d.])", sample["answer"]) else "has not"
    return f"correlation with before.webp {before:.3f}, with key.webp {key:.3f}; the answer {result} the reference's 48"


def alike(path: Path, other: Path) -> float:
    """Correlation of two pictures of the board, the banner above it and the tool bar below it left out."""
    one, two = (board_of(p) for p in (path, other))
    return float(np.corrcoef(one.ravel(), two.ravel())[0, 1])


def board_of(path: Path) -> np.ndarray[Any, np.dtype[np.float64]]:
    picture = Image.open(io.BytesIO(path.read_bytes())).convert("L").resize((480, 270))
    return np.asarray(picture, dtype=np.float64)[75:235]


def plain(folder: Path, task: str) -> Row:
    """A source without anything to compare with."""
    outcomes = tailor(folder, INTENTS[task], domain="education", task=task)
    return row_of(f"education/{folder.name}", f"education.{task}", outcomes, "", "")


def main() -> None:
    data = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1].parent / "shared/data"
    print(table(rows(data)))


if __name__ == "__main__":
    main()
