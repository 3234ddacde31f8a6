"""`docs/output.md` and the README show the records as they are."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from dataclaw import Anchor, StopReason, tailor
from dataclaw.media import Artifacts
from dataclaw.run.ledger import Outcome
from dataclaw.streams import open_stream
from tests.docs.pages import ROOT, blocks
from tests.streams.conftest import write_video

TRACE = "examples/traces/shop_and_mail"
PAGE = (ROOT / "docs/output.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def made(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Outcome, Outcome, Path]:
    """A sample and a rejection, and the folder they were written to."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "not_a_trace.json").write_text('{"a": 1}')
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        patch.setenv("DATACLAW_CACHE", str(cache))
        paths = [TRACE, folder / "not_a_trace.json"]
        good, bad = tailor(paths, "only what led to the final state", domain="gui", out=folder / "out")
    return good, bad, folder / "out"


def fields(heading: str) -> set[str]:
    """Names in the first column of the table below a heading."""
    _, _, below = PAGE.partition(f"# {heading}\n")
    rows = re.split(r"\n##", below)[0].splitlines()
    return {match[1] for row in rows if (match := re.match(r"\| `(\w+)` \|", row))}


def test_the_page_names_every_field(made: tuple[Outcome, Outcome, Path]) -> None:
    good, bad, _ = made
    (sample,), (rejected,), artifact = good.samples, bad.rejected, good.artifacts[0]
    assert fields("A sample") == set(sample)
    assert fields("A rejection") == set(rejected)
    assert fields("An artifact") == set(artifact)
    assert fields("Left out") == set(sample["left_out"])
    assert fields("Verdict") == set(sample["verdict"])
    assert fields("Anchors") == {field.name for field in dataclasses.fields(Anchor)} - {"id"}
    for inner in ("intent", "stream", "made_by"):
        (row,) = re.findall(rf"^\| `{inner}` \|(.*)\|$", PAGE.partition("## A rejection")[0], re.MULTILINE)
        assert set(sample[inner]) <= set(re.findall(r"`(\w+)`", row)), inner


def test_the_page_names_every_field_of_a_clip(tmp_path: Path) -> None:
    stream = open_stream(write_video(tmp_path / "a.mp4"))
    body = {"input_video": {"start": 0, "end": 3, "freeze_frame": 1, "freeze_repeat_count": 2}}
    (clip,) = Artifacts(tmp_path).write("s", body, {}, stream)
    assert fields("A clip") == set(clip) - (fields("An artifact") - {"frame", "part", "t"})


def test_the_page_names_every_way_to_end() -> None:
    (row,) = re.findall(r"^\| `stop` \|(.*)\|$", PAGE, re.MULTILINE)
    assert set(re.findall(r"`(\w+)`", row)) == {*StopReason, "stream_error"}


def test_the_page_names_every_file(made: tuple[Outcome, Outcome, Path]) -> None:
    tree = next(block.text for block in blocks("docs/output.md") if block.language == "text")
    named = {line.split()[0].split("/")[0] for line in tree.splitlines()[1:]}
    assert {path.name for path in made[2].iterdir()} | {"report.html", "checkpoints.sqlite"} == named


def test_the_sample_of_the_readme_is_real(made: tuple[Outcome, Outcome, Path]) -> None:
    (sample,) = made[0].samples
    shown = [json.loads(block.text) for block in blocks("README.md") if block.language == "json"]
    assert shown
    for part in shown:
        assert not list(differences(part, sample, ""))


def differences(part: Any, whole: Any, path: str) -> list[str]:
    """Where a shortened record says what the whole one does not; of a list, any of its items may be shown."""
    if isinstance(part, Mapping) and isinstance(whole, Mapping):
        missing = [f"{path}/{key} does not exist" for key in part if key not in whole]
        return missing + [
            d for key in part if key in whole for d in differences(part[key], whole[key], f"{path}/{key}")
        ]
    if isinstance(part, Sequence) and not isinstance(part, str) and len(part) != len(whole):
        return [f"{path}: {item} is in no place" for item in part if all(differences(item, w, path) for w in whole)]
    return [] if part == whole else [f"{path}: {part!r} is shown, {whole!r} is there"]
