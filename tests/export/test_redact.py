"""Personal data leaves texts and pictures alike; what can be read afterwards is read with the same eyes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from dataclaw.export.blur import Blurrer
from dataclaw.export.example import Medium, SampleMedia
from dataclaw.export.personal import personal_in
from dataclaw.export.redact import LEDGER, Redactor
from dataclaw.run.report.records import SampleRecord
from dataclaw.streams.clips import write_clip
from dataclaw.tools.ocr import engine
from tests.run.report.runs import draft, sample, verdict

SIZE = (640, 240)
LINES = ("Mara Lindqvist", "mara@fernhill.example", "Phone 555-867-5309", "Card 4111 1111 1111 1111", "Order 62445")
SECRETS = ("fernhill.example", "867-5309", "1111 1111")


def picture(*lines: str) -> np.ndarray:
    image = Image.new("RGB", SIZE, "#f5f5f0")
    pen = ImageDraw.Draw(image)
    for row, line in enumerate(lines):
        pen.text((40, 20 + 42 * row), line, fill="#222", font_size=24)
    return np.asarray(image)


def medium(file: Path, kind: str = "image", frames: int = 1) -> Medium:
    return Medium(file, kind, file.name, SIZE, 0, "", (0.0, 0.0), 10.0, frames)  # pyright: ignore[reportArgumentType]


def read(pixels: np.ndarray) -> str:
    return " ".join(line.text for line in engine("rapidocr").read(pixels))


@pytest.fixture
def screenshot(tmp_path: Path) -> Medium:
    Image.fromarray(picture(*LINES)).save(tmp_path / "screen.png")
    return medium(tmp_path / "screen.png")


def test_a_picture_keeps_what_is_not_personal(screenshot: Medium, tmp_path: Path) -> None:
    assert all(secret in read(picture(*LINES)) for secret in SECRETS), "else nothing is tested"
    hidden = Blurrer(engine("rapidocr"), personal_in).write(screenshot, tmp_path / "out.jpg")
    left = read(np.asarray(Image.open(tmp_path / "out.jpg")))
    assert not any(secret in left for secret in SECRETS), left
    assert personal_in(left) == []
    assert "Mara Lindqvist" in left
    assert "62445" in left
    assert {one.personal.kind for one in hidden} == {"email", "phone", "card"}


def test_a_clip_is_hidden_in_every_frame(tmp_path: Path) -> None:
    first, second = picture("Welcome", "Order 62445"), picture("Welcome", "mara@fernhill.example")
    write_clip(iter([first] * 4 + [second] * 5), 10.0, tmp_path / "clip.mp4")
    clip = medium(tmp_path / "clip.mp4", "video", 9)
    hidden = Blurrer(engine("rapidocr"), personal_in).write(clip, tmp_path / "out.mp4")
    assert {one.frame for one in hidden} == {4}, "the frame that it appears in"
    import av

    with av.open(str(tmp_path / "out.mp4")) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    assert len(frames) == 9
    assert "62445" in read(frames[2])
    for frame in frames[4:]:
        assert "fernhill" not in read(frame)
        assert "Welcome" in read(frame)


def test_texts_have_the_same_label_wherever_the_same_stands(screenshot: Medium, tmp_path: Path) -> None:
    written = draft()
    row = sample("a-action_sequence-0", "shop", written, verdict(0.9))
    row["question"] = "Write to mara@fernhill.example, then to Mara Lindqvist."
    row["input_text"] = "1.0 s typed MARA@fernhill.example and jo@b.example"
    row["anchors"]["e0"]["attrs"] |= {"target": "Full name", "text": "Mara Lindqvist"}
    record = SampleRecord.model_validate(row)
    redactor = Redactor(also=("62445",))
    redactor.learn(record, SampleMedia({("", 0): screenshot}))
    clean = redactor.sample(record)
    assert clean.question == "Write to [email 1], then to [account 1]."
    assert clean.input_text == "1.0 s typed [email 1] and [email 2]"
    assert clean.anchors["e0"].attrs["text"] == "[account 1]"
    assert clean.id == record.id
    assert clean.evidence == record.evidence

    redactor.write(screenshot, tmp_path / "out.jpg")
    left = read(np.asarray(Image.open(tmp_path / "out.jpg")))
    assert "Lindqvist" not in left, "it was typed into a field for names"
    assert "62445" not in left, "the user said so"

    redactor.write_ledger(tmp_path)
    ledger = (tmp_path / LEDGER).read_text()
    assert not any(secret in ledger for secret in (*SECRETS, "Lindqvist", "62445", "jo@"))
    entries = [json.loads(line) for line in ledger.splitlines()]
    assert {entry["in"] for entry in entries} == {"text", "image"}
    assert all(len(entry["box"]) == 4 for entry in entries if entry["in"] == "image")
